"""What every store promises, of the local folder and of a server that speaks S3."""

import itertools
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import eventlet
import pytest

from services.chassis import storage
from services.chassis.db import TransactionOpenError
from services.chassis.storage import (
    PART_BYTES,
    Bucket,
    Folder,
    ObjectMissing,
    StorageUrl,
    Store,
    StoreDown,
)
from tests.harness import ROOT, free_port
from tests.integration.chassis.s3 import ACCOUNT, S3Server

KEY = "uploads/0198c1d2/original"
BINARY = "application/octet-stream"
numbers = itertools.count()


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    server = S3Server().start()
    yield server
    server.stop()


@pytest.fixture
def bucket(s3: S3Server) -> Bucket:
    name = f"bucket-{next(numbers)}"
    s3.client().create_bucket(Bucket=name)
    opened = StorageUrl(s3.url(name)).open(ACCOUNT)
    assert isinstance(opened, Bucket)
    return opened


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    opened = StorageUrl((tmp_path / "files").as_uri()).open(None)
    assert isinstance(opened, Folder)
    return opened


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest) -> Store:
    opened: Store = request.getfixturevalue(request.param)
    return opened


def test_what_is_put_is_read_again(store: Store) -> None:
    store.put(KEY, b"first", BINARY)
    store.put(KEY, b"second", BINARY)
    assert store.read(KEY) == b"second"
    assert store.size(KEY) == 6


def test_an_empty_object_is_an_object(store: Store) -> None:
    store.put(KEY, b"", BINARY)
    assert (store.read(KEY), store.size(KEY)) == (b"", 0)


def test_what_comes_in_pieces_is_one_object(store: Store) -> None:
    store.put(KEY, iter([b"ab", b"", b"cde"]), BINARY)
    assert store.read(KEY) == b"abcde"


def test_a_large_object_keeps_its_bytes_in_their_order(store: Store) -> None:
    pieces = [os.urandom(1024 * 1024) for _ in range(2 * PART_BYTES // 1024**2 + 1)]
    store.put(KEY, iter(pieces), BINARY)
    assert b"".join(store.chunks(KEY)) == b"".join(pieces)
    middle = b"".join(pieces)[PART_BYTES - 5 : PART_BYTES + 5]
    assert store.read(KEY, PART_BYTES - 5, PART_BYTES + 5) == middle


def test_objects_are_joined_by_reading_one_after_the_other(store: Store) -> None:
    for number, piece in enumerate([b"one ", b"two ", b"three"]):
        store.put(f"pieces/0198c1d2/{number}", piece, BINARY)
    keys = [kept.key for kept in store.kept("pieces/0198c1d2/")]
    store.put(KEY, itertools.chain.from_iterable(map(store.chunks, sorted(keys))), BINARY)
    assert store.read(KEY) == b"one two three"


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [(0, None, b"0123456789"), (3, 6, b"345"), (7, None, b"789"), (8, 99, b"89"), (4, 4, b"")],
)
def test_a_range_is_half_open(store: Store, start: int, stop: int | None, expected: bytes) -> None:
    store.put(KEY, b"0123456789", BINARY)
    assert store.read(KEY, start, stop) == expected


def test_what_is_not_there_is_missing(store: Store) -> None:
    assert store.size(KEY) is None
    with pytest.raises(ObjectMissing):
        store.read(KEY)
    with pytest.raises(ObjectMissing):
        store.chunks(KEY)  # before anything was sent to anybody


def test_what_is_deleted_is_gone_and_stays_so(store: Store) -> None:
    store.put(KEY, b"x", BINARY)
    store.delete(KEY)
    store.delete(KEY)
    assert store.size(KEY) is None
    assert list(store.kept("uploads/")) == []


def test_what_is_kept_is_listed_by_whole_segments(store: Store) -> None:
    for key in ("uploads/a1/small", "uploads/a1/large", "uploads/a12/small", "pieces/a1/0"):
        store.put(key, b"xyz", BINARY)
    assert {kept.key for kept in store.kept("uploads/a1/")} == {
        "uploads/a1/small",
        "uploads/a1/large",
    }
    everything = list(store.kept("uploads/"))
    assert {kept.key for kept in everything} == {
        "uploads/a1/small",
        "uploads/a1/large",
        "uploads/a12/small",
    }
    assert {kept.size for kept in everything} == {3}
    young = datetime.now(UTC) - timedelta(minutes=1)
    assert all(young < kept.modified_at for kept in everything)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "alone",
        "/etc/passwd",
        "../../etc/passwd",
        "uploads/../../secret",
        "uploads/..",
        "uploads//x",
        "uploads/x/",
        "uploads/x\0y",
        "uploads/x\n",
        "Uploads/x",
        "uploads/.hidden",
        "uploads/图",
        "uploads/" + "x" * 200,
    ],
)
def test_a_key_that_is_none_is_refused_everywhere(store: Store, key: str) -> None:
    with pytest.raises(ValueError):
        store.put(key, b"x", BINARY)
    with pytest.raises(ValueError):
        store.read(key)
    with pytest.raises(ValueError):
        store.delete(key)
    with pytest.raises(ValueError):
        store.size(key)


def test_writing_that_breaks_off_leaves_what_was_there(store: Store) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        yield os.urandom(2 * PART_BYTES)
        raise RuntimeError("the sender has left")

    store.put(KEY, b"whole", BINARY)
    with pytest.raises(RuntimeError):
        store.put(KEY, broken(), BINARY)
    assert store.read(KEY) == b"whole"


def test_writers_of_one_object_do_not_mix(store: Store) -> None:
    sent = [bytes([number]) * 300_000 for number in range(8)]
    pool = eventlet.GreenPool()
    for data in sent:
        pool.spawn(store.put, KEY, iter([data[:100_000], data[100_000:]]), BINARY)
    pool.waitall()
    assert store.read(KEY) in sent


def test_writing_and_deleting_beside_each_other_loses_nothing(store: Store) -> None:
    pool = eventlet.GreenPool()
    for number in range(20):
        pool.spawn(store.put, f"pieces/a1/{number}", b"x", BINARY)
        pool.spawn(store.delete, f"pieces/a1/gone-{number}")
    pool.waitall()
    assert len(list(store.kept("pieces/a1/"))) == 20


def test_the_store_is_not_asked_inside_a_transaction(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(action: str) -> None:
        raise TransactionOpenError(action)

    monkeypatch.setattr(storage, "assert_no_transaction", refuse)
    for ask in (
        lambda: store.put(KEY, b"x", BINARY),
        lambda: store.read(KEY),
        lambda: store.size(KEY),
        lambda: store.delete(KEY),
        lambda: list(store.kept("uploads/")),
    ):
        with pytest.raises(TransactionOpenError):
            ask()


def test_a_folder_gives_no_addresses(folder: Folder) -> None:
    folder.put(KEY, b"x", BINARY)
    assert folder.signed_url("GET", KEY, seconds=60, content_type=BINARY) is None


def test_a_bucket_signs_addresses_to_read(bucket: Bucket) -> None:
    bucket.put(KEY, b"picture", "image/jpeg")
    url = bucket.signed_url(
        "GET", KEY, seconds=60, content_type="image/webp", disposition="attachment"
    )
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"picture"
        assert answer.headers["Content-Type"] == "image/webp"
        assert answer.headers["Content-Disposition"] == "attachment"
    assert "X-Amz-Signature=" in url
    assert "X-Amz-Expires=60" in url
    assert ACCOUNT[1] not in url


def test_a_bucket_signs_addresses_to_write(bucket: Bucket) -> None:
    url = bucket.signed_url("PUT", KEY, seconds=60, content_type=BINARY)
    request = urllib.request.Request(
        url, data=b"sent", method="PUT", headers={"Content-Type": BINARY}
    )
    urllib.request.urlopen(request).close()
    assert bucket.read(KEY) == b"sent"


def test_a_bucket_keeps_the_type_of_what_it_is_given(s3: S3Server, bucket: Bucket) -> None:
    bucket.put(KEY, b"x", "image/webp")
    bucket.put("uploads/0198c1d2/large", iter([os.urandom(PART_BYTES), b"x"]), "image/jpeg")
    client = s3.client()
    types = [
        client.head_object(Bucket=bucket._name, Key=kept.key)["ContentType"]
        for kept in sorted(bucket.kept("uploads/"), key=lambda kept: kept.key)
    ]
    assert types == ["image/jpeg", "image/webp"]


def test_a_large_object_that_breaks_off_leaves_no_parts_behind(
    s3: S3Server, bucket: Bucket
) -> None:
    def broken() -> Iterator[bytes]:
        yield os.urandom(2 * PART_BYTES)
        raise RuntimeError("the sender has left")

    with pytest.raises(RuntimeError):
        bucket.put(KEY, broken(), BINARY)
    assert "Uploads" not in s3.client().list_multipart_uploads(Bucket=bucket._name)


def test_a_list_that_is_longer_than_a_page_is_whole(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        bucket.put(f"pieces/a1/{number}", b"x", BINARY)
    ask = bucket._client.list_objects_v2
    monkeypatch.setattr(
        bucket._client, "list_objects_v2", lambda **about: ask(**{"MaxKeys": 3, **about})
    )
    assert len(list(bucket.kept("pieces/a1/"))) == 7


def test_a_bucket_that_is_away_is_told_as_such() -> None:
    away = Bucket(
        "bucket",
        account=ACCOUNT,
        endpoint=f"http://127.0.0.1:{free_port()}",
        region="us-east-1",
        addressing="path",
    )
    with pytest.raises(StoreDown):
        away.put(KEY, b"x", BINARY)
    with pytest.raises(StoreDown):
        away.size(KEY)


def test_a_bucket_that_does_not_exist_is_an_outage_and_no_missing_file(s3: S3Server) -> None:
    nowhere = StorageUrl(s3.url("nowhere")).open(ACCOUNT)
    with pytest.raises(StoreDown):
        nowhere.put(KEY, b"x", BINARY)


def test_a_service_makes_its_client_of_a_bucket_behind_tls() -> None:
    """Made cooperative in the wrong order, the libraries of TLS call themselves for ever."""
    code = (
        "import services.chassis.green\n"
        "from services.chassis.storage import StorageUrl\n"
        "StorageUrl('s3://b?endpoint=https://s3.test&region=us-east-1').open(('k', 's'))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_four_slow_requests_to_a_bucket_overlap() -> None:
    """The client's sockets are the cooperative ones."""

    def answer_slowly(environ, start_response):
        eventlet.sleep(0.4)
        start_response("200 OK", [("Content-Length", "1")])
        return [b"x"]

    sock = eventlet.listen(("127.0.0.1", 0))
    server = eventlet.spawn(eventlet.wsgi.server, sock, answer_slowly, log_output=False)
    slow = Bucket(
        "bucket",
        account=ACCOUNT,
        endpoint=f"http://127.0.0.1:{sock.getsockname()[1]}",
        region="us-east-1",
        addressing="path",
    )
    started = time.monotonic()
    pool = eventlet.GreenPool()
    read = [pool.spawn(slow.read, KEY) for _ in range(4)]
    assert [each.wait() for each in read] == [b"x"] * 4
    assert time.monotonic() - started < 1.2
    server.kill()
    sock.close()


def test_a_slow_disk_does_not_stop_the_others(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep = eventlet.patcher.original("time").sleep
    monkeypatch.setattr(storage.os, "fsync", lambda descriptor: sleep(0.3))
    widest = 0.0

    def tick() -> None:
        nonlocal widest
        last = time.monotonic()
        while True:
            eventlet.sleep(0.005)
            widest, last = max(widest, time.monotonic() - last), time.monotonic()

    ticking = eventlet.spawn(tick)
    folder.put(KEY, b"x", BINARY)
    ticking.kill()
    assert 0 < widest < 0.15


def test_objects_are_spread_and_readable_by_nobody_else(folder: Folder, tmp_path: Path) -> None:
    for number in range(64):
        folder.put(f"uploads/{number:04d}/small", b"x", BINARY)
    shards = [path for path in (tmp_path / "files").iterdir() if path.name != "drafts"]
    assert len(shards) > 30
    assert all(len(path.name) == 2 and path.stat().st_mode & 0o077 == 0 for path in shards)
    (file,) = (tmp_path / "files").rglob("0007/small")
    assert file.stat().st_mode & 0o077 == 0


def test_an_emptied_folder_is_removed(folder: Folder, tmp_path: Path) -> None:
    folder.put(KEY, b"x", BINARY)
    folder.delete(KEY)
    assert not list((tmp_path / "files").rglob("0198c1d2"))


def test_what_a_dead_process_left_half_written_is_swept_at_the_next_start(
    folder: Folder, tmp_path: Path
) -> None:
    folder.put(KEY, b"x", BINARY)
    drafts = tmp_path / "files" / "drafts"
    (drafts / "old").write_bytes(b"half")
    (drafts / "young").write_bytes(b"half")
    long_ago = time.time() - 2 * 3600
    os.utime(drafts / "old", (long_ago, long_ago))
    again = Folder(tmp_path / "files")
    assert [path.name for path in drafts.iterdir()] == ["young"]
    assert again.read(KEY) == b"x"
    assert [kept.key for kept in again.kept("uploads/")] == [KEY]


def test_a_full_disk_is_an_outage_and_leaves_no_draft(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    folder.put("uploads/0198c1d2/other", b"x", BINARY)
    monkeypatch.setattr(storage.os, "fsync", full)
    with pytest.raises(StoreDown):
        folder.put(KEY, b"x", BINARY)
    assert list((tmp_path / "files" / "drafts").iterdir()) == []
    monkeypatch.undo()
    assert folder.size(KEY) is None


def test_a_file_is_on_the_disk_before_it_has_its_name(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def note_fsync(descriptor: int) -> None:
        name = os.readlink(f"/proc/self/fd/{descriptor}")
        done.append(f"sync {'draft' if '/drafts/' in name else 'folder'}")
        fsync(descriptor)

    def note_replace(self: Path, target: Path) -> Path:
        done.append("name")
        return replace(self, target)

    folder.put("uploads/0198c1d2/other", b"x", BINARY)
    monkeypatch.setattr(storage.os, "fsync", note_fsync)
    monkeypatch.setattr(Path, "replace", note_replace)
    folder.put(KEY, b"x", BINARY)
    assert done == ["sync draft", "name", "sync folder"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/var/files",
        "file://relative/folder",
        "file:",
        "file:///files?x=1",
        "s3://",
        "s3://bucket/folder",
        "s3://bucket?secret=x",
        "s3://bucket?endpoint",
        "http://bucket",
    ],
)
def test_an_address_of_a_store_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        StorageUrl(text)

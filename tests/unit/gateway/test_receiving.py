"""Bodies on their way into the store: how much is held, and what is left when something breaks."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import eventlet
import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from gateway import receiving
from gateway.problems import BodyTooLarge
from gateway.receiving import FileMissing, Interrupted, body_of, file_in, receive
from gateway.tus import Checksum, ChecksumMismatch
from services.chassis.rpc import RpcTimedOut
from services.chassis.storage import Folder, StoreDown
from services.contracts.errors import Unavailable
from services.contracts.uploads import MAX_PIECES, PIECE_BYTES, OffsetConflict

ID = "0198c1d2-0000-7000-8000-000000000001"


class Booking:
    """Counts pieces as booking does."""

    def __init__(self) -> None:
        self.received = 0
        self.calls: list[tuple[int, int]] = []
        self.keys: list[str] = []
        self.refusal: Exception | None = None

    @property
    def upload(self) -> dict[str, Any]:
        return {"id": ID, "received": self.received}

    def count(self, offset: int, pieces: list[dict[str, Any]]) -> dict[str, Any]:
        if self.refusal is not None:
            raise self.refusal
        self.calls.append((offset, len(pieces)))
        for piece in pieces:
            self.received += piece["size"]
            self.keys.append(piece["key"])
        return self.upload


@pytest.fixture
def booking() -> Booking:
    return Booking()


@pytest.fixture
def store(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "files")


def kept(store: Folder) -> set[str]:
    return {one.key for one in store.kept("pieces/")}


def arriving(*parts: bytes, broken: bool = False) -> Iterator[bytes]:
    yield from parts
    if broken:
        raise Interrupted()


def test_a_body_is_cut_into_pieces_that_are_counted_one_by_one(
    store: Folder, booking: Booking
) -> None:
    data = bytes(range(256)) * 4096 * 2 + b"end"
    parts = [data[at : at + 65_536] for at in range(0, len(data), 65_536)]
    upload = receive(arriving(*parts), booking.upload, store=store, count=booking.count)
    assert upload["received"] == len(data)
    assert booking.calls == [(0, 1), (PIECE_BYTES, 1), (2 * PIECE_BYTES, 1)]
    assert b"".join(map(store.read, booking.keys)) == data
    assert kept(store) == set(booking.keys)


def test_no_more_than_a_piece_is_held(store: Folder, booking: Booking) -> None:
    """When a byte of the next piece is asked for, the one before is stored and counted."""

    def watched() -> Iterator[bytes]:
        for number in range(64):
            assert booking.received >= number * 65_536 - PIECE_BYTES
            yield bytes(65_536)

    receive(watched(), booking.upload, store=store, count=booking.count)
    assert booking.received == 64 * 65_536


def test_parts_larger_than_a_piece_are_cut(store: Folder, booking: Booking) -> None:
    receive(arriving(bytes(3 * PIECE_BYTES)), booking.upload, store=store, count=booking.count)
    assert len(booking.calls) == 3


def test_an_empty_body_is_counted_as_nothing(store: Folder, booking: Booking) -> None:
    receive(arriving(), booking.upload, store=store, count=booking.count)
    assert (booking.calls, kept(store)) == ([(0, 0)], set())


def test_of_a_connection_that_breaks_all_is_kept_that_arrived(
    store: Folder, booking: Booking
) -> None:
    body = arriving(bytes(PIECE_BYTES), b"and a little", broken=True)
    with pytest.raises(Interrupted):
        receive(body, booking.upload, store=store, count=booking.count)
    assert booking.received == PIECE_BYTES + len(b"and a little")


def test_with_a_checksum_nothing_is_counted_before_it_is_right(
    store: Folder, booking: Booking
) -> None:
    data = bytes(PIECE_BYTES) + b"end"
    right = Checksum(hashlib.sha1(data).digest(), hashlib.sha1())
    receive(arriving(data), booking.upload, store=store, count=booking.count, checksum=right)
    assert booking.calls == [(0, 2)]


@pytest.mark.parametrize("broken", [False, True])
def test_with_a_wrong_checksum_nothing_stays(store: Folder, booking: Booking, broken: bool) -> None:
    wrong = Checksum(bytes(20), hashlib.sha1())
    body = arriving(bytes(2 * PIECE_BYTES), broken=broken)
    with pytest.raises(Interrupted if broken else ChecksumMismatch):
        receive(body, booking.upload, store=store, count=booking.count, checksum=wrong)
    assert (booking.received, kept(store)) == (0, set())


def test_a_piece_that_is_refused_is_deleted(store: Folder, booking: Booking) -> None:
    booking.refusal = OffsetConflict(offset=5)
    with pytest.raises(OffsetConflict):
        receive(arriving(b"x"), booking.upload, store=store, count=booking.count)
    assert kept(store) == set()


def test_a_piece_that_may_have_been_counted_stays(store: Folder, booking: Booking) -> None:
    """Booking did not answer in time: it may count the piece a moment later."""
    booking.refusal = RpcTimedOut()
    with pytest.raises(RpcTimedOut):
        receive(arriving(b"x"), booking.upload, store=store, count=booking.count)
    assert len(kept(store)) == 1


def test_what_the_store_does_not_take_is_not_counted(
    store: Folder, booking: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise StoreDown()

    monkeypatch.setattr(store, "put", refuse)
    with pytest.raises(StoreDown):
        receive(arriving(b"x"), booking.upload, store=store, count=booking.count)
    assert booking.calls == []


def test_more_pieces_than_can_be_counted_together_are_refused(
    store: Folder, booking: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_PIECES >= 30
    monkeypatch.setattr(receiving, "MAX_PIECES", 2)
    body = arriving(bytes(3 * PIECE_BYTES))
    with pytest.raises(BodyTooLarge):
        receive(body, booking.upload, store=store, count=booking.count, at_once=True)
    assert (booking.calls, kept(store)) == ([], set())


def test_too_many_senders_at_once_are_asked_to_come_back(
    store: Folder, booking: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "PLACES", eventlet.semaphore.Semaphore(1))
    refused: list[type[Exception]] = []

    def meanwhile() -> Iterator[bytes]:
        try:
            receive(arriving(b"y"), booking.upload, store=store, count=booking.count)
        except Unavailable as error:
            refused.append(type(error))
        yield b"x"

    receive(meanwhile(), booking.upload, store=store, count=booking.count)
    assert refused == [Unavailable]
    receive(arriving(b"z"), booking.upload, store=store, count=booking.count)


# --- what is read of a connection


class Breaking(io.BytesIO):
    """A connection that stalls at its end."""

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        if not data:
            raise TimeoutError
        return data


def body(content: Any, length: int | None, **environ: Any) -> Iterator[bytes]:
    made = EnvironBuilder(method="PATCH").get_environ() | {"wsgi.input": content} | environ
    if length is not None:
        made["CONTENT_LENGTH"] = str(length)
    return body_of(Request(made))


def test_a_body_is_read_to_its_length_and_no_further() -> None:
    assert b"".join(body(io.BytesIO(b"hello, next request"), 5)) == b"hello"


def test_a_chunked_body_is_read_to_its_end() -> None:
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    assert b"".join(body(io.BytesIO(b"x" * 200_000), None, **chunked)) == b"x" * 200_000


def test_a_request_without_a_body_is_not_waited_for() -> None:
    assert list(body(Breaking(), None)) == []


@pytest.mark.parametrize("connection", [io.BytesIO, Breaking])
def test_a_body_that_ends_too_early_gives_what_there_was(connection: Any) -> None:
    read = body(connection(b"x" * 70_000), 100_000)
    assert len(next(read)) == 65_536
    rest = next(read)
    assert len(rest) == 70_000 - 65_536
    with pytest.raises(Interrupted):
        next(read)


# --- what is read of a form


def form(**fields: Any) -> Request:
    return Request(EnvironBuilder(method="POST", data=fields).get_environ())


def test_a_forms_file_is_read_piece_by_piece() -> None:
    data = bytes(range(256)) * 1000
    name, content = file_in(form(purpose="reference", file=(io.BytesIO(data), "造型.jpg")))
    parts = list(content)
    assert (name, b"".join(parts)) == ("造型.jpg", data)
    assert max(map(len, parts)) < 2 * receiving.READ_BYTES


@pytest.mark.parametrize(
    ("content_type", "data"),
    [
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"no form at all"),
        ("multipart/form-data", b"--x\r\n\r\n"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nvalue\r\n--x--\r\n',
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"v" * 100_000,
        ),
    ],
    ids=["empty", "no form", "no boundary", "no file", "endless field"],
)
def test_a_form_without_a_file_is_refused(content_type: str, data: bytes) -> None:
    builder = EnvironBuilder(method="POST", content_type=content_type, data=data)
    with pytest.raises(FileMissing):
        file_in(Request(builder.get_environ()))


def test_a_form_that_breaks_off_in_its_file_is_interrupted() -> None:
    request = form(file=(io.BytesIO(bytes(200_000)), "a.jpg"))
    whole = request.environ["wsgi.input"].read()
    request.environ["wsgi.input"] = io.BytesIO(whole[:100_000])
    _, content = file_in(request)
    with pytest.raises(Interrupted):
        list(content)

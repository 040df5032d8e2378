"""Where files are kept: one interface, over a local folder and over S3-compatible storage."""

import hashlib
import itertools
import logging
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from eventlet import tpool
from nameko.extensions import DependencyProvider

from services.chassis import clock, settings
from services.chassis.db import assert_no_transaction
from services.contracts.errors import NotFound, Unavailable

logger = logging.getLogger(__name__)

T = TypeVar("T")

CHUNK_BYTES = 256 * 1024
"""What is read at once; larger pieces gain nothing and cost memory for every open download."""

PART_BYTES = 8 * 1024 * 1024
"""Part of a large object on its way to S3, which takes none below 5 MiB and 10 000 in all."""

DRAFTS_KEPT = timedelta(hours=1)
"""After this a half-written file belongs to a process that has died."""

KEY = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)+")
LONGEST_KEY = 200  # file systems take 255 bytes a name, S3 1024 a key


class StoreDown(Unavailable):
    code = "store.unavailable"
    sentence = {"zh": "文件暂时无法读写，请稍后重试", "en": "Files cannot be reached right now"}


class ObjectMissing(NotFound):
    code = "store.object_missing"
    sentence = {"zh": "文件不存在", "en": "There is no such file"}


@dataclass(frozen=True)
class Kept:
    """An object that is kept."""

    key: str
    size: int
    modified_at: datetime


class Store(Protocol):
    """Keeps objects under keys. An object is written whole or not at all, and never in part.

    What arrives in pieces is kept as several objects, which `put` joins when it is given their
    `chunks` one after the other. Nothing here may be called inside a transaction.

    Shapes:  a key has at least two segments of lower-case letters, digits, dots, dashes and
             underscores: "uploads/0198…/original". The first two decide where it lies.
    Units:   `start` and `stop` in bytes, half-open; `stop` None means to the end.
    Errors:  StoreDown from all of them; ObjectMissing where said; ValueError for a key that is
             none, a bug.
    """

    def put(self, key: str, data: bytes | Iterable[bytes], content_type: str) -> None:
        """Keep an object durably, in place of any that was there."""

    def read(self, key: str, start: int = 0, stop: int | None = None) -> bytes:
        """Return an object or a range of it.  Errors: ObjectMissing."""

    def chunks(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Open an object and yield it, or a range of it, in pieces.  Errors: ObjectMissing."""

    def size(self, key: str) -> int | None:
        """Return how many bytes an object has, or None when there is none."""

    def delete(self, key: str) -> None:
        """Delete an object; when there is none that is well, too."""

    def kept(self, prefix: str) -> Iterator[Kept]:
        """Yield what is kept under a prefix of whole segments ("uploads/"), in no order."""

    def signed_url(
        self,
        method: Literal["GET", "PUT"],
        key: str,
        *,
        seconds: int,
        content_type: str,
        disposition: str = "",
    ) -> str | None:
        """Return an address that anybody may use for some seconds, or None where there is none."""


class Folder:
    """Keeps objects in a folder, spread over 256 others so that none grows too large."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._drafts = self._root / "drafts"
        self._sweep_drafts()

    def put(self, key: str, data: bytes | Iterable[bytes], content_type: str) -> None:
        path = self._path(key)
        draft = self._drafts / secrets.token_hex(16)
        try:
            with _file_work(_open_new, draft) as file:
                for piece in (data,) if isinstance(data, bytes) else data:
                    _file_work(file.write, piece)
                _file_work(_settle, file)
            _file_work(_move, draft, path)
        finally:
            draft.unlink(missing_ok=True)

    def read(self, key: str, start: int = 0, stop: int | None = None) -> bytes:
        return b"".join(self.chunks(key, start, stop))

    def chunks(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        file = _file_work(_open_at, self._path(key), start)
        return _pieces_of(file, None if stop is None else max(0, stop - start))

    def size(self, key: str) -> int | None:
        try:
            return _file_work(self._path(key).stat).st_size
        except ObjectMissing:
            return None

    def delete(self, key: str) -> None:
        _file_work(_delete, self._path(key))

    def kept(self, prefix: str) -> Iterator[Kept]:
        part = prefix.rstrip("/")
        shards = [_shard(part)] if "/" in part else [f"{n:02x}" for n in range(256)]
        for shard in shards:
            yield from _file_work(_files_below, self._root / shard, part)

    def signed_url(self, method: Literal["GET", "PUT"], key: str, **how: Any) -> None:
        return None

    def _path(self, key: str) -> Path:
        return self._root / _shard(check_key(key)) / key

    def _sweep_drafts(self) -> None:
        """Delete what a process left half-written when it died; whoever starts again does it."""
        if not self._drafts.is_dir():
            return
        oldest = (clock.now() - DRAFTS_KEPT).timestamp()
        for draft in self._drafts.iterdir():
            if draft.stat().st_mtime < oldest:
                draft.unlink(missing_ok=True)


class Bucket:
    """Keeps objects in a bucket of S3 or of a storage that speaks its protocol.

    Shapes:  `account` its key and secret, or None to be looked for as the AWS client does;
             `endpoint` None for Amazon's own; `addressing` path (MinIO), virtual (most clouds) or
             auto.
    """

    def __init__(
        self,
        name: str,
        *,
        account: tuple[str, str] | None,
        endpoint: str | None = None,
        region: str | None = None,
        addressing: str = "auto",
    ) -> None:
        import boto3  # only here: it takes half a second and 30 MB, which a local folder spares
        from botocore.config import Config

        how = Config(
            signature_version="s3v4",
            connect_timeout=3,
            read_timeout=10,
            retries={"mode": "standard", "total_max_attempts": 3},
            s3={"addressing_style": addressing},
            # The checksums that Amazon added in 2025 are refused by most of the others.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        key, secret = account or (None, None)
        self._name = name
        self._client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name=region,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=how,
        )

    def put(self, key: str, data: bytes | Iterable[bytes], content_type: str) -> None:
        parts = iter((data,)) if isinstance(data, bytes) else _gathered(data, PART_BYTES)
        first, second = next(parts, b""), next(parts, None)
        if second is None:
            self._ask("put_object", key, Body=first, ContentType=content_type)
        else:
            self._put_parts(key, itertools.chain((first, second), parts), content_type)

    def read(self, key: str, start: int = 0, stop: int | None = None) -> bytes:
        return b"".join(self.chunks(key, start, stop))

    def chunks(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        if stop is not None and stop <= start:
            return iter(())
        asked = f"bytes={start}-{'' if stop is None else stop - 1}"
        ranged = {} if (start, stop) == (0, None) else {"Range": asked}
        body = self._ask("get_object", key, **ranged)["Body"]
        return _streamed(body)

    def size(self, key: str) -> int | None:
        try:
            return int(self._ask("head_object", key)["ContentLength"])
        except ObjectMissing:
            return None

    def delete(self, key: str) -> None:
        self._ask("delete_object", key)

    def kept(self, prefix: str) -> Iterator[Kept]:
        page: dict[str, Any] = {"IsTruncated": True}
        more: dict[str, Any] = {}
        while page["IsTruncated"]:
            page = self._call("list_objects_v2", Prefix=prefix.rstrip("/") + "/", **more)
            for found in page.get("Contents", ()):
                yield Kept(found["Key"], found["Size"], found["LastModified"])
            more = {"ContinuationToken": page.get("NextContinuationToken")}

    def signed_url(
        self,
        method: Literal["GET", "PUT"],
        key: str,
        *,
        seconds: int,
        content_type: str,
        disposition: str = "",
    ) -> str:
        if method == "PUT":
            about = {"ContentType": content_type}
        else:
            about = {
                "ResponseContentType": content_type,
                "ResponseContentDisposition": disposition or "inline",
            }
        asked = {"Bucket": self._name, "Key": check_key(key), **about}
        url: str = self._client.generate_presigned_url(
            {"GET": "get_object", "PUT": "put_object"}[method], asked, ExpiresIn=seconds
        )
        return url

    def _put_parts(self, key: str, parts: Iterable[bytes], content_type: str) -> None:
        begun = self._ask("create_multipart_upload", key, ContentType=content_type)
        upload = {"UploadId": begun["UploadId"]}
        done = []
        try:
            for number, part in enumerate(parts, 1):
                sent = self._ask("upload_part", key, PartNumber=number, Body=part, **upload)
                done.append({"PartNumber": number, "ETag": sent["ETag"]})
            self._ask("complete_multipart_upload", key, MultipartUpload={"Parts": done}, **upload)
        except BaseException:
            self._ask("abort_multipart_upload", key, **upload)  # its parts would be kept for ever
            raise

    def _ask(self, operation: str, key: str, **about: Any) -> dict[str, Any]:
        return self._call(operation, Key=check_key(key), **about)

    def _call(self, operation: str, **about: Any) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        assert_no_transaction(f"storage {operation}")
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(Bucket=self._name, **about)
        except ClientError as error:
            if error.response["Error"]["Code"] in {"404", "NoSuchKey"}:
                raise ObjectMissing() from error
            raise _down(error) from error
        except (BotoCoreError, OSError) as error:
            raise _down(error) from error
        return answer


class StorageUrl(str):
    """Where files are kept, as the settings say.

    Shapes:  file:///a/folder, or s3://bucket with `endpoint`, `region` and `addressing` as its
             query.
    Errors:  ValueError.
    """

    def __new__(cls, text: str) -> "StorageUrl":
        url = urlsplit(text)
        asked = parse_qs(url.query, strict_parsing=bool(url.query))
        if url.scheme == "file":
            well = not url.netloc and url.path.startswith("/") and not asked
        else:
            well = url.scheme == "s3" and bool(url.netloc) and url.path in {"", "/"}
            well = well and asked.keys() <= {"endpoint", "region", "addressing"}
        if not well:
            raise ValueError("expected file:///a/folder or s3://bucket?endpoint=https://…")
        return super().__new__(cls, text)

    def open(self, account: tuple[str, str] | None) -> Store:
        """Return the store that lies there."""
        url = urlsplit(self)
        if url.scheme == "file":
            return Folder(Path(unquote(url.path)))
        asked = {name: values[-1] for name, values in parse_qs(url.query).items()}
        return Bucket(url.netloc, account=account, **asked)


@dataclass(frozen=True, kw_only=True)
class StorageSettings(settings.ProcessSettings):
    """What a process needs that keeps files; the keys are those of an account at S3."""

    storage_url: StorageUrl
    storage_access_key: str = ""
    storage_secret_key: str = ""

    def open_store(self) -> Store:
        """Return the store that the settings name."""
        account = (self.storage_access_key, self.storage_secret_key)
        return self.storage_url.open(account if all(account) else None)


class Storage(DependencyProvider):
    """Give a service the store of its settings."""

    def setup(self) -> None:
        own: StorageSettings = settings.of(self.container.service_name)
        self.store = own.open_store()

    def get_dependency(self, worker_ctx: Any) -> Store:
        return self.store


def check_key(key: str) -> str:
    """Return a key; a ValueError says that it is none and could lead out of the store."""
    if len(key) > LONGEST_KEY or not KEY.fullmatch(key):
        raise ValueError(f"not a key: {key!r}")
    return key


def _shard(key: str) -> str:
    group = "/".join(key.split("/")[:2])
    return hashlib.sha256(group.encode()).hexdigest()[:2]


def _file_work(work: Callable[..., T], *arguments: Any) -> T:
    """Do one thing with files outside the hub, which a slow disk would stop."""
    assert_no_transaction("storage")
    try:
        done: T = tpool.execute(work, *arguments)
    except FileNotFoundError as error:
        raise ObjectMissing() from error
    except OSError as error:
        raise _down(error) from error
    return done


def _down(error: Exception) -> StoreDown:
    logger.error("storage failed: %r", error)  # full, forbidden or away: somebody has to look
    return StoreDown()


def _make_folder(folder: Path) -> None:
    """Make a folder and see to it that it survives a power cut."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    _sync(folder.parent)


def _open_new(path: Path) -> Any:
    _make_folder(path.parent)
    return open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")


def _open_at(path: Path, start: int) -> Any:
    file = open(path, "rb")  # noqa: SIM115  (closed by who reads it)
    file.seek(start)
    return file


def _settle(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())


def _move(draft: Path, path: Path) -> None:
    """Give a finished draft its name; a folder that somebody just emptied is made again."""
    for _ in range(3):
        _make_folder(path.parent)
        try:
            draft.replace(path)
        except FileNotFoundError:
            continue
        return _sync(path.parent)
    raise OSError(f"{path.parent} does not stay")


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _delete(path: Path) -> None:
    path.unlink(missing_ok=True)
    try:
        path.parent.rmdir()
    except OSError:
        return  # something else lies there still


def _files_below(root: Path, part: str) -> list[Kept]:
    found = []
    for folder, _, names in os.walk(root / part):
        for name in names:
            path = Path(folder, name)
            try:
                about = path.stat()
            except FileNotFoundError:
                continue
            at = datetime.fromtimestamp(about.st_mtime, UTC)
            found.append(Kept(path.relative_to(root).as_posix(), about.st_size, at))
    return found


def _pieces_of(file: Any, length: int | None) -> Iterator[bytes]:
    with file:
        while length is None or length > 0:
            wanted = CHUNK_BYTES if length is None else min(CHUNK_BYTES, length)
            piece: bytes = _file_work(file.read, wanted)
            if not piece:
                return
            length = None if length is None else length - len(piece)
            yield piece


def _streamed(body: Any) -> Iterator[bytes]:
    from botocore.exceptions import BotoCoreError

    try:
        yield from body.iter_chunks(CHUNK_BYTES)
    except (BotoCoreError, OSError) as error:
        raise _down(error) from error
    finally:
        body.close()


def _gathered(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Join small pieces to parts of one size; the last may be smaller."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) >= size:
            yield bytes(waiting[:size])
            del waiting[:size]
    if waiting:
        yield bytes(waiting)

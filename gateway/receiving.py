"""Bodies of uploads on their way into the store: piece by piece, never more than one in memory."""

import logging
import secrets
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from eventlet.semaphore import Semaphore
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, File, MultipartDecoder, NeedData
from werkzeug.wrappers import Request

from gateway.problems import BodyTooLarge
from gateway.tus import Checksum
from services.chassis.storage import Store
from services.contracts.errors import Malformed, Unavailable, YingqiError
from services.contracts.uploads import MAX_PIECES, PIECE_BYTES

logger = logging.getLogger(__name__)

READ_BYTES = 64 * 1024
"""What is lost of a connection that breaks; the rest of what arrived is kept."""

RECEIVED_AT_ONCE = 48
"""Bodies that one gateway receives at once: a slow sender keeps a worker for minutes, and of its
128 workers most are to stay for quick requests. Together they take 100 MB."""

PLACES = Semaphore(RECEIVED_AT_ONCE)

FIELD_BYTES = 64 * 1024  # of all that is no file in a form

Count = Callable[[int, list[dict[str, Any]]], dict[str, Any]]


class Interrupted(Malformed):
    """The connection broke in the middle of a body; hardly anybody hears the answer."""

    code = "upload.interrupted"
    sentence = {
        "zh": "上传中断，请从断点继续",
        "en": "The upload was interrupted, please resume it",
    }


class FileMissing(Malformed):
    code = "upload.file_missing"
    sentence = {"zh": "请求中没有文件", "en": "There is no file in the request"}


def receive(
    content: Iterable[bytes],
    upload: dict[str, Any],
    *,
    store: Store,
    count: Count,
    checksum: Checksum | None = None,
    at_once: bool = False,
) -> dict[str, Any]:
    """Store what arrives and have it counted; return the upload as it then stands.

    A piece is counted when it is safe in the store. Whatever breaks in between, the upload stands
    where it was last counted, and what was stored in vain is swept away with the rest of it.

    Shapes:  `count(offset, pieces)` tells booking. With a checksum, or `at_once`, nothing is
             counted before everything has arrived.
    Errors:  what `count` raises; ChecksumMismatch, Interrupted, BodyTooLarge; Unavailable when too
             many send at once.
    """
    if not PLACES.acquire(blocking=False):
        raise Unavailable()
    held: list[dict[str, Any]] = []
    at = begin = upload["received"]
    counted = False
    try:
        for piece in _pieces(content):
            held.append(_keep(store, upload["id"], at, piece))
            at += len(piece)
            if len(held) > MAX_PIECES:
                raise BodyTooLarge()
            if checksum is not None:
                checksum.running.update(piece)
            elif not at_once:
                upload = count(begin, held)
                held, begin, counted = [], at, True
        if checksum is not None:
            checksum.check()
        return upload if counted else count(begin, held)
    except YingqiError as error:
        if not isinstance(error, Unavailable):  # then it may have been counted all the same
            _drop(store, held)
        raise
    finally:
        PLACES.release()


def body_of(request: Request) -> Iterator[bytes]:
    """Yield the body as it arrives.

    Errors:  Interrupted when it ends before its length, or nothing comes for too long.
    """
    left = request.content_length
    if left is None and not request.environ.get("wsgi.input_terminated"):
        return
    body = request.environ["wsgi.input"]
    while left is None or left > 0:
        try:
            data = body.read(READ_BYTES if left is None else min(READ_BYTES, left))
        except (OSError, ValueError) as error:  # a broken connection, a broken chunk
            raise Interrupted() from error
        if not data:
            if left is not None:
                raise Interrupted()
            return
        left = None if left is None else left - len(data)
        yield data


def file_in(request: Request) -> tuple[str, Iterator[bytes]]:
    """Return the name and the content of the first file of a form (multipart/form-data).

    Errors:  FileMissing; Interrupted while it is read.
    """
    boundary = parse_options_header(request.headers.get("Content-Type"))[1].get("boundary", "")
    decoder = MultipartDecoder(boundary.encode(), FIELD_BYTES)
    parts = _parts(decoder, body_of(request))
    for part in parts:
        if isinstance(part, File):
            return part.filename or "file", _data(parts)
    raise FileMissing()


def _parts(decoder: MultipartDecoder, body: Iterator[bytes]) -> Iterator[Any]:
    try:
        while True:
            part = decoder.next_event()
            if isinstance(part, NeedData):
                decoder.receive_data(next(body, None))
                continue
            yield part
            if isinstance(part, Epilogue):
                return
    except (ValueError, RequestEntityTooLarge) as error:
        raise FileMissing() from error


def _data(parts: Iterator[Any]) -> Iterator[bytes]:
    for part in parts:
        if not isinstance(part, Data):
            return
        yield bytes(part.data)
        if not part.more_data:
            return


def _pieces(content: Iterable[bytes]) -> Iterator[bytes]:
    """Join what arrives to pieces; what had arrived when it broke is one as well."""
    waiting = bytearray()
    try:
        for data in content:
            waiting += data
            while len(waiting) >= PIECE_BYTES:
                yield bytes(waiting[:PIECE_BYTES])
                del waiting[:PIECE_BYTES]
    except Interrupted:
        if waiting:
            yield bytes(waiting)
        raise
    if waiting:
        yield bytes(waiting)


def _keep(store: Store, upload_id: str, at: int, piece: bytes) -> dict[str, Any]:
    # Two that send the same place at once must not write the same object.
    key = f"pieces/{upload_id}/{at:015d}-{secrets.token_hex(4)}"
    store.put(key, piece, "application/octet-stream")
    return {"key": key, "size": len(piece)}


def _drop(store: Store, pieces: list[dict[str, Any]]) -> None:
    try:
        for piece in pieces:
            store.delete(piece["key"])
    except Unavailable as error:
        logger.warning("pieces wait for the sweeper", extra={"code": error.code})

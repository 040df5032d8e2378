"""What the tus protocol 1.0.0 says in headers, read and refused: resumable uploads.

Source:  https://tus.io/protocols/resumable-upload
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from werkzeug.wrappers import Request

from services.contracts.errors import Conflict, Malformed

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination"
CHUNK_TYPE = "application/offset+octet-stream"
ALGORITHMS = ("sha1", "sha256")

LARGEST_NUMBER_DIGITS = 15
"""A petabyte; longer numbers are no lengths of files."""


class VersionRefused(Malformed):
    code = "upload.version_refused"
    sentence = {
        "zh": "不支持此上传协议版本",
        "en": "This version of the upload protocol is not spoken",
    }


class HeaderInvalid(Malformed):
    """Shapes:  details = {"header"}."""

    code = "upload.header_invalid"
    sentence = {"zh": "上传请求头无效", "en": "A header of the upload is missing or malformed"}


class ChunkTypeRefused(Malformed):
    code = "upload.chunk_type_refused"
    sentence = {
        "zh": "请求内容必须是 application/offset+octet-stream",
        "en": "The content of the request must be application/offset+octet-stream",
    }


class ChecksumMismatch(Conflict):
    code = "upload.checksum_mismatch"
    sentence = {
        "zh": "校验和不一致，请重新发送",
        "en": "The checksum does not match, please send it again",
    }


@dataclass(frozen=True)
class Checksum:
    """What a sender says of the bytes of one request; `running` is fed with what arrives."""

    expected: bytes
    running: Any

    def check(self) -> None:
        """Errors:  ChecksumMismatch."""
        if self.running.digest() != self.expected:
            raise ChecksumMismatch()


def check_version(request: Request) -> None:
    """Errors:  VersionRefused."""
    if request.headers.get("Tus-Resumable") != VERSION:
        raise VersionRefused()


def check_chunk(request: Request) -> None:
    """Errors:  ChunkTypeRefused."""
    if request.mimetype != CHUNK_TYPE:
        raise ChunkTypeRefused()


def offset_of(request: Request) -> int:
    """Return where the sender believes that the upload stands."""
    offset = number(request, "Upload-Offset")
    if offset is None:
        raise HeaderInvalid(header="Upload-Offset")
    return offset


def length_of(request: Request) -> int | None:
    """Return how long the whole upload is; None when the sender tells it later."""
    length = number(request, "Upload-Length")
    if length is None and request.headers.get("Upload-Defer-Length") != "1":
        raise HeaderInvalid(header="Upload-Length")
    return length


def number(request: Request, header: str) -> int | None:
    """Return the number in a header, or None without it.

    Errors:  HeaderInvalid.
    """
    text = request.headers.get(header)
    if text is None:
        return None
    if not re.fullmatch(rf"[0-9]{{1,{LARGEST_NUMBER_DIGITS}}}", text):
        raise HeaderInvalid(header=header)
    return int(text)


def metadata_of(request: Request) -> dict[str, str]:
    """Return what the sender says of the file: pairs of a key and a base64 text.

    Errors:  HeaderInvalid.
    """
    found: dict[str, str] = {}
    for pair in filter(None, request.headers.get("Upload-Metadata", "").split(",")):
        key, _, value = pair.strip().partition(" ")
        try:
            text = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, ValueError) as error:
            raise HeaderInvalid(header="Upload-Metadata") from error
        if not key or key in found or "\0" in text:
            raise HeaderInvalid(header="Upload-Metadata")
        found[key] = text
    return found


def checksum_of(request: Request) -> Checksum | None:
    """Return what the sender says of the bytes of this request.

    Errors:  HeaderInvalid, also for an algorithm that is not one of ALGORITHMS.
    """
    text = request.headers.get("Upload-Checksum")
    if text is None:
        return None
    algorithm, _, value = text.partition(" ")
    try:
        expected = base64.b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise HeaderInvalid(header="Upload-Checksum") from error
    if algorithm not in ALGORITHMS:
        raise HeaderInvalid(header="Upload-Checksum")
    return Checksum(expected, hashlib.new(algorithm, usedforsecurity=False))


def headers_of(upload: dict[str, Any]) -> dict[str, str]:
    """Return what an answer tells of an upload."""
    headers = {
        "Tus-Resumable": VERSION,
        "Upload-Offset": str(upload["received"]),
        "Cache-Control": "no-store",
    }
    if upload["size"] is None:
        headers["Upload-Defer-Length"] = "1"
    else:
        headers["Upload-Length"] = str(upload["size"])
    if upload["expires_at"] is not None:
        until = datetime.fromisoformat(upload["expires_at"])
        headers["Upload-Expires"] = format_datetime(until, usegmt=True)
    return headers

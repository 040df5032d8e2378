"""What the tus protocol says in headers."""

import base64
import hashlib
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from gateway import problems, tus
from services.contracts.errors import YingqiError
from services.contracts.uploads import OffsetConflict, UploadTooLarge

UPLOAD = {"received": 100, "size": 300, "expires_at": "2026-11-02T02:00:00+00:00"}


def request(**headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(EnvironBuilder(method="PATCH", headers=named).get_environ())


def b64(text: bytes | str) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


@pytest.mark.parametrize("version", ["0.2.2", "1.0", "2.0.0", ""])
def test_another_version_is_refused_with_ours(version: str) -> None:
    tus.check_version(request(Tus_Resumable="1.0.0"))
    with pytest.raises(tus.VersionRefused) as refused:
        tus.check_version(request(Tus_Resumable=version))
    answer = problems.answer(refused.value, request(Tus_Resumable=version), "c-1")
    assert answer.status_code == 412
    assert answer.headers["Tus-Version"] == answer.headers["Tus-Resumable"] == "1.0.0"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (tus.ChecksumMismatch(), 460),
        (tus.ChunkTypeRefused(), 415),
        (tus.HeaderInvalid(), 400),
        (OffsetConflict(offset=3), 409),
        (UploadTooLarge(max_bytes=3), 413),
    ],
)
def test_refusals_have_the_protocols_status(error: YingqiError, status: int) -> None:
    answer = problems.answer(error, request(Tus_Resumable="1.0.0"), "c-1")
    assert answer.status_code == status
    assert answer.headers["Tus-Resumable"] == "1.0.0"


def test_who_does_not_speak_the_protocol_is_not_spoken_to_in_it() -> None:
    assert "Tus-Resumable" not in problems.answer(tus.HeaderInvalid(), request(), "c-1").headers


@pytest.mark.parametrize("text", ["-1", "+1", "1.0", "", " ", "x", "1" * 16, "１"])
def test_an_offset_that_is_no_number_is_refused(text: str) -> None:
    assert tus.offset_of(request(Upload_Offset="0")) == 0
    environ = EnvironBuilder(method="PATCH").get_environ() | {"HTTP_UPLOAD_OFFSET": text}
    with pytest.raises(tus.HeaderInvalid):
        tus.offset_of(Request(environ))


def test_an_offset_has_to_be_said() -> None:
    with pytest.raises(tus.HeaderInvalid):
        tus.offset_of(request())


def test_a_length_is_said_now_or_later() -> None:
    assert tus.length_of(request(Upload_Length="5")) == 5
    assert tus.length_of(request(Upload_Defer_Length="1")) is None
    for headers in ({}, {"Upload_Defer_Length": "2"}, {"Upload_Length": "x"}):
        with pytest.raises(tus.HeaderInvalid):
            tus.length_of(request(**headers))


def test_metadata_are_pairs_of_a_key_and_a_text() -> None:
    told = f"filename {b64('参考.jpg')},purpose {b64('reference')} , empty"
    assert tus.metadata_of(request(Upload_Metadata=told)) == {
        "filename": "参考.jpg",
        "purpose": "reference",
        "empty": "",
    }
    assert tus.metadata_of(request()) == {}


@pytest.mark.parametrize(
    "text", ["a !!", f"a {b64('x')},a {b64('y')}", f"a {b64(bytes([255]))}", f"a {b64(bytes(1))}"]
)
def test_metadata_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(tus.HeaderInvalid):
        tus.metadata_of(request(Upload_Metadata=text))


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_checksum_is_compared(algorithm: str) -> None:
    digest = hashlib.new(algorithm, b"hello").digest()
    told = tus.checksum_of(request(Upload_Checksum=f"{algorithm} {b64(digest)}"))
    assert told is not None
    told.running.update(b"hel")
    with pytest.raises(tus.ChecksumMismatch):
        told.check()
    told.running.update(b"lo")
    told.check()


@pytest.mark.parametrize("text", ["sha1", "crc32 AAAA", "sha1 !!", "", "shake_128 AAAA"])
def test_a_checksum_that_cannot_be_compared_is_refused(text: str) -> None:
    assert tus.checksum_of(request()) is None
    if text == "sha1":
        text = "md4 " + b64(bytes(16))
    with pytest.raises(tus.HeaderInvalid):
        tus.checksum_of(request(Upload_Checksum=text))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"Upload-Length": "300", "Upload-Expires": "Mon, 02 Nov 2026 02:00:00 GMT"}),
        ({"size": None, "expires_at": None}, {"Upload-Defer-Length": "1"}),
    ],
)
def test_an_answer_tells_how_an_upload_stands(
    changes: dict[str, Any], expected: dict[str, str]
) -> None:
    assert tus.headers_of(UPLOAD | changes) == {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "100",
        "Cache-Control": "no-store",
        **expected,
    }

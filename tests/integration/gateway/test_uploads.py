"""Uploads from the first request to the address of the file: real gateway, booking and store."""

import base64
import hashlib
import io
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import eventlet
import pytest
from PIL import Image

from gateway import receiving
from services.booking.upload_links import Permit, UploadLinks
from services.chassis import clock
from services.contracts.errors import Unavailable
from services.contracts.uploads import PIECE_BYTES
from tests.harness import Running
from tests.integration.booking.studio import Studio
from tests.integration.booking.uploading import FORM, Desk
from tests.integration.chassis.s3 import ACCOUNT, S3Server
from tests.integration.gateway.browser import Answer, Browser
from tests.unit.booking.pictures import EXECUTABLE, PDF, picture

UPLOADS = "/api/v1/uploads"
TUS = {"Tus-Resumable": "1.0.0"}
CHUNK = {**TUS, "Content-Type": "application/offset+octet-stream"}


@dataclass
class Site:
    """The running parts, one booking, and whoever holds its link."""

    system: Running
    browser: Browser
    booking_id: UUID
    links: UploadLinks

    def permit(self, purpose: str = "form_image", **changes: Any) -> dict[str, str]:
        permit = {
            "id": uuid.uuid4(),
            "form_id": FORM,
            "purpose": purpose,
            "max_files": 5,
            "expires_at": clock.now() + timedelta(hours=1),
        }
        return {"X-Upload-Permit": self.links.permit_token(Permit(**(permit | changes)))}

    def begin(self, length: int | None, **headers: str) -> Answer:
        told = {"filename": "参考.jpg", "purpose": "reference", "booking_id": str(self.booking_id)}
        size = {"Upload-Defer-Length": "1"} if length is None else {"Upload-Length": str(length)}
        sent = {**TUS, "Upload-Metadata": metadata(**told), **size, **headers}
        return self.browser.send("POST", UPLOADS, headers=sent)

    def location(self, length: int | None) -> str:
        answer = self.begin(length)
        assert answer.status == 201, answer.body
        return answer.headers["location"]

    def patch(self, location: str, offset: int, data: bytes, **headers: str) -> Answer:
        sent = {**CHUNK, "Upload-Offset": str(offset), **headers}
        return self.browser.send("PATCH", location, body=data, headers=sent)

    def offset(self, location: str) -> int:
        answer = self.browser.send("HEAD", location, headers=TUS)
        assert answer.status == 200
        return int(answer.headers["upload-offset"])

    def ready(self, location: str) -> dict[str, Any]:
        """Wait until an upload has been checked; return it."""

        def checked() -> Any:
            upload = self.browser.get(location).json
            return upload if upload["state"] not in {"receiving", "checking"} else None

        return self.system.wait(checked, 20)


def head_of(location: str, length: int) -> bytes:
    """Return the head of a request whose body a test sends by hand."""
    lines = [
        f"PATCH {location} HTTP/1.1",
        "Host: studio.test",
        "Tus-Resumable: 1.0.0",
        "Upload-Offset: 0",
        "Content-Type: application/offset+octet-stream",
        f"Content-Length: {length}",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def metadata(**told: str) -> str:
    pairs = (f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in told.items())
    return ",".join(pairs)


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    server = S3Server().start()
    yield server
    server.stop()


@pytest.fixture
def start_site(running: Callable[..., Running]) -> Callable[..., Site]:
    def start(**environ: str) -> Site:
        system = running("booking", "gateway", **environ)
        studio = Studio(system.uow("booking"))
        studio.now = clock.now()
        studio.define()
        booking_id: UUID = studio.request()["id"]
        Desk(studio, None).form()  # type: ignore[arg-type]
        token = studio.customer(booking_id)["manage_token"]
        browser = Browser(system.address, **{"X-Manage-Token": token})
        return Site(system, browser, booking_id, UploadLinks(secret="test-manage-secret"))

    return start


@pytest.fixture
def storage_url(tmp_path: Path) -> str:
    return (tmp_path / "files").as_uri()


@pytest.fixture
def site(start_site: Callable[..., Site], storage_url: str) -> Site:
    return start_site(STORAGE_URL=storage_url)


def noise(size: tuple[int, int] = (1200, 900)) -> bytes:
    output = io.BytesIO()
    image = Image.effect_noise(size, 60).convert("RGB")
    image.save(output, "PNG", compress_level=0)
    return output.getvalue()


def count_pieces(folder: Path) -> int:
    return len(list(folder.glob("*/pieces/*/*")))


# --- the protocol


def test_the_server_says_what_it_speaks(site: Site) -> None:
    answer = site.browser.send("OPTIONS", UPLOADS)
    assert answer.status == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert set(answer.headers["tus-extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "creation-defer-length",
        "expiration",
        "checksum",
        "termination",
    }
    assert answer.headers["tus-checksum-algorithm"] == "sha1,sha256"


def test_a_large_file_comes_in_several_requests(site: Site, tmp_path: Path) -> None:
    data = noise()
    assert len(data) > 3 * PIECE_BYTES
    answer = site.begin(len(data))
    location = answer.headers["location"]
    assert (answer.headers["upload-offset"], answer.body) == ("0", b"")
    assert "upload-expires" in answer.headers
    step = PIECE_BYTES + 12_345
    for at in range(0, len(data), step):
        part = data[at : at + step]
        answer = site.patch(location, at, part)
        assert (answer.status, answer.body) == (204, b"")
        assert answer.headers["upload-offset"] == str(at + len(part))
        assert answer.headers["tus-resumable"] == "1.0.0"
    upload = site.ready(location)
    assert (upload["state"], upload["width"], upload["height"]) == ("ready", 1200, 900)
    assert upload["sha256"] == hashlib.sha256(data).hexdigest()
    site.system.wait(lambda: count_pieces(tmp_path / "files") == 0)


def test_how_an_upload_stands_is_told_with_what_was_said_of_it(site: Site) -> None:
    location = site.location(1000)
    site.patch(location, 0, b"x" * 10)
    answer = site.browser.send("HEAD", location, headers=TUS)
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["upload-offset"] == "10"
    assert answer.headers["upload-length"] == "1000"
    assert answer.headers["cache-control"] == "no-store"
    told = {"filename": "参考.jpg", "purpose": "reference", "booking_id": str(site.booking_id)}
    assert answer.headers["upload-metadata"] == metadata(**told)


def test_the_first_bytes_may_come_with_the_creation(site: Site) -> None:
    data = picture()
    told = {"filename": "a.jpg", "purpose": "reference", "booking_id": str(site.booking_id)}
    headers = {**CHUNK, "Upload-Length": str(len(data)), "Upload-Metadata": metadata(**told)}
    answer = site.browser.send("POST", UPLOADS, body=data[:50], headers=headers)
    assert (answer.status, answer.headers["upload-offset"]) == (201, "50")
    site.patch(answer.headers["location"], 50, data[50:])
    assert site.ready(answer.headers["location"])["state"] == "ready"


def test_a_length_may_be_told_at_last(site: Site) -> None:
    data = picture()
    location = site.location(None)
    assert site.patch(location, 0, data[:50]).headers["upload-defer-length"] == "1"
    answer = site.patch(location, 50, data[50:], **{"Upload-Length": str(len(data))})
    assert answer.headers["upload-length"] == str(len(data))
    assert site.ready(location)["state"] == "ready"


@pytest.mark.parametrize("offset", [0, 9, 11, 500])
def test_a_wrong_offset_is_a_conflict(site: Site, offset: int) -> None:
    location = site.location(1000)
    site.patch(location, 0, b"x" * 10)
    answer = site.patch(location, offset, b"y" * 10)
    assert (answer.status, answer.json["code"]) == (409, "booking.upload_offset")
    assert answer.json["offset"] == 10
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert site.offset(location) == 10


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.1"}, 412),
        ({"Content-Type": "image/jpeg"}, 415),
        ({"Upload-Offset": "one"}, 400),
        ({"Upload-Checksum": "md5 AAAA"}, 400),
    ],
)
def test_a_request_that_breaks_the_protocol_changes_nothing(
    site: Site, headers: dict[str, str], status: int
) -> None:
    location = site.location(1000)
    assert site.patch(location, 0, b"x" * 10, **headers).status == status
    assert site.offset(location) == 0


def test_more_than_was_announced_is_refused_unread(site: Site, tmp_path: Path) -> None:
    location = site.location(100)
    assert site.patch(location, 0, b"x" * 101).status == 413
    assert (site.offset(location), count_pieces(tmp_path / "files")) == (0, 0)
    limit = 30 * 1024 * 1024
    assert site.begin(limit).status == 201
    refused = site.begin(limit + 1)
    assert (refused.status, refused.json["max_bytes"]) == (413, limit)


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_checksum_keeps_wrong_bytes_out(site: Site, algorithm: str, tmp_path: Path) -> None:
    data = noise((700, 600))
    location = site.location(len(data))
    right = base64.b64encode(hashlib.new(algorithm, data).digest()).decode()
    checksum = {"Upload-Checksum": f"{algorithm} {right}"}
    spoiled = data[:1000] + b"!" + data[1001:]
    answer = site.patch(location, 0, spoiled, **checksum)
    assert (answer.status, answer.json["code"]) == (460, "upload.checksum_mismatch")
    assert (site.offset(location), count_pieces(tmp_path / "files")) == (0, 0)
    assert site.patch(location, 0, data, **checksum).status == 204
    assert site.ready(location)["state"] == "ready"


def test_a_broken_connection_loses_nothing_that_arrived(site: Site) -> None:
    data = noise((700, 600))
    location = site.location(len(data))
    host, port = site.browser.netloc.split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head_of(location, len(data)) + data[: PIECE_BYTES + 200_000])
    offset = site.system.wait(lambda: site.offset(location) > PIECE_BYTES and site.offset(location))
    assert offset <= PIECE_BYTES + 200_000
    assert site.patch(location, offset, data[offset:]).status == 204
    upload = site.ready(location)
    assert (upload["state"], upload["sha256"]) == ("ready", hashlib.sha256(data).hexdigest())


def test_a_crash_between_the_store_and_the_count_loses_and_spoils_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The piece is in the store and nobody was told: the sender asks and sends it again."""
    data = noise((700, 600))
    location = site.location(len(data))
    assert site.patch(location, 0, data[:PIECE_BYTES]).status == 204
    keep = receiving._keep

    def die_after(*arguments: Any) -> Any:
        keep(*arguments)
        raise Unavailable()

    monkeypatch.setattr(receiving, "_keep", die_after)
    assert site.patch(location, PIECE_BYTES, b"!" * 1000).status == 503
    monkeypatch.undo()
    assert count_pieces(tmp_path / "files") == 2
    assert site.offset(location) == PIECE_BYTES
    assert site.patch(location, PIECE_BYTES, data[PIECE_BYTES:]).status == 204
    assert site.ready(location)["sha256"] == hashlib.sha256(data).hexdigest()
    site.system.wait(lambda: count_pieces(tmp_path / "files") == 0)


def test_of_two_that_send_the_same_place_at_once_one_is_refused(site: Site, tmp_path: Path) -> None:
    data = noise((700, 600))
    location = site.location(len(data))
    pool = eventlet.GreenPool()
    sent = [pool.spawn(site.patch, location, 0, data) for _ in range(2)]
    answers = [each.wait() for each in sent]
    assert sorted(answer.status for answer in answers) == [204, 409]
    upload = site.ready(location)
    assert (upload["state"], upload["sha256"]) == ("ready", hashlib.sha256(data).hexdigest())


def test_two_that_send_different_files_at_once_do_not_mix(site: Site) -> None:
    """Whoever wins, the file is the one's or the other's."""
    first, second = noise((600, 900)), noise((900, 600))
    second += bytes(len(first) - len(second))
    assert len(first) == len(second) > PIECE_BYTES
    location = site.location(len(first))
    pool = eventlet.GreenPool()
    sent = [pool.spawn(site.patch, location, 0, data) for data in (first, second)]
    assert sorted(each.wait().status for each in sent) == [204, 409]
    upload = site.ready(location)
    assert upload["sha256"] in {hashlib.sha256(data).hexdigest() for data in (first, second)}


def test_an_upload_is_ended_and_then_unknown(site: Site) -> None:
    location = site.location(1000)
    answer = site.browser.send("DELETE", location, headers=TUS)
    assert (answer.status, answer.headers["tus-resumable"]) == (204, "1.0.0")
    for method in ("HEAD", "PATCH", "DELETE"):
        headers = {**CHUNK, "Upload-Offset": "0"}
        gone = site.browser.send(method, location, body=b"", headers=headers)
        assert gone.status == 404
        assert "upload-offset" not in gone.headers


def test_a_client_without_patch_says_it_in_a_header(site: Site) -> None:
    data = picture()
    location = site.location(len(data))
    headers = {**CHUNK, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert site.browser.send("POST", location, body=data, headers=headers).status == 204
    assert site.ready(location)["state"] == "ready"
    assert site.browser.send("POST", location, headers=TUS).status == 405


def test_a_forged_token_opens_no_upload(site: Site) -> None:
    location = site.location(1000)
    forged = location[:-2] + ("AA" if location[-2:] != "AA" else "BB")
    assert site.browser.send("HEAD", forged, headers=TUS).status == 404
    assert site.patch(forged, 0, b"x").status == 404
    assert site.browser.send("DELETE", forged, headers=TUS).status == 404
    assert site.offset(location) == 0


# --- who may send


def test_a_stranger_sends_nothing(site: Site) -> None:
    stranger = Browser(site.system.address)
    about = f"?purpose=reference&name=a.jpg&booking_id={site.booking_id}"
    answer = stranger.send("POST", UPLOADS + about, body=picture())
    assert (answer.status, answer.json["code"]) == (401, "identity.unauthenticated")
    forged = {"X-Manage-Token": "forged"}
    answer = stranger.send("POST", UPLOADS + about, body=picture(), headers=forged)
    assert (answer.status, answer.json["code"]) == (403, "booking.manage_token_invalid")


def test_a_visitor_sends_with_a_permit_and_only_with_a_good_one(site: Site) -> None:
    visitor = Browser(site.system.address)
    about = "?purpose=form_image&name=a.jpg"
    answer = visitor.send("POST", UPLOADS + about, body=picture(), headers=site.permit())
    assert (answer.status, answer.json["state"]) == (201, "ready")
    over = site.permit(expires_at=clock.now() - timedelta(seconds=1))
    forged = {"X-Upload-Permit": site.permit()["X-Upload-Permit"][:-4] + "AAAA"}
    for permit in (over, forged, {"X-Upload-Permit": "x"}):
        refused = visitor.send("POST", UPLOADS + about, body=picture(), headers=permit)
        assert (refused.status, refused.json["code"]) == (403, "booking.permit_invalid")
    other = visitor.send("POST", UPLOADS + about, body=picture(), headers=site.permit("form_file"))
    assert (other.status, other.json["code"]) == (403, "booking.upload_purpose_refused")


# --- whole files


def whole(site: Site, data: bytes, **headers: str) -> Answer:
    about = f"?purpose=reference&name=%E7%85%A7.jpg&booking_id={site.booking_id}"
    return site.browser.send("POST", UPLOADS + about, body=data, headers=headers)


def test_a_small_file_is_sent_and_checked_in_one_request(site: Site) -> None:
    answer = whole(site, picture(gps=True))
    assert (answer.status, answer.json["state"]) == (201, "ready")
    assert answer.json["name"] == "照.jpg"
    (listed,) = site.browser.get(f"/api/v1/bookings/{site.booking_id}/uploads").json["items"]
    assert listed["id"] == answer.json["id"]
    assert [file["variant"] for file in listed["files"]] == ["original", "large", "small"]


def test_a_file_in_a_form_is_sent_in_one_request(site: Site) -> None:
    """As mini programs and plain pages send it."""
    data = picture()
    head = 'Content-Disposition: form-data; name="file"; filename="a.jpg"'
    body = f"--x\r\n{head}\r\nContent-Type: image/jpeg\r\n\r\n".encode() + data + b"\r\n--x--\r\n"
    about = f"?purpose=reference&booking_id={site.booking_id}"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = site.browser.send("POST", UPLOADS + about, body=body, headers=headers)
    assert (answer.status, answer.json["name"]) == (201, "a.jpg")
    assert answer.json["sha256"] == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("data", "reason"),
    [(EXECUTABLE, "type_refused"), (picture(size=(400, 300))[:1200], "damaged")],
    ids=["exe", "truncated"],
)
def test_a_file_that_is_not_what_it_is_called_is_refused(
    site: Site, data: bytes, reason: str
) -> None:
    answer = whole(site, data, **{"Content-Type": "image/jpeg"})
    assert (answer.status, answer.json["code"]) == (422, "booking.upload_refused")
    assert answer.json["reason"] == reason


def test_an_empty_file_and_one_for_nothing_are_refused(site: Site) -> None:
    assert whole(site, b"").status == 422
    answer = site.browser.send("POST", f"{UPLOADS}?name=a.jpg", body=b"x")
    assert [fault["pointer"] for fault in answer.json["errors"]] == ["/purpose"]
    answer = site.browser.send("POST", f"{UPLOADS}?purpose=reference&booking_id=x", body=b"x")
    assert [fault["pointer"] for fault in answer.json["errors"]] == ["/booking_id"]


def test_a_file_is_removed_from_its_booking(site: Site) -> None:
    upload = whole(site, picture()).json
    path = f"/api/v1/bookings/{site.booking_id}/uploads"
    assert site.browser.send("DELETE", f"{path}/{upload['id']}").status == 204
    assert site.browser.get(path).json["items"] == []
    assert site.browser.get(upload["files"][0]["url"]).status == 404


# --- what is read


def test_a_file_is_read_at_its_signed_address(site: Site) -> None:
    upload = whole(site, picture(gps=True, orientation=6)).json
    for file in upload["files"]:
        answer = Browser(site.system.address).get(file["url"])
        assert answer.status == 200
        assert answer.headers["content-type"] == file["content_type"]
        assert int(answer.headers["content-length"]) == file["size"] == len(answer.body)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["accept-ranges"] == "bytes"
        assert answer.headers["content-disposition"].startswith("inline; filename*=UTF-8''%E7%85")
        cache = answer.headers["cache-control"]
        assert cache.startswith("private, max-age=") and cache.endswith("immutable")
        assert 6 * 3600 <= int(cache.split("=")[1].split(",")[0]) <= 12 * 3600
        image = Image.open(io.BytesIO(answer.body))
        assert (image.size, dict(image.getexif())) == ((48, 64), {})


def test_a_file_is_read_in_ranges(site: Site) -> None:
    url = whole(site, picture(size=(900, 700))).json["files"][0]["url"]
    data = site.browser.get(url).body
    size = len(data)
    for asked, start, stop in [
        ("bytes=0-9", 0, 10),
        ("bytes=100-", 100, size),
        ("bytes=-7", size - 7, size),
        (f"bytes=5-{size * 2}", 5, size),
    ]:
        answer = site.browser.get(url, Range=asked)
        assert (answer.status, answer.body) == (206, data[start:stop])
        assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{size}"
        assert answer.headers["content-length"] == str(stop - start)
    beyond = site.browser.get(url, Range=f"bytes={size}-")
    assert (beyond.status, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    for ignored in ("bytes=0-1,5-6", "bytes=x", "lines=0-1"):
        assert site.browser.get(url, Range=ignored).status == 200


def test_a_range_is_of_the_file_that_is_known(site: Site) -> None:
    url = whole(site, picture()).json["files"][0]["url"]
    tag = site.browser.get(url).headers["etag"]
    assert site.browser.get(url, Range="bytes=0-9", **{"If-Range": tag}).status == 206
    assert site.browser.get(url, Range="bytes=0-9", **{"If-Range": '"other"'}).status == 200
    assert site.browser.get(url, **{"If-None-Match": tag}).status == 304
    assert site.browser.get(url, **{"If-None-Match": '"other"'}).status == 200


def test_the_head_of_a_file_is_told_without_it(site: Site) -> None:
    file = whole(site, picture()).json["files"][0]
    answer = site.browser.send("HEAD", file["url"])
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == str(file["size"])


def test_an_address_that_is_forged_or_over_leads_nowhere(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = whole(site, picture()).json["files"][0]["url"]
    for wrong in (url[:-1] + ("A" if url[-1] != "A" else "B"), "/files/x", "/files/" + "A" * 76):
        assert site.browser.get(wrong).status == 404
    with clock.frozen(clock.now() + timedelta(hours=13)):
        answer = site.browser.get(url)
        assert (answer.status, answer.json["code"]) == (404, "booking.file_unknown")


def test_a_document_is_saved_and_not_shown(site: Site) -> None:
    headers = site.permit("form_file")
    about = "?purpose=form_file&name=%E5%90%88%E5%90%8C.pdf"
    upload = site.browser.send("POST", UPLOADS + about, body=PDF, headers=headers).json
    answer = site.browser.get(upload["files"][0]["url"])
    assert answer.body == PDF
    assert answer.headers["content-type"] == "application/pdf"
    name = "%E5%90%88%E5%90%8C.pdf"
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{name}"


# --- with a bucket instead of a folder


@pytest.fixture
def bucket_site(start_site: Callable[..., Site], s3: S3Server) -> Site:
    s3.client().create_bucket(Bucket="studio")
    key, secret = ACCOUNT
    return start_site(
        STORAGE_URL=s3.url("studio"), STORAGE_ACCESS_KEY=key, STORAGE_SECRET_KEY=secret
    )


def test_all_of_it_works_with_a_bucket(bucket_site: Site, s3: S3Server) -> None:
    site, data = bucket_site, noise((700, 600))
    location = site.location(len(data))
    assert site.patch(location, 0, data[:PIECE_BYTES]).status == 204
    assert site.patch(location, PIECE_BYTES, data[PIECE_BYTES:]).status == 204
    upload = site.ready(location)
    assert (upload["state"], upload["sha256"]) == ("ready", hashlib.sha256(data).hexdigest())
    # Pictures come through the gateway: pages may load nothing from elsewhere.
    small = upload["files"][2]
    answer = site.browser.get(small["url"])
    assert (answer.status, len(answer.body)) == (200, small["size"])
    assert site.browser.get(small["url"], Range="bytes=2-5").body == answer.body[2:6]
    # Documents are sent on to the bucket.
    headers = site.permit("form_file")
    sent = site.browser.send(
        "POST", f"{UPLOADS}?purpose=form_file&name=a.pdf", body=PDF, headers=headers
    )
    on = site.browser.get(sent.json["files"][0]["url"])
    assert (on.status, on.headers["cache-control"]) == (302, "no-store")
    assert on.headers["location"].startswith(s3.address)
    found = Browser(s3.address).get(on.headers["location"].removeprefix(s3.address))
    assert (found.status, found.body) == (200, PDF)
    assert found.headers["content-type"] == "application/pdf"
    assert found.headers["content-disposition"].startswith("attachment")
    client = s3.client()
    pieces = {"Bucket": "studio", "Prefix": "pieces/"}
    site.system.wait(lambda: client.list_objects_v2(**pieces)["KeyCount"] == 0)


def test_other_requests_are_answered_while_a_slow_sender_sends(site: Site) -> None:
    location = site.location(1_000_000)
    host, port = site.browser.netloc.split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head_of(location, 1_000_000))
        for _ in range(5):
            connection.sendall(b"x" * 1000)
            started = time.monotonic()
            assert site.offset(location) == 0
            assert time.monotonic() - started < 2
            eventlet.sleep(0.05)

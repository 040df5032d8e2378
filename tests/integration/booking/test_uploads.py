"""Uploads: who may send what, how they grow, and who sees them."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.booking.domain.uploads import MAX_BYTES, MAX_FILES_PER_BOOKING, Kind
from services.chassis.db import UnitOfWork
from services.chassis.storage import Folder
from services.contracts.booking import BookingUnknown, ManageTokenInvalid
from services.contracts.forms import FormUnknown
from services.contracts.uploads import (
    PIECE_BYTES,
    FileRefused,
    FileUnknown,
    OffsetConflict,
    PermitInvalid,
    PurposeRefused,
    TooManyUploads,
    UploadNotReady,
    UploadTooLarge,
    UploadUnknown,
)
from tests.integration.booking.studio import BUND, HARBOUR, PHOTOGRAPHER, Studio
from tests.integration.booking.uploading import FORM, Desk
from tests.unit.booking.pictures import EXECUTABLE, PDF, picture

SUBMISSION = UUID(int=77)


@pytest.fixture
def desk(studio: Studio, tmp_path: Path) -> Desk:
    return Desk(studio, Folder(tmp_path / "files"))


# --- who may send


def test_the_holder_of_a_link_sends_reference_pictures(desk: Desk) -> None:
    booking_id = desk.booking()
    upload = desk.sent(picture(), **desk.by_link(booking_id))
    assert (upload["state"], upload["expires_at"]) == ("ready", None)
    assert [file["variant"] for file in upload["files"]] == ["original", "large", "small"]
    (listed,) = desk.list(booking_id)
    assert listed["id"] == upload["id"]


def test_staff_send_any_kind_of_file(desk: Desk) -> None:
    upload = desk.sent(PDF, purpose="attachment", **desk.by_staff(desk.booking()))
    assert (upload["state"], upload["content_type"]) == ("ready", "application/pdf")


def test_a_visitor_sends_what_the_permit_says(desk: Desk) -> None:
    desk.form()
    upload = desk.sent(picture(), **desk.by_permit())
    assert upload["state"] == "ready"
    assert upload["expires_at"] == desk.now + timedelta(hours=24)


def test_staff_send_for_a_form(desk: Desk) -> None:
    desk.form()
    access = desk.studio.staff()
    upload = desk.sent(picture(), purpose="form_image", form_id=FORM, access=access)
    assert upload["state"] == "ready"
    with pytest.raises(FormUnknown):
        desk.start(purpose="form_image", form_id=UUID(int=1), access=access)
    with pytest.raises(PurposeRefused):
        desk.start(purpose="form_image", access=access)


def test_nobody_sends_without_a_right(desk: Desk) -> None:
    booking_id = desk.booking()
    with pytest.raises(PermitInvalid):
        desk.start(booking_id=booking_id)
    forged = {**desk.studio.customer(booking_id), "manage_token": "forged"}
    with pytest.raises(ManageTokenInvalid):
        desk.start(booking_id=booking_id, access=forged)
    with pytest.raises(BookingUnknown):
        desk.start(booking_id=booking_id, access=desk.studio.staff(HARBOUR))
    with pytest.raises(BookingUnknown):
        desk.start(access=desk.studio.staff())
    assert desk.start(booking_id=booking_id, access=desk.studio.staff(BUND))["received"] == 0


def test_a_customer_sends_for_no_purpose_of_staff(desk: Desk) -> None:
    with pytest.raises(PurposeRefused):
        desk.start(purpose="attachment", **desk.by_link(desk.booking()))


def test_the_holder_of_a_link_does_not_send_for_a_form(desk: Desk) -> None:
    desk.form()
    booking_id = desk.booking()
    with pytest.raises(PurposeRefused):
        desk.start(purpose="form_image", form_id=FORM, access=desk.studio.customer(booking_id))


def test_a_permit_that_is_forged_or_over_is_none(desk: Desk) -> None:
    desk.form()
    permit = desk.by_permit()
    with pytest.raises(PermitInvalid):
        desk.start(**(permit | {"permit": permit["permit"][:-3] + "abc"}))
    desk.studio.now += timedelta(hours=2)
    with pytest.raises(PermitInvalid):
        desk.start(**permit)


def test_a_permit_is_for_one_purpose(desk: Desk) -> None:
    desk.form()
    with pytest.raises(PurposeRefused):
        desk.start(**(desk.by_permit("form_image") | {"purpose": "form_file"}))
    with pytest.raises(PurposeRefused):
        desk.start(**desk.by_permit("reference"))


def test_a_permit_is_for_so_many_files(desk: Desk) -> None:
    desk.form()
    permit = desk.by_permit(max_files=2)
    first = desk.start(**permit)
    desk.start(**permit)
    with pytest.raises(TooManyUploads) as refused:
        desk.start(**permit)
    assert refused.value.details == {"max_files": 2}
    desk.end(first)
    desk.start(**permit)
    desk.start(**desk.by_permit(max_files=2))  # another visitor


def test_a_booking_has_so_many_files(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_FILES_PER_BOOKING >= 30
    monkeypatch.setattr("services.booking.usecases.uploads.MAX_FILES_PER_BOOKING", 2)
    sender = desk.by_link(desk.booking())
    desk.start(**sender)
    desk.start(**sender)
    with pytest.raises(TooManyUploads):
        desk.start(**sender)


def test_what_is_too_large_is_refused_before_it_is_sent(desk: Desk) -> None:
    sender = desk.by_link(desk.booking())
    limit = MAX_BYTES[Kind.IMAGE]
    assert desk.start(size=limit, **sender)["max_bytes"] == limit
    with pytest.raises(UploadTooLarge) as refused:
        desk.start(size=limit + 1, **sender)
    assert refused.value.details == {"max_bytes": limit}


# --- how they grow


def test_an_upload_grows_piece_by_piece(desk: Desk) -> None:
    data = picture()
    upload = desk.start(size=len(data), **desk.by_link(desk.booking()))
    assert (upload["state"], upload["received"]) == ("receiving", 0)
    upload = desk.append(upload, data[:100])
    assert (upload["state"], upload["received"]) == ("receiving", 100)
    upload = desk.append(upload, data[100:], at=100)
    assert (upload["state"], upload["received"]) == ("checking", len(data))
    desk.check()
    assert desk.get(upload)["state"] == "ready"


def test_pieces_of_more_than_a_mebibyte_are_joined_in_their_order(desk: Desk) -> None:
    noise = picture(size=(1500, 1500), format_="PNG", compress_level=0)
    assert len(noise) > 6 * PIECE_BYTES
    upload = desk.sent(noise, **desk.by_link(desk.booking()))
    assert (upload["state"], upload["width"]) == ("ready", 1500)


def test_a_piece_at_another_offset_is_refused_with_the_true_one(desk: Desk) -> None:
    upload = desk.start(size=300, **desk.by_link(desk.booking()))
    desk.append(upload, b"x" * 100)
    for offset in (0, 99, 101, 200):
        with pytest.raises(OffsetConflict) as refused:
            desk.append(upload, b"y" * 50, at=offset)
        assert refused.value.details == {"offset": 100}
    assert desk.get(upload)["received"] == 100


def test_a_piece_that_was_stored_and_not_counted_is_as_if_it_never_was(desk: Desk) -> None:
    """The gateway dies between the store and the call: the sender asks and sends it again."""
    data = picture()
    upload = desk.start(size=len(data), **desk.by_link(desk.booking()))
    desk.append(upload, data[:100])
    desk.keep(upload, b"garbage of a dead gateway", at=100)
    assert desk.get(upload)["received"] == 100
    desk.append(upload, data[100:], at=100)
    desk.check()
    assert desk.get(upload)["state"] == "ready"
    assert all(key.startswith("uploads/") for key in desk.objects())


def test_of_two_that_count_at_one_offset_at_once_one_wins(
    desk: Desk, service_uow: Callable[[str], UnitOfWork]
) -> None:
    data = picture()
    upload = desk.start(size=len(data), **desk.by_link(desk.booking()))
    outcomes: list[str] = []
    barrier = threading.Barrier(6)

    def send(part: int) -> None:
        pieces = desk.keep(upload, data[: 50 + part], at=0)
        barrier.wait()
        try:
            desk.count(upload, 0, pieces, None)
        except OffsetConflict:
            outcomes.append("conflict")
        else:
            outcomes.append("counted")

    threads = [threading.Thread(target=send, args=(part,)) for part in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict"] * 5 + ["counted"]
    at = desk.get(upload)["received"]
    desk.append(upload, data[at:], at=at)
    desk.check()
    assert desk.get(upload)["state"] == "ready"


def test_nothing_is_added_to_what_is_complete(desk: Desk) -> None:
    data = picture()
    upload = desk.send(data, **desk.by_link(desk.booking()))
    with pytest.raises(OffsetConflict):
        desk.append(upload, b"more", at=len(data))
    assert desk.count(upload, len(data), [], None)["received"] == len(data)


def test_nothing_is_added_beyond_what_was_announced(desk: Desk) -> None:
    upload = desk.start(size=100, **desk.by_link(desk.booking()))
    desk.append(upload, b"x" * 90)
    with pytest.raises(UploadTooLarge):
        desk.append(upload, b"x" * 11, at=90)
    assert desk.get(upload)["received"] == 90


def test_a_size_that_is_told_at_last_completes_an_upload(desk: Desk) -> None:
    data = picture()
    upload = desk.start(**desk.by_link(desk.booking()))
    upload = desk.append(upload, data)
    assert (upload["state"], upload["size"]) == ("receiving", None)
    upload = desk.count(upload, len(data), [], len(data))
    assert (upload["state"], upload["size"]) == ("checking", len(data))


def test_a_size_is_told_once(desk: Desk) -> None:
    upload = desk.start(size=100, **desk.by_link(desk.booking()))
    assert desk.append(upload, b"x" * 10, size=10)["size"] == 100


def test_a_size_that_is_told_too_late_or_too_large_is_refused(desk: Desk) -> None:
    upload = desk.start(**desk.by_link(desk.booking()))
    desk.append(upload, b"x" * 100)
    with pytest.raises(UploadTooLarge):
        desk.count(upload, 100, [], 99)
    with pytest.raises(UploadTooLarge):
        desk.count(upload, 100, [], MAX_BYTES[Kind.IMAGE] + 1)
    assert desk.get(upload)["size"] is None


def test_an_upload_that_goes_on_is_waited_for_longer(desk: Desk) -> None:
    upload = desk.start(size=100, **desk.by_link(desk.booking()))
    desk.studio.now += timedelta(hours=20)
    upload = desk.append(upload, b"x" * 10)
    assert upload["expires_at"] == desk.now + timedelta(hours=24)


def test_an_upload_whose_time_is_over_is_unknown_before_it_is_swept(desk: Desk) -> None:
    upload = desk.start(size=100, **desk.by_link(desk.booking()))
    desk.studio.now += timedelta(hours=24)
    with pytest.raises(UploadUnknown):
        desk.get(upload)
    with pytest.raises(UploadUnknown):
        desk.append(upload, b"x")


@pytest.mark.parametrize("token", ["", "x", "A" * 64])
def test_a_token_of_no_upload_opens_nothing(desk: Desk, token: str) -> None:
    for verb in (desk.get, desk.end, lambda upload: desk.count(upload, 0, [], None)):
        with pytest.raises(UploadUnknown):
            verb({"token": token})


def test_an_upload_is_ended_by_its_sender(desk: Desk) -> None:
    upload = desk.start(size=100, **desk.by_link(desk.booking()))
    desk.append(upload, b"x" * 10)
    desk.end(upload)
    for verb in (desk.get, desk.end):
        with pytest.raises(UploadUnknown):
            verb(upload)
    assert desk.sweep() == 1
    assert (desk.row(upload), desk.objects()) == (None, set())


def test_a_file_that_belongs_to_a_booking_is_not_ended_by_its_token(desk: Desk) -> None:
    booking_id = desk.booking()
    upload = desk.sent(picture(), **desk.by_link(booking_id))
    with pytest.raises(UploadUnknown):
        desk.end(upload)
    assert len(desk.list(booking_id)) == 1


# --- who sees them


def test_a_customer_sees_what_is_not_the_studios_own(desk: Desk) -> None:
    booking_id = desk.booking()
    desk.sent(picture(), **desk.by_link(booking_id))
    desk.sent(PDF, purpose="attachment", **desk.by_staff(booking_id))
    customer = desk.studio.customer(booking_id)
    assert [one["purpose"] for one in desk.list(booking_id, access=customer)] == ["reference"]
    assert len(desk.list(booking_id)) == 2


def test_the_crew_of_a_shoot_sees_its_files_and_no_other_does(desk: Desk) -> None:
    booking_id = desk.booking()
    desk.sent(picture(), **desk.by_link(booking_id))
    elsewhere = desk.studio.staff(HARBOUR)
    assert len(desk.list(booking_id, access=elsewhere, crew_id=PHOTOGRAPHER)) == 1
    with pytest.raises(BookingUnknown):
        desk.list(booking_id, access=elsewhere, crew_id=UUID(int=9))
    with pytest.raises(BookingUnknown):
        desk.list(booking_id, access=elsewhere)


def test_a_file_is_removed_by_who_sees_it(desk: Desk) -> None:
    booking_id = desk.booking()
    mine = desk.sent(picture(), **desk.by_link(booking_id))
    theirs = desk.sent(PDF, purpose="attachment", **desk.by_staff(booking_id))
    customer = desk.studio.customer(booking_id)
    with pytest.raises(UploadUnknown):
        desk.remove(booking_id, theirs, customer)
    desk.remove(booking_id, mine, customer)
    desk.remove(booking_id, theirs, desk.studio.staff())
    assert desk.list(booking_id) == []
    with pytest.raises(UploadUnknown):
        desk.remove(booking_id, mine, customer)
    with pytest.raises(FileUnknown):
        desk.locate(mine["files"][0]["url"])
    assert desk.sweep() == 2
    assert desk.objects() == set()


def test_a_file_of_another_booking_is_not_removed(desk: Desk) -> None:
    booking_id = desk.booking()
    upload = desk.sent(picture(), **desk.by_link(booking_id))
    start = desk.studio.now + timedelta(days=6)
    other: UUID = desk.studio.request("key-2", start=start)["id"]
    with pytest.raises(UploadUnknown):
        desk.remove(other, upload, desk.studio.customer(other))
    assert len(desk.list(booking_id)) == 1


def test_a_signed_address_leads_to_the_file(desk: Desk) -> None:
    upload = desk.sent(picture(), name="造型.HEIC", **desk.by_link(desk.booking()))
    original, _, small = upload["files"]
    found = desk.locate(original["url"])
    assert (found["name"], found["content_type"]) == ("造型.jpg", "image/jpeg")
    assert (found["inline"], found["size"]) == (True, original["size"])
    assert len(desk.store.read(found["key"])) == original["size"]
    assert found["key"] != desk.locate(small["url"])["key"]
    assert found["etag"] != desk.locate(small["url"])["etag"]


def test_a_document_is_only_saved_and_never_shown(desk: Desk) -> None:
    upload = desk.sent(PDF, purpose="attachment", **desk.by_staff(desk.booking()))
    assert desk.locate(upload["files"][0]["url"])["inline"] is False


def test_a_signed_address_ends(desk: Desk) -> None:
    upload = desk.sent(picture(), **desk.by_link(desk.booking()))
    url = upload["files"][0]["url"]
    expires_at = desk.locate(url)["expires_at"]
    desk.studio.now = expires_at
    with pytest.raises(FileUnknown):
        desk.locate(url)


@pytest.mark.parametrize("url", ["", "/files/x", "/files/" + "A" * 76])
def test_a_forged_address_leads_nowhere(desk: Desk, url: str) -> None:
    with pytest.raises(FileUnknown):
        desk.locate(url)


def test_an_address_of_a_variant_that_does_not_exist_leads_nowhere(desk: Desk) -> None:
    upload = desk.sent(PDF, purpose="attachment", **desk.by_staff(desk.booking()))
    with pytest.raises(FileUnknown):
        desk.locate(desk.upload_links.file_url(upload["id"], "small", desk.now))


# --- what a submission takes


def test_a_submission_takes_its_files_for_good_and_again(desk: Desk) -> None:
    desk.form()
    uploads = [desk.sent(picture(), **desk.by_permit()) for _ in range(2)]
    for _ in range(2):
        desk.take(*uploads, by=SUBMISSION)
    desk.studio.now += timedelta(days=30)
    assert desk.sweep() == 0
    assert {desk.get(upload)["state"] for upload in uploads} == {"ready"}


def test_a_submission_shows_its_files(desk: Desk) -> None:
    desk.form()
    first, second = (desk.sent(picture(), **desk.by_permit()) for _ in range(2))
    desk.take(first, second, by=SUBMISSION)
    shown = desk.shown(second["id"], UUID(int=1), first["id"])
    assert [one["id"] for one in shown] == [first["id"], second["id"]]
    assert desk.locate(shown[0]["files"][0]["url"])["content_type"] == "image/jpeg"


def test_what_another_has_taken_or_another_form_was_sent_is_not_taken(desk: Desk) -> None:
    desk.form()
    other_form = desk.form(UUID(int=8))
    upload = desk.sent(picture(), **desk.by_permit())
    with pytest.raises(UploadUnknown):
        desk.take(upload, by=SUBMISSION, form_id=other_form)
    desk.take(upload, by=SUBMISSION)
    with pytest.raises(UploadUnknown):
        desk.take(upload, by=UUID(int=78))
    with pytest.raises(UploadUnknown):
        desk.take(upload, {"id": UUID(int=1)}, by=SUBMISSION)


def test_a_file_of_a_booking_is_not_taken_by_a_submission(desk: Desk) -> None:
    desk.form()
    upload = desk.sent(picture(), **desk.by_link(desk.booking()))
    with pytest.raises(UploadUnknown):
        desk.take(upload, by=SUBMISSION)


@pytest.mark.parametrize(
    ("prepare", "error"),
    [
        (lambda desk: desk.start(**desk.by_permit()), UploadNotReady),
        (lambda desk: desk.send(picture(), **desk.by_permit()), UploadNotReady),
        (lambda desk: desk.sent(EXECUTABLE, **desk.by_permit()), FileRefused),
    ],
    ids=["receiving", "checking", "refused"],
)
def test_only_what_is_ready_is_taken(
    desk: Desk, prepare: Callable[[Desk], dict[str, Any]], error: type[Exception]
) -> None:
    desk.form()
    upload = prepare(desk)
    with pytest.raises(error):
        desk.take(upload, by=SUBMISSION)
    row = desk.row(upload)
    assert row is not None and row.taken_by is None

"""The form that goes with a booking: opened by its id, checked before the booking is stored."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.booking.models import Booking, Upload
from services.booking.usecases.forms import requested
from services.chassis.storage import Folder
from services.contracts.errors import Invalid
from services.contracts.forms import (
    OPEN_BOOKING_FORM,
    FormClosed,
    FormNotPublished,
    FormOutdated,
    FormUnknown,
)
from tests.integration.booking.forms.desk import ANSWERS, ZONE, Desk, ask, form_of
from tests.integration.booking.studio import START, Studio
from tests.integration.booking.uploading import Desk as Uploading
from tests.unit.booking.pictures import picture

PICTURES = form_of(ask("name"), ask("pictures", "image"))


@pytest.fixture
def desk(studio: Studio) -> Desk:
    return Desk(studio.uow)


@pytest.fixture
def sending(studio: Studio, desk: Desk, tmp_path: Path) -> Uploading:
    made = Uploading(studio, Folder(tmp_path / "files"))
    made.upload_links = desk.upload_links
    studio.now = desk.now
    return made


def opened(desk: Desk, form_id: UUID) -> dict[str, Any]:
    answer = requested.open_booking_form(
        uow=desk.uow,
        now=desk.now,
        scheduling=desk.scheduling,
        upload_links=desk.upload_links,
        form_id=form_id,
    )
    OPEN_BOOKING_FORM.encode(answer)
    return answer


def checked(
    desk: Desk, form_id: UUID, answers: dict[str, Any], version: int | None = None
) -> requested.Checked:
    return requested.check_answers(
        uow=desk.uow,
        now=desk.now,
        zone=ZONE,
        scheduling=desk.scheduling,
        crm=desk.crm,
        form_id=form_id,
        version=version,
        answers=answers,
    )


def attach(desk: Desk, found: requested.Checked, booking_id: UUID) -> None:
    with desk.uow.begin() as tx:
        requested.attach(tx.session, found, tx.session.get_one(Booking, booking_id))


def test_a_form_is_opened_by_its_id_with_the_code_of_its_first_open_link(desk: Desk) -> None:
    form = desk.published()
    answer = opened(desk, form["id"])
    assert (answer["version"], answer["code"]) == (1, form["links"][0]["code"])
    desk.link(form, link_id=str(form["links"][0]["id"]), disabled=True)
    assert opened(desk, form["id"])["code"] is None


@pytest.mark.parametrize(
    ("about", "refusal"),
    [
        ({"kind": "survey"}, FormUnknown),
        ({"kind": "table"}, FormUnknown),
        ({"kind": "other"}, FormUnknown),
        ({"active": False}, FormClosed),
    ],
)
def test_only_forms_for_bookings_are_opened_by_their_id(
    desk: Desk, about: dict[str, Any], refusal: type[Exception]
) -> None:
    form = desk.published(**about)
    for attempt in (lambda: opened(desk, form["id"]), lambda: checked(desk, form["id"], ANSWERS)):
        with pytest.raises(refusal):
            attempt()


def test_a_draft_and_no_form_at_all_take_no_answers(desk: Desk) -> None:
    with pytest.raises(FormNotPublished):
        checked(desk, desk.define()["id"], ANSWERS)
    with pytest.raises(FormUnknown):
        checked(desk, uuid4(), ANSWERS)


def test_answers_are_cleaned_as_those_of_a_link(desk: Desk) -> None:
    form = desk.published()
    found = checked(desk, form["id"], ANSWERS | {"groom": "hidden", "unknown": 1})
    assert found.answers == ANSWERS | {"phone": "+8613800001111"}
    assert found.version.number == 1
    with pytest.raises(Invalid) as refused:
        checked(desk, form["id"], {"name": "王小丽", "phone": "12", "service": "wedding"})
    pointers = {fault["pointer"] for fault in refused.value.details["errors"]}
    assert pointers == {"/answers/phone", "/answers/groom"}


def test_a_version_that_was_replaced_long_ago_is_not_answered(desk: Desk) -> None:
    form = desk.published()
    desk.changed(form, form_of(ask("name")))
    assert checked(desk, form["id"], ANSWERS, version=1).version.number == 1
    with pytest.raises(FormOutdated):
        checked(desk.later(days=2), form["id"], ANSWERS, version=1)


def test_the_files_of_the_answers_become_files_of_the_booking(
    desk: Desk, studio: Studio, sending: Uploading
) -> None:
    form = desk.published(PICTURES)
    permit = opened(desk, form["id"])["permits"]["form_image"]
    upload = sending.sent(picture(), purpose="form_image", permit=permit)
    booking_id = studio.request()["id"]
    other_id = studio.request("key-2", start=START + timedelta(days=1))["id"]
    found = checked(desk, form["id"], {"pictures": [str(upload["id"])]})
    attach(desk, found, booking_id)
    with desk.uow.read() as session:
        stored = session.get_one(Upload, upload["id"])
        assert (stored.booking_id, stored.form_id) == (booking_id, None)
        assert (stored.taken_by, stored.expires_at) == (booking_id, None)
    with pytest.raises(Invalid) as refused:
        attach(desk, found, other_id)
    assert refused.value.details["errors"][0]["pointer"] == "/answers/pictures"


def test_a_file_that_the_booking_has_is_named_again_until_it_is_removed(
    desk: Desk, studio: Studio, sending: Uploading
) -> None:
    form = desk.published(PICTURES)
    permit = opened(desk, form["id"])["permits"]["form_image"]
    first, second = (sending.sent(picture(), purpose="form_image", permit=permit) for _ in range(2))
    booking_id = studio.request()["id"]
    attach(desk, checked(desk, form["id"], {"pictures": [str(first["id"])]}), booking_id)
    both = checked(desk, form["id"], {"pictures": [str(first["id"]), str(second["id"])]})
    attach(desk, both, booking_id)
    attach(desk, both, booking_id)
    sending.remove(booking_id, first, studio.staff())
    with pytest.raises(Invalid) as refused:
        attach(desk, both, booking_id)
    assert refused.value.details["errors"][0]["code"] == "form.upload_unknown"


def test_a_row_that_is_deleted_between_check_and_booking_is_refused(
    desk: Desk, studio: Studio
) -> None:
    pets = desk.published(form_of(ask("name")), kind="table", public=True)
    source = {"kind": "table", "table_id": str(pets["id"]), "label_field": "name"}
    form = desk.published(form_of(ask("pet", "relation", source=source)))
    row = desk.row(pets, {"name": "旺财"})
    found = checked(desk, form["id"], {"pet": str(row["id"])})
    assert found.labels == {str(row["id"]): {"zh": "旺财", "en": "旺财"}}
    desk.delete(pets, row)
    with pytest.raises(Invalid) as refused:
        attach(desk, found, studio.request()["id"])
    assert refused.value.details["errors"][0]["code"] == "form.option"

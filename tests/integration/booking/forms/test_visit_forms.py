"""The forms of several services in one visit: each is asked, checked and kept, and asked once."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from services.booking.models import Booking, Upload
from services.booking.usecases.forms import requested
from services.chassis.storage import Folder
from services.contracts.errors import Invalid
from services.contracts.forms import FormClosed, FormUnknown
from tests.integration.booking.forms.desk import ANSWERS, Desk, ask, choice, form_of, show
from tests.integration.booking.forms.test_booking_form import GIVEN, answer, at_the_phone
from tests.integration.booking.studio import FREE_SERVICE, START, Studio
from tests.integration.booking.uploading import Desk as Uploading
from tests.unit.booking.pictures import picture

PET_FORM = form_of(
    choice("pet", "none", "dog", required=True),
    ask("pet_name", required=True),
    ask("picture", "image"),
    rules=[show("pet_name", {"==": [{"var": "pet"}, "dog"]})],
)
DOG = {"pet": "dog", "pet_name": "旺财"}
THIRD_SERVICE = UUID("00000000-0000-4000-8000-00000000b003")
VISIT = {"also": [FREE_SERVICE, THIRD_SERVICE]}


@pytest.fixture
def desk(studio: Studio) -> Desk:
    """The first of three services asks one form."""
    made = Desk(studio.uow)
    studio.define(form_id=made.published()["id"])
    studio.now = made.now
    return made


@pytest.fixture
def pets(desk: Desk, studio: Studio) -> str:
    """The id of the form that the two other services share."""
    form_id = desk.published(PET_FORM)["id"]
    for service_id in (FREE_SERVICE, THIRD_SERVICE):
        studio.define(service_id, form_id=form_id)
    return str(form_id)


def pointers(refused: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return {fault["pointer"] for fault in refused.value.details["errors"]}


def test_each_form_of_a_visit_is_kept_with_its_service_and_asked_once(
    studio: Studio, pets: str
) -> None:
    created = studio.request(**VISIT, answers=ANSWERS, also_answers={pets: DOG})
    booking = studio.get(created["id"])
    assert booking["answers"] == GIVEN
    first, second = booking["also"]
    assert (str(first["form_id"]), first["answers"]) == (pets, DOG)
    assert (second["form_id"], second["answers"]) == (None, {})


def test_what_is_missing_is_told_of_every_form_at_once(studio: Studio, pets: str) -> None:
    with pytest.raises(Invalid) as refused:
        studio.request(**VISIT, answers={}, also_answers={pets: {"pet": "dog"}})
    assert {"/answers/name", f"/also_answers/{pets}/pet_name"} <= pointers(refused)
    with pytest.raises(Invalid) as refused:
        studio.request(**VISIT, answers=ANSWERS)
    assert pointers(refused) == {f"/also_answers/{pets}/pet"}
    assert refused.value.details["errors"][0]["code"] == "form.required"
    assert studio.scheduling.calls == []


def test_an_answer_to_a_hidden_question_is_not_kept(studio: Studio, pets: str) -> None:
    hidden = {pets: DOG | {"pet": "none"}}
    created = studio.request(**VISIT, answers=ANSWERS, also_answers=hidden)
    assert studio.get(created["id"])["also"][0]["answers"] == {"pet": "none"}


def test_a_service_that_comes_second_shares_the_form_of_the_first(
    studio: Studio, pets: str
) -> None:
    studio.define(form_id=UUID(pets))
    created = studio.request(**VISIT, answers=DOG)
    booking = studio.get(created["id"])
    assert booking["answers"] == DOG
    assert [each["form_id"] for each in booking["also"]] == [None, None]


def test_answers_to_a_form_that_no_service_asks_are_refused(studio: Studio, pets: str) -> None:
    with pytest.raises(Invalid) as refused:
        studio.request(answers=ANSWERS, also_answers={pets: DOG})
    assert pointers(refused) == {f"/also_answers/{pets}"}


def test_the_same_request_again_writes_nothing_twice(studio: Studio, pets: str) -> None:
    asked: dict[str, Any] = {**VISIT, "answers": ANSWERS, "also_answers": {pets: DOG}}
    assert studio.request(**asked)["id"] == studio.request(**asked)["id"]
    with studio.uow.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Booking)) == 1


def test_a_form_that_was_closed_asks_nothing_of_who_books(
    studio: Studio, desk: Desk, pets: str
) -> None:
    desk.define(PET_FORM, form_id=UUID(pets), revision=1, active=False)
    created = studio.request(**VISIT, answers=ANSWERS, also_answers={pets: DOG})
    assert studio.get(created["id"])["also"][0]["answers"] == {}
    with pytest.raises(FormClosed):
        answer(studio, created["id"], also_answers={pets: DOG})


def test_what_staff_left_open_is_answered_form_by_form(studio: Studio, pets: str) -> None:
    booking_id = at_the_phone(studio, **VISIT)
    with pytest.raises(Invalid) as refused:
        answer(studio, booking_id, also_answers={pets: {}})
    assert pointers(refused) == {f"/also_answers/{pets}/pet"}
    told = answer(studio, booking_id, also_answers={pets: DOG})
    assert (told["answers"], told["also"][0]["answers"]) == ({}, DOG)
    told = answer(studio, booking_id, ANSWERS)
    assert (told["answers"], told["also"][0]["answers"]) == (GIVEN, DOG)
    studio.define(form_id=None)
    with pytest.raises(FormUnknown):
        answer(studio, booking_id, ANSWERS)


def test_the_files_of_an_added_form_become_files_of_the_booking(
    studio: Studio, desk: Desk, pets: str, tmp_path: Path
) -> None:
    sending = Uploading(studio, Folder(tmp_path / "files"))
    sending.upload_links = desk.upload_links
    opened = requested.open_booking_form(
        uow=desk.uow,
        now=desk.now,
        scheduling=desk.scheduling,
        upload_links=desk.upload_links,
        form_id=UUID(pets),
    )
    permit = opened["permits"]["form_image"]
    upload = sending.sent(picture(), purpose="form_image", permit=permit)
    with_picture = {pets: DOG | {"picture": [str(upload["id"])]}}
    asked: dict[str, Any] = {**VISIT, "answers": ANSWERS, "also_answers": with_picture}
    created = studio.request(**asked)
    with studio.uow.read() as session:
        assert session.get_one(Upload, upload["id"]).booking_id == created["id"]
    with pytest.raises(Invalid) as refused:
        studio.request("key-2", **asked | {"start": START + timedelta(days=1)})
    assert pointers(refused) == {f"/also_answers/{pets}/picture"}

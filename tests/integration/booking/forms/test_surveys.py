"""Surveys: the customer of a booking answers once, through a link of their own."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.booking.usecases.forms import sharing
from services.contracts.booking import BookingUnknown
from services.contracts.forms import (
    FormClosed,
    FormNotPublished,
    FormUnknown,
    NotASurvey,
    SurveyAnswered,
)
from tests.integration.booking.forms.desk import Desk, ask, form_of, together
from tests.integration.booking.studio import BUND, Studio

STARS = form_of(ask("stars", "number", required=True))

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def desk(studio: Studio) -> Desk:
    return Desk(studio.uow)


@pytest.fixture
def booking_id(studio: Studio) -> UUID:
    made: UUID = studio.request()["id"]
    return made


@pytest.fixture
def survey(desk: Desk) -> dict[str, Any]:
    return desk.published(STARS, kind="survey")


def link(
    desk: Desk, form: dict[str, Any], booking_id: UUID, branch_ids: list[UUID] | None = None
) -> dict[str, Any]:
    return sharing.link_survey(
        uow=desk.uow,
        now=desk.now,
        links=desk.links,
        form_id=form["id"],
        booking_id=booking_id,
        branch_ids=branch_ids,
    )


def test_a_survey_is_answered_for_the_booking_of_its_link(
    desk: Desk, survey: dict[str, Any], booking_id: UUID
) -> None:
    asked = link(desk, survey, booking_id, [BUND])
    assert asked["url"].endswith(f"?code={asked['code']}&token={asked['token']}")
    assert desk.open(asked["code"], asked["token"])["kind"] == "survey"
    desk.submit(survey, {"stars": 5}, token=asked["token"])
    (stored,) = desk.stored()
    assert (stored.booking_id, stored.answers) == (booking_id, {"stars": 5})
    assert stored.contact_name and stored.contact_phone
    assert desk.told()[-1]["payload"]["booking_id"] == str(booking_id)


def test_a_booking_answers_a_survey_once(
    desk: Desk, survey: dict[str, Any], booking_id: UUID
) -> None:
    token = link(desk, survey, booking_id)["token"]
    answers = together(*[lambda: desk.submit(survey, {"stars": 5}, token=token)] * 5)
    assert sum(isinstance(each, SurveyAnswered) for each in answers) == 4
    with pytest.raises(SurveyAnswered):
        desk.submit(survey, {"stars": 1}, token=token)
    with pytest.raises(SurveyAnswered):
        desk.open(survey["links"][0]["code"], token)
    assert len(desk.stored()) == 1
    assert sum(fact["type"] == "form.submitted" for fact in desk.told()) == 1


def test_the_same_answer_sent_again_is_no_second_one(
    desk: Desk, survey: dict[str, Any], booking_id: UUID
) -> None:
    token = link(desk, survey, booking_id)["token"]
    answers = together(*[lambda: desk.submit(survey, {"stars": 5}, token=token, key="k")] * 5)
    assert all(each == answers[0] for each in answers)
    assert len(desk.stored()) == 1


def test_a_link_is_made_only_for_what_can_be_answered(
    desk: Desk, survey: dict[str, Any], booking_id: UUID
) -> None:
    refusals = [
        ({"id": uuid4()}, booking_id, None, FormUnknown),
        (desk.published(), booking_id, None, NotASurvey),
        (desk.define(STARS, kind="survey"), booking_id, None, FormNotPublished),
        (survey, uuid4(), None, BookingUnknown),
        (survey, booking_id, [uuid4()], BookingUnknown),
    ]
    for form, booking, branch_ids, error in refusals:
        with pytest.raises(error):
            link(desk, form, booking, branch_ids)
    desk.define(STARS, form_id=survey["id"], kind="survey", active=False)
    with pytest.raises(FormClosed):
        link(desk, survey, booking_id)

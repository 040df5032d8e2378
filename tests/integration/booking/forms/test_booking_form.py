"""A service's form: answered with the request of a booking, or later by its private link."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from services.booking.usecases.forms import catching_up
from services.chassis.db import UnitOfWork
from services.contracts.booking import ManageTokenInvalid, TransitionRefused
from services.contracts.errors import Invalid
from services.contracts.forms import FormUnknown
from tests.integration.booking.forms.desk import ANSWERS, Desk
from tests.integration.booking.studio import SERVICE, Studio, with_token

GIVEN = ANSWERS | {"phone": "+8613800001111"}


@pytest.fixture
def desk(studio: Studio) -> Desk:
    made = Desk(studio.uow)
    studio.define(form_id=made.published()["id"])
    studio.now = made.now
    return made


def at_the_phone(studio: Studio, **wish: Any) -> UUID:
    """A booking that staff take down without asking the questions."""
    context = replace(studio.uow.context, actor={"kind": "staff", "id": None})
    studio.uow = UnitOfWork(studio.uow.engine, context)
    booking_id: UUID = studio.request(answers={}, channel="phone", **wish)["id"]
    return booking_id


def answer(
    studio: Studio, booking_id: UUID, answers: dict[str, Any] | None = None, **more: Any
) -> Any:
    asked = {"access": studio.customer(booking_id), "also_answers": {}} | more
    return catching_up.answer_form(
        **studio.reaching, crm=studio.crm, booking_id=booking_id, answers=answers, **asked
    )


def test_a_request_is_refused_at_its_answers_and_holds_nothing(studio: Studio, desk: Desk) -> None:
    with pytest.raises(Invalid) as refused:
        studio.request(answers={"name": "王小丽"})
    pointers = {fault["pointer"] for fault in refused.value.details["errors"]}
    assert "/answers/phone" in pointers
    assert studio.scheduling.calls == []
    booking = studio.get(studio.request(answers=ANSWERS)["id"])
    assert (booking["answers"], booking["form_id"]) == (GIVEN, booking["form_id"])


def test_what_staff_left_open_the_customer_answers_by_the_link(studio: Studio, desk: Desk) -> None:
    booking_id = at_the_phone(studio)
    assert studio.get(booking_id)["answers"] == {}
    with pytest.raises(Invalid):
        answer(studio, booking_id, {"name": "王小丽"})
    assert answer(studio, booking_id, ANSWERS)["answers"] == GIVEN
    with pytest.raises(ManageTokenInvalid):
        answer(studio, booking_id, ANSWERS, access=with_token("x" * 40))


def test_a_booking_that_is_over_takes_no_answers(studio: Studio, desk: Desk) -> None:
    booking_id = at_the_phone(studio)
    studio.cancel(booking_id)
    with pytest.raises(TransitionRefused):
        answer(studio, booking_id, ANSWERS)


def test_a_service_without_a_form_asks_nothing(studio: Studio, desk: Desk) -> None:
    booking_id = at_the_phone(studio)
    studio.define(SERVICE, form_id=None)
    with pytest.raises(FormUnknown):
        answer(studio, booking_id, ANSWERS)
    with pytest.raises(Invalid):
        studio.define(form_id=desk.published(kind="survey")["id"])

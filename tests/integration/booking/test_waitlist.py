"""Booking the time that was offered to who waited for it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.booking.usecases import requesting
from services.contracts.catalogue import OfferAlone
from services.contracts.errors import Invalid
from services.contracts.scheduling import OfferExpired, WaitlistUnknown
from tests.integration.booking.forms.desk import Desk
from tests.integration.booking.studio import (
    FREE_SERVICE,
    HARBOUR,
    OFFERED,
    PHOTOGRAPHER,
    START,
    Studio,
    offer,
)
from tests.integration.booking.test_prices import chief_costs

TOKEN = "a-token-of-the-waitlist"


@pytest.fixture
def waiting(studio: Studio) -> Studio:
    studio.scheduling.offers[TOKEN] = offer()
    return studio


def accept(studio: Studio, key: str = "key-1", **changes: Any) -> dict[str, Any]:
    return studio.request(key, waitlist_token=TOKEN, **changes)


def test_an_offer_is_booked_under_the_id_that_holds_its_time(waiting: Studio) -> None:
    created = accept(waiting)
    assert (created["id"], created["status"]) == (OFFERED, "held")
    booking = waiting.get(OFFERED)
    assert (booking["start"], booking["deposit_cents"]) == (START, 50_000)
    assert booking["contact"]["phone"] == "+8613800138000"
    assert waiting.told() == ["booking.requested"]
    assert accept(waiting) == created
    waiting.pay(OFFERED)
    assert waiting.get(OFFERED)["status"] == "confirmed"


def test_the_form_of_an_offered_time_may_be_answered_later(waiting: Studio) -> None:
    asking = Desk(waiting.uow)
    waiting.define(form_id=asking.published()["id"])
    waiting.now = asking.now
    assert accept(waiting, answers={})["status"] == "held"
    with pytest.raises(Invalid):
        waiting.request("2", start=START + timedelta(days=1), answers={})


def test_an_offer_of_a_package_without_deposit_is_confirmed_at_once(waiting: Studio) -> None:
    waiting.scheduling.offers[TOKEN] = offer(service_id=FREE_SERVICE)
    assert accept(waiting, service_id=FREE_SERVICE)["status"] == "confirmed"


def test_nothing_more_is_taken_into_the_time_of_an_offer(waiting: Studio) -> None:
    with pytest.raises(OfferAlone):
        accept(waiting, also=[FREE_SERVICE])
    assert "accept_offer" not in waiting.scheduling.calls
    assert accept(waiting)["id"] == OFFERED


@pytest.mark.parametrize("named", [[], [PHOTOGRAPHER]])
def test_who_waited_for_the_chief_pays_for_the_chief(waiting: Studio, named: list[UUID]) -> None:
    chief_costs(waiting, 100_000)
    waiting.scheduling.offers[TOKEN] = offer(resource_ids=[PHOTOGRAPHER], options=["album"])
    assert accept(waiting, resource_ids=named)["total_cents"] == 499_900


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("service_id", FREE_SERVICE),
        ("branch_id", HARBOUR),
        ("start", START + timedelta(hours=1)),
        ("resource_ids", [UUID(int=60)]),
        ("options", ["album"]),
    ],
)
def test_an_offer_is_booked_as_it_was_made_or_not_at_all(
    waiting: Studio, name: str, value: Any
) -> None:
    with pytest.raises(Invalid) as refusal:
        accept(waiting, **{name: value})
    assert [fault["pointer"] for fault in refusal.value.details["errors"]] == [f"/{name}"]
    assert waiting.page()["items"] == []
    assert accept(waiting)["id"] == OFFERED


def test_an_offer_is_booked_once(waiting: Studio) -> None:
    accept(waiting)
    with pytest.raises(OfferExpired):
        accept(waiting, "another key")
    waiting.pay(OFFERED)
    with pytest.raises(OfferExpired):
        accept(waiting, "a third key")
    assert len(waiting.page()["items"]) == 1


def test_an_offer_whose_hold_ran_out_is_gone(waiting: Studio, monkeypatch: Any) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(requesting.idempotency, "once", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            accept(waiting)
    waiting.scheduling.expire_hold(booking_id=OFFERED)
    with pytest.raises(OfferExpired):
        accept(waiting)
    assert waiting.page()["items"] == []


def test_a_token_of_nobody_and_an_offer_that_is_over_are_told_by_scheduling(
    waiting: Studio,
) -> None:
    waiting.scheduling.offers.clear()
    with pytest.raises(WaitlistUnknown):
        accept(waiting)
    waiting.scheduling.failing["accept_offer"] = OfferExpired()
    with pytest.raises(OfferExpired):
        accept(waiting)
    assert not waiting.scheduling.holds


def test_scheduling_is_told_every_wish_and_a_key_that_is_the_customers_own(
    studio: Studio,
) -> None:
    favourite = UUID(int=60)
    wishes = {"preferred": [favourite], "options": ["album"], "day_part": "morning"}
    studio.request("one", **wishes)
    studio.request("two", start=START + timedelta(days=1))
    other = {"name": "张伟", "phone": "13900139000"}
    studio.request("three", start=START + timedelta(days=2), contact=other)
    first, second, third = studio.scheduling.wishes
    assert {name: first[name] for name in wishes} == wishes
    assert first["customer_key"] == second["customer_key"] != third["customer_key"]
    assert UUID(hex=first["customer_key"]).version == 5

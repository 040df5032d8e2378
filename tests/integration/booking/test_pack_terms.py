"""The terms of a package: what a change of one appointment means, and how long its links last."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.booking.domain.lifecycle import Action
from services.booking.links import LIFE
from services.booking.models import AddOn
from services.contracts.booking import ManageTokenInvalid
from services.contracts.catalogue import OrderBusy, SessionExpired
from tests.integration.booking import test_terms as shop
from tests.integration.booking.studio import SERVICE, START, Studio, deposit, with_token
from tests.integration.booking.test_moving import move, preview
from tests.integration.booking.test_packs import (
    GROWTH,
    album,
    bought,
    define,
    end,
    further,
    money,
    session,
    sessions,
    states,
)

SHARE = 600_000 // 3
"""What one of the three appointments is worth."""


def served(studio: Studio, booking_id: UUID) -> None:
    studio.now = studio.booking(booking_id).starts_at + timedelta(hours=1)
    studio.serve(booking_id, Action.CHECK_IN)
    studio.serve(booking_id, Action.COMPLETE)


# --- moving one appointment


def test_the_fee_for_moving_one_appointment_is_a_part_of_its_share_and_of_no_fee(
    studio: Studio,
) -> None:
    second = further(studio, bought(studio))["id"]
    fees = []
    for _ in range(3):
        start = studio.booking(second).starts_at
        studio.now = start - timedelta(days=4)
        before = money(studio, second)[0]
        move(studio, second, start + timedelta(days=10))
        fees.append(money(studio, second)[0] - before)
    assert fees == [0, SHARE // 20, SHARE // 20]


def test_a_further_appointment_costs_nothing_on_any_day_and_the_first_has_its_day(
    studio: Studio,
) -> None:
    shop.weekend(studio, effect="add", value=100_000)
    first = bought(studio, start=START + timedelta(days=16))
    second = further(studio, first, start=START + timedelta(days=30))["id"]
    saturday = START + timedelta(days=35)
    assert preview(studio, second, saturday)["difference_cents"] == 0
    assert move(studio, second, saturday)["total_cents"] == 600_000
    assert move(studio, first, START + timedelta(days=21))["total_cents"] == 700_000


def test_an_appointment_is_not_moved_beyond_the_life_of_its_package_but_by_staff(
    studio: Studio,
) -> None:
    second = further(studio, bought(studio))["id"]
    last = sessions(studio, second)[1]["expires_on"]
    late = START + timedelta(days=365)
    for ask in (move, preview):
        with pytest.raises(SessionExpired) as refusal:
            ask(studio, second, late)
        assert refusal.value.details == {"expires_on": last.isoformat()}
    assert "reschedule" not in studio.scheduling.calls
    assert studio.reschedule(second, late)["start"] == late


# --- cancelling one


@pytest.mark.parametrize(
    ("hours", "asked", "state"),
    [
        (30, deposit("none"), "forfeited"),
        (100, deposit("none"), "open"),
        (100, deposit("fixed", 100_000, money="earnest"), "forfeited"),
        (200, deposit("fixed", 100_000, money="earnest"), "open"),
    ],
)
def test_who_has_paid_nothing_loses_a_session_as_who_has_paid(
    studio: Studio, hours: int, asked: dict[str, Any], state: str
) -> None:
    define(studio, deposit=asked)
    first = studio.request("first", package_id=GROWTH)["id"]
    if asked["kind"] != "none":
        studio.pay(first)
    second = further(studio, first)["id"]
    studio.now = studio.booking(second).starts_at - timedelta(hours=hours)
    shown = studio.get(second, studio.customer(second))["changes"][0]["cancel"]
    assert shown["session"] == {"open": "returned", "forfeited": "forfeited"}[state]
    studio.cancel(second, studio.customer(second))
    assert states(studio, first) == ["booked", state, "open"]


# --- its links


def test_the_links_of_a_package_end_with_the_right_to_it(studio: Studio) -> None:
    first = bought(studio)
    link = studio.customer(first)
    studio.now = START + timedelta(days=200)
    assert studio.get(first, link)["id"] == first  # the rest may still be booked
    studio.now = START + timedelta(days=360)
    start = studio.now + timedelta(hours=1)
    second = further(studio, first, session_token=link["manage_token"], start=start)["id"]
    last_day = sessions(studio, first)[2]["expires_on"]
    studio.now += last_day - studio.now.date() + LIFE
    for each in (first, second):
        assert studio.get(each, studio.customer(each))["id"] == each
    studio.now += timedelta(days=1)
    for each in (first, second):
        with pytest.raises(ManageTokenInvalid):
            studio.get(each, studio.customer(each))
    with pytest.raises(ManageTokenInvalid):
        further(studio, first, 2, session_token=link["manage_token"])


def test_once_all_of_a_package_is_used_its_links_end_as_those_of_a_booking_do(
    studio: Studio,
) -> None:
    define(studio, items=[session(SERVICE, 2), album()], valid_days=None)
    first = studio.confirmed("first", package_id=GROWTH)
    link = with_token(studio.links.token(first))
    studio.now = START + timedelta(days=3650)
    assert studio.get(first, link)["id"] == first  # what is left of it may be booked for ever
    start = studio.now + timedelta(days=10)
    second = further(studio, first, service_id=SERVICE, start=start)["id"]
    served(studio, second)
    studio.now = studio.booking(second).ends_at + LIFE
    assert studio.get(first, link)["id"] == first
    studio.now += timedelta(seconds=1)
    with pytest.raises(ManageTokenInvalid):
        studio.get(first, link)


# --- its end


def test_the_end_of_a_package_is_told_and_its_add_ons_can_be_sold_again(studio: Studio) -> None:
    shop.album(studio, stock=2)
    first = bought(studio, add_ons=[{"id": shop.ALBUM, "quantity": 2}])
    studio.pay(first, "balance")
    served(studio, first)
    end(studio, first, 200_000)
    (told,) = studio.facts("order.ended")
    assert (told.payload["booking_id"], told.payload["reason"]) == (first, "搬家")
    assert told.payload["kept_cents"] == 200_000
    assert told.payload["version"] > studio.facts("booking.completed")[0].payload["version"]
    with studio.uow.read() as read:
        assert read.get_one(AddOn, shop.ALBUM).taken == 0


def test_a_refused_end_tells_nothing(studio: Studio) -> None:
    first = bought(studio)
    with pytest.raises(OrderBusy):
        end(studio, first, 0)
    assert studio.facts("order.ended") == []

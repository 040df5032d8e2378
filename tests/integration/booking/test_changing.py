"""Moving, cancelling, serving: who may do it until when, and what follows from it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.booking.domain.lifecycle import Action
from services.chassis.db import AlreadyHandledError
from services.contracts.booking import (
    BookingUnknown,
    CancelTooLate,
    HoldExpired,
    ManageTokenInvalid,
    RescheduleTooLate,
    TooEarly,
    TransitionRefused,
)
from services.contracts.errors import Forbidden, Unavailable
from services.contracts.scheduling import SlotTaken
from tests.integration.booking.studio import BUND, HARBOUR, START, Studio, with_token

LATER = START + timedelta(days=1)


def twice(hear: Any, fact: Any) -> Any:
    """Deliver a message as the broker may: two times."""
    first = hear(fact)
    with pytest.raises(AlreadyHandledError):
        hear(fact)
    return first


# --- who


def test_the_link_of_a_booking_opens_that_booking_only(studio: Studio) -> None:
    one, two = studio.request("one"), studio.request("two", start=LATER)
    assert studio.get(one["id"], with_token(one["manage_token"]))["number"] == one["number"]
    token = one["manage_token"]
    for forged in (two["manage_token"], token[:-1], token + "A", "", "é", token.swapcase()):
        with pytest.raises(ManageTokenInvalid):
            studio.get(one["id"], with_token(forged))
    with pytest.raises(BookingUnknown):
        studio.get(UUID(int=9), with_token(token))
    with pytest.raises(ManageTokenInvalid):
        studio.get(one["id"], with_token("") | {"manage_token": None})


def test_staff_see_the_bookings_of_their_branches_only(studio: Studio) -> None:
    booking_id = studio.confirmed()
    assert studio.get(booking_id, studio.staff(BUND))["id"] == booking_id
    elsewhere = studio.staff(HARBOUR)
    with pytest.raises(BookingUnknown):
        studio.get(booking_id, elsewhere)
    with pytest.raises(BookingUnknown):
        studio.cancel(booking_id, elsewhere)
    with pytest.raises(BookingUnknown):
        studio.reschedule(booking_id, LATER, elsewhere)
    with pytest.raises(BookingUnknown):
        studio.serve(booking_id, Action.CHECK_IN, elsewhere)


def test_what_one_may_do_depends_on_who_one_is_and_when(studio: Studio) -> None:
    held = studio.request()["id"]
    customer = studio.customer(held)
    assert studio.get(held, customer)["allowed_actions"] == ["pay_deposit", "reschedule", "cancel"]
    studio.pay(held)
    moves = ["pay_balance", "reschedule", "cancel"]
    assert studio.get(held, customer)["allowed_actions"] == moves
    assert studio.get(held)["allowed_actions"] == moves
    studio.now = START - timedelta(hours=23)
    assert studio.get(held, customer)["allowed_actions"] == ["pay_balance"]
    studio.now = START - timedelta(hours=1)
    assert studio.get(held)["allowed_actions"] == [*moves, "check_in"]
    studio.now = START
    assert studio.get(held)["allowed_actions"] == [*moves, "check_in", "no_show"]


# --- cancelling


def test_cancelling_frees_the_time_and_gives_the_money_back(studio: Studio) -> None:
    booking_id = studio.confirmed()
    booking = studio.cancel(booking_id, studio.customer(booking_id))
    assert (booking["status"], booking["payment_status"]) == ("cancelled", "refunding")
    assert booking["cancelled_at"] == studio.now
    assert studio.scheduling.holds[booking_id]["state"] == "released"
    (cancelled,) = studio.facts("booking.cancelled")
    assert cancelled.payload["reason"] == "雨天"
    assert cancelled.payload["payment_status"] == "refunding"
    studio.refund(studio.facts("refund.requested")[0])
    after = studio.get(booking_id)
    assert (after["payment_status"], after["paid_cents"], after["balance_cents"]) == (
        "refunded",
        0,
        0,
    )
    assert after["allowed_actions"] == []


def test_a_customer_may_cancel_until_the_cutoff(studio: Studio) -> None:
    booking_id = studio.confirmed()
    studio.now = START - timedelta(hours=24) + timedelta(seconds=1)
    with pytest.raises(CancelTooLate):
        studio.cancel(booking_id, studio.customer(booking_id))
    studio.now = START - timedelta(hours=24)
    assert studio.cancel(booking_id, studio.customer(booking_id))["status"] == "cancelled"


def test_the_studio_may_cancel_at_any_time(studio: Studio) -> None:
    booking_id = studio.confirmed()
    studio.now = START - timedelta(hours=1)
    assert studio.cancel(booking_id)["payment_status"] == "refunding"


def test_a_mere_hold_may_be_cancelled_by_its_customer_even_on_the_same_day(
    studio: Studio,
) -> None:
    created = studio.request(start=studio.now + timedelta(hours=2))
    cancelled = studio.cancel(created["id"], with_token(created["manage_token"]))
    assert (cancelled["status"], cancelled["payment_status"]) == ("cancelled", "unpaid")
    assert cancelled["balance_cents"] == 0


def test_cancelling_twice_is_refused(studio: Studio) -> None:
    booking_id = studio.confirmed()
    studio.cancel(booking_id)
    with pytest.raises(TransitionRefused) as refusal:
        studio.cancel(booking_id)
    assert refusal.value.details == {"booking_status": "cancelled", "action": "cancel"}


def test_a_cancellation_stands_even_when_scheduling_is_away(studio: Studio) -> None:
    booking_id = studio.confirmed()
    studio.scheduling.failing["release"] = Unavailable()
    assert studio.cancel(booking_id)["status"] == "cancelled"
    assert studio.told()[-1] == "booking.cancelled"


# --- moving


def test_moving_keeps_the_booking_and_tells_both_times(studio: Studio) -> None:
    booking_id = studio.confirmed()
    booking = studio.reschedule(booking_id, LATER, studio.customer(booking_id))
    assert (booking["status"], booking["start"]) == ("confirmed", LATER)
    assert booking["reschedule_count"] == 1
    assert booking["crew"][0]["start"] == LATER + timedelta(hours=1)
    (moved,) = studio.facts("booking.rescheduled")
    assert (moved.payload["previous_start"], moved.payload["start"]) == (START, LATER)
    assert moved.payload["version"] == 4


def test_moving_to_the_same_start_changes_nothing(studio: Studio) -> None:
    booking_id = studio.confirmed()
    assert studio.reschedule(booking_id, START)["reschedule_count"] == 0
    assert "booking.rescheduled" not in studio.told()


def test_a_customer_may_move_until_the_cutoff_and_the_studio_always(studio: Studio) -> None:
    booking_id = studio.confirmed()
    studio.now = START - timedelta(hours=23)
    with pytest.raises(RescheduleTooLate):
        studio.reschedule(booking_id, LATER, studio.customer(booking_id))
    assert studio.reschedule(booking_id, LATER)["start"] == LATER


def test_a_taken_time_leaves_the_booking_where_it_is(studio: Studio) -> None:
    booking_id = studio.confirmed()
    studio.request("other", start=LATER)
    with pytest.raises(SlotTaken):
        studio.reschedule(booking_id, LATER)
    assert studio.get(booking_id)["start"] == START


def test_an_expired_hold_cannot_be_moved(studio: Studio) -> None:
    booking_id = studio.request()["id"]
    studio.scheduling.expire_hold(booking_id=booking_id)
    with pytest.raises(HoldExpired):
        studio.reschedule(booking_id, LATER)


def test_a_move_whose_answer_was_lost_is_followed_by_its_news(studio: Studio) -> None:
    booking_id = studio.confirmed()
    studio.scheduling.reschedule(booking_id=booking_id, start=LATER)
    fact = studio.schedule_fact("allocation.moved", booking_id)
    assert twice(studio.hear_move, fact) is True
    assert studio.get(booking_id)["start"] == LATER
    assert studio.told().count("booking.rescheduled") == 1


def test_the_news_of_a_move_that_is_known_changes_nothing(studio: Studio) -> None:
    booking_id = studio.confirmed()
    studio.reschedule(booking_id, LATER)
    fact = studio.schedule_fact("allocation.moved", booking_id)
    assert twice(studio.hear_move, fact) is False
    assert studio.get(booking_id)["reschedule_count"] == 1


def test_a_swap_of_who_serves_is_followed_and_told_and_counts_as_no_move(studio: Studio) -> None:
    booking_id = studio.confirmed()
    (member,) = studio.scheduling.holds[booking_id]["crew"]
    stand_in = member | {"resource_id": UUID(int=70), "name": {"zh": "李师傅", "en": "Li"}}
    fact = studio.schedule_fact("allocation.moved", booking_id, revision=2, crew=[stand_in])
    assert twice(studio.hear_move, fact) is True
    booking = studio.get(booking_id)
    assert booking["crew"][0]["resource_id"] == UUID(int=70)
    assert (booking["start"], booking["reschedule_count"]) == (START, 0)
    (told,) = studio.facts("booking.rescheduled")
    assert told.payload["previous_start"] == told.payload["start"] == START


def test_a_longer_time_is_followed_and_told_and_counts_as_no_move(studio: Studio) -> None:
    booking_id = studio.confirmed()
    end = START + timedelta(hours=5)
    fact = studio.schedule_fact("allocation.moved", booking_id, revision=2, end=end)
    assert twice(studio.hear_move, fact) is True
    booking = studio.get(booking_id)
    assert (booking["end"], booking["reschedule_count"]) == (end, 0)
    assert studio.told()[-1] == "booking.rescheduled"


def test_a_customer_who_is_there_already_keeps_the_status_in_a_move(studio: Studio) -> None:
    booking_id = studio.confirmed()
    studio.now = START
    studio.serve(booking_id, Action.CHECK_IN)
    end = START + timedelta(hours=4)
    fact = studio.schedule_fact("allocation.moved", booking_id, revision=2, end=end)
    assert twice(studio.hear_move, fact) is True
    booking = studio.get(booking_id)
    assert (booking["status"], booking["end"]) == ("checked_in", end)


def test_what_is_over_is_moved_no_more(studio: Studio) -> None:
    booking_id = studio.confirmed()
    studio.cancel(booking_id)
    fact = studio.schedule_fact("allocation.moved", booking_id, revision=2, start=LATER)
    assert twice(studio.hear_move, fact) is False
    assert studio.get(booking_id)["start"] == START


def test_a_move_that_nobody_heard_of_is_found_by_the_confirmation(studio: Studio) -> None:
    booking_id = studio.request()["id"]
    studio.scheduling.reschedule(booking_id=booking_id, start=LATER)
    studio.pay(booking_id)
    assert studio.get(booking_id)["start"] == LATER
    assert studio.told()[-2:] == ["booking.rescheduled", "booking.confirmed"]


# --- expiring


def test_an_expired_hold_ends_its_booking(studio: Studio) -> None:
    booking_id = studio.request()["id"]
    fact = studio.schedule_fact("hold.expired", booking_id)
    assert twice(studio.hear_expiry, fact) is True
    assert studio.get(booking_id)["status"] == "expired"
    assert studio.told() == ["booking.requested", "booking.expired"]
    assert studio.ledger(booking_id) == [("charge", 399_900), ("adjustment", -399_900)]


def test_the_expiry_of_a_time_that_was_left_changes_nothing(studio: Studio) -> None:
    booking_id = studio.request()["id"]
    old = studio.schedule_fact("hold.expired", booking_id)
    studio.reschedule(booking_id, LATER)
    assert twice(studio.hear_expiry, old) is False
    assert studio.get(booking_id)["status"] == "held"


def test_the_expiry_of_an_unknown_booking_is_nothing(studio: Studio) -> None:
    booking_id = studio.request()["id"]
    fact = studio.schedule_fact("hold.expired", booking_id)
    fact.payload["booking_id"] = UUID(int=3)
    assert twice(studio.hear_expiry, fact) is False


# --- serving


def test_a_booking_is_served_from_check_in_to_completion(studio: Studio) -> None:
    booking_id = studio.confirmed()
    studio.now = START
    assert studio.serve(booking_id, Action.CHECK_IN)["allowed_actions"] == [
        "pay_balance",
        "start",
        "complete",
    ]
    assert studio.serve(booking_id, Action.START)["status"] == "in_service"
    assert studio.serve(booking_id, Action.COMPLETE)["status"] == "completed"
    assert studio.told()[-3:-1] == ["booking.started", "booking.completed"]
    with pytest.raises(TransitionRefused):
        studio.serve(booking_id, Action.NO_SHOW)


def test_nothing_is_noted_before_its_time(studio: Studio) -> None:
    booking_id = studio.confirmed()
    for action in (Action.CHECK_IN, Action.NO_SHOW):
        with pytest.raises(TooEarly):
            studio.serve(booking_id, action)
    with pytest.raises(TransitionRefused):
        studio.serve(booking_id, Action.COMPLETE)
    studio.now = START - timedelta(hours=1)
    assert studio.serve(booking_id, Action.CHECK_IN)["status"] == "checked_in"
    with pytest.raises(TooEarly):
        studio.serve(booking_id, Action.COMPLETE)
    assert studio.get(booking_id)["status"] == "checked_in"


def test_a_customer_who_does_not_come_still_owes(studio: Studio) -> None:
    booking_id = studio.confirmed()
    studio.now = START
    booking = studio.serve(booking_id, Action.NO_SHOW)
    assert (booking["status"], booking["balance_cents"]) == ("no_show", 349_900)
    assert studio.told()[-1] == "booking.no_show"


def test_customers_do_not_serve_themselves(studio: Studio) -> None:
    booking_id = studio.confirmed()
    with pytest.raises(Forbidden):
        studio.serve(booking_id, Action.CHECK_IN, studio.customer(booking_id))

"""Moves: each is counted and charged once, and another day has another price."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.booking.usecases import changing, moving
from services.contracts.booking import RescheduleTooLate
from services.contracts.errors import Unavailable
from services.contracts.scheduling import SlotTaken
from tests.integration.booking import test_cash as desk
from tests.integration.booking.studio import PHOTOGRAPHER, START, Studio, deposit
from tests.integration.booking.test_changing import twice
from tests.integration.booking.test_races import together
from tests.integration.booking.test_terms import album, weekend

SATURDAY = START + timedelta(days=14)
"""So far ahead that two moves are free."""
MONDAY = SATURDAY + timedelta(days=2)
PRICE, SURCHARGE = 399_900, 100_000


def move(studio: Studio, booking_id: UUID, start: datetime, **changes: Any) -> dict[str, Any]:
    command: dict[str, Any] = {"access": studio.customer(booking_id)} | changes
    return changing.reschedule(**studio.reaching, booking_id=booking_id, start=start, **command)


def preview(studio: Studio, booking_id: UUID, start: datetime, **changes: Any) -> dict[str, Any]:
    question = {"access": studio.customer(booking_id), "cause": "customer"} | changes
    return moving.preview_move(**studio.reaching, booking_id=booking_id, start=start, **question)


def total(studio: Studio, booking_id: UUID) -> int:
    cents: int = studio.get(booking_id)["total_cents"]
    return cents


# --- the price of another day


def test_a_dearer_day_is_shown_and_then_charged(studio: Studio) -> None:
    weekend(studio, effect="add", value=SURCHARGE)
    booking_id = studio.confirmed(start=MONDAY)
    shown = preview(studio, booking_id, SATURDAY)
    assert (shown["difference_cents"], shown["fee_cents"]) == (SURCHARGE, 0)
    assert shown["total_cents"] == PRICE + SURCHARGE
    assert total(studio, booking_id) == PRICE
    moved = move(studio, booking_id, SATURDAY)
    assert (moved["total_cents"], moved["balance_cents"]) == (
        PRICE + SURCHARGE,
        PRICE + SURCHARGE - 50_000,
    )
    last = moved["lines"][-1]
    assert (last["kind"], last["unit_cents"], last["label"]["zh"]) == (
        "adjustment",
        SURCHARGE,
        "周末加价",
    )
    (told,) = studio.facts("booking.rescheduled")
    assert told.payload["total_cents"] == PRICE + SURCHARGE


def test_a_cheaper_day_gives_back_what_was_paid_for_the_dearer_one(studio: Studio) -> None:
    weekend(studio, effect="add", value=SURCHARGE)
    booking_id = studio.confirmed(start=SATURDAY)
    studio.pay(booking_id, "balance")
    shown = preview(studio, booking_id, MONDAY)
    assert (shown["difference_cents"], shown["total_cents"]) == (-SURCHARGE, PRICE)
    moved = move(studio, booking_id, MONDAY)
    assert moved["total_cents"] == PRICE
    back = [fact.payload["amount_cents"] for fact in studio.facts("refund.requested")]
    assert back == [SURCHARGE]
    studio.refund(studio.facts("refund.requested")[0])
    assert studio.get(booking_id)["balance_cents"] == 0


def test_what_was_taken_by_hand_is_told_to_be_handed_back(studio: Studio) -> None:
    weekend(studio, effect="add", value=SURCHARGE)
    booking_id = studio.confirmed(start=SATURDAY)
    desk.take(studio, booking_id, PRICE + SURCHARGE - 50_000)
    move(studio, booking_id, MONDAY)
    (due,) = studio.facts("payout.due")
    assert due.payload["refund_cents"] + sum(
        fact.payload["amount_cents"] for fact in studio.facts("refund.requested")
    ) == SURCHARGE  # fmt: skip


def test_there_and_back_costs_what_it_did(studio: Studio) -> None:
    weekend(studio)
    booking_id = studio.confirmed(start=MONDAY)
    move(studio, booking_id, SATURDAY)
    assert move(studio, booking_id, MONDAY)["total_cents"] == PRICE


def test_the_version_that_was_sold_is_priced_and_what_is_beside_it_is_not(studio: Studio) -> None:
    weekend(studio)  # ten per cent
    album(studio)
    studio.crm.level = {"kind": "member", "cents": -9_900, "reference_id": UUID(int=70)} | {
        "label": {"zh": "会员", "en": "Member"}
    }
    wish: dict[str, Any] = {
        "start": MONDAY,
        "add_ons": [{"id": album(studio)["id"], "quantity": 2}],
    }
    booking_id = studio.confirmed(**wish)
    studio.define(price_cents=900_000)
    before = total(studio, booking_id)
    assert move(studio, booking_id, SATURDAY)["total_cents"] == before + PRICE // 10


def test_people_who_were_paid_for_are_paid_for_on_the_other_day_too(studio: Studio) -> None:
    match = weekend(studio)["match"]
    chief = match | {"weekdays": None, "skill": "portrait", "skill_levels": [5]}
    weekend(studio, match=chief, effect="set", value=500_000, priority=9, exclusive=True)
    studio.scheduling.levels = {PHOTOGRAPHER: {"portrait": 5}}
    named = studio.confirmed(start=MONDAY, resource_ids=[PHOTOGRAPHER])
    assert move(studio, named, SATURDAY)["total_cents"] == 500_000


def test_several_rules_are_called_the_difference_of_the_move(studio: Studio) -> None:
    weekend(studio)
    weekend(studio, label={"zh": "旺季", "en": "High season"}, effect="add", value=1)
    booking_id = studio.confirmed(start=MONDAY)
    label = move(studio, booking_id, SATURDAY)["lines"][-1]["label"]
    assert label == {"zh": "改期差价", "en": "Price difference of the move"}


def test_no_price_falls_below_zero(studio: Studio) -> None:
    weekend(studio, effect="add", value=SURCHARGE)
    booking_id = studio.confirmed(start=SATURDAY)
    desk.charge(studio, booking_id, "discount", PRICE + 30_000)
    moved = move(studio, booking_id, MONDAY)
    assert (moved["total_cents"], preview(studio, booking_id, SATURDAY)["difference_cents"]) == (
        0,
        SURCHARGE,
    )


@pytest.mark.parametrize("cause", ["studio", "weather"])
def test_only_the_customers_own_move_changes_the_price(studio: Studio, cause: str) -> None:
    weekend(studio, effect="add", value=SURCHARGE)
    staff = {"access": studio.staff(), "cause": cause}
    booking_id = studio.confirmed(start=MONDAY)
    assert preview(studio, booking_id, SATURDAY, **staff)["difference_cents"] == 0
    assert move(studio, booking_id, SATURDAY, **staff)["total_cents"] == PRICE
    dear = studio.confirmed("dear", start=SATURDAY + timedelta(hours=4))
    assert move(studio, dear, MONDAY, **staff)["total_cents"] == PRICE + SURCHARGE


def test_a_weather_day_costs_nobody_anything(studio: Studio) -> None:
    weekend(studio, effect="add", value=SURCHARGE)
    booking_id = studio.confirmed(start=MONDAY)
    changing.reschedule_many(
        **studio.reaching,
        access=studio.staff(),
        moves=[{"booking_id": booking_id, "start": SATURDAY}],
        cause="weather",
    )
    assert (studio.get(booking_id)["start"], total(studio, booking_id)) == (SATURDAY, PRICE)


def test_staff_may_leave_the_price_as_it_is_and_customers_may_not(studio: Studio) -> None:
    weekend(studio, effect="add", value=SURCHARGE)
    booking_id = studio.confirmed(start=MONDAY)
    kept = move(studio, booking_id, SATURDAY, access=studio.staff(), keep_price=True)
    assert kept["total_cents"] == PRICE
    other = studio.confirmed("other", start=MONDAY)
    moved = move(studio, other, SATURDAY + timedelta(hours=4), keep_price=True)
    assert moved["total_cents"] == PRICE + SURCHARGE


# --- before it is paid


def test_who_was_to_pay_all_before_pays_all_of_the_other_day(studio: Studio) -> None:
    studio.define(deposit=deposit("full"))
    weekend(studio, effect="add", value=SURCHARGE)
    booking_id = studio.request(start=MONDAY)["id"]
    moved = move(studio, booking_id, SATURDAY)
    assert (moved["status"], moved["deposit_cents"]) == ("held", PRICE + SURCHARGE)
    assert move(studio, booking_id, MONDAY)["deposit_cents"] == PRICE
    studio.pay(booking_id)
    paid = studio.get(booking_id)
    assert (paid["status"], paid["balance_cents"]) == ("confirmed", 0)


def test_a_deposit_is_never_more_than_the_cheaper_day_costs(studio: Studio) -> None:
    studio.define(price_cents=10_000, deposit=deposit("percent", 9_000))
    weekend(studio, effect="add", value=90_000)
    booking_id = studio.request(start=SATURDAY)["id"]
    desk.take(studio, booking_id, 10_000)
    moved = move(studio, booking_id, MONDAY)
    assert (moved["deposit_cents"], moved["total_cents"]) == (10_000, 10_000)
    assert (moved["status"], moved["payment_status"]) == ("confirmed", "paid")


# --- counted once, whoever hears of it


def news(studio: Studio, booking_id: UUID, start: datetime) -> Callable[[], None]:
    """The move is made and told, but its answer is lost."""
    plain = studio.scheduling.reschedule

    def lost(**asked: Any) -> Any:
        studio.scheduling.reschedule = plain
        plain(**asked)
        raise Unavailable()

    studio.scheduling.reschedule = lost
    with pytest.raises(Unavailable):
        move(studio, booking_id, start)
    fact = studio.schedule_fact("allocation.moved", booking_id)
    return lambda: twice(studio.hear_move, fact)


def test_a_move_whose_answer_is_lost_is_counted_and_charged_by_its_news(studio: Studio) -> None:
    weekend(studio, effect="add", value=SURCHARGE)
    booking_id = studio.confirmed(start=MONDAY)
    studio.now = MONDAY - timedelta(days=2)  # no move is free any more
    news(studio, booking_id, SATURDAY + timedelta(days=7))()
    seen = studio.get(booking_id)
    assert [(line["kind"], line["unit_cents"]) for line in seen["lines"][1:]] == [
        ("adjustment", SURCHARGE),
        ("fee", PRICE // 10),
    ]
    assert studio.booking(booking_id).moves_used == 1
    again = move(studio, booking_id, SATURDAY + timedelta(days=7))
    assert again["total_cents"] == seen["total_cents"]


def test_a_lost_move_that_the_confirmation_finds_is_charged_too(studio: Studio) -> None:
    weekend(studio, effect="add", value=SURCHARGE)
    booking_id = studio.request(start=MONDAY)["id"]
    heard = news(studio, booking_id, SATURDAY)
    studio.pay(booking_id)
    assert total(studio, booking_id) == PRICE + SURCHARGE
    heard()
    assert total(studio, booking_id) == PRICE + SURCHARGE


def test_news_that_are_quicker_than_the_answer_count_once(studio: Studio) -> None:
    booking_id = studio.confirmed(start=MONDAY)
    plain = studio.scheduling.reschedule

    def slow(**asked: Any) -> Any:
        answer = plain(**asked)
        twice(studio.hear_move, studio.schedule_fact("allocation.moved", booking_id))
        return answer

    studio.scheduling.reschedule = slow
    move(studio, booking_id, SATURDAY)
    assert studio.booking(booking_id).moves_used == 1


def test_what_staff_move_on_the_schedule_is_not_counted_and_costs_nothing(studio: Studio) -> None:
    weekend(studio, effect="add", value=SURCHARGE)
    booking_id = studio.confirmed(start=MONDAY)
    studio.scheduling.reschedule(booking_id=booking_id, start=SATURDAY)
    twice(studio.hear_move, studio.schedule_fact("allocation.moved", booking_id))
    assert (studio.booking(booking_id).moves_used, total(studio, booking_id)) == (0, PRICE)


def test_a_move_that_is_refused_is_forgotten(studio: Studio) -> None:
    booking_id = studio.confirmed(start=MONDAY)
    rival = studio.request("rival", start=SATURDAY)["id"]
    with pytest.raises(SlotTaken):
        move(studio, booking_id, SATURDAY)
    studio.cancel(rival)
    studio.scheduling.reschedule(booking_id=booking_id, start=SATURDAY)
    twice(studio.hear_move, studio.schedule_fact("allocation.moved", booking_id))
    assert studio.booking(booking_id).moves_used == 0


def test_of_two_moves_at_once_only_as_many_are_free_as_were_agreed(studio: Studio) -> None:
    booking_id = studio.confirmed(start=MONDAY)
    studio.now = MONDAY - timedelta(days=5)  # one move is free
    later = MONDAY + timedelta(days=1)
    studio.scheduling.meanwhile["reschedule"] = lambda: move(studio, booking_id, later)
    moved = move(studio, booking_id, later + timedelta(days=1))
    assert studio.booking(booking_id).moves_used == 2
    fees = [line["unit_cents"] for line in moved["lines"] if line["kind"] == "fee"]
    assert fees == [PRICE // 20]


def test_a_move_that_another_one_has_overtaken_is_counted_and_costs_no_other_day(
    studio: Studio,
) -> None:
    """The answer to the first comes when the second has been made and heard of."""
    weekend(studio, effect="add", value=SURCHARGE)
    booking_id = studio.confirmed(start=MONDAY)
    plain = studio.scheduling.reschedule

    def overtaken(**asked: Any) -> Any:
        studio.scheduling.reschedule = plain
        answer = plain(**asked)
        move(studio, booking_id, MONDAY + timedelta(days=1))
        return answer

    studio.scheduling.reschedule = overtaken
    moved = move(studio, booking_id, SATURDAY)
    assert (moved["start"], moved["total_cents"]) == (MONDAY + timedelta(days=1), PRICE)
    assert studio.booking(booking_id).moves_used == 2


def test_two_moves_that_are_under_way_together_cost_what_the_last_day_costs(
    studio: Studio,
) -> None:
    """Both are priced from the first start; the second goes on from where the first came."""
    weekend(studio, effect="add", value=SURCHARGE)
    booking_id = studio.confirmed(start=MONDAY)
    sunday = SATURDAY + timedelta(days=1)
    studio.scheduling.meanwhile["reschedule"] = lambda: move(studio, booking_id, sunday)
    moved = move(studio, booking_id, SATURDAY)
    assert (moved["start"], moved["total_cents"]) == (SATURDAY, PRICE + SURCHARGE)


def test_eight_moves_to_one_start_at_once_are_one(studio: Studio) -> None:
    weekend(studio, effect="add", value=SURCHARGE)
    booking_id = studio.confirmed(start=MONDAY)
    together(*[lambda: move(studio, booking_id, SATURDAY)] * 8)
    assert studio.booking(booking_id).moves_used == 1
    assert total(studio, booking_id) == PRICE + SURCHARGE


def test_nothing_is_asked_of_scheduling_that_the_policy_refuses(studio: Studio) -> None:
    booking_id = studio.confirmed(start=MONDAY)
    studio.now = MONDAY - timedelta(hours=2)
    with pytest.raises(RescheduleTooLate):
        move(studio, booking_id, SATURDAY)
    assert "reschedule" not in studio.scheduling.calls

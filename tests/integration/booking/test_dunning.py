"""Customers are reminded of what is due: each stage once, by day, and only while it is open."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import eventlet
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.booking.domain.lifecycle import Action
from services.booking.models import Order, Reminder
from services.booking.queries import dunning as due_orders
from services.booking.usecases import cash, dunning, steps
from services.contracts.errors import Invalid
from tests.integration.booking.studio import HARBOUR, NOW, SERVICE, START, Studio, deposit

SHOOT = 7
"""The day of November on which the appointment of these tests is; ten in the morning."""


def at(day: int, hour: int = 10, month: int = 11) -> datetime:
    """An hour of the branch's clock in Shanghai."""
    return datetime(2026, month, day, hour, tzinfo=UTC) - timedelta(hours=8)


def look(studio: Studio, now: datetime) -> list[tuple[str, str]]:
    """Look at what is due at a time; return what was told by that."""
    studio.now = now
    before = len(studio.facts("payment.due"))
    dunning.remind(**studio.telling)
    told = studio.facts("payment.due")[before:]
    return [(fact.payload["kind"], fact.payload["stage"]) for fact in told]


def order_of(studio: Studio, booking_id: UUID) -> Order:
    return studio.booking(booking_id).order


def take(studio: Studio, booking_id: UUID, amount_cents: int) -> None:
    cash.take_cash(
        **studio.reaching,
        booking_id=booking_id,
        kind="balance",
        method="cash",
        amount_cents=amount_cents,
        note="",
        access=studio.staff(),
        idempotency_key=str(uuid4()),
    )


def test_a_balance_is_asked_for_before_on_and_after_its_day(studio: Studio) -> None:
    booking_id = studio.confirmed()
    assert [look(studio, at(day)) for day in range(2, 12)] == [
        [],
        [],
        [("balance", "before")],
        [],
        [],
        [("balance", "due")],
        [("balance", "overdue")],
        [],
        [],
        [],
    ]
    assert order_of(studio, booking_id).remind_at is None
    fact = studio.facts("payment.due")[0]
    assert fact.subject == str(booking_id)
    assert (fact.payload["open_cents"], str(fact.payload["due_on"])) == (349_900, "2026-11-07")
    assert fact.payload["contact"]["name"] == "李娜"
    assert fact.payload["manage_url"].startswith("https://studio.test")


def test_an_order_is_left_alone_until_something_of_it_is_due(studio: Studio) -> None:
    booking_id = studio.confirmed()
    assert dunning.remind(**studio.telling) == 1
    assert order_of(studio, booking_id).remind_at == at(4, 9)
    studio.now = at(4, 9) - timedelta(seconds=1)
    assert dunning.remind(**studio.telling) == 0
    studio.now = at(4, 9)
    assert dunning.remind(**studio.telling) == 1
    assert order_of(studio, booking_id).remind_at == at(7, 9)


def test_what_was_told_is_not_told_again_whatever_happens_to_the_order(studio: Studio) -> None:
    booking_id = studio.confirmed()
    assert look(studio, at(7)) == [("balance", "due")]
    take(studio, booking_id, 100_000)
    assert look(studio, at(7, 12)) == []
    assert look(studio, at(8)) == [("balance", "overdue")]
    assert studio.facts("payment.due")[-1].payload["open_cents"] == 249_900


def test_nothing_is_asked_for_that_is_paid(studio: Studio) -> None:
    booking_id = studio.confirmed()
    assert look(studio, at(4)) == [("balance", "before")]
    take(studio, booking_id, 349_900)
    assert [look(studio, at(day)) for day in (4, 7, 8)] == [[], [], []]
    assert order_of(studio, booking_id).remind_at is None


def test_money_that_goes_back_is_asked_for_again(studio: Studio) -> None:
    booking_id = studio.confirmed()
    take(studio, booking_id, 349_900)
    look(studio, at(2))
    payment_id = studio.get(booking_id)["payments"][-1]["id"]
    cash.refund(
        **studio.telling,
        booking_id=booking_id,
        payment_id=payment_id,
        amount_cents=9_900,
        reason="少拍一套",
        access=studio.staff(),
        idempotency_key="k",
    )
    assert look(studio, at(4)) == [("balance", "before")]
    assert studio.facts("payment.due")[-1].payload["open_cents"] == 9_900


def test_a_line_that_is_added_to_a_paid_order_is_asked_for(studio: Studio) -> None:
    booking_id = studio.confirmed()
    take(studio, booking_id, 349_900)
    look(studio, at(2))
    assert order_of(studio, booking_id).remind_at is None
    cash.charge(
        **studio.reaching,
        booking_id=booking_id,
        kind="extra",
        label={"zh": "加选精修", "en": "More retouched"},
        quantity=2,
        unit_cents=5_000,
        access=studio.staff(),
        idempotency_key="k",
    )
    assert look(studio, at(4)) == [("balance", "before")]
    assert studio.facts("payment.due")[-1].payload["open_cents"] == 10_000


def test_a_booking_that_moves_is_asked_for_by_its_new_day(studio: Studio) -> None:
    booking_id = studio.confirmed()
    assert look(studio, at(4)) == [("balance", "before")]
    studio.reschedule(booking_id, START + timedelta(days=10))
    assert [look(studio, at(day)) for day in (4, 7, 13)] == [[], [], []]
    assert look(studio, at(14)) == [("balance", "before")]
    assert str(studio.facts("payment.due")[-1].payload["due_on"]) == "2026-11-17"


@pytest.mark.parametrize("status", ["held", "cancelled", "expired"])
def test_only_a_booking_that_stands_is_asked_for(studio: Studio, status: str) -> None:
    if status == "cancelled":
        studio.cancel(studio.confirmed())
    else:
        booking_id = studio.request()["id"]
        if status == "expired":
            studio.scheduling.expire_hold(booking_id=booking_id)
            studio.hear_expiry(studio.schedule_fact("hold.expired", booking_id))
    assert [look(studio, at(day)) for day in (4, 7, 8)] == [[], [], []]


def serve(studio: Studio, booking_id: UUID, now: datetime) -> None:
    """The customer comes, is photographed and goes, all at a time."""
    studio.now = now
    for action in (Action.CHECK_IN, Action.START, Action.COMPLETE):
        studio.serve(booking_id, action)


def stages(studio: Studio) -> list[tuple[str, str, int]]:
    told = (fact.payload for fact in studio.facts("payment.due"))
    return [(each["kind"], each["stage"], each["open_cents"]) for each in told]


def test_who_was_served_is_asked_for_the_balance_at_once_and_not_again_next_morning(
    studio: Studio,
) -> None:
    booking_id = studio.confirmed()
    assert look(studio, at(4)) == [("balance", "before")]
    assert look(studio, at(SHOOT, 9)) == [("balance", "due")]
    serve(studio, booking_id, START)
    assert stages(studio)[2:] == [("balance", "served", 349_900)]
    assert studio.told()[-2:] == ["booking.completed", "payment.due"]
    assert [look(studio, at(SHOOT + day)) for day in range(3)] == [[], [], []]
    assert look(studio, at(SHOOT + 3)) == [("balance", "overdue")]
    assert look(studio, at(SHOOT + 4)) == []


def test_who_walked_in_is_asked_for_the_balance_when_they_go(studio: Studio) -> None:
    booking_id = studio.confirmed(start=NOW + timedelta(hours=1), channel="walk_in")
    serve(studio, booking_id, NOW + timedelta(hours=1))
    assert stages(studio) == [("balance", "served", 349_900)]
    assert [look(studio, at(day)) for day in (2, 3, 4)] == [[], [], []]
    assert look(studio, at(5)) == [("balance", "overdue")]


def test_who_was_served_and_has_paid_is_asked_for_nothing(studio: Studio) -> None:
    booking_id = studio.confirmed()
    take(studio, booking_id, 349_900)
    serve(studio, booking_id, START)
    assert [look(studio, at(SHOOT + day)) for day in range(5)] == [[]] * 5


def test_who_pays_after_the_service_is_not_asked_again(studio: Studio) -> None:
    booking_id = studio.confirmed()
    serve(studio, booking_id, START)
    take(studio, booking_id, 349_900)
    assert [look(studio, at(SHOOT + day)) for day in range(5)] == [[]] * 5


DEPOSIT_FIRST = {"kind": "deposit", "part": "amount", "value": 50_000, "anchor": "booking"}


def rest_after(event: str, days: int) -> list[dict[str, Any]]:
    rest = {"kind": "balance", "part": "rest", "anchor": "event", "event": event, "days": days}
    return [DEPOSIT_FIRST, rest]


def test_a_part_that_is_due_days_after_the_service_is_asked_for_then(studio: Studio) -> None:
    studio.define(SERVICE, schedule=rest_after("completed", 5))
    booking_id = studio.confirmed()
    assert studio.get(booking_id)["schedule"][1]["on"] is None
    assert [look(studio, at(day)) for day in range(2, SHOOT + 1)] == [[]] * 6
    serve(studio, booking_id, START)
    assert stages(studio) == []
    assert str(studio.get(booking_id)["schedule"][1]["on"]) == "2026-11-12"
    told = [look(studio, at(day)) for day in range(9, 14)]
    assert told == [[("balance", "before")], [], [], [("balance", "due")], [("balance", "overdue")]]


@pytest.mark.parametrize(
    ("event", "noted_on"), [("confirmed", 2), ("checked_in", SHOOT), ("completed", SHOOT)]
)
def test_every_event_that_a_part_may_wait_for_makes_it_due(
    studio: Studio, event: str, noted_on: int
) -> None:
    studio.define(SERVICE, schedule=rest_after(event, 8))
    booking_id = studio.confirmed()
    serve(studio, booking_id, START)
    look(studio, at(SHOOT, 12))
    assert look(studio, at(noted_on + 8)) == [("balance", "due")]
    assert look(studio, at(noted_on + 9)) == [("balance", "overdue")]


def test_what_is_due_with_the_end_of_the_service_is_asked_for_at_once(studio: Studio) -> None:
    studio.define(SERVICE, schedule=rest_after("completed", 0))
    serve(studio, studio.confirmed(), START)
    assert stages(studio) == [("balance", "served", 349_900)]


@pytest.mark.parametrize("event", ["selection", "delivery", "complete"])
def test_no_part_waits_for_what_nothing_in_the_system_notes(studio: Studio, event: str) -> None:
    with pytest.raises(Invalid) as refusal:
        studio.define(SERVICE, schedule=rest_after(event, 3))
    (found,) = refusal.value.details["errors"]
    assert found["code"] == "schedule.event_unknown"
    assert found["pointer"] == "/schedule/1/event"


def test_nobody_is_woken_at_night(studio: Studio) -> None:
    studio.confirmed()
    assert look(studio, at(7, 23)) == []
    assert look(studio, at(8, 3)) == []
    assert look(studio, at(8, 8)) == []
    assert look(studio, at(8, 9)) == [("balance", "overdue")]


def test_the_morning_is_that_of_the_branch(studio: Studio) -> None:
    booking_id = studio.confirmed(branch_id=HARBOUR)
    new_york = datetime(2026, 11, 3, 14, tzinfo=UTC)  # nine in the morning, after summer time
    assert studio.booking(booking_id).timezone == "America/New_York"
    studio.now = NOW
    look(studio, datetime(2026, 11, 2, 15, tzinfo=UTC))
    assert order_of(studio, booking_id).remind_at == new_york


def test_who_books_shortly_before_is_not_reminded_on_the_same_day(studio: Studio) -> None:
    studio.confirmed(start=NOW + timedelta(days=1))
    assert look(studio, NOW + timedelta(hours=1)) == []
    assert look(studio, at(3, 9)) == [("balance", "due")]


def test_what_is_long_past_is_not_asked_for(studio: Studio) -> None:
    studio.confirmed()
    assert look(studio, at(16)) == []


def test_every_part_of_a_schedule_is_asked_for_by_itself(studio: Studio) -> None:
    studio.define(
        SERVICE,
        deposit=deposit("fixed", 50_000),
        schedule=[
            {"kind": "deposit", "part": "amount", "value": 50_000, "anchor": "booking", "days": 0},
            {"kind": "advance", "part": "percent", "value": 3_000, "anchor": "booking", "days": 2},
            {"kind": "balance", "part": "rest", "value": 0, "anchor": "start", "days": 1},
        ],
    )
    studio.confirmed()
    assert look(studio, at(4)) == [("advance", "due")]
    assert look(studio, at(5)) == [("advance", "overdue"), ("balance", "before")]
    assert [f.payload["open_cents"] for f in studio.facts("payment.due")] == [
        119_970,
        119_970,
        399_900 - 50_000 - 119_970,
    ]


def test_two_replicas_tell_of_ten_orders_once_each_and_do_not_wait(studio: Studio) -> None:
    made = [studio.confirmed(f"key-{n}", start=START + timedelta(hours=n)) for n in range(10)]
    studio.now = at(4)
    looked = [*eventlet.GreenPool(4).imap(lambda _: dunning.remind(**studio.telling), range(4))]
    assert sum(looked) == 10
    assert sorted(f.subject for f in studio.facts("payment.due")) == sorted(map(str, made))


def test_an_order_that_somebody_changes_is_left_for_the_next_look(studio: Studio) -> None:
    booking_id = studio.confirmed()
    studio.confirmed("key-2", start=START + timedelta(hours=4))
    studio.now = at(4)
    with Session(studio.uow.engine) as other, eventlet.Timeout(5):
        other.execute(
            sa.select(Order)
            .where(Order.id == order_of(studio, booking_id).id)
            .with_for_update(key_share=True)
        )
        assert dunning.remind(**studio.telling) == 1
    assert dunning.remind(**studio.telling) == 1
    assert len(studio.facts("payment.due")) == 2


def test_a_look_that_breaks_off_tells_nothing_and_the_next_one_tells_once(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(2):
        studio.confirmed(f"key-{n}", start=START + timedelta(hours=n))
    tell, told = steps.tell, count()

    def break_off(*words: Any, **more: Any) -> None:
        tell(*words, **more)
        if next(told):
            raise KeyboardInterrupt

    studio.now = at(4)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(steps, "tell", break_off)
        dunning.remind(**studio.telling)
    assert studio.facts("payment.due") == []
    assert look(studio, at(4)) == [("balance", "before")] * 2
    assert look(studio, at(4, 11)) == []


def test_the_database_keeps_a_stage_once(studio: Studio) -> None:
    booking_id = studio.confirmed()
    look(studio, at(4))
    with studio.uow.read() as session:
        (kept,) = session.scalars(sa.select(Reminder)).all()
    again = sa.insert(Reminder).values(
        order_id=order_of(studio, booking_id).id,
        kind=kept.kind,
        due_on=kept.due_on,
        stage=kept.stage,
        open_cents=1,
        told_at=studio.now,
    )
    with pytest.raises(sa.exc.IntegrityError, match="reminder_pkey"), studio.uow.begin() as tx:
        tx.session.execute(again)


def test_the_look_reads_an_index_and_not_every_order(studio: Studio) -> None:
    studio.confirmed()
    with studio.uow.begin() as tx:
        tx.session.execute(sa.text("SET LOCAL enable_seqscan = off"))
        plan = tx.session.execute(
            sa.text('EXPLAIN SELECT id FROM "order" WHERE remind_at <= now() ORDER BY remind_at')
        ).scalars()
        assert "order_remind_at_idx" in "\n".join(plan)
        assert len(due_orders.lock_due(tx.session, studio.now, 10)) == 1

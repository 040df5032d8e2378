"""A close of the desk takes all since the last one: no money is in two closes or in none."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import eventlet
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.booking.models import CashMovement, Order
from services.booking.usecases import cash
from services.contracts.cash import CashClosed
from tests.integration.booking.studio import BUND, HARBOUR, NOW, STAFF, START, Studio
from tests.integration.booking.test_cash import DAY, refund, take


def report(studio: Studio, branch_id: UUID = BUND, day: Any = DAY) -> dict[str, Any]:
    return cash.cash_day(uow=studio.uow, branch_id=branch_id, day=day)


def expected(studio: Studio) -> int:
    """What the next close in the usual currency would expect in the drawer."""
    told: int = report(studio)["open"][0]["expected_cents"]
    return told


def close(studio: Studio, **changes: Any) -> dict[str, Any]:
    """Close the desk as whoever has just looked at it would; return the close."""
    command: dict[str, Any] = {
        "branch_id": BUND,
        "day": DAY,
        "currency": "CNY",
        "counted_cents": 0,
        "note": "",
        "staff_id": STAFF,
    } | changes
    if "previous_id" not in command:
        of_desk = report(studio, command["branch_id"])["open"]
        last = {each["currency"]: each["previous_id"] for each in of_desk}
        command["previous_id"] = last.get(command["currency"])
    closed = cash.close_cash(uow=studio.uow, now=studio.now, **command)["closings"][-1]
    return dict(closed)


def test_a_close_says_what_should_be_there_and_never_changes(studio: Studio) -> None:
    take(studio, studio.confirmed(), 30_000)
    closed = close(studio, counted_cents=29_000, note="少一张")
    assert (closed["expected_cents"], closed["difference_cents"]) == (30_000, -1_000)
    assert closed["since"] is None
    assert report(studio)["open"][0] == {
        "currency": "CNY",
        "previous_id": closed["id"],
        "since": closed["closed_at"],
        "expected_cents": 0,
        "totals": [],
    }
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), studio.uow.begin() as tx:
        tx.session.execute(sa.text("UPDATE cash_close SET counted_cents = 30000"))
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), studio.uow.begin() as tx:
        tx.session.execute(sa.text("UPDATE cash_movement SET cash_close_id = NULL"))


def test_what_comes_after_a_close_of_the_same_day_is_the_next_ones(studio: Studio) -> None:
    booking_id = studio.confirmed()
    take(studio, booking_id, 1_000)
    first = close(studio)
    studio.now += timedelta(hours=3)
    take(studio, booking_id, 5_000)
    second = close(studio)
    assert [first["expected_cents"], second["expected_cents"]] == [1_000, 5_000]
    assert second["since"] == first["closed_at"]
    assert [each["id"] for each in report(studio)["closings"]] == [first["id"], second["id"]]
    assert expected(studio) == 0


def test_money_of_days_on_which_nobody_closed_is_in_the_next_close(studio: Studio) -> None:
    booking_id = studio.confirmed()
    take(studio, booking_id, 1_000)
    studio.now += timedelta(days=2)
    take(studio, booking_id, 200)
    assert close(studio, day=DAY + timedelta(2))["expected_cents"] == 1_200


def test_money_that_a_provider_tells_late_is_in_the_next_close(studio: Studio) -> None:
    booking_id = studio.request()["id"]
    payment_id = studio.start_payment(booking_id)
    notification = studio.decide(payment_id)  # paid now, told only after the close
    studio.now += timedelta(minutes=5)
    assert close(studio)["totals"] == []
    studio.now += timedelta(minutes=5)
    studio.notify(notification)
    late = studio.payment(payment_id)
    assert late.paid_at is not None
    assert late.paid_at < studio.now - timedelta(minutes=5)
    (of_day,) = report(studio)["totals"]
    assert (of_day["provider"], of_day["received_cents"]) == ("sandbox", 50_000)
    assert close(studio)["totals"] == [of_day]


def test_each_currency_and_each_branch_is_closed_by_itself(studio: Studio) -> None:
    take(studio, studio.confirmed(), 1_000)
    other = studio.confirmed("other", start=START + timedelta(days=1))
    order_id = studio.booking(other).order_id
    with studio.uow.begin() as tx:
        tx.session.execute(sa.update(Order).where(Order.id == order_id).values(currency="HKD"))
    take(studio, other, 70)
    told = [(each["currency"], each["expected_cents"]) for each in report(studio)["open"]]
    assert told == [("CNY", 1_000), ("HKD", 70)]
    assert close(studio, currency="HKD", counted_cents=70)["difference_cents"] == 0
    told = [(each["currency"], each["expected_cents"]) for each in report(studio)["open"]]
    assert told == [("CNY", 1_000), ("HKD", 0)]
    assert close(studio, branch_id=HARBOUR)["totals"] == []


def test_who_counted_before_somebody_else_closed_has_to_count_again(studio: Studio) -> None:
    close(studio, previous_id=None)
    take(studio, studio.confirmed(), 1_000)
    with pytest.raises(CashClosed):
        close(studio, previous_id=None)
    with pytest.raises(CashClosed):
        close(studio, branch_id=HARBOUR, previous_id=report(studio)["open"][0]["previous_id"])
    assert expected(studio) == 1_000
    assert close(studio)["expected_cents"] == 1_000


def test_four_closings_at_once_are_one(studio: Studio) -> None:
    take(studio, studio.confirmed(), 1_000)

    def attempt(_: int) -> bool:
        try:
            close(studio, previous_id=None)
        except CashClosed:
            return False
        return True

    assert sum(eventlet.GreenPool(4).imap(attempt, range(4))) == 1
    assert [each["expected_cents"] for each in report(studio)["closings"]] == [1_000]


def test_money_that_is_not_committed_yet_is_left_to_the_next_close(studio: Studio) -> None:
    """It says of itself that it came before the close, but becomes true only after it."""
    with Session(studio.uow.engine) as desk:
        early = datetime(2026, 11, 2, 1, tzinfo=UTC)
        desk.execute(
            sa.insert(CashMovement).values(
                source="payment",
                id=uuid4(),
                branch_id=BUND,
                day=early.date(),
                provider="offline",
                method="cash",
                kind="balance",
                currency="CNY",
                received_cents=800,
                refunded_cents=0,
            )
        )
        with eventlet.Timeout(5):  # the close waits for nobody
            assert close(studio)["expected_cents"] == 0
        desk.commit()
    assert expected(studio) == 800
    assert close(studio)["expected_cents"] == 800


def test_in_a_storm_of_money_and_closes_every_cent_is_in_one_close_or_open(
    studio: Studio,
) -> None:
    made = [studio.confirmed(f"key-{n}", start=START + timedelta(hours=n)) for n in range(4)]
    closed: list[int] = []

    def pay(n: int) -> None:
        paid = take(studio, made[n % 4], 100 + n)
        if n % 3 == 0:
            refund(studio, made[n % 4], paid["payments"][-1]["id"], 50)

    def shut(_: int) -> None:
        try:
            closed.append(close(studio)["expected_cents"])
        except CashClosed:
            closed.append(0)

    pool = eventlet.GreenPool(8)
    for n in range(32):
        pool.spawn_n(pay, n)
        if n % 2:
            pool.spawn_n(shut, n)
    pool.waitall()
    moved = sum(100 + n for n in range(32)) - 50 * len(range(0, 32, 3))
    shut(0)
    assert len(closed) == 17
    of_closes = [each["expected_cents"] for each in report(studio)["closings"]]
    assert sum(of_closes) == moved
    assert sum(each > 0 for each in of_closes) > 1, "the closes came between the payments"
    assert expected(studio) == 0
    with studio.uow.read() as session:
        taken = session.scalars(sa.select(CashMovement.cash_close_id)).all()
    assert len(taken) == 4 + 32 + 11
    assert None not in taken


def test_what_is_open_is_found_by_an_index(studio: Studio) -> None:
    assert studio.now == NOW
    with studio.uow.begin() as tx:
        tx.session.execute(sa.text("SET LOCAL enable_seqscan = off"))
        plan = tx.session.execute(
            sa.text(
                "EXPLAIN SELECT sum(received_cents) FROM cash_movement"
                " WHERE branch_id = :branch_id AND cash_close_id IS NULL"
            ),
            {"branch_id": BUND},
        ).scalars()
        assert "cash_movement_open_idx" in "\n".join(plan)

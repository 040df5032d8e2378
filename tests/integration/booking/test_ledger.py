"""The ledger: nothing in it is ever changed, and it always agrees with the bookings."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import eventlet
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from services.booking.domain import ledger
from services.booking.domain.lifecycle import CLOSED, Action
from services.booking.models import LedgerEntry, Payment
from services.booking.queries import accounts, bookings
from services.booking.usecases import payouts
from services.booking.usecases.owing import owe as enter_debt
from services.contracts.errors import YingqiError
from tests.integration.booking.studio import START, Studio


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET amount_cents = 0",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry",
    ],
)
def test_the_ledger_refuses_to_be_changed(studio: Studio, statement: str) -> None:
    booking_id = studio.confirmed()
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), studio.uow.begin() as tx:
        tx.session.execute(sa.text(statement))
    assert len(studio.ledger(booking_id)) == 2


def test_the_database_counts_a_payment_once(studio: Studio) -> None:
    booking_id = studio.request()["id"]
    payment_id = studio.pay(booking_id)
    entry = sa.insert(LedgerEntry).values(
        order_id=studio.booking(booking_id).order_id,
        payment_id=payment_id,
        kind="payment",
        amount_cents=-1,
        currency="CNY",
        entered_at=studio.now,
    )
    key = "ledger_entry_payment_id_key"
    with pytest.raises(sa.exc.IntegrityError, match=key), studio.uow.begin() as tx:
        tx.session.execute(entry)


@pytest.mark.parametrize(
    ("kind", "amount"),
    [("payment", 5), ("refund", -5), ("charge", -5), ("discount", 5), ("gift", 5)],
)
def test_the_database_knows_the_sign_of_every_kind(studio: Studio, kind: str, amount: int) -> None:
    booking_id = studio.request()["id"]
    payment_id = studio.start_payment(booking_id)
    entry = sa.insert(LedgerEntry).values(
        order_id=studio.booking(booking_id).order_id,
        payment_id=payment_id if kind == "payment" else None,
        kind=kind,
        amount_cents=amount,
        currency="CNY",
        entered_at=studio.now,
    )
    sign = "ledger_entry_(sign|refund)_check"
    with pytest.raises(sa.exc.IntegrityError, match=sign), studio.uow.begin() as tx:
        tx.session.execute(entry)


def payments_of(studio: Studio, booking_id: Any) -> list[Payment]:
    return [studio.payment(payment["id"]) for payment in studio.get(booking_id)["payments"]]


def decide_all(studio: Studio, booking_id: Any, outcome: str) -> None:
    for payment in payments_of(studio, booking_id):
        studio.notify(studio.decide(payment.id, outcome))


def refund_all(studio: Studio, booking_id: Any) -> None:
    for fact in studio.facts("refund.requested"):
        if fact.payload["booking_id"] == booking_id:
            studio.refund(fact)


def hear_expiry(studio: Studio, booking_id: Any) -> None:
    studio.scheduling.expire_hold(booking_id=booking_id)
    studio.hear_expiry(studio.schedule_fact("hold.expired", booking_id))


def check_in(studio: Studio, booking_id: Any) -> None:
    """Serve on the day, and come back: the other steps are taken before it."""
    before, studio.now = studio.now, studio.booking(booking_id).starts_at
    try:
        studio.serve(booking_id, Action.CHECK_IN)
    finally:
        studio.now = before


def owe(studio: Studio, booking_id: Any) -> None:
    with studio.uow.begin() as tx:
        booking = bookings.lock_booking(tx.session, booking_id)
        assert booking is not None
        enter_debt(tx, booking, 30_000, studio.now)


def pay_out(studio: Studio, booking_id: Any) -> None:
    payouts.pay_out(
        **studio.telling,
        booking_id=booking_id,
        access=studio.staff(),
        method="cash",
        amount_cents=20_000,
        note="",
        idempotency_key=str(uuid4()),
    )


STEPS: dict[str, Callable[[Studio, Any], Any]] = {
    "start deposit": lambda s, b: s.start_payment(b, "deposit"),
    "start balance": lambda s, b: s.start_payment(b, "balance"),
    "succeed": lambda s, b: decide_all(s, b, "succeed"),
    "fail": lambda s, b: decide_all(s, b, "fail"),
    "late": lambda s, b: decide_all(s, b, "late"),
    "expire": hear_expiry,
    "lose the time": lambda s, b: s.request(f"rival of {b}", start=s.booking(b).starts_at),
    "cancel": lambda s, b: s.cancel(b),
    "check in": check_in,
    "refund": refund_all,
    "owe": owe,
    "pay out": pay_out,
}


EXAMPLES = count()
"""Every example books another time: they share one database and must not meet."""


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=9))
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_ledger_agrees_with_whatever_happens(studio: Studio, steps: list[str]) -> None:
    number = next(EXAMPLES)
    start = START + timedelta(hours=4 * number)
    booking_id = studio.request(f"example {number}", start=start)["id"]
    for step in steps:
        with suppress(YingqiError):
            STEPS[step](studio, booking_id)
    refund_all(studio, booking_id)
    check_balance(studio, booking_id)


def check_balance(studio: Studio, booking_id: Any) -> None:
    booking = studio.get(booking_id)
    entries = studio.ledger(booking_id)
    kept = [p for p in payments_of(studio, booking_id) if ledger.kept_cents(p)]
    closed = booking["status"] in CLOSED
    assert booking["balance_cents"] == sum(amount for _, amount in entries)
    assert booking["paid_cents"] == ledger.secured_cents(kept)
    assert booking["total_cents"] == sum(
        line["quantity"] * line["unit_cents"] for line in booking["lines"]
    )
    assert len({p.kind for p in kept}) == len(kept)
    owed = -sum(amount for kind, amount in entries if kind in ("compensation", "payout"))
    assert 0 <= owed <= -sum(amount for kind, amount in entries if kind == "compensation")
    assert booking["balance_cents"] == (
        -owed if closed else booking["total_cents"] - booking["paid_cents"] - owed
    )
    assert booking["payment_status"] not in ("refunding", "overpaid")
    if closed:
        assert booking["paid_cents"] == 0


def test_money_and_whoever_changes_the_booking_wait_for_one_another_in_one_order(
    studio: Studio,
) -> None:
    """Booking first, then its payments: the other way round they would deadlock."""
    booking_id = studio.request()["id"]
    payment_id = studio.start_payment(booking_id)
    with Session(studio.uow.engine) as canceller, eventlet.Timeout(5):
        bookings.lock_booking(canceller, booking_id)
        recording = eventlet.spawn(studio.record, payment_id)
        eventlet.sleep(0.1)
        assert not recording.dead
        accounts.lock_payments_of(canceller, booking_id)
        canceller.commit()
        recording.wait()
    assert studio.payment(payment_id).state == "succeeded"

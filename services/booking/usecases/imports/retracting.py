"""Retracting orders: bookings are cancelled, and their accounts lead back to nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import uuid6

from services.booking import views
from services.booking.domain import ledger
from services.booking.domain.imports.order_rows import restored
from services.booking.domain.imports.states import RowState
from services.booking.domain.lifecycle import Status
from services.booking.links import Links
from services.booking.models import Booking, ImportRow, LedgerEntry, Payment, Refund
from services.booking.queries import imports
from services.booking.usecases.imports.making import UNTOUCHED, account, entry
from services.chassis.db import Transaction

REASON = "导入已撤销 · import undone"

FACTS = ("payment.retracted", "booking.retracted")
"""What is told of each booking, and what it counts for its version."""


@dataclass(frozen=True)
class Taken:
    """A booking that is taken back, its payment, and how its account stood."""

    booking: Booking
    payment: Payment | None
    money: ledger.Money


def retract(tx: Transaction, rows: Sequence[ImportRow], now: datetime, links: Links) -> None:
    """Take back the orders of rows that are done.

    One to which something has happened since staff said so stays as it is.
    """
    ids = [row.booking_id for row in rows if row.booking_id]
    bookings = imports.lock_bookings(tx.session, ids)
    payments = imports.lock_payments(tx.session, ids)
    taken: list[Taken] = []
    for row in rows:
        assert row.booking_id is not None, "what is done has a booking"
        booking = bookings[row.booking_id]
        if booking.version != UNTOUCHED:
            row.state = RowState.KEPT
            continue
        row.state = RowState.UNDONE
        money = account(restored(row.parsed or {}))
        taken.append(Taken(booking, payments.get(booking.id), money))
    _retract(tx, taken, now)
    for one in taken:
        _tell(tx, one, links)


def _retract(tx: Transaction, taken: list[Taken], now: datetime) -> None:
    """Cancel bookings that should never have been, and lead their accounts back to nothing."""
    entries: list[LedgerEntry] = []
    for one in taken:
        booking = one.booking
        booking.status, booking.cancelled_at, booking.cancel_reason = Status.CANCELLED, now, REASON
        booking.version += len(FACTS)
        if one.payment is not None:
            refund = _refund(one.payment, now)
            tx.session.add(refund)
            cents = refund.amount_cents
            entries.append(entry(booking.order, "refund", cents, now, refund_id=refund.id))
        if one.money.charged:
            entries.append(entry(booking.order, "adjustment", -one.money.charged, now))
    tx.session.flush()  # the entries refer to the refunds
    tx.session.add_all(entries)
    tx.session.flush()


def _refund(payment: Payment, now: datetime) -> Refund:
    """Say that money was never here, on the day of the payment: that day's till is as before."""
    cents = ledger.kept_cents(payment)
    payment.refunded_cents += cents
    return Refund(
        id=uuid6.uuid7(),
        payment_id=payment.id,
        amount_cents=cents,
        reason=REASON,
        state="succeeded",
        requested_at=now,
        settled_at=payment.paid_at,
    )


def _tell(tx: Transaction, one: Taken, links: Links) -> None:
    booking, payment = one.booking, one.payment
    left = replace(one.money, charged=0, paid=0, refunded=one.money.paid)
    if payment is not None:
        assert payment.paid_at is not None, "what was imported as paid was paid at some time"
        told = views.payment_fact(booking, payment, left, left, payment.paid_at)
        # Of two facts with one version the second would tell nothing.
        tx.emit(FACTS[0], told | {"version": booking.version - 1})
    tx.emit(FACTS[1], views.fact(booking, left, left, links))

"""The cash desk (收银): money that staff take, give back and charge, and the daily closes."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import uuid6
from sqlalchemy.orm import Session

from services.booking.domain import ledger, lifecycle
from services.booking.links import Links
from services.booking.models import Booking, CashClose, Payment
from services.booking.queries import accounts, bookings, cash
from services.booking.usecases import owing, settling, steps
from services.chassis import idempotency
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.booking import TransitionRefused
from services.contracts.cash import (
    DiscountExceedsPrice,
    PaymentExceedsBalance,
    RefundExceedsPayment,
)
from services.contracts.errors import Forbidden
from services.contracts.payments import PaymentUnknown

DRAWER = "cash"
"""The method whose money lies in the drawer."""

USUAL_CURRENCY = "CNY"
"""In which a desk is closed at which nothing has ever moved."""


def take_cash(
    *,
    uow: UnitOfWork,
    now: datetime,
    scheduling: Any,
    links: Links,
    booking_id: UUID,
    access: steps.Access,
    kind: str,
    method: str,
    amount_cents: int,
    note: str,
    idempotency_key: str,
) -> dict[str, Any]:
    """Note money that staff have taken, and confirm the booking if it waited for that.

    Errors:  Forbidden for customers; BookingUnknown; TransitionRefused when it is over;
             PaymentExceedsBalance; KeyReused.
    """

    def effect(tx: Transaction, booking: Booking) -> None:
        check_owed(tx, booking, amount_cents)
        payment = Payment(
            id=uuid6.uuid7(),
            order_id=booking.order_id,
            booking_id=booking.id,
            kind=kind,
            provider=ledger.CASH_DESK,
            method=method,
            amount_cents=amount_cents,
            received_cents=amount_cents,
            currency=booking.order.currency,
            state="succeeded",
            note=note,
            taken_by=access["staff_id"],
            created_at=now,
            paid_at=now,
        )
        tx.session.add(payment)
        tx.session.flush()
        steps.enter(tx, booking.order, "payment", -amount_cents, now, payment_id=payment.id)
        steps.tell_payment(tx, "payment.succeeded", booking, payment, now)

    command = {"kind": kind, "method": method, "amount_cents": amount_cents}
    once_by_staff(uow, links, booking_id, access, f"cash:{idempotency_key}", command, effect)
    settling.settle_booking(
        uow=uow, now=now, scheduling=scheduling, links=links, booking_id=booking_id
    )
    return seen(uow, now, links, booking_id, access)


def check_owed(tx: Transaction, booking: Booking, amount_cents: int) -> None:
    """Refuse money that a locked booking does not owe.

    Errors:  TransitionRefused when it is over; PaymentExceedsBalance.
    """
    if booking.status in lifecycle.CLOSED:
        raise TransitionRefused(booking_status=str(booking.status), action="take_cash")
    money = accounts.account(tx.session, booking.order_id)
    if amount_cents > money.balance:
        raise PaymentExceedsBalance(balance_cents=max(money.balance, 0))


def refund(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: Links,
    booking_id: UUID,
    access: steps.Access,
    payment_id: UUID,
    amount_cents: int,
    reason: str,
    idempotency_key: str,
) -> dict[str, Any]:
    """Give back a part of a payment the way it came: through its provider, or by hand at once.

    Errors:  Forbidden for customers; BookingUnknown; PaymentUnknown; RefundExceedsPayment, also
             of a payment that has gone back already; KeyReused.
    """

    def effect(tx: Transaction, booking: Booking) -> None:
        payment = accounts.lock_payment(tx.session, payment_id)
        if payment is None or payment.order_id != booking.order_id:
            raise PaymentUnknown()
        left = ledger.kept_cents(payment)
        if amount_cents > left:
            raise RefundExceedsPayment(left_cents=left)
        if payment.provider == ledger.CASH_DESK:
            handed = steps.new_refund(tx, payment, amount_cents, now, reason=reason)
            steps.settle_refund(tx, booking, payment, handed, now)
        else:
            steps.give_back(tx, booking, [(payment, amount_cents)], now, reason=reason)

    command = {"payment_id": payment_id, "amount_cents": amount_cents}
    once_by_staff(uow, links, booking_id, access, f"refund:{idempotency_key}", command, effect)
    return seen(uow, now, links, booking_id, access)


def charge(
    *,
    uow: UnitOfWork,
    now: datetime,
    scheduling: Any,
    links: Links,
    booking_id: UUID,
    access: steps.Access,
    kind: str,
    label: dict[str, str],
    quantity: int,
    unit_cents: int,
    idempotency_key: str,
) -> dict[str, Any]:
    """Add to an order what else was bought, a fee, or a rebate.

    A rebate may leave nothing to wait for: the booking is confirmed then, and what was paid above
    the new price goes back.

    Errors:  Forbidden for customers; BookingUnknown; TransitionRefused when it is over;
             DiscountExceedsPrice; KeyReused.
    """
    sign = -1 if kind == "discount" else 1

    def effect(tx: Transaction, booking: Booking) -> None:
        if booking.status in lifecycle.CLOSED:
            raise TransitionRefused(booking_status=str(booking.status), action="charge")
        total = accounts.account(tx.session, booking.order_id).total
        if total + sign * quantity * unit_cents < 0:
            raise DiscountExceedsPrice()
        steps.charge(
            tx, booking.order, kind, label, sign * unit_cents, now, quantity=quantity, position=100
        )
        booking.version += 1
        steps.ask_again(booking)
        if sign < 0:
            owing.tell_due(tx, booking, links)

    command = {"kind": kind, "label": label, "quantity": quantity, "unit_cents": unit_cents}
    once_by_staff(uow, links, booking_id, access, f"charge:{idempotency_key}", command, effect)
    settling.settle_booking(
        uow=uow, now=now, scheduling=scheduling, links=links, booking_id=booking_id
    )
    return seen(uow, now, links, booking_id, access)


def cash_day(*, uow: UnitOfWork, branch_id: UUID, day: date) -> dict[str, Any]:
    """Return what moved at a branch on one of its days, how its desk was closed for that day, and
    what is in no close yet.
    """
    with uow.read() as session:
        return _report(session, branch_id, day)


def close_cash(
    *,
    uow: UnitOfWork,
    now: datetime,
    branch_id: UUID,
    day: date,
    currency: str,
    previous_id: UUID | None,
    counted_cents: int,
    note: str,
    staff_id: UUID,
) -> dict[str, Any]:
    """Close a branch's cash desk in a currency, with what was counted in the drawer.

    It takes all that has moved since the close before. What comes afterwards, or is written while
    the desk is being closed, is the next one's.

    Errors:  CashClosed when the desk was closed after `previous_id`, or that is not its last close.
    """
    with uow.begin() as tx:
        cash.lock_desk(tx.session, branch_id, currency)
        close_id = uuid6.uuid7()
        totals = cash.take_open(tx.session, branch_id, currency, close_id)
        closing = CashClose(
            id=close_id,
            branch_id=branch_id,
            day=day,
            currency=currency,
            previous_id=previous_id,
            expected_cents=_in_drawer(totals),
            counted_cents=counted_cents,
            totals=totals,
            note=note,
            closed_by=staff_id,
            closed_at=now,
        )
        tx.session.add(closing)
        tx.session.flush()
        return _report(tx.session, branch_id, day)


def once_by_staff(
    uow: UnitOfWork,
    links: Links,
    booking_id: UUID,
    access: steps.Access,
    key: str,
    command: dict[str, Any],
    effect: Callable[[Transaction, Booking], None],
) -> None:
    """Run a command of staff on a locked booking, once under its key."""
    if not steps.is_staff(access):
        raise Forbidden()

    def run(tx: Transaction) -> dict[str, Any]:
        found = bookings.lock_booking(tx.session, booking_id)
        effect(tx, steps.check_access(found, access, links))
        return {}

    asked = idempotency.fingerprint({"booking_id": booking_id, **command})
    idempotency.once(uow, key=key, fingerprint=asked, effect=run)


def seen(
    uow: UnitOfWork, now: datetime, links: Links, booking_id: UUID, access: steps.Access
) -> dict[str, Any]:
    """Return the booking as whoever gave the command sees it now."""
    with uow.read() as session:
        booking = steps.check_access(bookings.booking(session, booking_id), access, links)
        return steps.describe(session, booking, access=access, links=links, now=now)


def _in_drawer(totals: list[dict[str, Any]]) -> int:
    return sum(
        each["received_cents"] - each["refunded_cents"]
        for each in totals
        if each["method"] == DRAWER
    )


def _report(session: Session, branch_id: UUID, day: date) -> dict[str, Any]:
    return {
        "branch_id": branch_id,
        "day": day,
        "totals": cash.totals_of_day(session, branch_id, day),
        "open": _open(session, branch_id),
        "closings": [_closing(session, each) for each in cash.closings_of(session, branch_id, day)],
    }


def _open(session: Session, branch_id: UUID) -> list[dict[str, Any]]:
    """Return what the next close in each currency would take."""
    totals = cash.open_totals(session, branch_id)
    last = cash.last_closings(session, branch_id)
    currencies = sorted({each["currency"] for each in totals} | set(last)) or [USUAL_CURRENCY]
    told = []
    for currency in currencies:
        own = [each for each in totals if each["currency"] == currency]
        previous = last.get(currency)
        told.append(
            {
                "currency": currency,
                "previous_id": previous and previous.id,
                "since": previous and previous.closed_at,
                "expected_cents": _in_drawer(own),
                "totals": own,
            }
        )
    return told


def _closing(session: Session, closing: CashClose) -> dict[str, Any]:
    previous = closing.previous_id and cash.closing(session, closing.previous_id)
    return {
        "id": closing.id,
        "since": previous.closed_at if previous else None,
        "totals": closing.totals,
        "expected_cents": closing.expected_cents,
        "counted_cents": closing.counted_cents,
        "difference_cents": closing.counted_cents - closing.expected_cents,
        "currency": closing.currency,
        "note": closing.note,
        "closed_by": closing.closed_by,
        "closed_at": closing.closed_at,
    }

"""The cash desk (收银): money that staff take, give back and charge, and the daily close."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import uuid6

from services.booking.domain import ledger, lifecycle
from services.booking.links import Links
from services.booking.models import Booking, CashClose, Payment
from services.booking.queries import accounts, bookings, cash
from services.booking.usecases import settling, steps
from services.chassis import idempotency
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.booking import TransitionRefused
from services.contracts.cash import (
    CashClosed,
    DiscountExceedsPrice,
    PaymentExceedsBalance,
    RefundExceedsPayment,
)
from services.contracts.errors import Forbidden
from services.contracts.payments import PaymentUnknown

DRAWER = "cash"
"""The method whose money lies in the drawer."""


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

    command = {"kind": kind, "label": label, "quantity": quantity, "unit_cents": unit_cents}
    once_by_staff(uow, links, booking_id, access, f"charge:{idempotency_key}", command, effect)
    return seen(uow, now, links, booking_id, access)


def cash_day(*, uow: UnitOfWork, branch_id: UUID, day: date) -> dict[str, Any]:
    """Return what moved at a branch on one of its days, and how the desk was closed."""
    with uow.read() as session:
        totals = cash.totals(session, branch_id, day)
        return _report(branch_id, day, totals, cash.closing(session, branch_id, day))


def close_cash(
    *,
    uow: UnitOfWork,
    now: datetime,
    branch_id: UUID,
    day: date,
    counted_cents: int,
    note: str,
    staff_id: UUID,
) -> dict[str, Any]:
    """Close a branch's cash desk for a day, with what was counted in the drawer; only once.

    Errors:  CashClosed.
    """
    with uow.begin() as tx:
        cash.lock_day(tx.session, branch_id, day)
        if cash.closing(tx.session, branch_id, day) is not None:
            raise CashClosed()
        totals = cash.totals(tx.session, branch_id, day)
        closing = CashClose(
            branch_id=branch_id,
            day=day,
            currency=totals[0]["currency"] if totals else "CNY",
            expected_cents=_in_drawer(totals),
            counted_cents=counted_cents,
            totals=totals,
            note=note,
            closed_by=staff_id,
            closed_at=now,
        )
        tx.session.add(closing)
        return _report(branch_id, day, totals, closing)


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


def _report(
    branch_id: UUID, day: date, totals: list[dict[str, Any]], closing: CashClose | None
) -> dict[str, Any]:
    return {
        "branch_id": branch_id,
        "day": day,
        "totals": totals,
        "cash_cents": _in_drawer(totals),
        "closing": closing
        and {
            "expected_cents": closing.expected_cents,
            "counted_cents": closing.counted_cents,
            "difference_cents": closing.counted_cents - closing.expected_cents,
            "currency": closing.currency,
            "note": closing.note,
            "closed_by": closing.closed_by,
            "closed_at": closing.closed_at,
        },
    }

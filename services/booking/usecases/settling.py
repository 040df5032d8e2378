"""Settling: money that came secures its time, or goes back. Safe to repeat at any point."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.booking import payments as payments_out
from services.booking import views
from services.booking.domain import ledger
from services.booking.domain.lifecycle import Action, Status
from services.booking.links import Links
from services.booking.models import Booking, Payment
from services.booking.payments import Provider, RefundOutcome, find
from services.booking.queries import accounts, bookings
from services.booking.usecases import moving, steps
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.booking import BookingUnknown
from services.contracts.payments import NotificationInvalid, PaymentUnknown
from services.contracts.scheduling import CONFIRM, HoldReleased, HoldUnknown, SlotTaken

logger = logging.getLogger(__name__)


def settle_booking(
    *, uow: UnitOfWork, now: datetime, scheduling: Any, links: Links, booking_id: UUID
) -> str:
    """Confirm a booking that is paid for, and ask for the refund of money that has no use.

    A hold that has expired is taken again when its time is still free. When it is not, the
    booking is over and the money goes back. One that the studio wants to approve first keeps its
    time and waits. Returns the status it leads to.

    Errors:  BookingUnknown.
    """
    with uow.read() as session:
        booking = bookings.booking(session, booking_id)
        if booking is None:
            raise BookingUnknown()
        payments = accounts.payments_of(session, booking.order_id)
        surplus = steps.surplus(session, booking, payments)
        confirms = steps.awaits_confirmation(booking, payments)
    if not confirms and not surplus:
        return booking.status
    hold = _secure_time(scheduling, booking_id) if confirms else None
    with uow.begin() as tx:
        locked = bookings.lock_booking(tx.session, booking_id)
        assert locked is not None, "bookings are never deleted"
        payments = accounts.lock_payments_of(tx.session, locked.order_id)
        lost = False
        # Somebody may have cancelled or settled it meanwhile: what it is now decides.
        if confirms and steps.awaits_confirmation(locked, payments):
            lost = hold is None
            if hold is None:
                _lose(tx, locked, payments, links, now)
            else:
                _secure(tx, locked, payments, hold, links, now)
        steps.give_back_surplus(tx, locked, now, reason="late" if lost else "surplus")
        return locked.status


def refund_payment(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: Links,
    providers: Mapping[str, Provider],
    refund_id: UUID,
) -> bool:
    """Give money back through its provider; return false when that was done before.

    Errors:  PaymentUnknown; ProviderUnknown when its provider is no longer offered;
             ProviderUnavailable: what happened is unknown then, and it is asked again.
    """
    with uow.read() as session:
        refund = accounts.refund(session, refund_id)
        if refund is None:
            raise PaymentUnknown()
        payment = session.get_one(Payment, refund.payment_id)
        booking = session.get_one(Booking, payment.booking_id)
    if refund.state != "pending":
        return False
    asked = payments_out.Refund(
        refund.id, views.bill(booking, payment, links), refund.amount_cents, refund.reason
    )
    outcome = find(providers, payment.provider).refund(asked, now=now)
    return record_refund(uow=uow, now=now, provider=payment.provider, outcome=outcome)


def record_refund(*, uow: UnitOfWork, now: datetime, provider: str, outcome: RefundOutcome) -> bool:
    """Record what became of a refund; return false when nothing changes by it.

    Of one that failed the money is still here: staff are told.

    Errors:  PaymentUnknown; NotificationInvalid when amount or currency are not those of it.
    """
    with uow.begin() as tx:
        booking = bookings.lock_booking_of(tx.session, outcome.payment_id)
        payment = accounts.lock_payment(tx.session, outcome.payment_id)
        refund = accounts.lock_refund(tx.session, outcome.refund_id)
        if booking is None or payment is None or refund is None or payment.provider != provider:
            raise PaymentUnknown()
        if (refund.payment_id, refund.amount_cents, payment.currency) != (
            payment.id,
            outcome.amount_cents,
            outcome.currency,
        ):
            raise NotificationInvalid(errors=[])
        if outcome.state == "pending" or refund.state != "pending":
            return False
        refund.settled_at = outcome.settled_at or now
        refund.provider_reference = outcome.reference or None
        if outcome.state == "succeeded":
            steps.settle_refund(tx, booking, payment, refund, now)
            return True
        refund.state = outcome.state
        payment.refunded_cents -= refund.amount_cents
        steps.tell_refund(tx, "refund.failed", booking, payment, refund, now)
    return True


def _secure_time(scheduling: Any, booking_id: UUID) -> dict[str, Any] | None:
    """Return the confirmed time, or None when it is lost."""
    try:
        hold: dict[str, Any] = CONFIRM.response.load(scheduling.confirm(booking_id=booking_id))
    except (SlotTaken, HoldReleased, HoldUnknown) as error:
        logger.info("a paid booking lost its time", extra={"code": error.code})
        return None
    return hold


def _secure(
    tx: Transaction,
    booking: Booking,
    payments: list[Payment],
    hold: dict[str, Any],
    links: Links,
    now: datetime,
) -> None:
    moving.apply_move(tx, booking, hold, links, now)
    if hold["reacquired"] or booking.status == Status.EXPIRED:
        for payment in payments:
            payment.late = payment.late or payment.state == "succeeded"
    steps.take_time(booking, hold)
    if booking.needs_approval:
        steps.advance(tx, booking, Action.SUBMIT, now)
        steps.tell(tx, "booking.submitted", booking, links)
        return
    steps.advance(tx, booking, Action.CONFIRM, now)
    booking.confirmed_at = now
    steps.tell(tx, "booking.confirmed", booking, links)


def _lose(
    tx: Transaction, booking: Booking, payments: list[Payment], links: Links, now: datetime
) -> None:
    if booking.status == Status.HELD:
        steps.advance(tx, booking, Action.EXPIRE, now)
        steps.tell(tx, "booking.expired", booking, links)
    for payment in payments:
        if ledger.kept_cents(payment):
            payment.late = True
            steps.tell_payment(tx, "payment.late", booking, payment, now)

"""Settling: money that came secures its time, or goes back. Safe to repeat at any point."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.booking import views
from services.booking.domain import ledger
from services.booking.domain.lifecycle import Action, Status
from services.booking.links import Links
from services.booking.models import Booking, Payment
from services.booking.payments import Provider, find
from services.booking.queries import accounts, bookings
from services.booking.usecases import steps
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.booking import BookingUnknown
from services.contracts.payments import PaymentUnknown
from services.contracts.scheduling import CONFIRM, HoldReleased, HoldUnknown, SlotTaken

logger = logging.getLogger(__name__)


def settle_booking(
    *, uow: UnitOfWork, now: datetime, scheduling: Any, links: Links, booking_id: UUID
) -> str:
    """Confirm a booking that is paid for, and ask for the refund of money that has no use.

    A hold that has expired is taken again when its time is still free. When it is not, the
    booking is over and the money goes back. Returns the status it leads to.

    Errors:  BookingUnknown.
    """
    with uow.read() as session:
        booking = bookings.booking(session, booking_id)
        payments = accounts.payments_of(session, booking_id)
    if booking is None:
        raise BookingUnknown()
    confirms = _awaits_confirmation(booking, payments)
    if not confirms and not ledger.surplus(booking.status, payments):
        return booking.status
    hold = _secure_time(scheduling, booking_id) if confirms else None
    with uow.begin() as tx:
        locked = bookings.lock_booking(tx.session, booking_id)
        assert locked is not None, "bookings are never deleted"
        payments = accounts.lock_payments_of(tx.session, booking_id)
        # Somebody may have cancelled or settled it meanwhile: what it is now decides.
        if confirms and _awaits_confirmation(locked, payments):
            if hold is None:
                _lose(tx, locked, links, now)
            else:
                _confirm(tx, locked, payments, hold, links, now)
        steps.give_back_surplus(tx, locked, now)
        return locked.status


def refund_payment(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: Links,
    providers: Mapping[str, Provider],
    payment_id: UUID,
) -> bool:
    """Give a payment back through its provider; return false when that was done before.

    Errors:  PaymentUnknown; ProviderUnknown when its provider is no longer offered.
    """
    with uow.read() as session:
        payment = accounts.payment(session, payment_id)
        if payment is None:
            raise PaymentUnknown()
        booking = session.get_one(Booking, payment.booking_id)
    if payment.state != "refunding":
        return False
    find(providers, payment.provider).refund(views.bill(booking, payment, links))
    with uow.begin() as tx:
        told = bookings.lock_booking_of(tx.session, payment_id)
        locked = accounts.lock_payment(tx.session, payment_id)
        if told is None or locked is None or locked.state != "refunding":
            return False
        locked.state = "refunded"
        steps.enter(tx, told, "refund", locked.amount_cents, now, locked.id)
        steps.tell_payment(tx, "refund.succeeded", told, locked, now)
    return True


def _awaits_confirmation(booking: Booking, payments: list[Payment]) -> bool:
    return ledger.awaits_confirmation(
        status=booking.status, deposit_cents=booking.deposit_cents, payments=payments
    )


def _secure_time(scheduling: Any, booking_id: UUID) -> dict[str, Any] | None:
    """Return the confirmed time, or None when it is lost."""
    try:
        hold: dict[str, Any] = CONFIRM.response.load(scheduling.confirm(booking_id=booking_id))
    except (SlotTaken, HoldReleased, HoldUnknown) as error:
        logger.info("a paid booking lost its time", extra={"code": error.code})
        return None
    return hold


def _confirm(
    tx: Transaction,
    booking: Booking,
    payments: list[Payment],
    hold: dict[str, Any],
    links: Links,
    now: datetime,
) -> None:
    steps.apply_move(tx, booking, hold, links)
    if hold["reacquired"] or booking.status == Status.EXPIRED:
        for payment in payments:
            payment.late = payment.late or payment.state == "succeeded"
    steps.take_time(booking, hold)
    booking.confirmed_at = now
    steps.advance(tx, booking, Action.CONFIRM, now)
    steps.tell(tx, "booking.confirmed", booking, links)


def _lose(tx: Transaction, booking: Booking, links: Links, now: datetime) -> None:
    if booking.status == Status.HELD:
        steps.advance(tx, booking, Action.EXPIRE, now)
        steps.tell(tx, "booking.expired", booking, links)
    steps.give_back_surplus(tx, booking, now, late=True)

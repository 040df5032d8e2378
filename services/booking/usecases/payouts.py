"""Payouts: what the studio owes beyond what was paid (双倍返还) is entered, and paid out."""

from datetime import datetime
from typing import Any
from uuid import UUID

import uuid6
from sqlalchemy.orm import Session

from services.booking.links import Links
from services.booking.models import Booking, Payout
from services.booking.queries import accounts, bookings
from services.booking.usecases import cash, steps
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.cash import PayoutExceedsDebt


def pay_out(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: Links,
    booking_id: UUID,
    access: steps.Access,
    method: str,
    amount_cents: int,
    note: str,
    idempotency_key: str,
) -> dict[str, Any]:
    """Note money that staff have paid a customer to whom the studio owes.

    Errors:  Forbidden for customers; BookingUnknown; PayoutExceedsDebt; KeyReused.
    """

    def effect(tx: Transaction, booking: Booking) -> None:
        owed = accounts.account(tx.session, booking.order_id).owed
        if amount_cents > owed:
            raise PayoutExceedsDebt(owed_cents=owed)
        payout = Payout(
            id=uuid6.uuid7(),
            order_id=booking.order_id,
            booking_id=booking.id,
            method=method,
            amount_cents=amount_cents,
            currency=booking.order.currency,
            note=note,
            paid_by=access["staff_id"],
            paid_at=now,
        )
        tx.session.add(payout)
        tx.session.flush()
        steps.enter(tx, booking.order, "payout", amount_cents, now, payout_id=payout.id)
        booking.version += 1
        steps.tell(
            tx,
            "payout.made",
            booking,
            links,
            payout_id=payout.id,
            method=method,
            amount_cents=amount_cents,
            owed_cents=owed - amount_cents,
        )

    command = {"method": method, "amount_cents": amount_cents}
    cash.once_by_staff(uow, links, booking_id, access, f"payout:{idempotency_key}", command, effect)
    return list_payouts(uow=uow, links=links, booking_id=booking_id, access=access)


def list_payouts(
    *, uow: UnitOfWork, links: Links, booking_id: UUID, access: steps.Access
) -> dict[str, Any]:
    """Return what the studio still owes of a booking's order, and what it has paid out.

    Errors:  BookingUnknown, ManageTokenInvalid.
    """
    with uow.read() as session:
        booking = steps.check_access(bookings.booking(session, booking_id), access, links)
        return _told(session, booking)


def _told(session: Session, booking: Booking) -> dict[str, Any]:
    return {
        "owed_cents": accounts.account(session, booking.order_id).owed,
        "currency": booking.order.currency,
        "items": accounts.payouts_of(session, booking.order_id),
    }

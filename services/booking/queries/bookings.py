"""Reading and locking bookings."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.booking.domain import words
from services.booking.domain.orders import OrderStatus, statuses_of
from services.booking.models import BOOKING_NUMBER, ORDER_NUMBER, Booking, LedgerEntry, Payment
from services.booking.queries.locking import KEEP_KEYS
from services.chassis import paging

WIDEST_OFFSET = timedelta(hours=14)
"""No zone is farther from UTC; a smaller value would lose bookings at the ends of a range."""


def next_sequence(session: Session) -> int:
    """Draw the running part of a booking's number; a rolled back transaction leaves a gap."""
    return session.execute(sa.select(BOOKING_NUMBER.next_value())).scalar_one()


def next_order_sequence(session: Session) -> int:
    """Draw the running part of an order's number."""
    return session.execute(sa.select(ORDER_NUMBER.next_value())).scalar_one()


def booking(session: Session, booking_id: UUID) -> Booking | None:
    """Return a booking as it stands."""
    return session.get(Booking, booking_id)


def lock_booking(session: Session, booking_id: UUID) -> Booking | None:
    """Return a booking that nobody else changes until the transaction ends, nor its order."""
    return session.get(Booking, booking_id, with_for_update=KEEP_KEYS)


def lock_booking_of(session: Session, payment_id: UUID) -> Booking | None:
    """Return the booking that a payment is for, locked; always locked before its payments."""
    of_payment = sa.select(Payment.booking_id).where(Payment.id == payment_id)
    booking_id = session.scalars(of_payment).one_or_none()
    return None if booking_id is None else lock_booking(session, booking_id)


def bookings(session: Session, booking_ids: list[UUID]) -> list[Booking]:
    """Return those of some bookings that exist."""
    return list(session.scalars(sa.select(Booking).where(Booking.id.in_(booking_ids))))


def bookings_page(
    session: Session,
    *,
    branch_id: UUID | None,
    branch_ids: list[UUID] | None,
    status: str | None,
    order_status: str | None,
    from_: date | None,
    to: date | None,
    q: str | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[Booking], str | None]:
    """Return a page of bookings, the newest request first, and the cursor of the next one.

    Shapes:  `from_` and `to` are inclusive dates of the start, on the clock of each booking's
             branch.
    Errors:  Invalid for a cursor that is none.
    """
    asked = sa.select(Booking)
    if branch_id is not None:
        asked = asked.where(Booking.branch_id == branch_id)
    if branch_ids is not None:
        asked = asked.where(Booking.branch_id.in_(branch_ids))
    if status is not None:
        asked = asked.where(Booking.status == status)
    if order_status is not None:
        asked = asked.where(*_standing_at(OrderStatus(order_status)))
    if from_ is not None:
        asked = asked.where(*_starting_on_or_after(from_))
    if to is not None:
        asked = asked.where(*_starting_on_or_before(to))
    if q and (needle := words.squeeze(q)):
        asked = asked.where(*_matching(needle))
    key = (Booking.requested_at, Booking.id)
    return paging.newest_first(session, asked, key=key, cursor=cursor, limit=limit)


def _standing_at(order_status: OrderStatus) -> tuple[Any, ...]:
    """As orders.order_status says it of one booking."""
    stands = Booking.status.in_(statuses_of(order_status))
    if order_status not in (OrderStatus.TO_PAY, OrderStatus.DONE):
        return (stands,)
    balance = (
        sa.select(sa.func.coalesce(sa.func.sum(LedgerEntry.amount_cents), 0))
        .where(LedgerEntry.order_id == Booking.order_id)
        .scalar_subquery()
    )
    return stands, balance > 0 if order_status is OrderStatus.TO_PAY else balance <= 0


# The exact comparison needs each row's own zone, which no index knows; the wider one before it
# lets the index on the start do the work.
LOCAL_DATE = sa.cast(sa.func.timezone(Booking.timezone, Booking.starts_at), sa.Date)


def _starting_on_or_after(day: date) -> tuple[Any, ...]:
    return Booking.starts_at >= sa.cast(day, sa.Date) - WIDEST_OFFSET, day <= LOCAL_DATE


def _starting_on_or_before(day: date) -> tuple[Any, ...]:
    end_of_day = sa.cast(day, sa.Date) + timedelta(days=1)
    return Booking.starts_at < end_of_day + WIDEST_OFFSET, day >= LOCAL_DATE


def _matching(needle: str) -> tuple[Any, ...]:
    terms = words.grams(needle)
    # The index finds candidates that have all the pieces; the text says whether they are in order.
    candidates = [Booking.search_terms.contains(terms)] if terms else []
    return (*candidates, Booking.search_text.contains(needle, autoescape=True))

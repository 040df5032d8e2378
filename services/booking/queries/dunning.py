"""Finding the orders that have to be looked at, and what they were reminded of."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.booking.domain import lifecycle
from services.booking.models import Booking, Order, Reminder


def lock_due(session: Session, now: datetime, limit: int) -> Sequence[Order]:
    """Return and lock the orders to look at now, the longest waiting first; others' are left."""
    return session.scalars(
        sa.select(Order)
        .where(Order.remind_at <= now)
        .order_by(Order.remind_at)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()


def first_standing(session: Session, order_id: UUID) -> Booking | None:
    """Return the first booking of an order that stands: its dates are the order's."""
    return session.scalars(
        sa.select(Booking)
        .where(Booking.order_id == order_id, Booking.status.in_(lifecycle.STANDING))
        .order_by(Booking.follows, Booking.requested_at, Booking.id)
        .limit(1)
    ).first()


def told(session: Session, order_id: UUID) -> dict[tuple[str, date, str], datetime]:
    """Return what an order was reminded of when: by kind and day of the line, and the stage."""
    rows = session.scalars(sa.select(Reminder).where(Reminder.order_id == order_id))
    return {(row.kind, row.due_on, row.stage): row.told_at for row in rows}

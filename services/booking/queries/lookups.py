"""Reading what a phone and a code may find, and how often they did not."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.booking.models import Booking, LookupFailure, Order

ONE_AT_A_TIME = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('lookup:' || :key, 0))")


def lock_phone(session: Session, phone_key: bytes) -> None:
    """Let nobody else try this phone until the transaction ends."""
    session.execute(ONE_AT_A_TIME, {"key": phone_key.hex()})


def failures(session: Session, phone_key: bytes, since: datetime) -> Sequence[datetime]:
    """Return when codes were wrong for a phone, newest first, after an instant."""
    asked = (
        sa.select(LookupFailure.failed_at)
        .where(LookupFailure.phone_key == phone_key, LookupFailure.failed_at > since)
        .order_by(LookupFailure.failed_at.desc())
    )
    return session.scalars(asked).all()


def versions(
    session: Session, phone: str, *, now: datetime, life: timedelta, limit: int
) -> Sequence[tuple[UUID, int]]:
    """Return the newest bookings of a phone whose links still open, each with its version.

    Shapes:  ((booking id, version of its link), …), as many as `limit` at most. `life` is how long
             after the appointment a link opens; that of a pack does until it is replaced.
    """
    asked: sa.Select[Any] = (
        sa.select(Booking.id, Booking.manage_version)
        .join(Order, Order.id == Booking.order_id)
        .where(
            Booking.contact_phone == phone,
            sa.or_(Order.is_pack, Booking.ends_at >= now - life),
        )
        .order_by(Booking.requested_at.desc(), Booking.id.desc())
        .limit(limit)
    )
    return [(row.id, row.manage_version) for row in session.execute(asked)]

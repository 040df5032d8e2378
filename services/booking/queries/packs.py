"""Reading and locking the sessions of orders that hold several appointments."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.booking.domain import lifecycle
from services.booking.models import Booking, Order, OrderSession
from services.booking.queries.locking import KEEP_KEYS


def order_session(session: Session, session_id: UUID) -> OrderSession | None:
    """Return a session of an order as it stands."""
    return session.get(OrderSession, session_id)


def order_of(session: Session, session_id: UUID) -> Order | None:
    """Return the order that holds a session, if there is one."""
    found = order_session(session, session_id)
    return None if found is None else session.get_one(Order, found.order_id)


def lock_order_session(session: Session, session_id: UUID) -> tuple[Order, OrderSession]:
    """Return a session that exists with its order, both locked; the order first, as everywhere."""
    of_session = sa.select(OrderSession.order_id).where(OrderSession.id == session_id)
    order_id = session.scalars(of_session).one()
    order = session.get_one(Order, order_id, with_for_update=KEEP_KEYS)
    return order, session.get_one(OrderSession, session_id, with_for_update=KEEP_KEYS)


def sessions_of(session: Session, order_id: UUID) -> list[OrderSession]:
    """Return the sessions of an order, in order."""
    return list(
        session.scalars(
            sa.select(OrderSession)
            .where(OrderSession.order_id == order_id)
            .order_by(OrderSession.position)
        )
    )


def bookings_of(session: Session, order_id: UUID) -> list[Booking]:
    """Return the bookings of an order, the first one first."""
    return list(
        session.scalars(
            sa.select(Booking)
            .where(Booking.order_id == order_id)
            .order_by(Booking.follows, Booking.requested_at)
        )
    )


def stands(session: Session, order_id: UUID) -> bool:
    """Tell whether the studio and the customer have agreed on an order once.

    They do with its first booking: a further one is confirmed without asking for money.
    """
    agreed = sa.exists().where(
        Booking.order_id == order_id,
        Booking.follows.is_(False),
        Booking.confirmed_at.is_not(None),
    )
    return bool(session.scalar(sa.select(agreed)))


def is_busy(session: Session, order_id: UUID) -> bool:
    """Tell whether some appointment of an order is still to come, or under way."""
    over = lifecycle.CLOSED | lifecycle.SERVED
    live = sa.exists().where(Booking.order_id == order_id, Booking.status.not_in(over))
    return bool(session.scalar(sa.select(live)))

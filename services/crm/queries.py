"""Every SELECT and lock of crm, one named function each."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.chassis import paging
from services.crm.domain import HISTORY_LIMIT, UNCOUNTED_STATUSES, Search
from services.crm.models import (
    Customer,
    CustomerBooking,
    CustomerBranch,
    CustomerPayment,
    TimelineEntry,
)


def customers(
    session: Session,
    *,
    search: Search | None,
    branch_ids: Sequence[UUID] | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[Customer], str | None]:
    """Return a page of customers, the newest first, and the cursor of the next one.

    Errors:  Invalid for a cursor that is none.
    """
    asked = sa.select(Customer).where(_seen_at(branch_ids))
    if search is not None:
        asked = asked.where(_matches(search))
    key = (Customer.created_at, Customer.id)
    return paging.newest_first(session, asked, key=key, cursor=cursor, limit=limit)


def customer(
    session: Session, customer_id: UUID, branch_ids: Sequence[UUID] | None
) -> Customer | None:
    """Return a customer who was seen at one of these branches."""
    return session.scalars(
        sa.select(Customer).where(Customer.id == customer_id, _seen_at(branch_ids))
    ).one_or_none()


def timeline_of(session: Session, customer_id: UUID) -> Sequence[TimelineEntry]:
    """Return the newest entries of a timeline, newest first."""
    return session.scalars(
        sa.select(TimelineEntry)
        .where(TimelineEntry.customer_id == customer_id)
        .order_by(TimelineEntry.at.desc(), TimelineEntry.id.desc())
        .limit(HISTORY_LIMIT)
    ).all()


def bookings_of(session: Session, customer_id: UUID) -> Sequence[CustomerBooking]:
    """Return a customer's newest bookings, newest first."""
    return session.scalars(
        sa.select(CustomerBooking)
        .where(CustomerBooking.customer_id == customer_id)
        .order_by(CustomerBooking.requested_at.desc(), CustomerBooking.booking_id.desc())
        .limit(HISTORY_LIMIT)
    ).all()


def lock_customer_of(session: Session, booking_id: UUID) -> CustomerBooking | None:
    """Return the replica of a booking, its customer locked until the transaction ends."""
    return session.scalars(
        sa.select(CustomerBooking)
        .join(Customer, Customer.id == CustomerBooking.customer_id)
        .where(CustomerBooking.booking_id == booking_id)
        .with_for_update(of=Customer)
    ).one_or_none()


def standing(session: Session, customer_id: UUID) -> dict[str, Any]:
    """Return what follows from a customer's bookings and payments, as columns of the customer."""
    own = CustomerBooking.customer_id == customer_id
    counted = CustomerBooking.status.not_in(UNCOUNTED_STATUSES)
    name = (
        sa.select(CustomerBooking.contact_name)
        .where(own)
        .order_by(CustomerBooking.requested_at.desc(), CustomerBooking.booking_id.desc())
        .limit(1)
    )
    spent = sa.select(sa.func.coalesce(sa.func.sum(CustomerPayment.received_cents), 0)).where(
        CustomerPayment.customer_id == customer_id
    )
    found = session.execute(
        sa.select(
            name.scalar_subquery().label("name"),
            spent.scalar_subquery().label("spent_cents"),
            sa.func.count().filter(counted).label("bookings_count"),
            sa.func.max(CustomerBooking.requested_at).filter(counted).label("last_booking_at"),
        ).where(own)
    ).one()
    return dict(found._mapping)


def _seen_at(branch_ids: Sequence[UUID] | None) -> sa.ColumnElement[bool]:
    if branch_ids is None:
        return sa.true()
    return Customer.id.in_(
        sa.select(CustomerBranch.customer_id).where(CustomerBranch.branch_id.in_(branch_ids))
    )


def _matches(search: Search) -> sa.ColumnElement[bool]:
    named = _like(Customer.name, search.name)
    return named | _like(Customer.phone, search.digits) if search.digits else named


def _like(column: InstrumentedAttribute[str], text: str) -> sa.ColumnElement[bool]:
    """Look for a text where the trigram index can find it.

    Three characters are found anywhere. Two, like most given names, make a trigram only with the
    end or beginning of a name beside them, and one only as its beginning, the surname.
    """
    literal = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    patterns = {1: ["{}%"], 2: ["{}%", "%{}"]}.get(len(text), ["%{}%"])
    return sa.or_(*(column.ilike(pattern.format(literal)) for pattern in patterns))

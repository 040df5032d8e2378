"""Reading and writing calendar links, and what a calendar program is shown under them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.chassis.context import new_id
from services.scheduling.domain.spans import Span
from services.scheduling.models import (
    MAX_ALLOCATION_HOURS,
    Allocation,
    Branch,
    CalendarLink,
    Hold,
    Resource,
)

MAX_ENTRIES = 5000
"""Of bookings, and of blocks, in one feed. Writing as many takes a second; more than a branch has
ahead of it. Those that begin last are left out."""

# --- links


def link_of(session: Session, **target: UUID | None) -> CalendarLink:
    """Return the link of a branch or a resource, made when there is none."""
    made = insert(CalendarLink).values(id=UUID(new_id()), **target).on_conflict_do_nothing()
    session.execute(made)
    return session.scalars(_in_force().filter_by(**target)).one()


def link(session: Session, id: UUID) -> CalendarLink | None:
    """Return a link that is not revoked."""
    return session.scalars(_in_force().where(CalendarLink.id == id)).one_or_none()


def links(
    session: Session, *, branch_id: UUID | None, resource_id: UUID | None
) -> Sequence[CalendarLink]:
    """Return the links of a branch, of a resource, or all, in the order they were made."""
    found = _in_force().order_by(CalendarLink.id)
    if branch_id is not None:
        found = found.where(CalendarLink.branch_id == branch_id)
    if resource_id is not None:
        found = found.where(CalendarLink.resource_id == resource_id)
    return session.scalars(found).all()


def _in_force() -> sa.Select[tuple[CalendarLink]]:
    return sa.select(CalendarLink).where(CalendarLink.revoked_at.is_(None))


# --- what is shown

Rows = Sequence[sa.Row[Any]]

ALIVE = sa.or_(
    Hold.state == "confirmed",
    sa.and_(Hold.state == "held", Hold.expires_at > sa.bindparam("now")),
)
SERVES_FROM = sa.func.lower(Allocation.serving)
SERVES_UNTIL = sa.func.upper(Allocation.serving)
ZH = Resource.name["zh"].astext
PLACE = Branch.name["zh"].astext.label("place")
BOOKING = (Hold.booking_id, Hold.state, Hold.revision, Hold.created_at, Hold.day_part, PLACE)


def bookings_at(session: Session, branch_id: UUID, within: Span, now: datetime) -> Rows:
    """Return the bookings of a branch that begin in some time, each with who serves it."""
    crew = (
        sa.select(sa.func.array_agg(sa.distinct(ZH)))
        .join(Allocation, Allocation.resource_id == Resource.id)
        .where(Allocation.booking_id == Hold.booking_id, Allocation.state != "released")
        .scalar_subquery()
        .label("crew")
    )
    bookings = (
        sa.select(*BOOKING, Hold.start_at.label("start"), Hold.end_at.label("end"), crew)
        .join(Branch, Branch.id == Hold.branch_id)
        .where(
            Hold.branch_id == branch_id,
            Hold.state.in_(("held", "confirmed")),
            Hold.start_at >= within.start,
            Hold.start_at < within.end,
            ALIVE,
        )
        .order_by(Hold.start_at, Hold.booking_id)
        .limit(MAX_ENTRIES)
    )
    return session.execute(bookings, {"now": now}).all()


def bookings_of(session: Session, resource_id: UUID, within: Span, now: datetime) -> Rows:
    """Return the bookings that a resource serves in some time, each from its first to its last
    work in it."""
    start = sa.func.min(SERVES_FROM).label("start")
    bookings = (
        sa.select(*BOOKING, start, sa.func.max(SERVES_UNTIL).label("end"))
        .join(Hold, Hold.booking_id == Allocation.booking_id)
        .join(Branch, Branch.id == Hold.branch_id)
        .where(Allocation.resource_id == resource_id, _taken(within), ALIVE)
        .group_by(Hold.booking_id, Branch.id)
        .order_by(start, Hold.booking_id)
        .limit(MAX_ENTRIES)
    )
    return session.execute(bookings, {"now": now}).all()


def blocks_at(session: Session, branch_id: UUID, within: Span) -> Rows:
    """Return the blocks of all that is at home at a branch."""
    return session.execute(_blocks(within).where(Resource.branch_id == branch_id)).all()


def blocks_of(session: Session, resource_id: UUID, within: Span) -> Rows:
    """Return the blocks of a resource."""
    return session.execute(_blocks(within).where(Resource.id == resource_id)).all()


def count_change(session: Session, block_id: UUID, before: int) -> None:
    """Note that a block has changed, once more than before: programs show the newest."""
    session.execute(
        sa.update(Allocation)
        .where(Allocation.id == block_id)
        .values(changes=before + 1)
        .execution_options(synchronize_session=False)
    )


def _blocks(within: Span) -> sa.Select[Any]:
    return (
        sa.select(
            Allocation.id,
            SERVES_FROM.label("start"),
            SERVES_UNTIL.label("end"),
            Allocation.reason,
            Allocation.changes,
            ZH.label("resource"),
        )
        .join(Resource, Resource.id == Allocation.resource_id)
        .where(Allocation.state == "blocked", _taken(within))
        .order_by(SERVES_FROM, Allocation.id)
        .limit(MAX_ENTRIES)
    )


def _taken(within: Span) -> sa.ColumnElement[bool]:
    """The condition of an allocation that begins in some time, in the terms of its index."""
    begins = sa.func.lower(Allocation.during)
    return sa.and_(
        Allocation.state != "released",
        begins >= within.start - timedelta(hours=MAX_ALLOCATION_HOURS),
        begins < within.end,
        within.start < SERVES_UNTIL,
    )

"""Finding the bookings whose resource is not there, and keeping which of them were told of."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, Range, insert
from sqlalchemy.orm import Session

from services.scheduling.models import (
    MAX_ALLOCATION_HOURS,
    Allocation,
    BusyFeed,
    BusyTime,
    Hold,
    ToldConflict,
)
from services.scheduling.queries import supply
from services.scheduling.queries.supply import SUPPLY, reaching

LONGEST = timedelta(hours=MAX_ALLOCATION_HOURS)
"""Nothing that began longer ago is still going on: where to begin on allocation_window_idx."""


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """One resource's part in a booking, from `start` to `end`, without the resource."""

    booking_id: UUID
    allocation_id: UUID
    resource_id: UUID
    branch_id: UUID
    start: datetime
    end: datetime


def uncovered(session: Session, resource_ids: Collection[UUID], now: datetime) -> list[Conflict]:
    """Return the bookings to come that some resources would serve when they do not work there.

    What was booked by force is left out: somebody wanted it so, and said why.
    """
    booked = _found(
        session,
        _booked(now).where(Allocation.resource_id.in_(resource_ids), ~Allocation.forced),
    )
    by_branch: dict[UUID, list[UUID]] = defaultdict(list)
    for each in booked:
        by_branch[each.branch_id].append(each.allocation_id)
    supply.speak(session, "UTC")
    bare: set[UUID] = set()
    for branch_id, ids in by_branch.items():
        bare |= set(session.scalars(_UNCOVERED, {"branch_id": branch_id, "ids": ids}))
    return [each for each in booked if each.allocation_id in bare]


def during(
    session: Session, resource_id: UUID, span: Range[datetime], now: datetime
) -> list[Conflict]:
    """Return the bookings to come that a resource would serve in some time."""
    assert span.lower is not None, "a CHECK says so"
    locked = Allocation.during
    return _found(
        session,
        _booked(now).where(
            Allocation.resource_id == resource_id,
            sa.func.lower(locked) > span.lower - LONGEST,
            sa.func.lower(locked) < span.upper,
            sa.func.upper(locked) > span.lower,
        ),
    )


def during_busy_times(session: Session, feed_id: UUID, now: datetime) -> list[Conflict]:
    """Return the bookings to come that lie in the busy times that a feed told of."""
    is_busy = (
        sa.select(BusyTime.id)
        .where(
            BusyTime.feed_id == feed_id,
            BusyTime.resource_id == Allocation.resource_id,
            BusyTime.during.op("&&")(Allocation.during),
        )
        .exists()
    )
    followed = sa.select(BusyFeed.resource_id).where(BusyFeed.id == feed_id).scalar_subquery()
    return _found(session, _booked(now).where(Allocation.resource_id == followed, is_busy))


def among(session: Session, allocation_ids: Iterable[UUID], now: datetime) -> list[Conflict]:
    """Return the bookings to come that some allocations belong to."""
    return _found(session, _booked(now).where(Allocation.id.in_(list(allocation_ids))))


# --- which were told of


def note_told(session: Session, found: Iterable[Conflict], now: datetime) -> set[UUID]:
    """Write down that some conflicts are told; return the allocations of those that were not.

    Each row locks its allocation, in the order in which everybody locks them.
    """
    rows = [
        {"allocation_id": each.allocation_id, "resource_id": each.resource_id, "told_at": now}
        for each in sorted(found, key=lambda one: (one.resource_id, one.allocation_id))
    ]
    if not rows:
        return set()
    added = insert(ToldConflict).values(rows).on_conflict_do_nothing()
    return set(session.scalars(added.returning(ToldConflict.allocation_id)))


def forget_ended(
    session: Session, resource_ids: Collection[UUID], lasting: Iterable[Conflict]
) -> None:
    """Forget the conflicts of some resources that were told of and are over.

    Those of what was booked by force are kept: `uncovered` does not look at it.
    """
    session.execute(
        sa.delete(ToldConflict)
        .where(
            ToldConflict.resource_id.in_(resource_ids),
            ToldConflict.allocation_id.not_in([each.allocation_id for each in lasting]),
            ~sa.exists().where(Allocation.id == ToldConflict.allocation_id, Allocation.forced),
        )
        .execution_options(synchronize_session=False)
    )


# --- details


def _booked(now: datetime) -> sa.Select[Any]:
    """Select the allocations of bookings that are not over, earliest first.

    A hold whose end has passed counts until it is swept away: somebody may be confirming it now.
    """
    return (
        sa.select(
            Allocation.booking_id,
            Allocation.id.label("allocation_id"),
            Allocation.resource_id,
            Hold.branch_id,
            sa.func.lower(Allocation.serving).label("start"),
            sa.func.upper(Allocation.serving).label("end"),
        )
        .join(Hold, Hold.booking_id == Allocation.booking_id)
        .where(
            Allocation.state != "released",
            sa.func.lower(Allocation.during) > now - LONGEST,
            sa.func.upper(Allocation.during) > now,
        )
        .order_by(sa.func.lower(Allocation.serving), Allocation.id)
    )


def _found(session: Session, booked: sa.Select[Any]) -> list[Conflict]:
    return [Conflict(**row) for row in session.execute(booked).mappings()]


_UNCOVERED = sa.text(
    f"""
    WITH booked AS MATERIALIZED (
        SELECT id, resource_id, during FROM allocation WHERE id = ANY(:ids)
    ),
    asked AS MATERIALIZED (
        SELECT
            {reaching("reach.during")}
        FROM branch
        CROSS JOIN (
            SELECT tstzrange(min(lower(during)), max(upper(during))) AS during FROM booked
        ) AS reach
        WHERE branch.id = :branch_id
    ),
    wanted AS MATERIALIZED (SELECT DISTINCT resource_id FROM booked),
    {SUPPLY}
    SELECT booked.id
    FROM booked
    JOIN rostered ON rostered.resource_id = booked.resource_id
    WHERE NOT rostered.spans @> booked.during
    """  # noqa: S608  (constants only)
).bindparams(sa.bindparam("ids", type_=ARRAY(sa.Uuid)))

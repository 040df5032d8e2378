"""Reading and locking holds, and taking time under the exclusion constraint."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.scheduling.domain import HoldState
from services.scheduling.models import Allocation, Hold, Resource

Crew = list[dict[str, Any]]
Crews = Mapping[UUID, Crew]


def hold(session: Session, booking_id: UUID) -> Hold | None:
    """Return a booking's hold as it was last committed."""
    return session.get(Hold, booking_id, populate_existing=True)


def lock_hold(session: Session, booking_id: UUID) -> Hold | None:
    """Return a booking's hold and let nobody else change it until the transaction ends."""
    return session.get(Hold, booking_id, with_for_update=True, populate_existing=True)


def add_hold(session: Session, values: Mapping[str, Any]) -> Hold | None:
    """Add a hold; return None when the booking has one (after waiting for who adds it now)."""
    return session.scalars(
        insert(Hold).values(**values).on_conflict_do_nothing().returning(Hold)
    ).one_or_none()


def lock_overdue_holds(session: Session, now: datetime, limit: int) -> list[Hold]:
    """Lock holds whose end has passed, oldest first; those that another replica has are left."""
    return list(
        session.scalars(
            sa.select(Hold)
            .where(Hold.state == HoldState.HELD, Hold.expires_at <= now)
            .order_by(Hold.expires_at, Hold.booking_id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


def lock_overdue_among(
    session: Session, booking_ids: Collection[UUID], now: datetime
) -> list[Hold]:
    """Lock those of some holds whose end has passed.

    Waits for whoever has one of them just now. All who come here lock in the same order and hold
    nothing else, so they cannot wait for one another in a circle.
    """
    return list(
        session.scalars(
            sa.select(Hold)
            .where(
                Hold.booking_id.in_(booking_ids),
                Hold.state == HoldState.HELD,
                Hold.expires_at <= now,
            )
            .order_by(Hold.booking_id)
            .with_for_update()
        )
    )


def crews(session: Session, booking_ids: Collection[UUID]) -> Crews:
    """Return who serves each booking and when (or did, before it was released)."""
    rows = session.execute(
        sa.select(
            Allocation.booking_id,
            Allocation.resource_id,
            Allocation.resource_type,
            Resource.name,
            Allocation.serving,
        )
        .join(Resource, Resource.id == Allocation.resource_id)
        .where(Allocation.booking_id.in_(booking_ids))
        .order_by(
            sa.func.lower(Allocation.serving),
            Allocation.resource_type,
            Resource.name["zh"].astext,
            Allocation.resource_id,
        )
    )
    found: dict[UUID, Crew] = defaultdict(list)
    for row in rows:
        found[row.booking_id].append(
            {
                "resource_id": row.resource_id,
                "resource_type": row.resource_type,
                "name": row.name,
                "start": row.serving.lower,
                "end": row.serving.upper,
            }
        )
    return found


def crew(session: Session, booking_id: UUID) -> Crew:
    """Return who serves one booking, or did."""
    return crews(session, [booking_id])[booking_id]


def take(session: Session, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Insert a whole crew's allocations, or nothing and return False when somebody was quicker.

    Shapes:  rows ordered by resource_id: whoever waits, waits in that order, so nobody waits in
             a circle. Never insert where an active allocation is visible: see acquire.
    """
    attempt = session.begin_nested()
    taken = session.execute(insert(Allocation).values(list(rows)).on_conflict_do_nothing())
    complete: bool = taken.rowcount == len(rows)  # type: ignore[attr-defined]
    if complete:
        attempt.commit()
    else:
        attempt.rollback()
    return complete


def queue_up(session: Session, branch_id: UUID) -> None:
    """Wait for one's turn among those of a branch who were too slow, until the transaction ends.

    In a storm all of them want the next best crew; without a queue all but one would be too slow
    again, and again.
    """
    session.execute(
        sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(str(branch_id), 0)))
    )


def give_up(session: Session, booking_ids: Iterable[UUID]) -> None:
    """Let go of the time of some bookings; who served stays on record."""
    session.execute(
        sa.update(Allocation)
        .where(Allocation.booking_id.in_(list(booking_ids)))
        .values(state="released", expires_at=None)
    )


def forget(session: Session, booking_id: UUID) -> None:
    """Delete a booking's allocations, to make room for its new ones."""
    session.execute(sa.delete(Allocation).where(Allocation.booking_id == booking_id))


def mark(session: Session, booking_id: UUID, state: HoldState, expires_at: datetime | None) -> None:
    """Bring a booking's allocations to the state and end of its hold."""
    session.execute(
        sa.update(Allocation)
        .where(Allocation.booking_id == booking_id)
        .values(state=state, expires_at=expires_at)
    )

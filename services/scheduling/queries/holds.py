"""Reading and locking holds, and taking time under the exclusion constraint."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, Range
from sqlalchemy.orm import Session

from services.scheduling.domain.holds import HoldState
from services.scheduling.models import Allocation, FreedTime, Hold, Resource, WaitlistEntry
from services.scheduling.queries.prepared import Prepared, as_json, as_uuids

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
    return session.scalars(_ADD_HOLD, dict(values)).one_or_none()


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
    session.flush()
    found: dict[UUID, Crew] = defaultdict(list)
    for row in _CREWS.run(session, {"booking_ids": as_uuids(booking_ids)}):
        found[row.booking_id].append(
            {
                "allocation_id": row.id,
                "resource_id": row.resource_id,
                "resource_type": row.resource_type,
                "line": row.line,
                "chosen_by": row.chosen_by,
                "name": row.name,
                "start": row.start_at,
                "end": row.end_at,
            }
        )
    return found


def crew(session: Session, booking_id: UUID) -> Crew:
    """Return who serves one booking, or did."""
    return crews(session, [booking_id])[booking_id]


def take(session: Session, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Insert a whole crew's allocations, or nothing and return False when somebody was quicker.

    Whoever was too slow goes back to the savepoint, which lets go of those who wait for it.

    Shapes:  rows ordered by resource_id: whoever waits, waits in that order, so nobody waits in
             a circle. Never insert where an active allocation is visible: see acquire.
    """
    session.flush()
    parameters = {"rows": as_json([_stored(row) for row in rows])}
    taken = _TAKE.run(session, parameters, after="SAVEPOINT take")
    if taken.rowcount == len(rows):
        return True
    put_back(session)
    return False


def put_back(session: Session) -> None:
    """Undo the last `take`, and let go of all locks that were taken since."""
    session.connection().exec_driver_sql("ROLLBACK TO SAVEPOINT take")


def _stored(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an allocation as JSON, its ranges as PostgreSQL writes them."""
    return {
        name: f"[{value.lower},{'' if value.upper is None else value.upper})"
        if isinstance(value, Range)
        else value
        for name, value in row.items()
    }


def session_crew(session: Session, id: UUID) -> Sequence[sa.Row[Any]]:
    """Return who serves a session of a class: each resource with its line, once."""
    return session.execute(
        sa.select(
            Allocation.resource_id,
            Allocation.resource_type,
            Allocation.line,
            Resource.mobile,
            Resource.travel_minutes,
        )
        .join(Resource, Resource.id == Allocation.resource_id)
        .where(Allocation.session == id, Allocation.state != "released")
        .distinct()
    ).all()


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


def tell_freed(session: Session, branch_id: UUID, start: datetime, end: datetime) -> None:
    """Note that time at a branch has become free, if anybody waits for time there."""
    waiting = (
        sa.select(WaitlistEntry.id)
        .where(WaitlistEntry.branch_id == branch_id, WaitlistEntry.state == "waiting")
        .exists()
    )
    values = sa.select(
        sa.literal(branch_id), sa.func.tstzrange(sa.literal(start), sa.literal(end))
    ).where(waiting)
    session.execute(sa.insert(FreedTime).from_select(["branch_id", "during"], values))


_ADD_HOLD = sa.select(Hold).from_statement(
    sa.text(
        """
        INSERT INTO hold (
            booking_id, service_id, branch_id, start_at, end_at, state, expires_at,
            resource_ids, options, day_part, customer_key
        )
        VALUES (
            :booking_id, :service_id, :branch_id, :start_at, :end_at, :state, :expires_at,
            :resource_ids, :options, :day_part, :customer_key
        )
        ON CONFLICT DO NOTHING
        RETURNING *
        """
    ).bindparams(
        sa.bindparam("resource_ids", type_=ARRAY(sa.Uuid)),
        sa.bindparam("options", type_=ARRAY(sa.Text)),
    )
)
_TAKE = Prepared(
    "take",
    """
    INSERT INTO allocation (
        id, booking_id, resource_id, resource_type, line, during, serving, units, session,
        place_id, reach, state, expires_at, chosen_by, reason
    )
    SELECT
        id, booking_id, resource_id, resource_type, line, during, serving, units, session,
        place_id, reach, state, expires_at, chosen_by, coalesce(reason, '')
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS allocation (
        id uuid, booking_id uuid, resource_id uuid, resource_type text, line text,
        during tstzrange, serving tstzrange, units int4range, session uuid,
        place_id uuid, reach tstzrange, state text, expires_at timestamptz, chosen_by text,
        reason text
    )
    ON CONFLICT DO NOTHING
    """,
)
_CREWS = Prepared(
    "crews",
    """
    SELECT
        allocation.id,
        allocation.booking_id,
        allocation.resource_id,
        allocation.resource_type,
        allocation.line,
        allocation.chosen_by,
        resource.name,
        lower(allocation.serving) AS start_at,
        upper(allocation.serving) AS end_at
    FROM allocation
    JOIN resource ON resource.id = allocation.resource_id
    WHERE allocation.booking_id = ANY(CAST(:booking_ids AS uuid[]))
    ORDER BY
        lower(allocation.serving),
        allocation.resource_type,
        resource.name ->> 'zh',
        allocation.resource_id,
        lower(allocation.units)
    """,
)

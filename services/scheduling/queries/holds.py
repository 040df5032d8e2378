"""Reading and locking holds, and taking time under the exclusion constraint."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, Range
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from services.scheduling.domain.holds import HoldState
from services.scheduling.models import Allocation, FreedTime, Hold, Resource, WaitlistEntry
from services.scheduling.queries.locks import locked
from services.scheduling.queries.prepared import Prepared, as_json, as_uuids

Crew = list[dict[str, Any]]
Crews = Mapping[UUID, Crew]


def hold(session: Session, booking_id: UUID) -> Hold | None:
    """Return a booking's hold as it was last committed."""
    return session.scalars(_HOLD, {"booking_id": booking_id}).one_or_none()


def lock_hold(session: Session, booking_id: UUID) -> Hold | None:
    """Return a booking's hold and let nobody else change it until the transaction ends."""
    return session.scalars(_LOCK_HOLD, {"booking_id": booking_id}).one_or_none()


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
    return _by_booking(_CREWS.run(session, {"booking_ids": as_uuids(booking_ids)}))


def _by_booking(rows: Iterable[sa.Row[Any]]) -> Crews:
    found: dict[UUID, Crew] = defaultdict(list)
    for row in rows:
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


def take(session: Session, rows: Sequence[Mapping[str, Any]]) -> Crews | None:
    """Insert a whole crew's allocations, or nothing and return None when somebody was quicker.

    Whoever was too slow goes back to the savepoint, which lets go of those who wait for it.

    Shapes:  rows ordered by resource_id: whoever waits, waits in that order, so nobody waits in
             a circle. Never insert where an active allocation is visible: see acquire.
    """
    session.flush()
    parameters = {"rows": as_json([_stored(row) for row in rows])}
    taken = _TAKE.run(session, parameters, after="SAVEPOINT take")
    if taken.rowcount == len(rows):
        return _by_booking(taken)
    put_back(session)
    return None


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


def mark(session: Session, booking_id: UUID, state: HoldState, expires_at: datetime | None) -> Crew:
    """Bring a booking's hold and allocations to a state and an end; return who serves."""
    session.flush()
    marked = _MARK.run(
        session, {"booking_id": str(booking_id), "state": state, "expires_at": expires_at}
    )
    known = session.get_one(Hold, booking_id)
    set_committed_value(known, "state", state)
    set_committed_value(known, "expires_at", expires_at)
    return _by_booking(marked)[booking_id]


def give_up(session: Session, booking_ids: Collection[UUID]) -> Crews:
    """Let go of the time of some bookings; return who served, which stays on record."""
    session.flush()
    return _by_booking(_GIVE_UP.run(session, {"booking_ids": as_uuids(booking_ids)}))


def forget(session: Session, booking_id: UUID) -> None:
    """Delete a booking's allocations, to make room for its new ones."""
    session.flush()
    _FORGET.run(session, {"booking_id": str(booking_id)})


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


_HOLD = (
    sa.select(Hold)
    .where(Hold.booking_id == sa.bindparam("booking_id"))
    .execution_options(populate_existing=True)
)
_LOCK_HOLD = _HOLD.options(joinedload(Hold.branch, innerjoin=True)).with_for_update(of=Hold)
_ADD_HOLD = sa.select(Hold).from_statement(
    sa.text(
        """
        INSERT INTO hold (
            booking_id, service_id, also, branch_id, start_at, end_at, state, expires_at,
            resource_ids, options, day_part, customer_key
        )
        VALUES (
            :booking_id, :service_id, :also, :branch_id, :start_at, :end_at, :state, :expires_at,
            :resource_ids, :options, :day_part, :customer_key
        )
        ON CONFLICT DO NOTHING
        RETURNING *
        """
    ).bindparams(
        sa.bindparam("also", type_=ARRAY(sa.Uuid)),
        sa.bindparam("resource_ids", type_=ARRAY(sa.Uuid)),
        sa.bindparam("options", type_=ARRAY(sa.Text)),
    )
)


def _crew_of(source: str) -> str:
    """Return the query of who serves, from allocations."""
    return f"""
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
    FROM {source}
    JOIN resource ON resource.id = allocation.resource_id
    ORDER BY
        lower(allocation.serving),
        allocation.resource_type,
        resource.name ->> 'zh',
        allocation.resource_id,
        lower(allocation.units)
    """  # noqa: S608  (constants only)


_TAKE = Prepared(
    "take",
    f"""
    WITH taken AS (
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
        RETURNING *
    )
    {_crew_of("taken AS allocation")}
    """,  # noqa: S608  (constants only)
)
_MARK = Prepared(
    "mark",
    f"""
    WITH booked AS (
        UPDATE hold
        SET state = CAST(:state AS text), expires_at = CAST(:expires_at AS timestamptz)
        WHERE hold.booking_id = CAST(:booking_id AS uuid)
    ),
    {locked("allocation.booking_id = CAST(:booking_id AS uuid)")},
    marked AS (
        UPDATE allocation
        SET state = CAST(:state AS text), expires_at = CAST(:expires_at AS timestamptz)
        FROM locked
        WHERE allocation.id = locked.id
        RETURNING allocation.*
    )
    {_crew_of("marked AS allocation")}
    """,  # noqa: S608  (constants only)
)
_GIVE_UP = Prepared(
    "give_up",
    f"""
    WITH {locked("allocation.booking_id = ANY(CAST(:booking_ids AS uuid[]))")},
    released AS (
        UPDATE allocation
        SET state = 'released', expires_at = NULL
        FROM locked
        WHERE allocation.id = locked.id
        RETURNING allocation.*
    )
    {_crew_of("released AS allocation")}
    """,  # noqa: S608  (constants only)
)
_FORGET = Prepared(
    "forget",
    f"""
    WITH {locked("allocation.booking_id = CAST(:booking_id AS uuid)")}
    DELETE FROM allocation USING locked WHERE allocation.id = locked.id
    """,  # noqa: S608  (constants only)
)
_CREWS = Prepared(
    "crews",
    f"""
    WITH serving AS (
        SELECT * FROM allocation
        WHERE allocation.booking_id = ANY(CAST(:booking_ids AS uuid[]))
    )
    {_crew_of("serving AS allocation")}
    """,  # noqa: S608  (constants only)
)

"""What lies where an allocation shall be, and writing it there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from services.scheduling.domain.explain import Obstacle
from services.scheduling.domain.moves import Found
from services.scheduling.domain.spans import Span
from services.scheduling.models import Allocation, Branch, Resource
from services.scheduling.queries.locks import locked
from services.scheduling.queries.prepared import Prepared, as_json, as_numbers, as_uuids
from services.scheduling.queries.supply import HOLD_STILL, OPENING, SUPPLY, reaching

Row = dict[str, Any]
"""An allocation as it is, or shall be, in its table."""

LONGEST_WAY = "interval '12 hours'"
"""The most that somebody is on the way to or from a place (travel_minutes); a shorter limit would
not see those who are on their way."""

# The wanted allocations, and the branch on all dates that they touch.
NEEDED = f"""
needed AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS needed (
        number integer, resource_id uuid, during tstzrange, reach tstzrange, place_id uuid
    )
),
booking AS MATERIALIZED (
    SELECT tstzrange(CAST(:start AS timestamptz), CAST(:end AS timestamptz)) AS during
),
asked AS MATERIALIZED (
    SELECT
        {reaching("hull.during")}
    FROM branch
    CROSS JOIN (
        SELECT range_merge(range_agg(each.during)) AS during
        FROM (SELECT during FROM needed UNION ALL SELECT during FROM booking) AS each
    ) AS hull
    WHERE branch.id = CAST(:branch_id AS uuid)
),
wanted AS MATERIALIZED (
    SELECT DISTINCT needed.resource_id FROM needed
)"""  # noqa: S608  (constants only)

# Absences go before the roster: who is on leave is on leave, whether rostered or not. An expired
# hold that overlaps by force is in nobody's way.
OBSTACLE = f"""
obstacle (number, kind, during, allocation_id, booking_id, units, session, overdue)
AS MATERIALIZED (
    SELECT
        needed.number, absence.kind, absence.during,
        CAST(NULL AS uuid), CAST(NULL AS uuid), CAST(NULL AS int4range), CAST(NULL AS uuid), false
    FROM needed
    JOIN absence
        ON absence.resource_id = needed.resource_id AND absence.during && needed.during
    UNION ALL
    SELECT needed.number, 'off_roster', gap, NULL, NULL, NULL, NULL, false
    FROM needed
    JOIN rostered ON rostered.resource_id = needed.resource_id
    LEFT JOIN away ON away.resource_id = needed.resource_id
    CROSS JOIN LATERAL unnest(
        tstzmultirange(needed.during) - rostered.spans - coalesce(away.spans, '{{}}')
    ) AS gap
    UNION ALL
    SELECT
        needed.number,
        CASE
            WHEN NOT allocation.during && needed.during THEN 'travel'
            WHEN allocation.state = 'confirmed' THEN 'booked'
            ELSE allocation.state
        END,
        allocation.during,
        allocation.id,
        allocation.booking_id,
        CASE WHEN allocation.during && needed.during THEN allocation.units END,
        allocation.session,
        hold.overdue
    FROM needed
    JOIN allocation
        ON allocation.resource_id = needed.resource_id
        AND allocation.state <> 'released'
        AND allocation.during && coalesce(
            tstzrange(
                lower(needed.reach) - {LONGEST_WAY}, upper(needed.reach) + {LONGEST_WAY}
            ),
            needed.during
        )
    CROSS JOIN LATERAL (
        SELECT allocation.state = 'held' AND allocation.expires_at <= CAST(:now AS timestamptz)
            AS overdue
    ) AS hold
    WHERE NOT allocation.id = ANY(CAST(:ignored AS uuid[]))
        AND NOT (hold.overdue AND allocation.forced)
        AND (
            allocation.during && needed.during
            OR (allocation.reach && needed.reach AND allocation.place_id <> needed.place_id)
        )
)"""  # noqa: S608  (constants only)

# A booking may start on kinds of days that its service allows, by the date of the opening hours.
AROUND = f"""
WITH {NEEDED}, {SUPPLY}, {OPENING}, {OBSTACLE}
SELECT CAST(json_build_object(
    'open', (
        SELECT coalesce(range_agg(opening.span), '{{}}') - closed.days @> booking.during
        FROM booking
        CROSS JOIN closed
        LEFT JOIN opening ON true
        GROUP BY closed.days, booking.during
    ) AND EXISTS (
        SELECT
        FROM booking
        JOIN opening ON opening.span @> lower(booking.during)
        JOIN day ON day.day = opening.day
        WHERE CAST(:weekdays AS smallint[]) IS NULL
            OR day.weekday = ANY(CAST(:weekdays AS smallint[]))
            OR day.special = ANY(CAST(:weekdays AS smallint[]))
    ),
    'day_codes', (
        SELECT array_remove(ARRAY[day.weekday, day.special], NULL)
        FROM booking
        JOIN day ON day.day = CAST(lower(booking.during) AT TIME ZONE asked.zone AS date)
    ),
    'obstacles', (
        SELECT coalesce(json_agg(
            json_build_object(
                'number', obstacle.number,
                'resource_id', resource.id,
                'name', resource.name,
                'kind', obstacle.kind,
                'start', lower(obstacle.during),
                'end', upper(obstacle.during),
                'allocation_id', obstacle.allocation_id,
                'booking_id', obstacle.booking_id,
                'first_unit', lower(obstacle.units),
                'last_unit', upper(obstacle.units),
                'session', obstacle.session,
                'overdue', obstacle.overdue
            )
            ORDER BY obstacle.number, obstacle.during, obstacle.allocation_id
        ), '[]')
        FROM obstacle
        JOIN needed ON needed.number = obstacle.number
        JOIN resource ON resource.id = needed.resource_id
    )
) AS text)
FROM asked
"""  # noqa: S608  (constants only)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What is where some allocations shall be.

    Shapes:  `open` the branch is, for the whole booking, on a day on which it may start.
    """

    open: bool
    day_codes: frozenset[int]
    found: Sequence[Found]


def around(
    session: Session,
    rows: Sequence[Row],
    *,
    branch: Branch,
    booked: Span,
    weekdays: Collection[int] | None,
    ignored: Collection[UUID],
    now: datetime,
) -> Surroundings:
    """Return what lies where some allocations shall be; rosters stay as they are until the end.

    Shapes:  `weekdays` the kinds of days on which it may start, null for all; `ignored` the
             allocations that give way, being the same ones as they were before.
    """
    needed = [
        {
            "number": number,
            "resource_id": row["resource_id"],
            "during": as_text(row["during"]),
            "reach": row["reach"] and as_text(row["reach"]),
            "place_id": row["place_id"],
        }
        for number, row in enumerate(rows)
    ]
    seen = _AROUND.run(
        session,
        {
            "rows": as_json(needed),
            "branch_id": str(branch.id),
            "zone": branch.timezone,
            "start": booked.start,
            "end": booked.end,
            "weekdays": as_numbers(weekdays),
            "ignored": as_uuids(ignored),
            "now": now,
        },
        after=HOLD_STILL,
    )
    answer = orjson.loads(seen.scalar_one())
    return Surroundings(
        open=answer["open"],
        day_codes=frozenset(answer["day_codes"]),
        found=[_found(each) for each in answer["obstacles"]],
    )


def as_text(span: Range[datetime]) -> str:
    """Return a span of time as PostgreSQL writes it."""
    assert span.lower is not None, "spans of work have both ends"
    assert span.upper is not None
    return f"[{span.lower.isoformat()},{span.upper.isoformat()})"


def _found(row: Mapping[str, Any]) -> Found:
    ids = {name: row[name] and UUID(row[name]) for name in ("allocation_id", "booking_id")}
    first = row["first_unit"]
    return Found(
        number=row["number"],
        obstacle=Obstacle(
            line="",
            resource_id=UUID(row["resource_id"]),
            name=row["name"],
            kind=row["kind"],
            start=datetime.fromisoformat(row["start"]),
            end=datetime.fromisoformat(row["end"]),
            **ids,
        ),
        units=None if first is None else (first, row["last_unit"]),
        session=row["session"] and UUID(row["session"]),
        overdue=row["overdue"],
    )


_AROUND = Prepared("around", AROUND)


# --- rows


def allocation(session: Session, id: UUID, *, lock: bool = False) -> Row | None:
    """Return an allocation; locked, nobody else changes it until the transaction ends."""
    found = sa.select(Allocation.__table__).where(Allocation.id == id)
    row = session.execute(found.with_for_update() if lock else found).mappings().one_or_none()
    return None if row is None else dict(row)


def one_at_a_time(session: Session, id: UUID) -> None:
    """Wait for whoever adds something by the same id now, until the transaction ends."""
    session.execute(_ONE, {"id": id})


def rows_of(session: Session, booking_id: UUID) -> list[Row]:
    """Return the allocations of a booking."""
    found = (
        sa.select(Allocation.__table__)
        .where(Allocation.booking_id == booking_id)
        .order_by(Allocation.resource_id, Allocation.id)
    )
    return [dict(row) for row in session.execute(found).mappings()]


def resources(session: Session, ids: Collection[UUID]) -> dict[UUID, Resource]:
    """Return some resources by their ids."""
    found = session.scalars(sa.select(Resource).where(Resource.id.in_(ids)))
    return {resource.id: resource for resource in found}


def remove(session: Session, ids: Collection[UUID]) -> None:
    """Delete allocations, to make room for what becomes of them."""
    session.flush()
    _REMOVE.run(session, {"ids": as_uuids(ids)})


def lay_over(session: Session, rows: Sequence[Row]) -> None:
    """Insert forced allocations, which no constraint holds back."""
    if rows:
        session.execute(sa.insert(Allocation), rows)


_REMOVE = Prepared(
    "remove",
    f"""
    WITH {locked("allocation.id = ANY(CAST(:ids AS uuid[]))")}
    DELETE FROM allocation USING locked WHERE allocation.id = locked.id
    """,  # noqa: S608  (constants only)
)
_ONE = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('id:' || CAST(:id AS text), 0))")

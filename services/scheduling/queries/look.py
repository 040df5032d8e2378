"""One start seen closely: whether it is offered, and who could serve it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.scheduling.domain.assignment import Candidate
from services.scheduling.queries.candidates import (
    ASKED_START,
    ELIGIBLE,
    FREE,
    LIVE,
    LOCKED,
    OFFERED,
    WITHIN_REACH,
    touching,
    work_at,
)
from services.scheduling.queries.prepared import Prepared
from services.scheduling.queries.question import Question
from services.scheduling.queries.quotas import QUOTAS
from services.scheduling.queries.supply import HOLD_STILL, OPENING, SUPPLY

# What is known of the start itself. One row, so that nothing is joined once for each candidate.
MOMENT = """
moment AS MATERIALIZED (
    SELECT
        EXISTS (
            SELECT FROM offered WHERE offered.start = CAST(:start AS timestamptz)
        ) AS offered,
        used_up.spans @> CAST(:start AS timestamptz) AS used_up,
        today.weekday,
        today.special,
        tstzrange(
            date_trunc('week', local.start) AT TIME ZONE asked.zone,
            (date_trunc('week', local.start) + interval '7 days') AT TIME ZONE asked.zone
        ) AS week
    FROM asked
    CROSS JOIN LATERAL (SELECT CAST(:start AS timestamptz) AT TIME ZONE asked.zone AS start)
        AS local
    CROSS JOIN used_up
    JOIN day AS today ON today.day = CAST(local.start AS date)
)"""

# How busy the week is of those who are wanted, and since when they have not worked.
BUSY = f"""
busy AS MATERIALIZED (
    SELECT wanted.resource_id, week_load.minutes, latest.ended_at
    FROM wanted
    CROSS JOIN moment
    CROSS JOIN LATERAL (
        SELECT CAST(coalesce(
            extract(epoch FROM sum(upper(allocation.during) - lower(allocation.during))) / 60, 0
        ) AS integer) AS minutes
        FROM allocation
        WHERE allocation.resource_id = wanted.resource_id
            AND {touching("moment.week")}
            AND coalesce(allocation.booking_id <> CAST(:ignored AS uuid), true)
    ) AS week_load
    LEFT JOIN LATERAL (
        SELECT upper(allocation.during) AS ended_at
        FROM allocation
        WHERE allocation.resource_id = wanted.resource_id
            AND lower(allocation.during) < CAST(:start AS timestamptz)
            AND allocation.state <> 'released'
            AND coalesce(allocation.booking_id <> CAST(:ignored AS uuid), true)
        ORDER BY lower(allocation.during) DESC
        LIMIT 1
    ) AS latest ON true
)"""  # noqa: S608  (constants only)

# Holds that have expired and still lock somebody: there are hardly ever any.
OVERDUE = f"""
overdue AS MATERIALIZED (
    SELECT
        wanted.resource_id,
        allocation.booking_id,
        allocation.units,
        {LOCKED} AS during
    FROM asked
    CROSS JOIN place
    CROSS JOIN wanted
    JOIN allocation
        ON allocation.resource_id = wanted.resource_id
        AND {WITHIN_REACH}
        AND allocation.state = 'held'
        AND allocation.expires_at <= CAST(:now AS timestamptz)
        AND NOT allocation.forced
)"""  # noqa: S608  (constants only)

# Everybody who could serve a line, with what lies in the way and how well they fit it.
LOOK = f"""
WITH {ASKED_START}, {ELIGIBLE}, {SUPPLY}, {OPENING}, {QUOTAS}, {OFFERED}, {FREE},
{MOMENT}, {BUSY}, {OVERDUE},
needed AS MATERIALIZED (
    SELECT
        line.key,
        line.skills,
        tstzrange(lower(work.during) - line.before, upper(work.during) + line.after) AS during
    FROM asked
    CROSS JOIN line
    CROSS JOIN LATERAL (SELECT {work_at("CAST(:start AS timestamptz)")} AS during) AS work
)
SELECT
    moment.offered,
    moment.used_up,
    moment.weekday,
    moment.special,
    eligible.key,
    free.unit,
    eligible.resource_id,
    eligible.resource_type,
    eligible.name ->> 'zh' AS name,
    eligible.capacity,
    eligible.mobile,
    eligible.travel_minutes,
    free.rostered @> needed.during AS rostered,
    free.spans @> needed.during
        AND NOT coalesce(spent.spans @> CAST(:start AS timestamptz), false) AS free,
    ARRAY(
        SELECT DISTINCT overdue.booking_id
        FROM overdue
        WHERE overdue.resource_id = eligible.resource_id
            AND overdue.during && needed.during
            AND (eligible.capacity = 1 OR overdue.units @> free.unit)
    ) AS overdue,
    (
        SELECT coalesce(sum(resource_skill.level), 0)
        FROM resource_skill
        WHERE resource_skill.resource_id = eligible.resource_id
            AND needed.skills ? resource_skill.skill_id
    ) AS skill,
    busy.minutes AS load_minutes,
    busy.ended_at AS idle_since
FROM moment
CROSS JOIN eligible
JOIN free ON free.resource_id = eligible.resource_id
JOIN busy ON busy.resource_id = eligible.resource_id
JOIN needed ON needed.key = eligible.key
LEFT JOIN spent ON spent.key = eligible.key AND spent.resource_id = eligible.resource_id
"""  # noqa: S608  (constants only)

# Sessions of a class at one start that have a place left: who serves them, and the next place.
OPEN_SESSIONS = f"""
SELECT
    allocation.session,
    array_agg(DISTINCT allocation.resource_id) AS resource_ids,
    array_agg(DISTINCT lower(allocation.units)) AS seats,
    (
        SELECT coalesce(array_agg(DISTINCT other.booking_id), '{{}}')
        FROM allocation AS other
        WHERE other.resource_id = ANY(array_agg(allocation.resource_id))
            AND other.session = allocation.session
            AND other.state = 'held'
            AND other.expires_at <= CAST(:now AS timestamptz)
    ) AS overdue
FROM hold
JOIN allocation
    ON allocation.booking_id = hold.booking_id
    AND allocation.session IS NOT NULL
    AND allocation.state <> 'released'
    AND {LIVE}
WHERE hold.service_id = CAST(:service_id AS uuid)
    AND hold.branch_id = CAST(:branch_id AS uuid)
    AND hold.state IN ('held', 'confirmed')
    AND hold.start_at = CAST(:start AS timestamptz)
GROUP BY allocation.session
ORDER BY count(DISTINCT hold.booking_id) DESC, allocation.session
"""  # noqa: S608  (constants only)


@dataclass(frozen=True, kw_only=True)
class Look:
    """What is known of one start.

    Shapes:  `offered` it is on the grid, within opening hours, notice, horizon and quotas;
             `used_up` a quota is what refuses it; `day_codes` what kinds of day it falls on.
    """

    offered: bool
    used_up: bool
    day_codes: frozenset[int]
    candidates: Sequence[Candidate]


@dataclass(frozen=True, kw_only=True)
class OpenSession:
    """A session of a class that has begun to fill.

    Shapes:  `seats` those that are taken, from 1; `overdue` holds that have expired and whose
             seats are locked until somebody sweeps them away.
    """

    id: UUID
    resource_ids: frozenset[UUID]
    seats: frozenset[int]
    overdue: frozenset[UUID]


def look_at(session: Session, question: Question, start: datetime, now: datetime) -> Look:
    """Return whether one start is offered and who could serve it."""
    parameters = {**question.parameters(now), "start": start, "zone": question.zone}
    rows = _LOOK.run(session, parameters, after=HOLD_STILL).all()
    first = rows[0] if rows else None
    return Look(
        offered=first is not None and first.offered,
        used_up=first is not None and first.used_up,
        day_codes=frozenset({first.weekday, first.special} - {None}) if first else frozenset(),
        candidates=[
            Candidate(
                line=row.key,
                resource_id=row.resource_id,
                resource_type=row.resource_type,
                name=row.name,
                unit=row.unit,
                capacity=row.capacity,
                mobile=row.mobile,
                travel_minutes=row.travel_minutes,
                rostered=row.rostered,
                free=row.free,
                overdue=tuple(row.overdue),
                skill=row.skill,
                load_minutes=row.load_minutes,
                idle_since=row.idle_since,
            )
            for row in rows
        ],
    )


def open_sessions(
    session: Session, question: Question, start: datetime, places: int, now: datetime
) -> list[OpenSession]:
    """Return the sessions of a class at one start with a place left, the fullest first."""
    rows = _OPEN_SESSIONS.run(session, {**question.parameters(now), "start": start})
    return [
        OpenSession(
            id=row.session,
            resource_ids=frozenset(row.resource_ids),
            seats=frozenset(row.seats),
            overdue=frozenset(row.overdue),
        )
        for row in rows
        if len(row.seats) < places
    ]


_LOOK = Prepared("look", LOOK)
_OPEN_SESSIONS = Prepared("open_sessions", OPEN_SESSIONS)

"""Free time: the interval algebra of hours, rosters and allocations, done by PostgreSQL.

The pieces below are common table expressions; a statement is put together from those it needs,
so that what counts as open, as rostered and as free is written once. All take the same
parameters: service_id, branch_id, from and to (local dates of starts), now, wished.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from services.scheduling.domain import Candidate
from services.scheduling.models import MAX_ALLOCATION_HOURS
from services.scheduling.queries import local_time
from services.scheduling.queries.local_time import CLOSED, joined_by_day, span_on_day


def touching(span: str) -> str:
    """Return the condition that an active allocation overlaps a span.

    `&&` says the same, but only the bounds on `lower` can walk along allocation_window_idx, which
    answers from the index alone, in half the time of the GiST index.
    """
    return (
        f"lower(allocation.during) > lower({span}) - interval '{MAX_ALLOCATION_HOURS} hours'"
        f" AND lower(allocation.during) < upper({span})"
        f" AND upper(allocation.during) > lower({span})"
        " AND allocation.state <> 'released'"
    )


# The question in instants: a start lies in [earliest, latest).
ASKED = """
asked AS MATERIALIZED (
    SELECT
        requirement.service_id,
        branch.id AS branch_id,
        branch.timezone AS zone,
        CAST(:from AS date) AS first_day,
        make_interval(mins => requirement.slot_step_minutes) AS step,
        make_interval(mins => requirement.duration_minutes) AS duration,
        greatest(
            CAST(:from AS date)::timestamp AT TIME ZONE branch.timezone,
            CAST(:now AS timestamptz) + make_interval(mins => requirement.minimum_notice_minutes)
        ) AS earliest,
        least(
            (CAST(:to AS date) + 1)::timestamp AT TIME ZONE branch.timezone,
            ((CAST(:now AS timestamptz) AT TIME ZONE branch.timezone)::date
                + requirement.horizon_days + 1)::timestamp AT TIME ZONE branch.timezone
        ) AS latest
    FROM requirement, branch
    WHERE requirement.service_id = CAST(:service_id AS uuid)
        AND branch.id = CAST(:branch_id AS uuid)
),
role AS MATERIALIZED (
    SELECT
        resource_type,
        quantity,
        make_interval(mins => offset_minutes - buffer_before_minutes) AS lead,
        make_interval(mins => offset_minutes + length_minutes + buffer_after_minutes) AS tail
    FROM requirement_role
    WHERE service_id = CAST(:service_id AS uuid)
)"""

# All the time that any role of a booking could lock: of those that start on the dates asked for,
# or of the one that starts at an instant, whatever notice and horizon say by now.
REACH_OF_DATES = """
reach AS MATERIALIZED (
    SELECT tstzrange(
        asked.earliest + min(role.lead),
        greatest(asked.latest, asked.earliest) + max(role.tail)
    ) AS during
    FROM asked, role
    GROUP BY asked.earliest, asked.latest
)"""
REACH_OF_START = """
needed AS MATERIALIZED (
    SELECT
        resource_type,
        tstzrange(CAST(:start AS timestamptz) + lead, CAST(:start AS timestamptz) + tail) AS during
    FROM role
),
reach AS MATERIALIZED (
    SELECT tstzrange(min(lower(needed.during)), max(upper(needed.during))) AS during
    FROM needed
)"""

# Starts on the step grid of each day's opening whose whole booking lies within opening hours.
# The day before the first one counts too, as its hours may run past midnight, and so do the days
# into which a booking may run.
STARTS = f"""
opening AS MATERIALIZED (
    SELECT {span_on_day("hours")} AS span
    FROM asked
    CROSS JOIN generate_series(
        (asked.earliest AT TIME ZONE asked.zone)::date - asked.first_day - 1,
        ((asked.latest + asked.duration) AT TIME ZONE asked.zone)::date - asked.first_day
    ) AS day
    JOIN branch_hours AS hours
        ON hours.branch_id = asked.branch_id AND {joined_by_day("hours")}
),
open AS MATERIALIZED (
    SELECT range_agg(opening.span) - closed.days AS spans
    FROM opening, closed
    GROUP BY closed.days
),
offered AS MATERIALIZED (
    SELECT DISTINCT start
    FROM asked, open, opening,
        generate_series(lower(opening.span), upper(opening.span), asked.step) AS start
    WHERE start >= asked.earliest
        AND start < asked.latest
        AND open.spans @> tstzrange(start, start + asked.duration)
)"""  # noqa: S608  (constants only)

# When those who could serve a role work: their rosters less closures and leave.
ROSTERED = f"""
working AS MATERIALIZED (
    SELECT roster.resource_id, range_agg({span_on_day("roster")}) AS spans
    FROM asked
    CROSS JOIN reach
    CROSS JOIN generate_series(
        (lower(reach.during) AT TIME ZONE asked.zone)::date - asked.first_day - 1,
        (upper(reach.during) AT TIME ZONE asked.zone)::date - asked.first_day
    ) AS day
    JOIN resource ON resource.branch_id = asked.branch_id AND resource.active
    JOIN role ON role.resource_type = resource.resource_type
    JOIN roster ON roster.resource_id = resource.id AND {joined_by_day("roster")}
    GROUP BY roster.resource_id
),
rostered AS MATERIALIZED (
    SELECT
        working.resource_id,
        working.spans - closed.days - coalesce(range_agg(leave.during), '{{}}') AS spans
    FROM working
    CROSS JOIN closed
    CROSS JOIN reach
    LEFT JOIN leave
        ON leave.resource_id = working.resource_id AND leave.during && reach.during
    GROUP BY working.resource_id, working.spans, closed.days
)"""  # noqa: S608  (constants only)

# Who could serve which role: `rostered` is when they work, `free` when nobody has them. A hold
# whose end has passed no longer counts, whether or not anybody has swept it away yet.
CANDIDATES = f"""{ROSTERED},
candidate AS MATERIALIZED (
    SELECT
        resource.resource_type,
        resource.id AS resource_id,
        resource.name ->> 'zh' AS name,
        resource.id = ANY(CAST(:wished AS uuid[])) AS wished,
        coalesce(rostered.spans, '{{}}') AS rostered,
        coalesce(rostered.spans - coalesce(taken.spans, '{{}}'), '{{}}') AS free
    FROM asked
    CROSS JOIN reach
    JOIN resource ON resource.branch_id = asked.branch_id AND resource.active
    JOIN role ON role.resource_type = resource.resource_type
    LEFT JOIN rostered ON rostered.resource_id = resource.id
    CROSS JOIN LATERAL (
        SELECT range_agg(allocation.during) AS spans
        FROM allocation
        WHERE allocation.resource_id = resource.id
            AND {touching("reach.during")}
            AND (allocation.state <> 'held' OR allocation.expires_at > CAST(:now AS timestamptz))
    ) AS taken
)"""  # noqa: S608  (constants only)

# How many bookings still fit at each start: the scarcest role decides. Whoever is asked for by
# name has to be free, and can serve only one.
SLOTS = f"""
WITH {ASKED}, {CLOSED}, {STARTS}, {REACH_OF_DATES}, {CANDIDATES},
needed AS MATERIALIZED (
    SELECT
        offered.start,
        role.resource_type,
        role.quantity,
        tstzrange(offered.start + role.lead, offered.start + role.tail) AS during
    FROM offered
    CROSS JOIN role
),
filled AS (
    SELECT
        needed.start,
        needed.quantity,
        count(*) FILTER (WHERE candidate.free @> needed.during) AS free,
        count(*) FILTER (WHERE candidate.wished AND NOT candidate.free @> needed.during) AS missed,
        count(*) FILTER (WHERE candidate.wished) AS wished
    FROM needed
    LEFT JOIN candidate ON candidate.resource_type = needed.resource_type
    GROUP BY needed.start, needed.resource_type, needed.quantity
),
slot AS (
    SELECT
        start,
        min(CASE
            WHEN wished = 0 THEN free / quantity
            WHEN missed = 0 AND free >= quantity THEN 1
            ELSE 0
        END) AS remaining
    FROM filled
    GROUP BY start
)
SELECT CAST(json_build_object(
    'timezone', asked.zone,
    'slots', coalesce(
        (
            SELECT json_agg(
                json_build_object(
                    'start', slot.start,
                    'end', slot.start + asked.duration,
                    'remaining', slot.remaining
                )
                ORDER BY slot.start
            )
            FROM slot
            WHERE slot.remaining > 0
        ),
        '[]'
    )
) AS text)
FROM asked
"""  # noqa: S608  (constants only)

# Whether one start is offered, and everybody who could serve it, with what lies in the way and how
# busy their week is.
LOOK_AT_START = f"""
WITH {ASKED}, {CLOSED}, {STARTS}, {REACH_OF_START}, {CANDIDATES},
week AS MATERIALIZED (
    SELECT tstzrange(
        date_trunc('week', local.start) AT TIME ZONE asked.zone,
        (date_trunc('week', local.start) + interval '7 days') AT TIME ZONE asked.zone
    ) AS during
    FROM asked
    CROSS JOIN LATERAL (SELECT CAST(:start AS timestamptz) AT TIME ZONE asked.zone AS start)
        AS local
)
SELECT
    EXISTS (SELECT FROM offered WHERE start = CAST(:start AS timestamptz)) AS offered,
    candidate.resource_id,
    candidate.resource_type,
    candidate.name,
    candidate.rostered @> needed.during AS rostered,
    candidate.free @> needed.during AS free,
    overdue.booking_ids AS overdue,
    week_load.minutes AS load_minutes
FROM candidate
JOIN needed ON needed.resource_type = candidate.resource_type
CROSS JOIN week
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(allocation.booking_id), '{{}}') AS booking_ids
    FROM allocation
    WHERE allocation.resource_id = candidate.resource_id
        AND {touching("needed.during")}
        AND allocation.state = 'held'
        AND allocation.expires_at <= CAST(:now AS timestamptz)
) AS overdue
CROSS JOIN LATERAL (
    SELECT CAST(coalesce(
        extract(epoch FROM sum(upper(allocation.serving) - lower(allocation.serving))) / 60, 0
    ) AS integer) AS minutes
    FROM allocation
    WHERE allocation.resource_id = candidate.resource_id
        AND {touching("week.during")}
) AS week_load
"""  # noqa: S608  (constants only)


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked about free time: local dates of starts, both included."""

    service_id: UUID
    branch_id: UUID
    zone: str
    first_day: date
    last_day: date
    wished: Collection[UUID] = ()

    def parameters(self, now: datetime) -> dict[str, Any]:
        """Return what every statement here takes."""
        return {
            "service_id": self.service_id,
            "branch_id": self.branch_id,
            "from": self.first_day,
            "to": self.last_day,
            "wished": list(self.wished),
            "now": now,
        }


@dataclass(frozen=True, kw_only=True)
class Look:
    """What is known of one start.

    Shapes:  `offered` it is on the grid, within opening hours, notice and horizon.
    """

    offered: bool
    candidates: list[Candidate]


def find_slots(session: Session, question: Question, now: datetime) -> dict[str, Any]:
    """Return every start that can still be booked, as the contract's JSON in the branch's time."""
    local_time.speak(session, question.zone)
    answer: dict[str, Any] = orjson.loads(
        session.execute(_SLOTS, question.parameters(now)).scalar_one()
    )
    return answer


def look_at(session: Session, question: Question, start: datetime, now: datetime) -> Look:
    """Return whether one start is offered and who could serve it."""
    rows = session.execute(_LOOK, {**question.parameters(now), "start": start}).all()
    return Look(
        offered=any(row.offered for row in rows),
        candidates=[
            Candidate(
                resource_id=row.resource_id,
                resource_type=row.resource_type,
                name=row.name,
                rostered=row.rostered,
                free=row.free,
                overdue=tuple(row.overdue),
                load_minutes=row.load_minutes,
            )
            for row in rows
        ],
    )


_WISHED = sa.bindparam("wished", type_=ARRAY(sa.Uuid))
_SLOTS = sa.text(SLOTS).bindparams(_WISHED)
_LOOK = sa.text(LOOK_AT_START).bindparams(_WISHED)

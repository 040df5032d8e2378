"""One start seen with everything that lies in its way, in one statement."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from services.scheduling.domain.explain import (
    Candidate,
    Closure,
    FullQuota,
    Joinable,
    Obstacle,
    Opening,
    Seen,
    Typed,
)
from services.scheduling.domain.spans import Span
from services.scheduling.queries import supply
from services.scheduling.queries.candidates import (
    ASKED_START,
    ELIGIBLE,
    FREE,
    LIVE,
    LOCKED,
    SESSIONS,
    WITHIN_REACH,
    touching,
    work_at,
)
from services.scheduling.queries.prepared import Prepared
from services.scheduling.queries.question import Question
from services.scheduling.queries.quotas import QUOTAS
from services.scheduling.queries.supply import OPENING, SUPPLY

# Every unit of everybody who could serve a line, with the time that the line would lock.
TRIED = f"""
tried AS MATERIALIZED (
    SELECT
        candidate.*,
        line.shared,
        needed.during,
        candidate.free @> needed.during AND NOT candidate.spent @> CAST(:start AS timestamptz)
            AS able
    FROM asked
    CROSS JOIN line
    CROSS JOIN LATERAL (SELECT {work_at("CAST(:start AS timestamptz)")} AS during) AS work
    CROSS JOIN LATERAL (
        SELECT tstzrange(lower(work.during) - line.before, upper(work.during) + line.after)
            AS during
    ) AS needed
    JOIN candidate ON candidate.key = line.key
),
joinable AS MATERIALIZED (
    SELECT
        class_session.session,
        class_session.places,
        class_session.with_wished,
        array_agg(DISTINCT allocation.resource_id) AS crew
    FROM asked
    CROSS JOIN class_session
    CROSS JOIN wanted
    JOIN allocation
        ON allocation.resource_id = wanted.resource_id
        AND {touching("asked.during")}
        AND allocation.session = class_session.session
    WHERE class_session.start = CAST(:start AS timestamptz) AND class_session.places > 0
    GROUP BY class_session.session, class_session.places, class_session.with_wished
)"""  # noqa: S608  (constants only)

# Why each of those who are not free is not. What keeps somebody from work goes before the roster:
# who is on leave is on leave, whether rostered or not.
OBSTACLE = f"""
obstacle AS MATERIALIZED (
    SELECT DISTINCT
        tried.key,
        tried.resource_id,
        found.kind,
        found.during,
        found.allocation_id,
        found.booking_id
    FROM asked
    CROSS JOIN place
    CROSS JOIN closed
    JOIN tried ON NOT tried.able
    JOIN wanted ON wanted.resource_id = tried.resource_id
    JOIN rostered ON rostered.resource_id = tried.resource_id
    LEFT JOIN away ON away.resource_id = tried.resource_id
    CROSS JOIN LATERAL (
        SELECT rostered.spans + coalesce(away.spans, '{{}}') AS spans
    ) AS known
    CROSS JOIN LATERAL (
        SELECT absence.kind, absence.during, CAST(NULL AS uuid), CAST(NULL AS uuid)
        FROM absence
        WHERE absence.resource_id = tried.resource_id AND absence.during && tried.during
        UNION ALL
        SELECT 'closed', days, NULL, NULL
        FROM unnest(closed.days) AS days
        WHERE NOT isempty(tstzmultirange(days * tried.during) - known.spans)
        UNION ALL
        SELECT 'off_roster', gap, NULL, NULL
        FROM unnest(tstzmultirange(tstzrange(NULL, NULL)) - known.spans - closed.days) AS gap
        WHERE gap && tried.during
        UNION ALL
        SELECT 'quota', period, NULL, NULL
        FROM unnest(tried.spent) AS period
        WHERE period @> CAST(:start AS timestamptz)
        UNION ALL
        SELECT
            CASE
                WHEN NOT allocation.during && tried.during THEN 'travel'
                WHEN allocation.state = 'confirmed' THEN 'booked'
                ELSE allocation.state
            END,
            locked.during,
            allocation.id,
            allocation.booking_id
        FROM allocation
        CROSS JOIN LATERAL (SELECT {LOCKED} AS during) AS locked
        WHERE allocation.resource_id = tried.resource_id
            AND {WITHIN_REACH}
            AND {LIVE}
            AND locked.during && tried.during
            AND (wanted.capacity = 1 OR allocation.units @> tried.unit)
            AND NOT (tried.shared AND EXISTS (
                SELECT FROM joinable
                WHERE joinable.session = allocation.session AND joinable.with_wished
            ))
    ) AS found (kind, during, allocation_id, booking_id)
)"""  # noqa: S608  (constants only)

WHY = f"""
WITH {ASKED_START}, {ELIGIBLE}, {SUPPLY}, {OPENING}, {QUOTAS}, {FREE}, {SESSIONS},
{TRIED}, {OBSTACLE},
today AS (
    SELECT CAST(CAST(:start AS timestamptz) AT TIME ZONE asked.zone AS date) AS day FROM asked
)
SELECT CAST(json_build_object(
    'within_hours', coalesce(
        (SELECT range_agg(opening.span) @> booking.during FROM opening), false
    ),
    'openings', (
        SELECT coalesce(json_agg(
            json_build_object(
                'day', opening.day,
                'codes', array_remove(ARRAY[day.weekday, day.special], NULL),
                'start', lower(opening.span),
                'end', upper(opening.span)
            )
            ORDER BY opening.span
        ), '[]')
        FROM opening
        JOIN day ON day.day = opening.day
        WHERE NOT isempty(opening.span)
            AND (opening.day = today.day OR opening.span @> CAST(:start AS timestamptz))
    ),
    'codes', (
        SELECT array_remove(ARRAY[day.weekday, day.special], NULL)
        FROM day
        WHERE day.day = today.day
    ),
    'holiday', (
        SELECT special_day.name
        FROM special_day
        WHERE special_day.calendar = asked.holiday_calendar
            AND special_day.day = today.day
            AND special_day.kind = 'holiday'
    ),
    'closures', (
        SELECT coalesce(json_agg(
            json_build_object(
                'first_day', lower(closure.days),
                'last_day', upper(closure.days) - 1,
                'reason', closure.reason
            )
            ORDER BY closure.days, closure.reason
        ), '[]')
        FROM closure
        WHERE closure.branch_id = asked.branch_id
            AND tstzrange(
                lower(closure.days)::timestamp AT TIME ZONE asked.zone,
                upper(closure.days)::timestamp AT TIME ZONE asked.zone
            ) && booking.during
    ),
    'quotas', (
        SELECT coalesce(json_agg(
            json_build_object(
                'per', full_period.per,
                'unit', full_period.unit,
                'period', full_period.period,
                'maximum', full_period.maximum,
                'used', CAST(
                    CASE full_period.unit
                        WHEN 'count' THEN full_period.bookings
                        ELSE full_period.minutes
                    END AS integer
                )
            )
            ORDER BY full_period.id
        ), '[]')
        FROM full_period
        WHERE full_period.during @> CAST(:start AS timestamptz)
    ),
    'types', (
        SELECT json_object_agg(
            resource_type.id,
            json_build_object('name', resource_type.name, 'kind', resource_type.kind)
        )
        FROM resource_type
        WHERE resource_type.id IN (SELECT line.resource_type FROM line)
    ),
    'sessions', (
        SELECT coalesce(json_agg(
            json_build_object('places', joinable.places, 'crew', joinable.crew)
        ), '[]')
        FROM joinable
    ),
    'candidates', (
        SELECT coalesce(json_agg(
            json_build_object(
                'line', tried.key,
                'resource_id', tried.resource_id,
                'unit', tried.unit,
                'free', tried.able,
                'name', resource.name,
                'bookable_by_name', resource.bookable_by_name
            )
            ORDER BY resource.name ->> 'zh', resource.id, tried.unit
        ), '[]')
        FROM tried
        JOIN resource ON resource.id = tried.resource_id
    ),
    'obstacles', (
        SELECT coalesce(json_agg(
            json_build_object(
                'line', obstacle.key,
                'resource_id', obstacle.resource_id,
                'name', resource.name,
                'kind', obstacle.kind,
                'start', lower(obstacle.during),
                'end', upper(obstacle.during),
                'allocation_id', obstacle.allocation_id,
                'booking_id', obstacle.booking_id
            )
            ORDER BY resource.name ->> 'zh', resource.id, obstacle.during, obstacle.allocation_id
        ), '[]')
        FROM obstacle
        JOIN resource ON resource.id = obstacle.resource_id
    )
) AS text)
FROM asked
CROSS JOIN today
CROSS JOIN LATERAL (
    SELECT tstzrange(
        CAST(:start AS timestamptz), CAST(:start AS timestamptz) + asked.duration
    ) AS during
) AS booking
"""  # noqa: S608  (constants only)


def see(session: Session, question: Question, start: datetime, now: datetime) -> Seen:
    """Return what one start looks like: its rules, who could serve it, and what is in the way."""
    supply.speak(session, question.zone)
    found = orjson.loads(
        _WHY.run(session, {**question.parameters(now), "start": start}).scalar_one()
    )
    return Seen(
        step_minutes=question.step_minutes,
        notice_minutes=question.notice_minutes,
        horizon_days=question.horizon_days,
        weekdays=None if question.weekdays is None else frozenset(question.weekdays),
        codes=frozenset(found["codes"]),
        within_hours=found["within_hours"],
        openings=[_opening(each) for each in found["openings"]],
        holiday=found["holiday"],
        closures=[_closure(each) for each in found["closures"]],
        full_quotas=[FullQuota(**each) for each in found["quotas"]],
        types={key: Typed(**each) for key, each in found["types"].items()},
        sessions=[
            Joinable(places=each["places"], crew=frozenset(map(UUID, each["crew"])))
            for each in found["sessions"]
        ],
        candidates=_candidates(found["candidates"]),
        obstacles=[_obstacle(each) for each in found["obstacles"]],
    )


def _opening(row: Mapping[str, Any]) -> Opening:
    return Opening(
        day=date.fromisoformat(row["day"]),
        codes=frozenset(row["codes"]),
        span=Span(datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"])),
    )


def _closure(row: Mapping[str, Any]) -> Closure:
    return Closure(
        first_day=date.fromisoformat(row["first_day"]),
        last_day=date.fromisoformat(row["last_day"]),
        reason=row["reason"],
    )


def _candidates(rows: Iterable[Mapping[str, Any]]) -> list[Candidate]:
    return [Candidate(**{**row, "resource_id": UUID(row["resource_id"])}) for row in rows]


def _obstacle(row: Mapping[str, Any]) -> Obstacle:
    ids = {name: row[name] and UUID(row[name]) for name in ("allocation_id", "booking_id")}
    times = {name: row[name] and datetime.fromisoformat(row[name]) for name in ("start", "end")}
    return Obstacle(**{**row, "resource_id": UUID(row["resource_id"]), **ids, **times})


_WHY = Prepared("why", WHY)

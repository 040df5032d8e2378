"""Free time: the interval algebra of hours, rosters and allocations, done by PostgreSQL."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from services.scheduling.queries import supply
from services.scheduling.queries.candidates import (
    ASKED_DATES,
    ELIGIBLE,
    FREE,
    OFFERED,
    SESSIONS,
    work_at,
)
from services.scheduling.queries.prepared import Prepared
from services.scheduling.queries.question import Question
from services.scheduling.queries.quotas import QUOTAS
from services.scheduling.queries.supply import OPENING, SUPPLY

# How many bookings still fit at each start. Every set of lines that may want the same people has
# to find enough of them; the scarcest set decides. Whoever is asked for by name has to be free,
# and can serve only one booking. In a class the shared lines make sessions with several places.
SLOTS = f"""
WITH {ASKED_DATES}, {ELIGIBLE}, {SUPPLY}, {OPENING}, {QUOTAS}, {OFFERED}, {FREE}, {SESSIONS},
demand AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_recordset(CAST(:demands AS jsonb)) AS demand (
        id integer, keys text[], quantity integer, shared boolean
    )
),
needed AS MATERIALIZED (
    SELECT
        offered.start,
        line.key,
        tstzrange(lower(work.during) - line.before, upper(work.during) + line.after) AS during
    FROM asked
    CROSS JOIN offered
    CROSS JOIN line
    CROSS JOIN LATERAL (SELECT {work_at("offered.start")} AS during) AS work
),
filled AS (
    SELECT
        needed.start,
        needed.key,
        count(*) FILTER (
            WHERE candidate.free @> needed.during AND NOT candidate.spent @> needed.start
        ) AS able
    FROM needed
    LEFT JOIN candidate ON candidate.key = needed.key
    GROUP BY needed.start, needed.key
),
rivals AS (
    SELECT needed.start, demand.id, count(DISTINCT (candidate.resource_id, candidate.unit)) AS able
    FROM demand
    JOIN needed ON needed.key = ANY(demand.keys)
    JOIN candidate
        ON candidate.key = needed.key
        AND candidate.free @> needed.during
        AND NOT candidate.spent @> needed.start
    WHERE cardinality(demand.keys) > 1
    GROUP BY needed.start, demand.id
),
met AS (
    SELECT filled.start, demand.id, demand.keys, demand.quantity, demand.shared, filled.able
    FROM demand
    JOIN filled ON filled.key = demand.keys[1]
    WHERE cardinality(demand.keys) = 1
    UNION ALL
    SELECT
        offered.start, demand.id, demand.keys, demand.quantity, demand.shared,
        coalesce(rivals.able, 0)
    FROM demand
    CROSS JOIN offered
    LEFT JOIN rivals ON rivals.id = demand.id AND rivals.start = offered.start
    WHERE cardinality(demand.keys) > 1
),
wish AS MATERIALIZED (
    SELECT needed.start, candidate.resource_id, array_agg(DISTINCT needed.key) AS keys
    FROM needed
    JOIN candidate
        ON candidate.wished
        AND candidate.key = needed.key
        AND candidate.free @> needed.during
        AND NOT candidate.spent @> needed.start
    GROUP BY needed.start, candidate.resource_id
),
granted AS MATERIALIZED (
    SELECT offered.start
    FROM offered
    WHERE cardinality(CAST(:wished AS uuid[]))
            = (SELECT count(*) FROM wish WHERE wish.start = offered.start)
        AND NOT EXISTS (
            SELECT
            FROM demand
            JOIN wish ON wish.start = offered.start AND wish.keys <@ demand.keys
            GROUP BY demand.id, demand.quantity
            HAVING count(*) > demand.quantity
        )
),
counted AS (
    SELECT
        met.start,
        min(met.able / met.quantity) FILTER (WHERE NOT met.shared) AS alone,
        min(met.able / met.quantity) FILTER (WHERE met.shared) AS together
    FROM met
    GROUP BY met.start
),
slot AS MATERIALIZED (
    SELECT
        counted.start,
        CASE
            WHEN cardinality(CAST(:wished AS uuid[])) = 0 THEN least(
                counted.alone,
                counted.together * asked.places + coalesce(begun.places, 0)
            )
            ELSE least(
                counted.alone,
                CASE
                    WHEN granted.start IS NULL THEN 0
                    ELSE least(1, counted.together, counted.alone) * asked.places
                END + coalesce(begun.places_with_wished, 0)
            )
        END AS remaining
    FROM asked
    CROSS JOIN counted
    LEFT JOIN granted ON granted.start = counted.start
    LEFT JOIN (
        SELECT
            class_session.start,
            sum(class_session.places) AS places,
            sum(class_session.places) FILTER (WHERE class_session.with_wished)
                AS places_with_wished
        FROM class_session
        GROUP BY class_session.start
    ) AS begun ON begun.start = counted.start
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
    ),
    'day_parts', coalesce(
        (
            SELECT json_agg(
                json_build_object(
                    'day', whole.day, 'part', whole.part, 'remaining', whole.remaining
                )
                ORDER BY whole.day, whole.opens, whole.part
            )
            FROM (
                SELECT
                    CAST(slot.start AT TIME ZONE asked.zone AS date) AS day,
                    part.part,
                    part.opens,
                    max(slot.remaining) AS remaining
                FROM slot
                JOIN day_part AS part
                    ON part.service_id = asked.service_id
                    AND CAST(slot.start AT TIME ZONE asked.zone AS time) >= part.opens
                    AND CAST(slot.start AT TIME ZONE asked.zone AS time) < part.closes
                WHERE slot.remaining > 0
                GROUP BY 1, part.part, part.opens
            ) AS whole
        ),
        '[]'
    )
) AS text)
FROM asked
"""  # noqa: S608  (constants only)


def find_slots(session: Session, question: Question, now: datetime) -> dict[str, Any]:
    """Return every start that can still be booked, as the contract's JSON in the branch's time."""
    supply.speak(session, question.zone)
    answer: dict[str, Any] = orjson.loads(
        _SLOTS.run(session, question.parameters(now)).scalar_one()
    )
    return answer


def fitting(session: Session, question: Question, now: datetime) -> dict[UUID, set[str]]:
    """Return which lines each of the wished could serve at the branch, free or not."""
    found: dict[UUID, set[str]] = {}
    for row in _FITTING.run(session, question.parameters(now)):
        found.setdefault(row.resource_id, set()).add(row.key)
    return found


_FITTING = Prepared(
    "fitting",
    f"WITH {ASKED_DATES}, {ELIGIBLE} SELECT key, resource_id FROM eligible WHERE wished",  # noqa: S608
)
_SLOTS = Prepared("slots", SLOTS)

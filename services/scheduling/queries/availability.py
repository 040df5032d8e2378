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
    touching,
    work_at,
)
from services.scheduling.queries.prepared import Prepared
from services.scheduling.queries.question import Question
from services.scheduling.queries.quotas import ALLOWANCE, QUOTAS
from services.scheduling.queries.supply import OPENING, SUPPLY

# Whether those of the wished who do not serve a begun session can all serve lines of one's own.
SEATED = """(
            NOT EXISTS (
                SELECT
                FROM unnest(others.ids) AS other (id)
                LEFT JOIN own_wish
                    ON own_wish.start = class_session.start AND own_wish.resource_id = other.id
                WHERE own_wish.start IS NULL
            )
            AND NOT EXISTS (
                SELECT
                FROM demand
                JOIN own_wish
                    ON own_wish.start = class_session.start
                    AND own_wish.resource_id = ANY(others.ids)
                    AND own_wish.keys <@ demand.keys
                WHERE demand.quantity = demand.own
                GROUP BY demand.id, demand.quantity
                HAVING count(*) > demand.quantity
            )
        )"""

# How many bookings a set of lines lets begin: first they fill the `places` of begun sessions, for
# which each needs its own lines only, and then those of fresh ones, which need a crew as well. With
# `crews` fresh ones there are as many places as the rest can fill, give or take one crew.
TOGETHER = """CASE
            WHEN fit.own = 0 THEN begun.places + fit.able / fit.crew * asked.places
            ELSE greatest(
                least(
                    begun.places + fresh.crews * asked.places,
                    (fit.able - fresh.crews * fit.crew) / fit.own
                ),
                CASE
                    WHEN fit.crew = 0 THEN fit.able / fit.own
                    ELSE least(
                        begun.places + (fresh.crews + 1) * asked.places,
                        (fit.able - (fresh.crews + 1) * fit.crew) / fit.own
                    )
                END
            )
        END"""

# How many bookings still fit at each start. Every set of lines that may want the same people has
# to find enough of them; the scarcest set decides. Whoever is asked for by name has to be free,
# and can serve only one booking; for that somebody counts once for each turn (see domain.lines).
# In a class the shared lines make sessions with several places. Units of a counted thing that a
# quota withholds are not counted; how a few bookings would share the rest is not worked out: that
# gives it whole bookings, and any booking at all one.
# Of several services that one booking fits is certain; of how many fit, the buffers are not counted
# that somebody needs who serves one booking first and then another.
SLOTS = f"""
WITH {ASKED_DATES}, {ELIGIBLE}, {SUPPLY}, {OPENING}, {QUOTAS}, {ALLOWANCE}, {OFFERED}, {FREE},
{SESSIONS},
asked_for AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_recordset(CAST(:demands AS jsonb)) AS demand (
        id integer, keys text[], quantity integer, shared boolean
    )
),
demand AS MATERIALIZED (
    SELECT
        asked_for.*,
        (
            SELECT CAST(coalesce(sum(one.quantity), 0) AS integer)
            FROM asked_for AS one
            WHERE cardinality(one.keys) = 1 AND NOT one.shared AND one.keys <@ asked_for.keys
        ) AS own
    FROM asked_for
),
needed AS MATERIALIZED (
    SELECT
        offered.start,
        line.key,
        line.turn,
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
    SELECT
        needed.start,
        demand.id,
        count(DISTINCT (candidate.resource_id, candidate.unit, needed.turn)) AS able
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
    SELECT filled.start, demand.*, filled.able
    FROM demand
    JOIN filled ON filled.key = demand.keys[1]
    WHERE cardinality(demand.keys) = 1
    UNION ALL
    SELECT offered.start, demand.*, coalesce(rivals.able, 0)
    FROM demand
    CROSS JOIN offered
    LEFT JOIN rivals ON rivals.id = demand.id AND rivals.start = offered.start
    WHERE cardinality(demand.keys) > 1
),
withheld AS (
    SELECT
        counted_thing.start,
        counted_thing.id,
        CAST(sum(counted_thing.units - counted_thing.whole) AS bigint) AS units
    FROM (
        SELECT
            needed.start,
            demand.id,
            count(DISTINCT (candidate.unit, needed.turn)) AS units,
            least(
                count(DISTINCT (candidate.unit, needed.turn)),
                min(allowance.bookings) * demand.quantity
            ) / demand.quantity * demand.quantity AS whole,
            min(allowance.bookings) AS bookings
        FROM allowance
        JOIN candidate ON candidate.resource_id = allowance.resource_id
        JOIN needed
            ON needed.key = candidate.key
            AND allowance.during @> needed.start
            AND candidate.free @> needed.during
            AND NOT candidate.spent @> needed.start
        JOIN demand ON needed.key = ANY(demand.keys)
        GROUP BY needed.start, demand.id, demand.quantity, candidate.resource_id
    ) AS counted_thing
    WHERE counted_thing.bookings < counted_thing.units
    GROUP BY counted_thing.start, counted_thing.id
),
fit AS (
    SELECT
        met.start,
        met.quantity,
        met.shared,
        met.own,
        met.quantity - met.own AS crew,
        greatest(least(met.able, met.quantity), met.able - coalesce(withheld.units, 0)) AS able
    FROM met
    LEFT JOIN withheld ON withheld.start = met.start AND withheld.id = met.id
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
    SELECT
        offered.start,
        -- Whoever is wished for a line of one's own serves one customer of a class.
        CASE
            WHEN EXISTS (
                SELECT FROM wish
                WHERE wish.start = offered.start AND NOT EXISTS (
                    SELECT FROM line WHERE line.shared AND line.key = ANY(wish.keys)
                )
            )
            THEN 1
            ELSE asked.places
        END AS places
    FROM asked
    CROSS JOIN offered
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
own_wish AS MATERIALIZED (
    SELECT wish.start, wish.resource_id, array_agg(line.key) AS keys
    FROM wish
    JOIN line ON line.key = ANY(wish.keys) AND NOT line.shared
    GROUP BY wish.start, wish.resource_id
),
joined AS MATERIALIZED (
    SELECT
        class_session.start,
        CAST(sum(class_session.places) AS bigint) AS places,
        CAST(
            sum(class_session.places) FILTER (WHERE class_session.with_wished) AS bigint
        ) AS places_with_wished,
        bool_or(class_session.places > 0 AND {SEATED}) AS seated
    FROM asked
    CROSS JOIN class_session
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(wished.id), '{{}}') AS ids
        FROM unnest(CAST(:wished AS uuid[])) AS wished (id)
        WHERE NOT EXISTS (
            SELECT
            FROM allocation
            WHERE allocation.resource_id = wished.id
                AND {touching("asked.during")}
                AND allocation.session = class_session.session
        )
    ) AS others
    GROUP BY class_session.start
),
counted AS (
    SELECT
        fit.start,
        coalesce(joined.places_with_wished, 0) AS places_with_wished,
        coalesce(joined.seated, false) AND coalesce(bool_and(fit.able >= fit.own), true) AS seated,
        min(fit.able / fit.quantity) FILTER (WHERE NOT fit.shared) AS alone,
        min(fit.able / fit.quantity) FILTER (WHERE fit.shared) AS together,
        min({TOGETHER}) AS whoever
    FROM asked
    CROSS JOIN fit
    LEFT JOIN joined ON joined.start = fit.start
    CROSS JOIN LATERAL (SELECT coalesce(joined.places, 0) AS places) AS begun
    CROSS JOIN LATERAL (
        SELECT greatest(
            0, (fit.able - fit.own * begun.places) / (fit.own * asked.places + fit.crew)
        ) AS crews
    ) AS fresh
    GROUP BY fit.start, joined.places_with_wished, joined.seated
),
slot AS MATERIALIZED (
    SELECT
        counted.start,
        least(
            CASE
                WHEN cardinality(CAST(:wished AS uuid[])) = 0 THEN counted.whoever
                ELSE greatest(
                    CAST(counted.seated AS integer),
                    least(
                        counted.alone,
                        counted.places_with_wished + CASE
                            WHEN granted.start IS NULL THEN 0
                            ELSE least(1, counted.together, counted.alone) * granted.places
                        END
                    )
                )
            END,
            (
                SELECT min(used_period.remaining)
                FROM used_period
                WHERE used_period.during @> counted.start
            )
        ) AS remaining
    FROM asked
    CROSS JOIN counted
    LEFT JOIN granted ON granted.start = counted.start
)
SELECT CAST(json_build_object(
    'timezone', asked.zone,
    'waitlist', asked.alone AND requirement.waitlist_mode <> 'off',
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
                    ON asked.alone
                    AND part.service_id = asked.service_id
                    AND CAST(slot.start AT TIME ZONE asked.zone AS time) >= part.opens
                    AND CAST(slot.start AT TIME ZONE asked.zone AS time) < part.closes
                WHERE slot.remaining > 0
                GROUP BY 1, part.part, part.opens
            ) AS whole
        ),
        '[]'
    )
) AS text)
FROM (SELECT *, CAST(:also AS uuid[]) = '{{}}' AS alone FROM asked) AS asked
JOIN requirement ON requirement.service_id = asked.service_id
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

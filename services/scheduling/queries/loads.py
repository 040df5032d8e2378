"""How much of their time resources work, are locked and serve: pieces of statements.

They need `asked` (with `during`, and `first_day` a day before what is shown), `wanted` and the
pieces of supply; see there.
"""

from services.scheduling.queries.candidates import touching
from services.scheduling.queries.supply import OPENING

# What a resource's time is measured against. Spaces and things without a roster can always be
# used, but nobody expects them to be at night: for them the branch's opening hours count.
WORKED = f"""{OPENING},
worked AS MATERIALIZED (
    SELECT
        rostered.resource_id,
        CASE
            WHEN rostered.resource_id IN (SELECT shift.resource_id FROM shift) THEN rostered.spans
            ELSE rostered.spans * open.spans
        END AS spans
    FROM rostered
    CROSS JOIN (
        SELECT coalesce(range_agg(opening.span), '{{}}') - closed.days AS spans
        FROM closed
        LEFT JOIN opening ON true
        GROUP BY closed.days
    ) AS open
)"""  # noqa: S608  (constants only)


def booked(counts: str) -> str:
    """Return the piece with what is locked of those who are wanted, and whose booking it is.

    Shapes:  `counts` which allocations count, with their `hold` (null for a block).
    """
    # OFFSET keeps the planner from joining before it looks: then the index finds the days, too.
    return f"""
booked AS MATERIALIZED (
    SELECT
        allocation.*,
        hold.branch_id,
        hold.service_id,
        hold.day_part,
        hold.revision,
        hold.outcome
    FROM asked
    CROSS JOIN wanted
    JOIN resource ON resource.id = wanted.resource_id
    CROSS JOIN LATERAL (
        SELECT allocation.*
        FROM allocation
        WHERE allocation.resource_id = wanted.resource_id AND {touching("asked.during")}
        OFFSET 0
    ) AS allocation
    LEFT JOIN hold ON hold.booking_id = allocation.booking_id
    WHERE {counts}
)"""  # noqa: S608  (constants only)


# What is locked of each unit, and what of that has been served. A session locks all units.
USED = """
used AS MATERIALIZED (
    SELECT
        wanted.resource_id,
        unit,
        coalesce(range_agg(booked.during), '{}') AS spans,
        coalesce(range_agg(booked.during) FILTER (WHERE booked.outcome = 'served'), '{}') AS served
    FROM wanted
    JOIN resource ON resource.id = wanted.resource_id
    CROSS JOIN generate_series(1, resource.capacity) AS unit
    LEFT JOIN booked
        ON booked.resource_id = wanted.resource_id
        AND (resource.capacity = 1 OR booked.session IS NOT NULL OR booked.units @> unit)
    GROUP BY wanted.resource_id, unit
)"""


def minutes(spans: str) -> str:
    """Return the expression of how many minutes a multirange has."""
    length = "sum(extract(epoch FROM upper(span) - lower(span)) / 60)"
    return f"(SELECT coalesce({length}, 0) FROM unnest({spans}) AS span)"  # noqa: S608


# A resource's local dates, in minutes of all its units together.
LOAD = f"""
load AS MATERIALIZED (
    SELECT
        used.resource_id,
        date.day,
        date.ended,
        CAST(sum({minutes("worked.spans * date.span")}) AS integer) AS rostered,
        CAST(sum({minutes("used.spans * date.span")}) AS integer) AS allocated,
        CAST(sum({minutes("used.served * date.span")}) AS integer) AS served,
        CAST(sum({minutes("(worked.spans - used.spans) * date.span")}) AS integer) AS free
    FROM asked
    CROSS JOIN LATERAL (
        SELECT
            day.day,
            (day.day + 1)::timestamp AT TIME ZONE asked.zone <= CAST(:now AS timestamptz) AS ended,
            tstzmultirange(tstzrange(
                day.day::timestamp AT TIME ZONE asked.zone,
                (day.day + 1)::timestamp AT TIME ZONE asked.zone
            )) AS span
        FROM day
        WHERE day.day > asked.first_day
    ) AS date
    CROSS JOIN used
    JOIN worked ON worked.resource_id = used.resource_id
    GROUP BY used.resource_id, date.day, date.ended
)"""  # noqa: S608  (constants only)

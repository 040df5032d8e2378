"""Who could serve: the question in instants, starts on offer, and everybody's free time.

The pieces below are common table expressions; a statement is put together from those it needs,
so that what counts as open, as rostered and as free is written once. All take the parameters of
`Question.parameters`.
"""

from services.scheduling.models import MAX_ALLOCATION_HOURS
from services.scheduling.queries.supply import reaching


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


LIVE = """(allocation.state <> 'held' OR allocation.expires_at > CAST(:now AS timestamptz))
            AND coalesce(allocation.booking_id <> CAST(:ignored AS uuid), true)"""
"""A hold whose end has passed no longer counts, whether or not anybody has swept it away yet; nor
does the booking that is to be moved."""


def asked(during: str) -> str:
    """Return the question in instants: a start lies in [earliest, latest), all work in `during`."""
    return f"""
asked AS MATERIALIZED (
    SELECT
        {reaching("reach.during")},
        CAST(:service_id AS uuid) AS service_id,
        CAST(:places AS integer) AS places,
        CAST(:weekdays AS smallint[]) AS weekdays,
        make_interval(mins => CAST(:step AS integer)) AS step,
        make_interval(mins => CAST(:duration AS integer)) AS duration,
        bounds.earliest,
        bounds.latest
    FROM branch
    CROSS JOIN LATERAL (
        SELECT
            greatest(
                CAST(:from AS date)::timestamp AT TIME ZONE branch.timezone,
                CAST(:now AS timestamptz)
                    + make_interval(mins => CAST(:notice AS integer))
            ) AS earliest,
            least(
                (CAST(:to AS date) + 1)::timestamp AT TIME ZONE branch.timezone,
                ((CAST(:now AS timestamptz) AT TIME ZONE branch.timezone)::date
                    + CAST(:horizon AS integer) + 1)::timestamp AT TIME ZONE branch.timezone
            ) AS latest
    ) AS bounds
    CROSS JOIN LATERAL (SELECT {during} AS during) AS reach
    WHERE branch.id = CAST(:branch_id AS uuid)
),
line AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS line (
        key text, turn integer, resource_type text, minutes integer,
        begins interval, ends interval, before interval, after interval,
        whole_days boolean, shared boolean, pool_id uuid, skills jsonb, attributes jsonb
    )
)"""  # noqa: S608  (constants only)


# All the time that any line of a booking could lock: of those that start on the dates asked for,
# or of the one that starts at an instant, whatever notice and horizon say by now.
ASKED_DATES = asked(
    "tstzrange("
    "bounds.earliest + CAST(:lead AS interval),"
    " greatest(bounds.latest, bounds.earliest) + CAST(:tail AS interval))"
)
ASKED_START = asked(
    "tstzrange("
    "CAST(:start AS timestamptz) + CAST(:lead AS interval),"
    " CAST(:start AS timestamptz) + CAST(:tail AS interval))"
)

# Who could serve which line: of its type, at this branch, in its pool, with its skills. `place` is
# where the booking takes place: at the branch, or at the location that is wished for; while that
# is open (null) it counts as elsewhere for everybody, and as far away as the farthest.
ELIGIBLE = """
located AS MATERIALIZED (
    SELECT resource.id FROM asked JOIN resource ON resource.branch_id = asked.branch_id
    UNION
    SELECT roster_rule.resource_id
    FROM asked
    JOIN roster_rule
        ON roster_rule.branch_id = asked.branch_id AND roster_rule.state = 'published'
),
eligible AS MATERIALIZED (
    SELECT
        line.key,
        line.turn,
        line.minutes,
        resource.id AS resource_id,
        resource.resource_type,
        resource.name,
        resource.capacity,
        resource.mobile,
        resource.travel_minutes,
        resource.id = ANY(CAST(:wished AS uuid[])) AS wished
    FROM located
    JOIN resource ON resource.id = located.id AND resource.active
    JOIN line ON line.resource_type = resource.resource_type
    WHERE resource.attributes @> line.attributes
        AND (
            line.pool_id IS NULL
            OR EXISTS (
                SELECT FROM pool_resource
                WHERE pool_resource.pool_id = line.pool_id
                    AND pool_resource.resource_id = resource.id
            )
        )
        AND NOT EXISTS (
            SELECT
            FROM jsonb_each_text(line.skills) AS needed (skill_id, level)
            WHERE NOT EXISTS (
                SELECT FROM resource_skill
                WHERE resource_skill.resource_id = resource.id
                    AND resource_skill.skill_id = needed.skill_id
                    AND resource_skill.level >= CAST(needed.level AS integer)
            )
        )
),
-- `way` is the longest that anybody needs from one place to another, twelve hours at either end.
wanted AS MATERIALIZED (
    SELECT DISTINCT
        resource_id,
        capacity,
        mobile,
        CASE WHEN mobile THEN interval '24 hours' ELSE interval '0' END AS way
    FROM eligible
),
place AS MATERIALIZED (
    SELECT
        CASE
            WHEN count(*) FILTER (WHERE line.resource_type = 'location') = 0 THEN asked.branch_id
            ELSE CAST((array_agg(eligible.resource_id) FILTER (WHERE eligible.wished))[1] AS uuid)
        END AS id,
        make_interval(mins => coalesce(
            max(eligible.travel_minutes) FILTER (WHERE eligible.wished),
            max(eligible.travel_minutes),
            asked.travel_minutes
        )) AS travel
    FROM asked
    CROSS JOIN line
    LEFT JOIN eligible
        ON eligible.key = line.key AND eligible.resource_type = 'location'
    GROUP BY asked.branch_id, asked.travel_minutes
)"""

# Starts on the step grid of each day's opening whose whole booking lies within opening hours.
OFFERED = """
open AS MATERIALIZED (
    SELECT range_agg(opening.span) - closed.days AS spans
    FROM opening, closed
    GROUP BY closed.days
),
offered AS MATERIALIZED (
    SELECT DISTINCT start
    FROM asked
    CROSS JOIN open
    CROSS JOIN used_up
    JOIN opening ON lower(opening.span) < asked.latest AND upper(opening.span) > asked.earliest
    JOIN day ON day.day = opening.day
    CROSS JOIN generate_series(lower(opening.span), upper(opening.span), asked.step) AS start
    WHERE start >= asked.earliest
        AND start < least(asked.latest, upper(opening.span))
        AND open.spans @> tstzrange(start, start + asked.duration)
        AND NOT used_up.spans @> start
        AND (
            asked.weekdays IS NULL
            OR day.weekday = ANY(asked.weekdays)
            OR day.special = ANY(asked.weekdays)
        )
)"""

# What an allocation locks of somebody, seen from `place`: for people who move about also the way
# from where they work before and to where they work after.
LOCKED = """CASE
            WHEN NOT wanted.mobile OR allocation.reach IS NULL OR allocation.place_id = place.id
            THEN allocation.during
            ELSE tstzrange(
                lower(allocation.reach) - place.travel, upper(allocation.reach) + place.travel
            )
        END"""
WITHIN_REACH = touching(
    "tstzrange(lower(asked.during) - wanted.way, upper(asked.during) + wanted.way)"
)

# When nobody has a unit of those who are wanted: what they work less what is locked.
FREE = f"""
free AS MATERIALIZED (
    SELECT
        wanted.resource_id,
        unit,
        rostered.spans AS rostered,
        rostered.spans - coalesce(taken.spans, '{{}}') AS spans
    FROM asked
    CROSS JOIN place
    CROSS JOIN wanted
    CROSS JOIN generate_series(1, wanted.capacity) AS unit
    JOIN rostered ON rostered.resource_id = wanted.resource_id
    CROSS JOIN LATERAL (
        SELECT range_agg({LOCKED}) AS spans
        FROM allocation
        WHERE allocation.resource_id = wanted.resource_id
            AND {WITHIN_REACH}
            AND (wanted.capacity = 1 OR allocation.units @> unit)
            AND {LIVE}
    ) AS taken
),
candidate AS MATERIALIZED (
    SELECT
        eligible.key,
        eligible.resource_id,
        eligible.wished,
        free.unit,
        free.spans AS free,
        coalesce(spent.spans, '{{}}') AS spent
    FROM eligible
    JOIN free ON free.resource_id = eligible.resource_id
    LEFT JOIN spent ON spent.key = eligible.key AND spent.resource_id = eligible.resource_id
)"""  # noqa: S608  (constants only)


def work_at(start: str) -> str:
    """Return the expression of what a line works in a booking that starts then."""
    return f"""CASE
            WHEN line.whole_days
            THEN tstzrange(
                date_trunc('day', ({start} + line.begins) AT TIME ZONE asked.zone)
                    AT TIME ZONE asked.zone,
                (date_trunc(
                    'day', ({start} + line.ends - interval '1 microsecond') AT TIME ZONE asked.zone
                ) + interval '1 day') AT TIME ZONE asked.zone
            )
            ELSE tstzrange({start} + line.begins, {start} + line.ends)
        END"""


# Sessions of a class that have begun to fill, with the places that are left in them.
SESSIONS = f"""
class_session AS MATERIALIZED (
    SELECT
        hold.start_at AS start,
        allocation.session,
        greatest(asked.places - count(DISTINCT hold.booking_id), 0) AS places,
        bool_and(CAST(:wished AS uuid[]) <@ coalesce(crew.ids, '{{}}')) AS with_wished
    FROM asked
    JOIN hold
        ON asked.places > 1
        AND hold.service_id = asked.service_id
        AND hold.branch_id = asked.branch_id
        AND hold.state IN ('held', 'confirmed')
        AND hold.start_at >= asked.earliest
        AND hold.start_at < asked.latest
    JOIN allocation
        ON allocation.booking_id = hold.booking_id
        AND allocation.session IS NOT NULL
        AND allocation.state <> 'released'
        AND {LIVE}
    CROSS JOIN LATERAL (
        SELECT array_agg(other.resource_id) AS ids
        FROM allocation AS other
        WHERE other.booking_id = hold.booking_id AND other.session = allocation.session
    ) AS crew
    GROUP BY hold.start_at, allocation.session, asked.places
)"""  # noqa: S608  (constants only)

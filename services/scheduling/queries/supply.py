"""What time there is: days, opening hours, rosters and absences, as pieces of statements.

A statement begins with `asked` (see ASKED) and `wanted(resource_id)`, and goes on with the pieces
that it needs, in the order in which they stand here. What counts as a day, as open and as rostered
is written once, here.
"""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.scheduling.queries.locks import share_supply

# The branch and the local dates that a statement looks at, both included. Whoever reads shifts
# that run past midnight starts a day early.
ASKED_COLUMNS = """
        branch.id AS branch_id,
        branch.timezone AS zone,
        branch.holiday_calendar,
        branch.open_on_holidays,
        branch.travel_minutes"""

# The code of a special day (8 holiday, 9 make-up work day); one that was struck out has none.
SPECIAL = "CAST(CASE special.kind WHEN 'holiday' THEN 8 WHEN 'work_day' THEN 9 END AS smallint)"


def reaching(span: str) -> str:
    """Return the columns of `asked` for all local dates that a span of instants touches."""
    return f"""{ASKED_COLUMNS},
        {span} AS during,
        (lower({span}) AT TIME ZONE branch.timezone)::date - 1 AS first_day,
        (upper({span}) AT TIME ZONE branch.timezone)::date AS last_day"""


# A branch on the dates from `from` to `to`. Nights that began the day before belong to them.
ASKED_DAYS = f"""
asked AS MATERIALIZED (
    SELECT
        {ASKED_COLUMNS},
        CAST(:from AS date) - 1 AS first_day,
        CAST(:to AS date) AS last_day,
        tstzrange(
            CAST(:from AS date)::timestamp AT TIME ZONE branch.timezone,
            (CAST(:to AS date) + 1)::timestamp AT TIME ZONE branch.timezone
        ) AS during
    FROM branch
    WHERE branch.id = CAST(:branch_id AS uuid)
)"""  # noqa: S608  (constants only)

# Each date with its ISO weekday and its special code, if it has one.
DAY = f"""
day AS MATERIALIZED (
    SELECT
        CAST(each AS date) AS day,
        CAST(extract(isodow FROM each) AS smallint) AS weekday,
        {SPECIAL} AS special
    FROM asked
    CROSS JOIN generate_series(
        CAST(asked.first_day AS timestamp), CAST(asked.last_day AS timestamp), interval '1 day'
    ) AS each
    LEFT JOIN special_day AS special
        ON special.calendar = asked.holiday_calendar AND special.day = CAST(each AS date)
)"""  # noqa: S608  (constants only)


def span_on(day: str, rule: str, later: str = "0") -> str:
    """Return the expression of wall-clock hours on a local date, `later` days after it.

    `greatest` keeps hours that begin in the hour which daylight saving time skips from ending
    before they begin.
    """
    begins = f"({day} + {later} + {rule}.opens) AT TIME ZONE asked.zone"
    ends = (
        f"({day} + {later} + CAST({rule}.closes <= {rule}.opens AS integer) + {rule}.closes)"
        " AT TIME ZONE asked.zone"
    )
    return f"tstzrange({begins}, greatest({begins}, {ends}))"


# When the branch is open: the hours of the very date if there are any, else those of the kind of
# day, else those of the weekday.
OPENING = f"""
opening AS MATERIALIZED (
    SELECT day.day, {span_on("day.day", "hours")} AS span
    FROM asked
    CROSS JOIN day
    CROSS JOIN LATERAL (
        SELECT branch_day.opens, branch_day.closes
        FROM branch_day
        WHERE branch_day.branch_id = asked.branch_id AND branch_day.day = day.day
        UNION ALL
        SELECT branch_hours.opens, branch_hours.closes
        FROM branch_hours
        WHERE branch_hours.branch_id = asked.branch_id
            AND branch_hours.weekday = CASE
                WHEN day.special IS NULL THEN day.weekday
                WHEN EXISTS (
                    SELECT FROM branch_hours AS own
                    WHERE own.branch_id = asked.branch_id AND own.weekday = day.special
                ) THEN day.special
                WHEN day.special = 8 AND NOT asked.open_on_holidays THEN 0
                ELSE day.weekday
            END
            AND NOT EXISTS (
                SELECT FROM branch_day
                WHERE branch_day.branch_id = asked.branch_id AND branch_day.day = day.day
            )
    ) AS hours
)"""  # noqa: S608  (constants only)

# Local dates on which the branch is closed, as instants.
CLOSED = """
closed AS MATERIALIZED (
    SELECT coalesce(
        range_agg(tstzrange(
            lower(closure.days)::timestamp AT TIME ZONE asked.zone,
            upper(closure.days)::timestamp AT TIME ZONE asked.zone
        )),
        '{}'
    ) AS days
    FROM asked
    JOIN closure
        ON closure.branch_id = asked.branch_id
        AND closure.days && daterange(asked.first_day, asked.last_day, '[]')
)"""


# Which rules hold on which dates, and how they rank. What is a holiday is said by the calendar of
# the branch that a rule is for, so that every branch is told the same.
MATCHED = f"""
matched AS MATERIALIZED (
    SELECT
        rule.id,
        rule.resource_id,
        rule.branch_id,
        rule.extra,
        rule.begins,
        day.day,
        rank() OVER (
            PARTITION BY rule.resource_id, day.day, rule.extra
            ORDER BY rule.priority DESC, coalesce(kind.special = ANY(rule.weekdays), false) DESC
        ) AS rank
    FROM asked
    CROSS JOIN rule
    JOIN day ON rule.days @> day.day
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN rule.holiday_calendar IS NOT DISTINCT FROM asked.holiday_calendar
            THEN day.special
            ELSE (
                SELECT {SPECIAL}
                FROM special_day AS special
                WHERE special.calendar = rule.holiday_calendar AND special.day = day.day
            )
        END AS special
    ) AS kind
    WHERE (day.weekday = ANY(rule.weekdays) OR kind.special = ANY(rule.weekdays))
        AND (rule.cycle_weeks = 1 OR rule.cycle_week = mod(
            mod(
                CAST(
                    date_trunc('week', CAST(day.day AS timestamp))::date
                    - date_trunc('week', CAST(rule.cycle_from AS timestamp))::date AS integer
                ) / 7,
                rule.cycle_weeks
            ) + rule.cycle_weeks,
            rule.cycle_weeks
        ))
)"""  # noqa: S608  (constants only)

# The hours that the deciding rules give a date, with the breaks taken out.
SHIFT = f"""
shift AS MATERIALIZED (
    SELECT
        matched.resource_id,
        matched.day,
        range_agg({span_on("matched.day", "hours")}) FILTER (WHERE hours.kind = 'work')
            - coalesce(
                range_agg({
    span_on("matched.day", "hours", "CAST(hours.opens < matched.begins AS integer)")
})
                    FILTER (WHERE hours.kind = 'break'),
                '{{}}'
            ) AS spans
    FROM asked
    CROSS JOIN matched
    JOIN roster_span AS hours ON hours.rule_id = matched.id
    WHERE (matched.rank = 1 OR matched.extra) AND matched.branch_id = asked.branch_id
    GROUP BY matched.id, matched.resource_id, matched.day
)"""  # noqa: S608  (constants only)


# Everybody's spans at the branch, one row for each rule and date. All of a resource's rules count,
# also those at other branches: whoever is sent elsewhere on a date by a rule of higher priority
# does not work here then.
SHIFTS = f"""
rule AS MATERIALIZED (
    SELECT
        roster_rule.*,
        place.holiday_calendar,
        (
            SELECT min(roster_span.opens)
            FROM roster_span
            WHERE roster_span.rule_id = roster_rule.id AND roster_span.kind = 'work'
        ) AS begins
    FROM asked
    CROSS JOIN wanted
    JOIN roster_rule
        ON roster_rule.resource_id = wanted.resource_id
        AND roster_rule.state = 'published'
        AND roster_rule.days && daterange(asked.first_day, asked.last_day, '[]')
    JOIN branch AS place ON place.id = roster_rule.branch_id
),
{MATCHED},
{SHIFT}"""  # noqa: S608  (constants only)

# Approved leave, and busy times that came from calendars elsewhere.
AWAY = """
absence AS MATERIALIZED (
    SELECT wanted.resource_id, absence.kind, absence.during
    FROM asked
    CROSS JOIN wanted
    CROSS JOIN LATERAL (
        SELECT 'leave' AS kind, leave.during
        FROM leave
        WHERE leave.resource_id = wanted.resource_id
            AND leave.state = 'approved'
            AND leave.during && asked.during
        UNION ALL
        SELECT 'busy_elsewhere', busy_time.during
        FROM busy_time
        WHERE busy_time.resource_id = wanted.resource_id AND busy_time.during && asked.during
    ) AS absence
),
away AS MATERIALIZED (
    SELECT absence.resource_id, range_agg(absence.during) AS spans
    FROM absence
    GROUP BY absence.resource_id
)"""

# When the wanted work here: their shifts less closures and absences. Spaces and things without any
# roster can always be used at their home, also on days when the branch is closed.
ROSTERED = """
rostered AS MATERIALIZED (
    SELECT
        wanted.resource_id,
        CASE
            WHEN resource_type.kind <> 'person' AND resource.branch_id = asked.branch_id
                AND NOT EXISTS (
                    SELECT FROM roster_rule
                    WHERE roster_rule.resource_id = wanted.resource_id
                        AND roster_rule.state = 'published'
                )
            THEN tstzmultirange(asked.during)
            ELSE coalesce(worked.spans, '{}') - closed.days
        END - coalesce(away.spans, '{}') AS spans
    FROM asked
    CROSS JOIN closed
    CROSS JOIN wanted
    JOIN resource ON resource.id = wanted.resource_id
    JOIN resource_type ON resource_type.id = resource.resource_type
    LEFT JOIN (
        SELECT shift.resource_id, range_agg(shift.spans) AS spans
        FROM shift
        GROUP BY shift.resource_id
    ) AS worked ON worked.resource_id = wanted.resource_id
    LEFT JOIN away ON away.resource_id = wanted.resource_id
)"""

SUPPLY = ",".join([DAY, CLOSED, SHIFTS, AWAY, ROSTERED])
"""From `asked` (with `during`, the instants that matter) and `wanted` to `rostered`."""


def speak(session: Session, zone: str) -> None:
    """Let PostgreSQL write the instants of this transaction with the branch's offset.

    It also must neither compile the large statements here nor plan them anew: either takes longer
    than running them.
    """
    session.execute(_SPEAK, {"zone": zone})


_SETTINGS = (
    "set_config('timezone', {zone}, true), set_config('jit', 'off', true),"
    " set_config('plan_cache_mode', 'force_generic_plan', true)"
)
_SPEAK = sa.text(f"SELECT {_SETTINGS.format(zone=':zone')}")
HOLD_STILL = f"SELECT {_SETTINGS.format(zone='%(zone)s')}, {share_supply('%(branch_id)s')}"
"""Does as `speak`, and keeps what is rostered at a branch as it is until the transaction ends; goes
before a prepared statement."""

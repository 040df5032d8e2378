"""The calendar of a branch: who works when and what they do, as JSON made by PostgreSQL."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from services.scheduling.models import Branch
from services.scheduling.queries import supply
from services.scheduling.queries.loads import LOAD, USED, WORKED, booked
from services.scheduling.queries.prepared import Prepared
from services.scheduling.queries.supply import ASKED_DAYS, SUPPLY

LIVE = "(allocation.state <> 'held' OR allocation.expires_at > CAST(:now AS timestamptz))"

# Who may be shown: those at home here, and those whom a rule sends here on some day.
WANTED = """
wanted AS MATERIALIZED (
    SELECT resource.id AS resource_id
    FROM asked
    JOIN resource
        ON resource.active
        AND (
            resource.branch_id = asked.branch_id
            OR EXISTS (
                SELECT FROM roster_rule
                WHERE roster_rule.resource_id = resource.id
                    AND roster_rule.branch_id = asked.branch_id
                    AND roster_rule.state = 'published'
                    AND roster_rule.days && daterange(asked.first_day, asked.last_day, '[]')
            )
        )
    WHERE resource.resource_type
            = coalesce(CAST(:resource_type AS text), resource.resource_type)
        AND resource.id = coalesce(CAST(:resource_id AS uuid), resource.id)
)"""

# One row for each rule and date, so that a shift past midnight stays one span; absences and
# closures cut pieces out of it.
ROSTER = """
roster AS MATERIALIZED (
    SELECT
        shift.resource_id,
        unnest(shift.spans - closed.days - coalesce(away.spans, '{}')) AS span
    FROM shift
    CROSS JOIN closed
    LEFT JOIN away ON away.resource_id = shift.resource_id
),
shown AS MATERIALIZED (
    SELECT resource.*, resource_type.name AS type_name, resource_type.kind, resource_type.position
    FROM asked
    CROSS JOIN wanted
    JOIN resource ON resource.id = wanted.resource_id
    JOIN resource_type ON resource_type.id = resource.resource_type
    WHERE resource.branch_id = asked.branch_id
        OR EXISTS (
            SELECT FROM roster
            WHERE roster.resource_id = resource.id AND roster.span && asked.during
        )
)"""

# What is shown of what is locked; how many share a session is counted on each resource of it. Whose
# booking it is at another branch is that branch's affair.
ENTRY = """
entry AS MATERIALIZED (
    SELECT
        booked.*,
        coalesce(booked.branch_id = asked.branch_id, true) AS here,
        CASE WHEN booked.session IS NOT NULL THEN requirement.places END AS places,
        CASE WHEN booked.session IS NOT NULL THEN
            count(*) OVER (PARTITION BY booked.session, booked.resource_id)
        END AS places_taken
    FROM asked
    CROSS JOIN shown
    JOIN booked ON booked.resource_id = shown.id AND booked.serving && asked.during
    LEFT JOIN requirement ON requirement.service_id = booked.service_id
)"""


def listed(item: str, rows: str, order: str) -> str:
    """Return the expression of a JSON list, empty when there are no rows."""
    return f"(SELECT coalesce(json_agg({item} ORDER BY {order}), '[]') FROM {rows})"  # noqa: S608


RESOURCES = listed(
    """json_build_object(
        'id', shown.id,
        'branch_id', shown.branch_id,
        'resource_type', shown.resource_type,
        'type_name', shown.type_name,
        'kind', shown.kind,
        'name', shown.name,
        'capacity', shown.capacity
    )""",
    "shown",
    "shown.position, shown.resource_type, shown.name ->> 'zh', shown.id",
)
ENTRIES = listed(
    """json_build_object(
        'id', entry.id,
        'resource_id', entry.resource_id,
        'start', lower(entry.serving),
        'end', upper(entry.serving),
        'locked_start', lower(entry.during),
        'locked_end', upper(entry.during),
        'state', entry.state,
        'status', coalesce(entry.outcome, entry.state),
        'kind', CASE WHEN entry.state = 'blocked' THEN 'block' ELSE 'booking' END,
        'booking_id', CASE WHEN entry.here THEN entry.booking_id END,
        'service_id', CASE WHEN entry.here THEN entry.service_id END,
        'line', entry.line,
        'hold_expires_at', entry.expires_at,
        'day_part', entry.day_part,
        'revision', coalesce(entry.revision, 0),
        'forced', entry.forced,
        'reason', CASE WHEN entry.here THEN entry.reason ELSE '' END,
        'session', entry.session,
        'places', entry.places,
        'places_taken', entry.places_taken
    )""",
    "entry",
    "lower(entry.serving), entry.id",
)
ROSTERS = listed(
    """json_build_object(
        'resource_id', roster.resource_id,
        'start', lower(roster.span),
        'end', upper(roster.span)
    )""",
    "shown JOIN roster ON roster.resource_id = shown.id AND roster.span && asked.during",
    "lower(roster.span), roster.resource_id",
)
ABSENCES = listed(
    """json_build_object(
        'resource_id', absence.resource_id,
        'start', lower(absence.during),
        'end', upper(absence.during),
        'kind', absence.kind,
        'reason', coalesce(
            (
                SELECT leave.reason
                FROM leave
                WHERE absence.kind = 'leave'
                    AND leave.resource_id = absence.resource_id
                    AND leave.during = absence.during
                    AND leave.state = 'approved'
                LIMIT 1
            ),
            ''
        )
    )""",
    "shown JOIN absence ON absence.resource_id = shown.id",
    "lower(absence.during), absence.resource_id",
)
LOADS = listed(
    """json_build_object(
        'resource_id', load.resource_id,
        'day', load.day,
        'rostered_minutes', load.rostered,
        'allocated_minutes', load.allocated,
        'free_minutes', load.free
    )""",
    "shown JOIN load ON load.resource_id = shown.id",
    "load.day, load.resource_id",
)

CALENDAR = f"""
WITH {ASKED_DAYS}, {WANTED}, {SUPPLY}, {ROSTER}, {booked(LIVE)}, {ENTRY}, {WORKED}, {USED}, {LOAD}
SELECT CAST(json_build_object(
    'timezone', asked.zone,
    'resources', {RESOURCES},
    'entries', {ENTRIES},
    'rosters', {ROSTERS},
    'away', {ABSENCES},
    'loads', {LOADS}
) AS text)
FROM asked
"""  # noqa: S608  (constants only)


def calendar(
    session: Session,
    *,
    branch: Branch,
    from_: date,
    to: date,
    resource_type: str | None,
    resource_id: UUID | None,
    now: datetime,
) -> dict[str, Any]:
    """Return a branch's calendar on some local dates, in its own time."""
    supply.speak(session, branch.timezone)
    answer: dict[str, Any] = orjson.loads(
        _CALENDAR.run(
            session,
            {
                "branch_id": str(branch.id),
                "from": from_,
                "to": to,
                "resource_type": resource_type,
                "resource_id": resource_id and str(resource_id),
                "now": now,
            },
        ).scalar_one()
    )
    return answer


_CALENDAR = Prepared("calendar", CALENDAR)

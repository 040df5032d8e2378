"""The calendar of a branch: who works when and what they do, as JSON made by PostgreSQL."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from services.scheduling.models import Branch
from services.scheduling.queries import local_time
from services.scheduling.queries.availability import touching
from services.scheduling.queries.local_time import CLOSED, joined_by_day, span_on_day

CALENDAR = f"""
WITH asked AS MATERIALIZED (
    SELECT
        branch.id AS branch_id,
        branch.timezone AS zone,
        CAST(:from AS date) AS first_day,
        CAST(:to AS date) AS last_day,
        tstzrange(
            CAST(:from AS date)::timestamp AT TIME ZONE branch.timezone,
            (CAST(:to AS date) + 1)::timestamp AT TIME ZONE branch.timezone
        ) AS during
    FROM branch
    WHERE branch.id = CAST(:branch_id AS uuid)
),
{CLOSED},
shown AS MATERIALIZED (
    SELECT
        resource.*,
        array_position(CAST(:types AS text[]), resource.resource_type) AS type_position
    FROM asked
    JOIN resource ON resource.branch_id = asked.branch_id AND resource.active
),
entry AS (
    SELECT allocation.*
    FROM asked
    CROSS JOIN shown
    JOIN allocation
        ON allocation.resource_id = shown.id
        AND {touching("asked.during")}
        AND allocation.serving && asked.during
        AND (allocation.state <> 'held' OR allocation.expires_at > CAST(:now AS timestamptz))
),
-- One row for each roster rule and day, so that a shift past midnight stays one span; leave and
-- closures cut pieces out of it.
shift AS (
    SELECT roster.resource_id, unnest(
        tstzmultirange({span_on_day("roster")}) - closed.days - coalesce(away.spans, '{{}}')
    ) AS span
    FROM asked
    CROSS JOIN closed
    CROSS JOIN shown
    CROSS JOIN generate_series(-1, asked.last_day - asked.first_day) AS day
    JOIN roster ON roster.resource_id = shown.id AND {joined_by_day("roster")}
    CROSS JOIN LATERAL (
        SELECT range_agg(leave.during) AS spans
        FROM leave
        WHERE leave.resource_id = roster.resource_id AND leave.during && asked.during
    ) AS away
)
SELECT CAST(json_build_object(
    'timezone', asked.zone,
    'resources', (
        SELECT coalesce(
            json_agg(
                json_build_object(
                    'id', shown.id,
                    'resource_type', shown.resource_type,
                    'type_name', CAST(:type_names AS jsonb) -> shown.resource_type,
                    'name', shown.name
                )
                ORDER BY shown.type_position, shown.name ->> 'zh', shown.id
            ),
            '[]'
        )
        FROM shown
    ),
    'entries', (
        SELECT coalesce(
            json_agg(
                json_build_object(
                    'id', entry.id,
                    'resource_id', entry.resource_id,
                    'start', lower(entry.serving),
                    'end', upper(entry.serving),
                    'state', entry.state,
                    'kind', CASE WHEN entry.state = 'blocked' THEN 'block' ELSE 'booking' END,
                    'booking_id', entry.booking_id,
                    'hold_expires_at', entry.expires_at
                )
                ORDER BY lower(entry.serving), entry.id
            ),
            '[]'
        )
        FROM entry
    ),
    'rosters', (
        SELECT coalesce(
            json_agg(
                json_build_object(
                    'resource_id', shift.resource_id,
                    'start', lower(shift.span),
                    'end', upper(shift.span)
                )
                ORDER BY lower(shift.span), shift.resource_id
            ),
            '[]'
        )
        FROM shift
        WHERE shift.span && asked.during
    )
) AS text)
FROM asked
"""  # noqa: S608  (constants only)


def calendar(
    session: Session,
    *,
    branch: Branch,
    from_: date,
    to: date,
    type_names: Mapping[str, Mapping[str, str]],
    now: datetime,
) -> dict[str, Any]:
    """Return a branch's calendar on some local dates, in its own time.

    Shapes:  type_names in the order in which types of resources are shown.
    """
    local_time.speak(session, branch.timezone)
    answer: dict[str, Any] = orjson.loads(
        session.execute(
            _CALENDAR,
            {
                "branch_id": branch.id,
                "from": from_,
                "to": to,
                "types": list(type_names),
                "type_names": type_names,
                "now": now,
            },
        ).scalar_one()
    )
    return answer


_CALENDAR = sa.text(CALENDAR).bindparams(
    sa.bindparam("types", type_=ARRAY(sa.Text)), sa.bindparam("type_names", type_=JSONB)
)

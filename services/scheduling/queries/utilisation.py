"""Measuring how resources' days are used, and remembering what was told of it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.scheduling.models import Branch
from services.scheduling.queries import supply
from services.scheduling.queries.loads import LOAD, USED, WORKED, booked
from services.scheduling.queries.prepared import Prepared
from services.scheduling.queries.supply import ASKED_DAYS, SUPPLY

# Whoever does not work here any more is measured again where something was told of them.
WANTED = """
wanted AS MATERIALIZED (
    SELECT resource.id AS resource_id
    FROM asked
    JOIN resource ON resource.branch_id = asked.branch_id
    UNION
    SELECT roster_rule.resource_id
    FROM asked
    JOIN roster_rule
        ON roster_rule.branch_id = asked.branch_id AND roster_rule.state = 'published'
    UNION
    SELECT utilisation_day.resource_id
    FROM asked
    JOIN utilisation_day
        ON utilisation_day.branch_id = asked.branch_id
        AND utilisation_day.day BETWEEN CAST(:from AS date) AND CAST(:to AS date)
)"""

# A hold that may expire is nobody's work yet; work at another branch is measured there.
COUNTS = """allocation.state IN ('confirmed', 'blocked')
        AND coalesce(hold.branch_id, resource.branch_id) = asked.branch_id"""

# What differs from what was told. What somebody did who is not active any more stays as it was
# told; what they were to do does not.
MEASURE = f"""
WITH {ASKED_DAYS}, {WANTED}, {SUPPLY}, {WORKED}, {booked(COUNTS)}, {USED}, {LOAD},
figures AS MATERIALIZED (
    SELECT
        asked.branch_id,
        load.day,
        load.resource_id,
        load.ended,
        planned.rostered,
        load.allocated,
        load.served,
        greatest(planned.rostered - load.allocated, 0) AS idle
    FROM asked
    CROSS JOIN load
    JOIN resource ON resource.id = load.resource_id AND (resource.active OR NOT load.ended)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN resource.active THEN load.rostered ELSE 0 END AS rostered
    ) AS planned
),
changed AS MATERIALIZED (
    SELECT figures.*
    FROM figures
    LEFT JOIN utilisation_day AS told
        ON told.branch_id = figures.branch_id
        AND told.day = figures.day
        AND told.resource_id = figures.resource_id
    WHERE CASE
        WHEN told.day IS NULL THEN figures.rostered > 0 OR figures.allocated > 0
        ELSE (told.ended, told.rostered_minutes, told.allocated_minutes, told.served_minutes)
            <> (figures.ended, figures.rostered, figures.allocated, figures.served)
    END
    ORDER BY figures.day, figures.resource_id
    LIMIT CAST(:limit AS integer)
),
written AS (
    INSERT INTO utilisation_day AS told (
        branch_id, day, resource_id, ended,
        rostered_minutes, allocated_minutes, served_minutes, idle_minutes, measured_at
    )
    SELECT changed.*, CAST(:now AS timestamptz) FROM changed
    ON CONFLICT (branch_id, day, resource_id) DO UPDATE SET
        ended = excluded.ended,
        rostered_minutes = excluded.rostered_minutes,
        allocated_minutes = excluded.allocated_minutes,
        served_minutes = excluded.served_minutes,
        idle_minutes = excluded.idle_minutes,
        measured_at = excluded.measured_at
    RETURNING told.*
)
SELECT
    written.branch_id,
    written.day,
    written.resource_id,
    written.ended,
    written.rostered_minutes,
    written.allocated_minutes,
    written.served_minutes,
    written.idle_minutes,
    written.measured_at,
    resource.resource_type,
    resource.name AS resource_name
FROM written
JOIN resource ON resource.id = written.resource_id
ORDER BY written.day, written.resource_id
"""  # noqa: S608  (constants only)


def branches(session: Session) -> Sequence[Branch]:
    """Return all branches."""
    return session.scalars(sa.select(Branch).order_by(Branch.id)).all()


def be_alone(session: Session, branch_id: UUID) -> None:
    """Wait for who else measures a branch; whoever comes later finds nothing new to tell."""
    session.execute(_ALONE, {"branch_id": branch_id})


def measure(
    session: Session, branch: Branch, first: date, last: date, *, now: datetime, limit: int
) -> list[dict[str, Any]]:
    """Return what has changed of a branch's local dates, both included, since it was told.

    It counts as told from now on.

    Shapes:  the earliest dates first, up to a limit.
    """
    supply.speak(session, branch.timezone)
    parameters = {"branch_id": str(branch.id), "from": first, "to": last, "now": now}
    rows = _MEASURE.run(session, {**parameters, "limit": limit})
    return [dict(row) for row in rows.mappings()]


_ALONE = sa.text(
    "SELECT pg_advisory_xact_lock(hashtextextended('utilisation:' || CAST(:branch_id AS text), 0))"
)
_MEASURE = Prepared("measure", MEASURE)

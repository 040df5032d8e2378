"""The same services at other branches, all of them in one statement."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy.orm import Session

from services.scheduling.queries import supply
from services.scheduling.queries.availability import SLOTS
from services.scheduling.queries.prepared import Prepared
from services.scheduling.queries.question import Question

MAX_BRANCHES = 20
"""Nobody goes to more branches than that, and the cost grows with each."""

# Other branches with the local dates around a start, and the quotas that may apply there. Services
# that follow must be combinable there, too.
NEARBY = f"""
SELECT
    branch.id,
    branch.name,
    branch.timezone AS zone,
    CAST(
        (CAST(:start AS timestamptz) - CAST(:nearly AS interval)) AT TIME ZONE branch.timezone
        AS date
    ) AS first_day,
    CAST(
        (CAST(:start AS timestamptz) + CAST(:nearly AS interval)) AT TIME ZONE branch.timezone
        AS date
    ) AS last_day,
    (
        SELECT coalesce(jsonb_agg(to_jsonb(quota)), '[]')
        FROM quota
        WHERE (quota.service_id IS NULL OR quota.service_id = requirement_branch.service_id)
            AND (quota.branch_id IS NULL OR quota.branch_id = branch.id)
            AND (quota.per <> 'customer' OR CAST(:customer_key AS text) IS NOT NULL)
    ) AS quotas
FROM requirement_branch
JOIN branch ON branch.id = requirement_branch.branch_id
WHERE requirement_branch.service_id = CAST(:service_id AS uuid)
    AND branch.id <> CAST(:branch_id AS uuid)
    AND NOT EXISTS (
        SELECT
        FROM unnest(CAST(:also AS uuid[])) AS later (service_id)
        WHERE NOT EXISTS (
                SELECT
                FROM requirement_branch AS offered
                WHERE offered.branch_id = branch.id AND offered.service_id = later.service_id
            )
            OR EXISTS (
                SELECT
                FROM quota
                WHERE coalesce(quota.branch_id, branch.id) = branch.id
                    AND (
                        quota.service_id = later.service_id
                        OR (quota.service_id IS NULL AND quota.per = 'service')
                    )
            )
    )
ORDER BY branch.name ->> 'zh', branch.id
LIMIT {MAX_BRANCHES}
"""  # noqa: S608  (constants only)

# What the question after free time asks at one branch, it asks here at each.
THERE = {
    "CAST(:branch_id AS uuid)": "nearby.id",
    "CAST(:from AS date)": "nearby.first_day",
    "CAST(:to AS date)": "nearby.last_day",
    "CAST(:quotas AS jsonb)": "nearby.quotas",
}


def _slots_there() -> str:
    statement = SLOTS
    for parameter, column in THERE.items():
        assert parameter in statement, f"{parameter} is asked of every branch"
        statement = statement.replace(parameter, column)
    return statement


ELSEWHERE = f"""
SELECT nearby.id, nearby.name, nearby.zone, found.answer
FROM ({NEARBY}) AS nearby
CROSS JOIN LATERAL ({_slots_there()}) AS found (answer)
"""  # noqa: S608  (constants only)


def slots_elsewhere(
    session: Session, question: Question, start: datetime, nearly: timedelta, now: datetime
) -> list[dict[str, Any]]:
    """Return the slot of each other branch that is nearest to a start, if one is near enough.

    Shapes:  slots as of find_slots, in the branch's own time, with `branch_id` and `branch_name`.
    """
    supply.speak(session, question.zone)
    parameters = {**question.parameters(now), "start": start, "nearly": nearly}
    found: list[dict[str, Any]] = []
    for row in _ELSEWHERE.run(session, parameters):
        slots = [_timed(slot, row.zone) for slot in orjson.loads(row.answer)["slots"]]
        near = [slot for begin, slot in slots if abs(begin - start) <= nearly]
        near.sort(key=lambda slot: abs(datetime.fromisoformat(slot["start"]) - start))
        found += [{**slot, "branch_id": str(row.id), "branch_name": row.name} for slot in near[:1]]
    return found


def _timed(slot: dict[str, Any], zone: str) -> tuple[datetime, dict[str, Any]]:
    """Return when a slot starts, and the slot with the offset of its own branch."""
    local = {
        name: datetime.fromisoformat(slot[name]).astimezone(ZoneInfo(zone))
        for name in ("start", "end")
    }
    told = {name: instant.isoformat() for name, instant in local.items()}
    return local["start"], {**slot, **told}


_ELSEWHERE = Prepared("elsewhere", ELSEWHERE)

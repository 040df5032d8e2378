"""Reading what a branch offers of some services, in one statement."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from services.scheduling.domain.lines import Line
from services.scheduling.models import (
    Branch,
    DayPart,
    Quota,
    Requirement,
    RequirementBranch,
    RequirementLine,
    Resource,
)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How one service may be booked at one branch.

    Shapes:  `offered` the branch has it; `weekdays` the kinds of days on which it may start, null
             for all; `parts` {part: (opens, closes)} by the wall clock.
    """

    branch: Branch
    offered: bool
    step_minutes: int
    notice_minutes: int
    horizon_days: int
    weekdays: tuple[int, ...] | None
    duration_minutes: int
    places: int
    lines: tuple[Line, ...]
    quotas: tuple[dict[str, Any], ...]
    parts: Mapping[str, tuple[time, time]]


_IDS = ARRAY(sa.Uuid)
_LINES = (
    sa.select(sa.func.json_agg(sa.text("requirement_line ORDER BY requirement_line.position")))
    .select_from(RequirementLine)
    .where(RequirementLine.service_id == Requirement.service_id)
    .correlate(Requirement)
    .scalar_subquery()
)
_PARTS = (
    sa.select(sa.func.json_agg(sa.text("day_part")))
    .select_from(DayPart)
    .where(DayPart.service_id == Requirement.service_id)
    .correlate(Requirement)
    .scalar_subquery()
)
_QUOTAS = (
    sa.select(sa.func.json_agg(sa.text("quota")))
    .select_from(Quota)
    .where(
        sa.or_(Quota.service_id.is_(None), Quota.service_id == Requirement.service_id),
        sa.or_(Quota.branch_id.is_(None), Quota.branch_id == Branch.id),
    )
    .correlate(Requirement, Branch)
    .scalar_subquery()
)
_TERMS = (
    sa.select(
        Branch,
        Requirement,
        RequirementBranch.service_id.label("offered"),
        _LINES.label("lines"),
        _PARTS.label("parts"),
        _QUOTAS.label("quotas"),
    )
    .select_from(Branch)
    .outerjoin(Requirement, Requirement.service_id == sa.any_(sa.bindparam("ids", type_=_IDS)))
    .outerjoin(
        RequirementBranch,
        (RequirementBranch.branch_id == Branch.id)
        & (RequirementBranch.service_id == Requirement.service_id),
    )
    .where(Branch.id == sa.bindparam("branch_id"))
)


def terms(session: Session, *, service_ids: Sequence[UUID], branch_id: UUID) -> list[Terms] | None:
    """Return how each of some services may be booked at a branch; None without such a branch."""
    rows = session.execute(_TERMS, {"ids": list(service_ids), "branch_id": branch_id}).all()
    if not rows:
        return None
    known = {row.Requirement.service_id: row for row in rows if row.Requirement is not None}
    return [_terms(known[id]) if id in known else _none(rows[0].Branch) for id in service_ids]


def _terms(row: sa.Row[Any]) -> Terms:
    rules = row.Requirement
    return Terms(
        branch=row.Branch,
        offered=row.offered is not None,
        step_minutes=rules.slot_step_minutes,
        notice_minutes=rules.minimum_notice_minutes,
        horizon_days=rules.horizon_days,
        weekdays=None if rules.weekdays is None else tuple(rules.weekdays),
        duration_minutes=rules.duration_minutes,
        places=rules.places,
        lines=tuple(_line(line) for line in row.lines or ()),
        quotas=tuple(row.quotas or ()),
        parts={part["part"]: _hours(part) for part in row.parts or ()},
    )


def _none(branch: Branch) -> Terms:
    """Return the terms of a service that there is not."""
    return Terms(
        branch=branch,
        offered=False,
        step_minutes=1,
        notice_minutes=0,
        horizon_days=1,
        weekdays=None,
        duration_minutes=1,
        places=1,
        lines=(),
        quotas=(),
        parts={},
    )


def _line(row: Mapping[str, Any]) -> Line:
    fields = {name: row[name] for name in Line.__dataclass_fields__ if name in row}
    return Line(**{**fields, "pool_id": row["pool_id"] and UUID(row["pool_id"])})


def _hours(part: Mapping[str, str]) -> tuple[time, time]:
    return time.fromisoformat(part["opens"]), time.fromisoformat(part["closes"])


def bookable_by_name(session: Session, ids: Collection[UUID]) -> dict[UUID, bool]:
    """Return which of the named resources, those that exist and are active, may be asked for."""
    rows = session.execute(
        sa.select(Resource.id, Resource.bookable_by_name).where(
            Resource.id.in_(ids), Resource.active
        )
    )
    return {row.id: row.bookable_by_name for row in rows}

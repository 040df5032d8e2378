"""Reading what a branch offers of a service, in one statement."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
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

    Shapes:  `offered` the branch has it; `parts` {part: (opens, closes)} by the wall clock.
    """

    branch: Branch
    offered: bool
    duration_minutes: int
    places: int
    lines: tuple[Line, ...]
    quotas: tuple[dict[str, Any], ...]
    parts: Mapping[str, tuple[time, time]]


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
        RequirementBranch.service_id,
        Requirement.duration_minutes,
        Requirement.places,
        _LINES.label("lines"),
        _PARTS.label("parts"),
        _QUOTAS.label("quotas"),
    )
    .select_from(Branch)
    .outerjoin(Requirement, Requirement.service_id == sa.bindparam("service_id"))
    .outerjoin(
        RequirementBranch,
        (RequirementBranch.branch_id == Branch.id)
        & (RequirementBranch.service_id == Requirement.service_id),
    )
    .where(Branch.id == sa.bindparam("branch_id"))
)


def terms(session: Session, *, service_id: UUID, branch_id: UUID) -> Terms | None:
    """Return how a service may be booked at a branch, or None when there is no such branch."""
    row = session.execute(_TERMS, {"service_id": service_id, "branch_id": branch_id}).one_or_none()
    if row is None:
        return None
    return Terms(
        branch=row.Branch,
        offered=row.service_id is not None,
        duration_minutes=row.duration_minutes or 1,
        places=row.places or 1,
        lines=tuple(_line(line) for line in row.lines or ()),
        quotas=tuple(row.quotas or ()),
        parts={part["part"]: _hours(part) for part in row.parts or ()},
    )


def _line(row: Mapping[str, Any]) -> Line:
    fields = {name: row[name] for name in Line.__dataclass_fields__}
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

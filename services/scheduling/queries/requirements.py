"""Reading how services may be booked, and the quotas."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.scheduling.models import (
    DayPart,
    Quota,
    Requirement,
    RequirementBranch,
    RequirementLine,
)


def requirement(session: Session, service_id: UUID) -> dict[str, Any] | None:
    """Return all that a service needs, as it is defined."""
    rules = sa.select(Requirement.__table__).where(Requirement.service_id == service_id)
    found = session.execute(rules).mappings().one_or_none()
    if found is None:
        return None
    return {
        **found,
        "branch_ids": session.scalars(
            sa.select(RequirementBranch.branch_id)
            .where(RequirementBranch.service_id == service_id)
            .order_by(RequirementBranch.branch_id)
        ).all(),
        "day_parts": session.scalars(
            sa.select(DayPart)
            .where(DayPart.service_id == service_id)
            .order_by(DayPart.opens, DayPart.part)
        ).all(),
        "roles": session.scalars(
            sa.select(RequirementLine)
            .where(RequirementLine.service_id == service_id)
            .order_by(RequirementLine.position)
        ).all(),
    }


def types_needed(session: Session, service_id: UUID, branch_id: UUID) -> set[str]:
    """Return the types of resources that a service needs at a branch; none if it is not offered."""
    return set(
        session.scalars(
            sa.select(RequirementLine.resource_type)
            .join(RequirementBranch, RequirementBranch.service_id == RequirementLine.service_id)
            .where(
                RequirementLine.service_id == service_id, RequirementBranch.branch_id == branch_id
            )
        )
    )


def all_quotas(session: Session) -> list[Quota]:
    """Return every quota: the longest period last, the strictest first."""
    period = sa.func.array_position(
        sa.literal(["day", "week", "month"], sa.ARRAY(sa.Text)), Quota.period
    )
    return list(session.scalars(sa.select(Quota).order_by(period, Quota.maximum, Quota.id)))

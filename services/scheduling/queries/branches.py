"""Reading branches, their resources, and what services need."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.scheduling import domain
from services.scheduling.models import (
    Branch,
    RequirementBranch,
    RequirementRole,
    Resource,
)


def all_branches(session: Session) -> list[Branch]:
    """Return every branch in the order in which they were first defined."""
    return list(session.scalars(sa.select(Branch).order_by(Branch.created_at, Branch.id)))


def offer(
    session: Session, *, service_id: UUID, branch_id: UUID
) -> tuple[Branch | None, bool, list[domain.Role]]:
    """Return a branch, whether it offers a service, and whom the service needs."""
    rows = session.execute(
        sa.select(Branch, RequirementBranch.service_id, RequirementRole)
        .outerjoin(
            RequirementBranch,
            (RequirementBranch.branch_id == Branch.id)
            & (RequirementBranch.service_id == service_id),
        )
        .outerjoin(RequirementRole, RequirementRole.service_id == service_id)
        .where(Branch.id == branch_id)
        .order_by(RequirementRole.resource_type)
    ).all()
    if not rows:
        return None, False, []
    branch, offered, _ = rows[0]
    return branch, offered is not None, [_role(line) for *_, line in rows if line is not None]


def _role(line: RequirementRole) -> domain.Role:
    return domain.Role(
        resource_type=line.resource_type,
        quantity=line.quantity,
        offset_minutes=line.offset_minutes,
        length_minutes=line.length_minutes,
        buffer_before_minutes=line.buffer_before_minutes,
        buffer_after_minutes=line.buffer_after_minutes,
    )


def active_resources(
    session: Session, branch_id: UUID, types: Collection[str] | None = None
) -> list[Resource]:
    """Return who works at a branch, in a stable order; of all types, or of some."""
    wanted = sa.select(Resource).where(Resource.branch_id == branch_id, Resource.active)
    if types is not None:
        wanted = wanted.where(Resource.resource_type.in_(types))
    return list(
        session.scalars(
            wanted.order_by(Resource.resource_type, Resource.name["zh"].astext, Resource.id)
        )
    )


def resources(session: Session, ids: Collection[UUID]) -> list[Resource]:
    """Return those of the named resources that exist and are active."""
    return list(session.scalars(sa.select(Resource).where(Resource.id.in_(ids), Resource.active)))

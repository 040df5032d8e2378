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


def offers(session: Session, *, service_id: UUID, branch_id: UUID) -> bool:
    """Tell whether a branch offers a service."""
    return session.get(RequirementBranch, (service_id, branch_id)) is not None


def roles(session: Session, service_id: UUID) -> list[domain.Role]:
    """Return whom a service needs."""
    found = session.scalars(
        sa.select(RequirementRole)
        .where(RequirementRole.service_id == service_id)
        .order_by(RequirementRole.resource_type)
    )
    return [
        domain.Role(
            resource_type=role.resource_type,
            quantity=role.quantity,
            offset_minutes=role.offset_minutes,
            length_minutes=role.length_minutes,
            buffer_before_minutes=role.buffer_before_minutes,
            buffer_after_minutes=role.buffer_after_minutes,
        )
        for role in found
    ]


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

"""Reading resources, their types and their skills."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.scheduling.models import (
    Resource,
    ResourceSkill,
    ResourceType,
    RosterRule,
    Skill,
)

Place = Sequence[Any]

SKILLS = (
    sa.select(
        sa.func.coalesce(
            sa.func.jsonb_object_agg(ResourceSkill.skill_id, ResourceSkill.level),
            sa.text("'{}'::jsonb"),
        )
    )
    .where(ResourceSkill.resource_id == Resource.id)
    .scalar_subquery()
    .label("skills")
)
"""Skill → level of one resource."""

PLACE = (ResourceType.position, ResourceType.id, Resource.name["zh"].astext, Resource.id)
"""Where a resource stands in a list: by type, then by name."""


def all_types(session: Session) -> list[ResourceType]:
    """Return every type of resource in the order in which a calendar shows them."""
    order = (ResourceType.position, ResourceType.id)
    return list(session.scalars(sa.select(ResourceType).order_by(*order)))


def type_for_change(session: Session, id: str) -> ResourceType:
    """Return a type that nobody else changes meanwhile; who adds resources of it need not wait."""
    return session.get_one(ResourceType, id, with_for_update={"key_share": True})


def all_skills(session: Session) -> list[Skill]:
    """Return every skill by its Chinese name."""
    return list(session.scalars(sa.select(Skill).order_by(Skill.name["zh"].astext, Skill.id)))


def resource(session: Session, id: UUID) -> dict[str, Any] | None:
    """Return a resource with its skills."""
    found = session.execute(_resources().where(Resource.id == id)).mappings().one_or_none()
    return dict(found) if found else None


def skill_levels(session: Session, ids: Collection[UUID]) -> list[dict[str, Any]]:
    """Return the skills of some resources, those that there are."""
    found = session.execute(
        sa.select(Resource.id.label("resource_id"), SKILLS)
        .where(Resource.id.in_(ids))
        .order_by(Resource.id)
    )
    return [dict(row) for row in found.mappings()]


def for_change(session: Session, id: UUID) -> Resource | None:
    """Return a resource that nobody else changes meanwhile.

    The lock is the weak one: who books the resource, and so refers to its row, does not wait.
    """
    return session.get(Resource, id, with_for_update={"key_share": True})


def workplaces(session: Session, id: UUID) -> set[UUID]:
    """Return the branches at which a resource is rostered."""
    rules = sa.select(RosterRule.branch_id).where(
        RosterRule.resource_id == id, RosterRule.state == "published"
    )
    return set(session.scalars(rules))


def branches_with(session: Session, resource_type: str) -> set[UUID]:
    """Return the branches at which there are resources of a type."""
    return set(
        session.scalars(
            sa.select(Resource.branch_id).where(Resource.resource_type == resource_type)
        )
    )


def place(session: Session, id: UUID) -> Place | None:
    """Return where a resource stands in a list."""
    wanted = sa.select(*PLACE).join_from(Resource, ResourceType).where(Resource.id == id)
    return session.execute(wanted).one_or_none()


def at_branch(
    session: Session,
    branch_id: UUID,
    *,
    types: Collection[str] | None,
    search: str,
    include_inactive: bool,
    after: Place | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return some of those who belong to a branch or are rostered there, with their skills.

    Shapes:  `types` narrows to some types (null: all); `after` is where the page before ended.
    """
    visits = sa.select(RosterRule.id).where(
        RosterRule.resource_id == Resource.id,
        RosterRule.branch_id == branch_id,
        RosterRule.state == "published",
    )
    wanted = _resources().where((Resource.branch_id == branch_id) | visits.exists())
    if not include_inactive:
        wanted = wanted.where(Resource.active)
    if types is not None:
        wanted = wanted.where(Resource.resource_type.in_(types))
    if search:
        names = (Resource.name["zh"].astext, Resource.name["en"].astext)
        wanted = wanted.where(sa.or_(*(n.icontains(search, autoescape=True) for n in names)))
    if after is not None:
        wanted = wanted.where(sa.tuple_(*PLACE) > sa.tuple_(*map(sa.literal, after)))
    rows = session.execute(wanted.order_by(*PLACE).limit(limit)).mappings()
    return [dict(row) for row in rows]


def _resources() -> sa.Select[Any]:
    return sa.select(Resource.__table__, SKILLS).join(
        ResourceType, ResourceType.id == Resource.resource_type
    )

"""What kinds of resources a studio has, and what they may be able to do."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.chassis.db import UnitOfWork
from services.contracts.scheduling import ResourceTypeInUse, ResourceTypeUnknown
from services.scheduling.domain.faults import invalid
from services.scheduling.models import ResourceType, Skill
from services.scheduling.queries import locks, resources
from services.scheduling.usecases.rows import remove, upsert


def define_resource_type(
    *, uow: UnitOfWork, id: str, name: dict[str, str], kind: str, built_in: bool
) -> ResourceType:
    """Add a type of resource or change it; one that is built in can only be renamed.

    `built_in` is the product's word: what a request says of it is ignored.

    Errors:  Invalid at /kind.
    """
    with uow.begin() as tx:
        _add(tx.session, id, name, kind)
        present = resources.type_for_change(tx.session, id)
        if present.kind != kind:
            _check_own(present)
            # Whether its resources can be used without a roster depends on the kind.
            locks.change_supply(tx.session, resources.branches_with(tx.session, id))
        present.name, present.kind = name, kind
        tx.emit("resource_type.changed", {"resource_type": id})
        return present


def remove_resource_type(*, uow: UnitOfWork, id: str) -> dict[str, Any]:
    """Remove a type that the studio has added and that nothing uses.

    Errors:  ResourceTypeUnknown; ResourceTypeInUse also for one that is built in.
    """
    with uow.begin() as tx:
        present = tx.session.get(ResourceType, id)
        if present is None:
            raise ResourceTypeUnknown(id=id)
        if present.built_in:
            raise ResourceTypeInUse(id=id)
        removed = remove(tx.session, ResourceType, id, in_use=ResourceTypeInUse)
        tx.emit("resource_type.changed", {"resource_type": id})
        return {"removed": removed}


def list_resource_types(*, uow: UnitOfWork) -> dict[str, Any]:
    """Return every type in the order in which a calendar shows them."""
    with uow.read() as session:
        return {"items": resources.all_types(session)}


def define_skill(*, uow: UnitOfWork, id: str, name: dict[str, str]) -> dict[str, Any]:
    """Add a skill or rename it."""
    with uow.begin() as tx:
        upsert(tx.session, Skill, {"id": id}, {"name": name})
        tx.emit("skill.changed", {"skill_id": id})
    return {"id": id, "name": name}


def list_skills(*, uow: UnitOfWork) -> dict[str, Any]:
    """Return every skill, by name."""
    with uow.read() as session:
        return {"items": resources.all_skills(session)}


def _add(session: Session, id: str, name: dict[str, str], kind: str) -> None:
    """Put a new type behind the others."""
    last = sa.select(sa.func.coalesce(sa.func.max(ResourceType.position), 0) + 1).scalar_subquery()
    session.execute(
        insert(ResourceType)
        .values(id=id, name=name, kind=kind, position=last)
        .on_conflict_do_nothing()
    )


def _check_own(present: ResourceType) -> None:
    if present.built_in:
        raise invalid(
            "/kind",
            zh="系统自带的类型只能改名",
            en="A built-in type can only be renamed",
        )

"""Defining and listing branches, resources and what services need."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.chassis.db import UnitOfWork
from services.contracts.scheduling import BranchUnknown
from services.scheduling import domain
from services.scheduling.models import (
    Base,
    Branch,
    BranchHours,
    Requirement,
    RequirementBranch,
    RequirementRole,
    Resource,
    Roster,
)
from services.scheduling.queries import branches
from services.scheduling.usecases import offers

Words = Mapping[str, str]
Week = Iterable[Mapping[str, int | time]]


def define_branch(
    *,
    uow: UnitOfWork,
    id: UUID,
    name: Words,
    address: Words,
    phone: str,
    timezone: str,
    hours: Week,
) -> dict[str, Any]:
    """Create a branch or change it, its opening hours included.

    Errors:  Invalid at /timezone.
    """
    domain.check_zone(timezone)
    values = {"name": name, "address": address, "phone": phone, "timezone": timezone}
    with uow.begin() as tx:
        _upsert(tx.session, Branch, {"id": id}, values)
        _replace(tx.session, BranchHours, {"branch_id": id}, hours)
    return {"id": id, **values}


def define_resource(
    *,
    uow: UnitOfWork,
    id: UUID,
    branch_id: UUID,
    resource_type: str,
    name: Words,
    level: Words | None,
    bookable_by_name: bool,
    roster: Week,
) -> dict[str, Any]:
    """Create a resource or change it, its roster included.

    Errors:  BranchUnknown.
    """
    values = {
        "branch_id": branch_id,
        "resource_type": resource_type,
        "name": name,
        "level": level,
        "bookable_by_name": bookable_by_name,
    }
    with uow.begin() as tx:
        _upsert(tx.session, Resource, {"id": id}, values)
        _replace(tx.session, Roster, {"resource_id": id}, roster)
    return {"id": id, **values}


def define_requirement(
    *,
    uow: UnitOfWork,
    service_id: UUID,
    branch_ids: Sequence[UUID],
    slot_step_minutes: int,
    minimum_notice_minutes: int,
    horizon_days: int,
    roles: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Say how a service may be booked, where, and whom it needs.

    Errors:  BranchUnknown; Invalid at /roles/n/resource_type.
    """
    lines = [domain.Role(**role) for role in roles]
    domain.check_roles(lines)
    key = {"service_id": service_id}
    rules = {
        "slot_step_minutes": slot_step_minutes,
        "minimum_notice_minutes": minimum_notice_minutes,
        "horizon_days": horizon_days,
    }
    duration = {"duration_minutes": domain.duration_minutes(lines)}
    with uow.begin() as tx:
        _upsert(tx.session, Requirement, key, {**rules, **duration})
        _replace(tx.session, RequirementRole, key, roles)
        _replace(tx.session, RequirementBranch, key, [{"branch_id": id} for id in branch_ids])
    return {**key, **rules, "branch_ids": branch_ids, "roles": roles}


def list_branches(*, uow: UnitOfWork) -> dict[str, Any]:
    """Return every branch, oldest first."""
    with uow.read() as session:
        return {"items": branches.all_branches(session)}


def list_resources(*, uow: UnitOfWork, branch_id: UUID, service_id: UUID | None) -> dict[str, Any]:
    """Return who works at a branch; for a service only those whom it could need.

    Errors:  BranchUnknown; ServiceUnknown when the branch does not offer the service.
    """
    with uow.read() as session:
        types = None
        if service_id is not None:
            offer = offers.of_request(
                session, service_id=service_id, branch_id=branch_id, resource_ids=()
            )
            types = {role.resource_type for role in offer.roles}
        elif session.get(Branch, branch_id) is None:
            raise BranchUnknown(branch_id=str(branch_id))
        return {"items": branches.active_resources(session, branch_id, types)}


def _upsert(
    session: Session, model: type[Base], key: Mapping[str, UUID], values: Mapping[str, Any]
) -> None:
    session.execute(
        insert(model)
        .values(**key, **values)
        .on_conflict_do_update(index_elements=list(key), set_=values)
    )


def _replace(
    session: Session,
    model: type[Base],
    key: Mapping[str, UUID],
    rows: Iterable[Mapping[str, Any]],
) -> None:
    """Put rows in place of those that belong to a key; a row given twice is kept once."""
    session.execute(sa.delete(model).filter_by(**key))
    wanted = [{**key, **row} for row in rows]
    if wanted:
        session.execute(insert(model).values(wanted).on_conflict_do_nothing())

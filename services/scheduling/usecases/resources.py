"""People, rooms and things: defining and listing them."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.chassis import paging
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.scheduling import ResourceUnknown, ServiceUnknown
from services.scheduling.domain import studio
from services.scheduling.domain.faults import invalid
from services.scheduling.models import Resource, ResourceSkill, RosterRule, RosterSpan
from services.scheduling.queries import conflicts, locks, requirements, resources, rosters
from services.scheduling.usecases import branches
from services.scheduling.usecases.conflicts import tell_conflicts, told
from services.scheduling.usecases.freed import may_be_freed
from services.scheduling.usecases.rows import replace, upsert

Week = Iterable[Mapping[str, Any]]


def define_resource(
    *,
    uow: UnitOfWork,
    now: datetime,
    id: UUID,
    branch_id: UUID,
    skills: Mapping[str, int],
    roster: Week | None,
    **particulars: Any,
) -> dict[str, Any]:
    """Create a resource or change it; a roster replaces the published one, null leaves it.

    One that is not active any more keeps the time it is booked for. Bookings that a new roster
    or home leaves without it are told of. Whoever works at several branches is mobile in any case.

    Errors:  BranchUnknown, ResourceTypeUnknown, SkillUnknown.
    """
    values = {**particulars, "branch_id": branch_id}
    levels = [{"skill_id": skill, "level": level} for skill, level in skills.items()]
    with uow.begin() as tx:
        before = resources.for_change(tx.session, id)
        concerned = {branch_id, *resources.workplaces(tx.session, id)}
        locks.change_supply(tx.session, concerned | ({before.branch_id} if before else set()))
        upsert(tx.session, Resource, {"id": id}, values)
        replace(tx.session, ResourceSkill, {"resource_id": id}, levels)
        if roster is not None:
            _publish(tx.session, id, branch_id, roster)
        rosters.make_mobile(tx.session, [id])
        defined = resources.resource(tx.session, id)
        assert defined is not None, "it has just been written"
        if before and defined["mobile"] and not before.mobile:
            _send_about(tx, id, now)
        if roster is not None or (before and before.branch_id != branch_id):
            tell_conflicts(tx, now=now, cause="roster", resource_ids=[id])
        may_be_freed(tx.session, concerned, now)
        for each in sorted(concerned | ({before.branch_id} if before else set())):
            tx.emit("resource.changed", {"resource_id": id, "branch_id": each})
        return defined


def get_resource(*, uow: UnitOfWork, id: UUID) -> dict[str, Any]:
    """Return a resource with its skills.

    Errors:  ResourceUnknown.
    """
    with uow.read() as session:
        found = resources.resource(session, id)
    if found is None:
        raise ResourceUnknown(id=str(id))
    return found


def skill_levels(*, uow: UnitOfWork, resource_ids: Collection[UUID]) -> dict[str, Any]:
    """Return the levels of some resources in their skills; unknown ones are left out."""
    with uow.read() as session:
        return {"items": resources.skill_levels(session, resource_ids)}


def list_resources(
    *,
    uow: UnitOfWork,
    branch_id: UUID,
    service_id: UUID | None,
    resource_type: str | None,
    search: str,
    include_inactive: bool,
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """Return who belongs to a branch or is rostered there; for a service whom it could need.

    Errors:  BranchUnknown; ServiceUnknown when the branch does not offer the service;
             Invalid at /cursor.
    """
    with uow.read() as session:
        branches.known(session, branch_id)
        found = resources.at_branch(
            session,
            branch_id,
            types=_types(session, branch_id, service_id, resource_type),
            search=search,
            include_inactive=include_inactive,
            after=_place(session, cursor) if cursor else None,
            limit=limit + 1,  # one more tells whether there is another page
        )
    page = found[:limit]
    more = paging.encode([page[-1]["id"]]) if len(found) > limit else None
    return {"items": page, "next_cursor": more}


def _types(
    session: Session, branch_id: UUID, service_id: UUID | None, resource_type: str | None
) -> set[str] | None:
    """Return the types to which a list is narrowed, if it is."""
    asked = None if resource_type is None else {resource_type}
    if service_id is None:
        return asked
    needed = requirements.types_needed(session, service_id, branch_id)
    if not needed:
        raise ServiceUnknown(service_id=str(service_id))
    return needed if asked is None else needed & asked


def _place(session: Session, cursor: str) -> resources.Place:
    """Return where the page before ended. Names contain anything, so a cursor holds the id."""
    (id,) = paging.decode(cursor, [UUID])
    place = resources.place(session, id)
    if place is None:
        raise invalid("/cursor", zh="翻页标记无效", en="This is not a cursor of this list")
    return place


def _publish(session: Session, id: UUID, branch_id: UUID, roster: Week) -> None:
    """Put weekly hours at one branch in place of all published rules of a resource."""
    session.execute(sa.delete(RosterRule).filter_by(resource_id=id, state=rosters.PUBLISHED))
    for weekdays, hours in studio.weekly_rules(roster):
        rule_id = uuid4()
        session.execute(
            insert(RosterRule).values(
                id=rule_id,
                resource_id=id,
                branch_id=branch_id,
                state=rosters.PUBLISHED,
                weekdays=weekdays,
            )
        )
        spans = [{"rule_id": rule_id, "opens": opens, "closes": closes} for opens, closes in hours]
        session.execute(insert(RosterSpan).values(spans))


def _send_about(tx: Transaction, id: UUID, now: datetime) -> None:
    """Let who now moves about have time for the way, also in bookings they have."""
    torn = rosters.place_allocations(tx.session, [id], now)
    told(tx, conflicts.among(tx.session, torn, now), "roster")

"""Reading and locking leave."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.chassis import paging
from services.scheduling.models import Leave, Resource

Shown = dict[str, Any]


def leave(session: Session, id: UUID) -> Leave | None:
    """Return a leave as it was last committed."""
    return session.get(Leave, id, populate_existing=True)


def lock_leave(session: Session, id: UUID) -> Leave | None:
    """Return a leave and let nobody else change it until the transaction ends."""
    return session.get(Leave, id, with_for_update=True, populate_existing=True)


def add_leave(session: Session, values: Mapping[str, Any]) -> Leave | None:
    """Add a leave; return None when there is one of that id (after waiting for who adds it now)."""
    return session.scalars(
        insert(Leave).values(**values).on_conflict_do_nothing().returning(Leave)
    ).one_or_none()


def page(
    session: Session,
    *,
    branch_id: UUID | None,
    resource_id: UUID | None,
    state: str | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[Shown], str | None]:
    """Return one page of leaves as the contract shows them, newest requests first."""
    rows = sa.select(Leave)
    if branch_id is not None:
        home = sa.select(Resource.id).where(Resource.branch_id == branch_id)
        rows = rows.where(Leave.resource_id.in_(home))
    if resource_id is not None:
        rows = rows.where(Leave.resource_id == resource_id)
    if state is not None:
        rows = rows.where(Leave.state == state)
    found, next_cursor = paging.newest_first(
        session, rows, key=(Leave.requested_at, Leave.id), cursor=cursor, limit=limit
    )
    return _shown(session, found), next_cursor


def show(session: Session, known: Leave) -> Shown:
    """Return a leave as the contract shows it."""
    return _shown(session, [known])[0]


def _shown(session: Session, leaves: list[Leave]) -> list[Shown]:
    ids = {each.resource_id for each in leaves}
    resources = {
        resource.id: resource
        for resource in session.scalars(sa.select(Resource).where(Resource.id.in_(ids)))
    }
    return [_view(each, resources[each.resource_id]) for each in leaves]


def _view(known: Leave, resource: Resource) -> Shown:
    return {
        "id": known.id,
        "resource_id": known.resource_id,
        "resource_name": resource.name,
        "branch_id": resource.branch_id,
        "start": known.during.lower,
        "end": known.during.upper,
        "reason": known.reason,
        "state": known.state,
        "requested_by": known.requested_by,
        "requested_at": known.requested_at,
        "decided_by": known.decided_by,
        "decided_at": known.decided_at,
        "note": known.note,
        "conflicts": [],
    }

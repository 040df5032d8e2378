"""Which branch and resource a thing belongs to."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.scheduling.models import (
    Allocation,
    BusyFeed,
    CalendarLink,
    Closure,
    Hold,
    Leave,
    Quota,
    Resource,
    WaitlistEntry,
)

Place = tuple[UUID | None, UUID | None]
"""A branch and a resource."""

NONE = sa.null().cast(sa.Uuid)
HOME = Resource.branch_id
OWN_OR_HOME = {
    model: sa.func.coalesce(model.branch_id, HOME) for model in (CalendarLink, Quota, Hold)
}


def _of_resource(model: Any, branch_id: Any = HOME) -> sa.Select[Any]:
    return (
        sa.select(branch_id.label("branch_id"), model.resource_id)
        .select_from(model)
        .outerjoin(Resource, Resource.id == model.resource_id)
    )


# Each ends with the column that its id is compared with. A booking is at its own branch, which
# need not be the home of those who serve it.
FINDERS: dict[str, tuple[sa.Select[Any], Any]] = {
    "allocation": (
        _of_resource(Allocation, OWN_OR_HOME[Hold]).outerjoin(
            Hold, Hold.booking_id == Allocation.booking_id
        ),
        Allocation.id,
    ),
    "busy_feed": (_of_resource(BusyFeed), BusyFeed.id),
    "calendar_link": (_of_resource(CalendarLink, OWN_OR_HOME[CalendarLink]), CalendarLink.id),
    "closure": (sa.select(Closure.branch_id, NONE.label("resource_id")), Closure.id),
    "leave": (_of_resource(Leave), Leave.id),
    "quota": (_of_resource(Quota, OWN_OR_HOME[Quota]), Quota.id),
    "resource": (sa.select(HOME, Resource.id.label("resource_id")), Resource.id),
    "waitlist_entry": (
        sa.select(WaitlistEntry.branch_id, NONE.label("resource_id")),
        WaitlistEntry.id,
    ),
}


def find(session: Session, kind: str, ids: Collection[UUID]) -> dict[UUID, Place]:
    """Return the branch and the resource of each of some things, of those that there are."""
    select, key = FINDERS[kind]
    rows = session.execute(select.add_columns(key.label("id")).where(key.in_(ids)))
    return {row.id: (row.branch_id, row.resource_id) for row in rows}

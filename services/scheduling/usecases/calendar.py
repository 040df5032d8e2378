"""Showing who works when and what they do."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.chassis.db import UnitOfWork
from services.contracts.scheduling import BranchUnknown, ResourceUnknown
from services.scheduling.models import Branch, Resource
from services.scheduling.queries import calendar as calendar_query
from services.scheduling.usecases.slots import check_range


def calendar(
    *,
    uow: UnitOfWork,
    now: datetime,
    branch_id: UUID,
    from_: date,
    to: date,
    resource_type: str | None = None,
    resource_id: UUID | None = None,
) -> dict[str, Any]:
    """Return the resources of a branch, their rosters and what they do on some local dates.

    What somebody does at another branch is shown as well: they cannot be booked then.

    Errors:  BranchUnknown; ResourceUnknown; RangeInvalid.
    """
    check_range(from_, to)
    with uow.read() as session:
        branch = session.get(Branch, branch_id)
        if branch is None:
            raise BranchUnknown(branch_id=str(branch_id))
        if resource_id is not None and session.get(Resource, resource_id) is None:
            raise ResourceUnknown(resource_id=str(resource_id))
        return calendar_query.calendar(
            session,
            branch=branch,
            from_=from_,
            to=to,
            resource_type=resource_type,
            resource_id=resource_id,
            now=now,
        )

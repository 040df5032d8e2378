"""Showing who works when and what they do."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.chassis.db import UnitOfWork
from services.contracts.scheduling import BranchUnknown
from services.scheduling.domain import TYPE_NAMES
from services.scheduling.models import Branch
from services.scheduling.queries import calendar as calendar_query
from services.scheduling.usecases.slots import check_range


def calendar(
    *, uow: UnitOfWork, now: datetime, branch_id: UUID, from_: date, to: date
) -> dict[str, Any]:
    """Return the resources of a branch, their rosters and what they do on some local dates.

    Errors:  BranchUnknown; RangeInvalid.
    """
    check_range(from_, to)
    with uow.read() as session:
        branch = session.get(Branch, branch_id)
        if branch is None:
            raise BranchUnknown(branch_id=str(branch_id))
        return calendar_query.calendar(
            session, branch=branch, from_=from_, to=to, type_names=TYPE_NAMES, now=now
        )

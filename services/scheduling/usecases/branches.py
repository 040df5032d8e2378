"""Branches: defining and reading them, and the dates on which they are closed or open otherwise."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from services.chassis.db import UnitOfWork
from services.contracts.scheduling import BranchUnknown, ClosureUnknown
from services.scheduling.domain import faults, studio
from services.scheduling.models import Branch, BranchDay, BranchHours, Closure
from services.scheduling.queries import branches, locks
from services.scheduling.usecases import special_days
from services.scheduling.usecases.conflicts import forget_ended_at, tell_conflicts_at
from services.scheduling.usecases.facts import tell_changed
from services.scheduling.usecases.freed import may_be_freed
from services.scheduling.usecases.rows import replace, upsert

Hours = Iterable[Mapping[str, Any]]


def define_branch(
    *,
    uow: UnitOfWork,
    now: datetime,
    id: UUID,
    timezone: str,
    holiday_calendar: str | None,
    hours: Hours,
    **particulars: Any,
) -> dict[str, Any]:
    """Create a branch or change it, its weekly hours included, and load its public holidays.

    Errors:  Invalid at /timezone; HolidayCalendarUnknown.
    """
    faults.check_zone(timezone)
    if holiday_calendar is not None:
        special_days.check_calendar(holiday_calendar, "/holiday_calendar")
    values = {**particulars, "timezone": timezone, "holiday_calendar": holiday_calendar}
    with uow.begin() as tx:
        locks.change_supply(tx.session, [id, *branches.with_calendar(tx.session, holiday_calendar)])
        upsert(tx.session, Branch, {"id": id}, values)
        replace(tx.session, BranchHours, {"branch_id": id}, hours)
        if holiday_calendar is not None:
            special_days.renew(tx.session, holiday_calendar, now)
        may_be_freed(tx.session, [id], now)
        tell_changed(tx, [id])
    return {"id": id, **values}


def get_branch(*, uow: UnitOfWork, branch_id: UUID) -> dict[str, Any]:
    """Return a branch with its weekly hours.

    Errors:  BranchUnknown.
    """
    with uow.read() as session:
        branch = known(session, branch_id)
        own = {column.key: getattr(branch, column.key) for column in Branch.__table__.columns}
        return own | {"hours": branches.hours(session, branch_id)}


def list_branches(*, uow: UnitOfWork) -> dict[str, Any]:
    """Return every branch, oldest first."""
    with uow.read() as session:
        return {"items": branches.all_branches(session)}


def list_branch_days(*, uow: UnitOfWork, branch_id: UUID, from_: date, to: date) -> dict[str, Any]:
    """Return what is out of the ordinary at a branch on some local dates, both included.

    Errors:  BranchUnknown; RangeInvalid at /to.
    """
    studio.check_range(from_, to, "/to")
    with uow.read() as session:
        branch = known(session, branch_id)
        return {
            "closures": branches.closures(session, branch_id, from_, to),
            "days": branches.days(session, branch_id, from_, to),
            "special_days": branches.special_days(session, branch.holiday_calendar, from_, to),
        }


def define_branch_day(
    *,
    uow: UnitOfWork,
    now: datetime,
    branch_id: UUID,
    day: date,
    hours: Sequence[Mapping[str, Any]],
    reason: str,
) -> dict[str, Any]:
    """Give one local date hours of its own; none at all put the weekly ones back.

    Errors:  BranchUnknown.
    """
    with uow.begin() as tx:
        known(tx.session, branch_id)
        locks.change_supply(tx.session, [branch_id])
        key = {"branch_id": branch_id, "day": day}
        replace(tx.session, BranchDay, key, [{**span, "reason": reason} for span in hours])
        may_be_freed(tx.session, [branch_id], now)
        tell_changed(tx, [branch_id])
    return {**key, "hours": hours, "reason": reason}


def define_closure(
    *,
    uow: UnitOfWork,
    now: datetime,
    id: UUID,
    branch_id: UUID,
    first_day: date,
    last_day: date,
    reason: str,
) -> dict[str, Any]:
    """Close a branch on some local dates, both included, or change when it is closed.

    Bookings that lie in them stay, and are told of.

    Errors:  BranchUnknown; RangeInvalid at /last_day.
    """
    studio.check_range(first_day, last_day, "/last_day")
    days = Range(first_day, last_day, bounds="[]")
    with uow.begin() as tx:
        before = branches.closure_for_change(tx.session, id)
        opened = [before.branch_id] if before else []
        locks.change_supply(tx.session, [branch_id, *opened])
        values = {"branch_id": branch_id, "days": days, "reason": reason}
        upsert(tx.session, Closure, {"id": id}, values)
        may_be_freed(tx.session, opened, now)
        for each in set(opened) - {branch_id}:
            forget_ended_at(tx, now=now, branch_id=each)
        tell_conflicts_at(tx, now=now, cause="closure", branch_id=branch_id)
        tell_changed(tx, [branch_id, *opened])
    return {
        "id": id,
        "branch_id": branch_id,
        "first_day": first_day,
        "last_day": last_day,
        "reason": reason,
    }


def remove_closure(*, uow: UnitOfWork, now: datetime, id: UUID) -> dict[str, Any]:
    """Open a branch again on the dates of a closure.

    Errors:  ClosureUnknown.
    """
    with uow.begin() as tx:
        closure = branches.closure_for_change(tx.session, id)
        if closure is None:
            raise ClosureUnknown(id=str(id))
        locks.change_supply(tx.session, [closure.branch_id])
        tx.session.delete(closure)
        may_be_freed(tx.session, [closure.branch_id], now)
        forget_ended_at(tx, now=now, branch_id=closure.branch_id)
        tell_changed(tx, [closure.branch_id])
    return {"removed": True}


def known(session: Session, branch_id: UUID) -> Branch:
    """Return a branch.

    Errors:  BranchUnknown.
    """
    branch = session.get(Branch, branch_id)
    if branch is None:
        raise BranchUnknown(branch_id=str(branch_id))
    return branch

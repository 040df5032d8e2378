"""Reading branches, their hours, and what is out of the ordinary on their days."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from services.scheduling.models import Branch, BranchDay, BranchHours, Closure, SpecialDay


def all_branches(session: Session) -> list[Branch]:
    """Return every branch in the order in which they were first defined."""
    return list(session.scalars(sa.select(Branch).order_by(Branch.created_at, Branch.id)))


def hours(session: Session, branch_id: UUID) -> list[BranchHours]:
    """Return the weekly hours of a branch, Monday first."""
    return list(
        session.scalars(
            sa.select(BranchHours)
            .where(BranchHours.branch_id == branch_id)
            .order_by(BranchHours.weekday, BranchHours.opens, BranchHours.closes)
        )
    )


def closures(session: Session, branch_id: UUID, first: date, last: date) -> list[dict[str, Any]]:
    """Return the closures that touch some local dates, both included, earliest first."""
    found = session.execute(
        sa.select(
            Closure.id,
            Closure.branch_id,
            sa.func.lower(Closure.days).label("first_day"),
            (sa.func.upper(Closure.days) - 1).label("last_day"),
            Closure.reason,
        )
        .where(
            Closure.branch_id == branch_id,
            Closure.days.overlaps(Range(first, last, bounds="[]")),
        )
        .order_by(sa.func.lower(Closure.days), Closure.id)
    )
    return [dict(row) for row in found.mappings()]


def closure_for_change(session: Session, id: UUID) -> Closure | None:
    """Return a closure that nobody else changes meanwhile."""
    return session.scalar(sa.select(Closure).where(Closure.id == id).with_for_update())


def days(session: Session, branch_id: UUID, first: date, last: date) -> list[dict[str, Any]]:
    """Return the dates among some, both included, that have hours of their own."""
    rows = session.scalars(
        sa.select(BranchDay)
        .where(BranchDay.branch_id == branch_id, BranchDay.day.between(first, last))
        .order_by(BranchDay.day, BranchDay.opens, BranchDay.closes)
    )
    found: dict[date, dict[str, Any]] = {}
    for row in rows:
        own = {"branch_id": branch_id, "day": row.day, "hours": [], "reason": row.reason}
        found.setdefault(row.day, own)["hours"].append({"opens": row.opens, "closes": row.closes})
    return list(found.values())


def special_days(
    session: Session, calendar: str | None, first: date, last: date
) -> list[SpecialDay]:
    """Return the special days of a calendar on some dates, both included."""
    return list(
        session.scalars(
            sa.select(SpecialDay)
            .where(SpecialDay.calendar == calendar, SpecialDay.day.between(first, last))
            .order_by(SpecialDay.day)
        )
    )


def calendars_in_use(session: Session) -> list[str]:
    """Return the calendars of public holidays that count at some branch."""
    found = sa.select(Branch.holiday_calendar).where(Branch.holiday_calendar.is_not(None))
    return [name for name in session.scalars(found.distinct()) if name]


def with_calendar(session: Session, calendar: str | None) -> list[UUID]:
    """Return the branches at which a calendar of public holidays counts; none for no calendar."""
    if calendar is None:
        return []
    return list(session.scalars(sa.select(Branch.id).where(Branch.holiday_calendar == calendar)))

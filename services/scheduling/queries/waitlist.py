"""Reading and locking who waits for time, and the time that has become free."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from services.chassis import paging
from services.scheduling.models import (
    Branch,
    FreedTime,
    Hold,
    Requirement,
    SpecialDay,
    WaitlistEntry,
)

SPECIAL_CODES = {"holiday": 8, "work_day": 9}


def rank(entry: type[WaitlistEntry] = WaitlistEntry) -> list[Any]:
    """Return what decides who is asked first, the least first.

    The higher priority; who has let fewer offers pass; whom fewer times suit (they ask for
    somebody by name, they can only come on one day); who joined first.
    """
    days = sa.func.upper(entry.days) - sa.func.lower(entry.days)
    return [
        -entry.priority,
        entry.offers,
        -sa.cast(sa.func.cardinality(entry.resource_ids) > 0, sa.Integer)
        - sa.cast(days == 1, sa.Integer),
        entry.joined_at,
        entry.id,
    ]


# --- places on the list


def entry(session: Session, id: UUID) -> WaitlistEntry | None:
    """Return a place on the list as it was last committed."""
    return session.get(WaitlistEntry, id, populate_existing=True)


def lock_entry(session: Session, id: UUID) -> WaitlistEntry | None:
    """Return a place on the list and let nobody else change it until the transaction ends.

    Whoever locks both takes the place first and its hold second.
    """
    return session.get(WaitlistEntry, id, with_for_update=True, populate_existing=True)


def lock_waiting(session: Session, id: UUID) -> WaitlistEntry | None:
    """Lock a place on the list that waits; None when it does not, or somebody changes it now."""
    return session.scalars(
        _locked(WaitlistEntry.id == id, WaitlistEntry.state == "waiting")
    ).one_or_none()


def lock_all_waiting(session: Session, ids: Collection[UUID]) -> dict[UUID, WaitlistEntry]:
    """Do as `lock_waiting` for several; return those that wait by their ids."""
    locked = _locked(WaitlistEntry.id.in_(ids), WaitlistEntry.state == "waiting")
    return {entry.id: entry for entry in session.scalars(locked)}


def lock_offered(session: Session, booking_ids: Collection[UUID]) -> list[WaitlistEntry]:
    """Lock those to whom some holds are offered, except who accepts or leaves just now."""
    return list(
        session.scalars(
            _locked(
                WaitlistEntry.state == "offered", WaitlistEntry.offer_booking_id.in_(booking_ids)
            )
        )
    )


def lock_stale_offers(
    session: Session, now: datetime, limit: int
) -> list[tuple[WaitlistEntry, str]]:
    """Lock those whose offer is over although its hold did not end as offers do.

    Shapes:  with the state of the hold: whoever locked one of the two kept the other from it.
    """
    found = (
        sa.select(WaitlistEntry, Hold.state)
        .join(Hold, Hold.booking_id == WaitlistEntry.offer_booking_id)
        .where(
            WaitlistEntry.state == "offered",
            WaitlistEntry.offer_expires_at <= now,
            Hold.state != "held",
        )
        .order_by(WaitlistEntry.offer_expires_at, WaitlistEntry.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=WaitlistEntry)
    )
    return [(row.WaitlistEntry, row.state) for row in session.execute(found)]


def lock_passed(session: Session, now: datetime, limit: int) -> list[WaitlistEntry]:
    """Lock those who wait for days that have passed at their branch."""
    today = sa.cast(sa.func.timezone(Branch.timezone, sa.literal(now)), sa.Date)
    return list(
        session.scalars(
            sa.select(WaitlistEntry)
            .join(Branch, Branch.id == WaitlistEntry.branch_id)
            .where(WaitlistEntry.state == "waiting", sa.func.upper(WaitlistEntry.days) <= today)
            # No zone is a whole day ahead of UTC: this much the index knows without asking for it.
            .where(
                sa.func.upper(WaitlistEntry.days) <= now.astimezone(UTC).date() + timedelta(days=1)
            )
            .order_by(sa.func.upper(WaitlistEntry.days), WaitlistEntry.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=WaitlistEntry)
        )
    )


def _locked(*conditions: sa.ColumnElement[bool]) -> sa.Select[tuple[WaitlistEntry]]:
    return (
        sa.select(WaitlistEntry)
        .where(*conditions)
        .order_by(WaitlistEntry.id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )


def add_entry(session: Session, values: Mapping[str, Any]) -> WaitlistEntry | None:
    """Add a place on the list; None when there is one with its id (after waiting for it)."""
    return session.scalars(
        insert(WaitlistEntry).values(**values).on_conflict_do_nothing().returning(WaitlistEntry)
    ).one_or_none()


def page(
    session: Session,
    *,
    branch_id: UUID | None,
    service_id: UUID | None,
    state: str | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[WaitlistEntry], str | None]:
    """Return one page of places on the list, those who joined last first."""
    wanted = {"branch_id": branch_id, "service_id": service_id, "state": state}
    filters = {name: value for name, value in wanted.items() if value is not None}
    return paging.newest_first(
        session,
        sa.select(WaitlistEntry).filter_by(**filters),
        key=(WaitlistEntry.joined_at, WaitlistEntry.id),
        cursor=cursor,
        limit=limit,
    )


def ahead(session: Session, ids: Collection[UUID]) -> dict[UUID, int]:
    """Return how many who wait for the same service on the same days come before each of some."""
    rival = aliased(WaitlistEntry)
    counted = (
        sa.select(WaitlistEntry.id, sa.func.count())
        .join(
            rival,
            sa.and_(
                rival.branch_id == WaitlistEntry.branch_id,
                rival.service_id == WaitlistEntry.service_id,
                rival.state == "waiting",
                rival.days.op("&&")(WaitlistEntry.days),
                sa.tuple_(*rank(rival)) < sa.tuple_(*rank()),
            ),
        )
        .where(WaitlistEntry.id.in_(ids), WaitlistEntry.state == "waiting")
        .group_by(WaitlistEntry.id)
    )
    return {row[0]: row[1] for row in session.execute(counted)}


# --- time that has become free


def take_turn(session: Session, branch_id: UUID) -> None:
    """Wait until nobody else offers time of this branch, until the transaction ends.

    Without it two processes could offer at once, and the second in line be quicker.
    """
    session.execute(_TURN, {"branch_id": branch_id})


_TURN = sa.text(
    "SELECT pg_advisory_xact_lock(hashtextextended('waitlist:' || CAST(:branch_id AS text), 0))"
)


def freed(session: Session, limit: int) -> dict[UUID, list[FreedTime]]:
    """Return time that nobody on the list was asked about, by branch, noted first first."""
    rows = session.scalars(sa.select(FreedTime).order_by(FreedTime.id).limit(limit))
    by_branch: dict[UUID, list[FreedTime]] = defaultdict(list)
    for row in rows:
        by_branch[row.branch_id].append(row)
    return by_branch


def forget_freed(session: Session, ids: Sequence[int]) -> None:
    """Note that everybody was asked about some freed time."""
    session.execute(sa.delete(FreedTime).where(FreedTime.id.in_(ids)))


def waiting(session: Session, branch_id: UUID) -> list[tuple[WaitlistEntry, Requirement]]:
    """Return who waits at a branch, with how their services do it, in the order of asking."""
    rows = session.execute(
        sa.select(WaitlistEntry, Requirement)
        .join(Requirement, Requirement.service_id == WaitlistEntry.service_id)
        .where(
            WaitlistEntry.branch_id == branch_id,
            WaitlistEntry.state == "waiting",
            Requirement.waitlist_mode != "off",
        )
        .order_by(*rank())
    )
    return [(row.WaitlistEntry, row.Requirement) for row in rows]


def special_codes(session: Session, branch_id: UUID, first: date, last: date) -> dict[date, int]:
    """Return which of some dates are a holiday (8) or a make-up work day (9) at a branch."""
    rows = session.execute(
        sa.select(SpecialDay.day, SpecialDay.kind)
        .join(Branch, Branch.holiday_calendar == SpecialDay.calendar)
        .where(
            Branch.id == branch_id,
            SpecialDay.day.between(first, last),
            SpecialDay.kind.in_(SPECIAL_CODES),
        )
    )
    return {row.day: SPECIAL_CODES[row.kind] for row in rows}

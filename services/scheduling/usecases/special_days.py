"""Public holidays and make-up work days: the official ones, and the studio's own word on them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.chassis.db import UnitOfWork
from services.contracts.scheduling import HolidayCalendarUnknown
from services.scheduling import holiday_calendars
from services.scheduling.domain.faults import pointed
from services.scheduling.holiday_calendars import OfficialDay
from services.scheduling.models import SpecialDay
from services.scheduling.queries import branches, locks
from services.scheduling.usecases.facts import tell_changed
from services.scheduling.usecases.freed import may_be_freed
from services.scheduling.usecases.rows import upsert

YEARS_AHEAD = 2
"""How far calendars are kept loaded: as far as anybody can book."""


def check_calendar(calendar: str, pointer: str) -> None:
    """Refuse a calendar of public holidays that nobody keeps.

    Errors:  HolidayCalendarUnknown at the pointer.
    """
    if not holiday_calendars.is_known(calendar):
        raise pointed(HolidayCalendarUnknown, pointer)


def define_special_day(
    *,
    uow: UnitOfWork,
    now: datetime,
    calendar: str,
    day: date,
    kind: str,
    name: dict[str, str],
    edited: bool,
) -> dict[str, Any]:
    """Say what a date is, whatever the official calendar says; unedited, take that word back.

    Every branch with the calendar is told to be another than it was.

    Errors:  HolidayCalendarUnknown at /calendar.
    """
    check_calendar(calendar, "/calendar")
    with uow.begin() as tx:
        concerned = branches.with_calendar(tx.session, calendar)
        locks.change_supply(tx.session, concerned)
        may_be_freed(tx.session, concerned, now)
        tell_changed(tx, concerned)
        if not edited:
            return _put_back(tx.session, calendar, day, name)
        values = {"kind": kind, "name": name, "edited": True}
        upsert(tx.session, SpecialDay, {"calendar": calendar, "day": day}, values)
    return {"calendar": calendar, "day": day, **values}


def load_special_days(*, uow: UnitOfWork, now: datetime) -> None:
    """Bring the calendars of all branches up to what is officially known now; tell if it is new."""
    with uow.read() as session:
        calendars = branches.calendars_in_use(session)
    # A calendar that a new release of the package has no more stays as it was loaded.
    for calendar in filter(holiday_calendars.is_known, calendars):
        with uow.begin() as tx:
            concerned = branches.with_calendar(tx.session, calendar)
            locks.change_supply(tx.session, concerned)
            if renew(tx.session, calendar, now):
                tell_changed(tx, concerned)


def renew(session: Session, calendar: str, now: datetime) -> bool:
    """Put the official days of this and the next years in place of those loaded before.

    Return whether any of them has changed.

    What the studio has edited stays, and so do the years that have passed. The caller holds the
    supply locks.
    """
    years = range(now.year, now.year + YEARS_AHEAD + 1)
    official = holiday_calendars.days_of(calendar, years)
    gone = session.scalars(
        sa.delete(SpecialDay)
        .where(
            SpecialDay.calendar == calendar,
            SpecialDay.day.between(date(years[0], 1, 1), date(years[-1], 12, 31)),
            SpecialDay.day.not_in([each.day for each in official]),
            ~SpecialDay.edited,
        )
        .returning(SpecialDay.day)
        .execution_options(synchronize_session=False)
    ).all()
    return bool(_load(session, calendar, official) or gone)


def _load(session: Session, calendar: str, official: Sequence[OfficialDay]) -> bool:
    """Write official days where the studio has said nothing; return whether any was another."""
    if not official:
        return False
    load = insert(SpecialDay).values(
        [
            {"calendar": calendar, "day": each.day, "kind": each.kind, "name": each.name}
            for each in official
        ]
    )
    told = sa.tuple_(load.excluded.kind, load.excluded.name)
    changed = session.scalars(
        load.on_conflict_do_update(
            index_elements=[SpecialDay.calendar, SpecialDay.day],
            set_={"kind": load.excluded.kind, "name": load.excluded.name},
            where=~SpecialDay.edited
            & sa.tuple_(SpecialDay.kind, SpecialDay.name).is_distinct_from(told),
        ).returning(SpecialDay.day)
    ).all()
    return bool(changed)


def _put_back(session: Session, calendar: str, day: date, name: dict[str, str]) -> dict[str, Any]:
    official = [each for each in holiday_calendars.days_of(calendar, [day.year]) if each.day == day]
    session.execute(sa.delete(SpecialDay).filter_by(calendar=calendar, day=day))
    _load(session, calendar, official)
    told = official[0] if official else OfficialDay(day, "ordinary", name)
    return {"calendar": calendar, "day": day, "kind": told.kind, "name": told.name, "edited": False}

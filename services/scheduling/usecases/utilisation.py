"""Telling how resources' time is used: what was served, and what is planned."""

from datetime import date, datetime, timedelta
from uuid import UUID

from services.chassis.db import Transaction, UnitOfWork
from services.scheduling.domain.spans import Span, local_date
from services.scheduling.models import Branch
from services.scheduling.queries import holds, moves, utilisation

ONE_DAY = timedelta(days=1)
LOOK_BACK = timedelta(days=3)
"""How long a date that is over is measured again: until staff have noted what came of it. What
they note later has its dates measured then."""

LOOK_AHEAD = timedelta(days=14)
"""How far ahead it is told how full the days are; beyond that few have booked."""

BATCH = 500
"""Facts of one branch in one transaction; what is left is told the next time."""


def note_outcome(*, uow: UnitOfWork, now: datetime, booking_id: UUID, outcome: str) -> bool:
    """Note what came of a booking; false when it has no time here.

    Shapes:  `outcome` served or no_show.
    """
    with uow.begin() as tx:
        hold = holds.lock_hold(tx.session, booking_id)
        if hold is None:
            return False
        hold.outcome = outcome
        tx.session.flush()
        branch = tx.session.get_one(Branch, hold.branch_id)
        spans = [row["during"] for row in moves.rows_of(tx.session, booking_id)]
        if spans:
            _measure_late(
                tx,
                branch,
                Span(min(span.lower for span in spans), max(span.upper for span in spans)),
                now,
            )
    return True


def measure_past(*, uow: UnitOfWork, now: datetime) -> int:
    """Tell what has changed of the dates that are just over; return of how many."""
    return _measure_all(uow, now, LOOK_BACK, -ONE_DAY)


def measure_ahead(*, uow: UnitOfWork, now: datetime) -> int:
    """Tell what has changed of today and the dates to come; return of how many."""
    return _measure_all(uow, now, timedelta(), LOOK_AHEAD)


def _measure_all(uow: UnitOfWork, now: datetime, back: timedelta, ahead: timedelta) -> int:
    """Measure every branch, each in a transaction of its own."""
    with uow.read() as session:
        branches = utilisation.branches(session)
    told = 0
    for branch in branches:
        today = local_date(now, branch.timezone)
        with uow.begin() as tx:
            told += _measure(tx, branch, today - back, today + ahead, now)
    return told


def _measure_late(tx: Transaction, branch: Branch, span: Span, now: datetime) -> None:
    """Measure those dates of a booking that nobody measures again of himself."""
    first = local_date(span.start, branch.timezone)
    last = min(
        local_date(span.end - timedelta(microseconds=1), branch.timezone),
        local_date(now, branch.timezone) - LOOK_BACK - ONE_DAY,
    )
    if first <= last:
        _measure(tx, branch, first, last, now)


def _measure(tx: Transaction, branch: Branch, first: date, last: date, now: datetime) -> int:
    utilisation.be_alone(tx.session, branch.id)
    changed = utilisation.measure(tx.session, branch, first, last, now=now, limit=BATCH)
    for figures in changed:
        tx.emit("utilisation.measured", figures)
    return len(changed)

"""Holds that end: by the sweeper, in somebody's way, or because a test of payments says so."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from services.chassis.db import Transaction, UnitOfWork
from services.contracts.scheduling import HoldUnknown
from services.scheduling.domain.holds import HoldState, advance
from services.scheduling.models import Hold
from services.scheduling.queries import holds
from services.scheduling.usecases.facts import fact
from services.scheduling.usecases.waitlist import lapses

T = TypeVar("T")

BATCH = 200
"""Holds of one pass; more would keep their rows locked while customers want to pay."""

MAX_SWEEPS = 3
"""Holds that expire between two looks; more than a few in a row are a storm on a dying slot."""


class OverdueError(Exception):
    """Only holds that have expired lie in the way; it is free when they are swept away."""

    booking_ids: Collection[UUID]


def sweep(*, uow: UnitOfWork, now: datetime) -> int:
    """Expire what is overdue, up to a batch; return how many.

    Every replica may sweep at once: what one has locked the others leave.
    """
    with uow.begin() as tx:
        overdue = holds.lock_overdue_holds(tx.session, now, BATCH)
        _expire(tx, overdue)
        return len(overdue)


def expire_among(*, uow: UnitOfWork, now: datetime, booking_ids: Collection[UUID]) -> None:
    """Expire those of some holds that are overdue, because somebody wants their time."""
    with uow.begin() as tx:
        _expire(tx, holds.lock_overdue_among(tx.session, booking_ids, now))


def sweeping(*, uow: UnitOfWork, now: datetime, effect: Callable[[Transaction], T]) -> T:
    """Run a transaction, and again when what was in its way has been swept away.

    Errors:  those of the effect; OverdueError when there was something again each time.
    """
    overdue: OverdueError | None = None
    for _ in range(MAX_SWEEPS):
        try:
            with uow.begin() as tx:
                return effect(tx)
        except OverdueError as error:
            expire_among(uow=uow, now=now, booking_ids=error.booking_ids)
            overdue = error
    assert overdue is not None, "there is at least one attempt"
    raise overdue


def expire_hold(*, uow: UnitOfWork, booking_id: UUID) -> dict[str, Any]:
    """Expire one hold now; a confirmed one stays.

    Errors:  HoldUnknown.
    """
    with uow.begin() as tx:
        hold = holds.lock_hold(tx.session, booking_id)
        if hold is None:
            raise HoldUnknown(booking_id=str(booking_id))
        held = hold.state == HoldState.HELD
        _expire(tx, [hold] if held else [])
        return {"released": held}


def _expire(tx: Transaction, overdue: Sequence[Hold]) -> None:
    if not overdue:
        return
    booking_ids = [hold.booking_id for hold in overdue]
    crews = holds.give_up(tx.session, booking_ids)
    lapses.lapse(tx, booking_ids)
    for hold in overdue:
        hold.state = advance(hold.state, HoldState.EXPIRED)
        holds.tell_freed(tx.session, hold.branch_id, hold.start_at, hold.end_at)
        tx.emit("hold.expired", fact(hold, crews[hold.booking_id]))

"""Offers that nobody took in time, and places on the list whose days have passed."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from services.chassis.db import Transaction, UnitOfWork
from services.scheduling.domain.holds import HoldState
from services.scheduling.domain.waitlist import WaitState, advance, after_lapse
from services.scheduling.models import WaitlistEntry
from services.scheduling.queries import waitlist
from services.scheduling.usecases.waitlist.facts import fact

BATCH = 200
"""Places of one pass; more would keep their rows locked while customers want to leave."""


def lapse(tx: Transaction, booking_ids: Collection[UUID]) -> None:
    """Let those to whom some holds were offered wait again, or no longer: the holds have expired.

    Whoever accepts or leaves at this very moment is left to `tidy_up`.
    """
    for entry in waitlist.lock_offered(tx.session, booking_ids):
        _lapse(tx, entry)


def tidy_up(*, uow: UnitOfWork, now: datetime) -> int:
    """End what has ended without anybody noticing, up to a batch of each; return how many.

    An offer whose hold was confirmed or released in another way than by its customer's answer;
    a place on the list for days that have passed.
    """
    with uow.begin() as tx:
        stale = waitlist.lock_stale_offers(tx.session, now, BATCH)
        for entry, hold_state in stale:
            if hold_state == HoldState.CONFIRMED:
                entry.state = advance(entry.state, WaitState.ACCEPTED)
                tx.emit("waitlist.accepted", fact(tx.session, entry))
            else:
                _lapse(tx, entry)
        passed = waitlist.lock_passed(tx.session, now, BATCH)
        for entry in passed:
            _become(tx, entry, WaitState.EXPIRED)
        return len(stale) + len(passed)


def _lapse(tx: Transaction, entry: WaitlistEntry) -> None:
    _become(tx, entry, after_lapse(entry.offers))


def _become(tx: Transaction, entry: WaitlistEntry, state: WaitState) -> None:
    entry.state = advance(entry.state, state)
    tx.emit("waitlist.expired", fact(tx.session, entry))

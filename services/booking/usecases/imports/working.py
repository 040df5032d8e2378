"""Working at imports: one piece of rows after the other, each in a transaction of its own.

What is left to do is written in the rows: a process that dies is followed by any other.
"""

from datetime import datetime

from services.booking import phones
from services.booking.domain.imports.rows import Fault, Order, read_row, written
from services.booking.domain.imports.states import RowState, State
from services.booking.links import Links
from services.booking.models import Import, ImportRow
from services.booking.queries import imports
from services.booking.usecases.imports import running, undoing
from services.booking.usecases.imports.mapping import plan_of
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.booking import PhoneInvalid

CHECKED_AT_ONCE = 200
RUN_AT_ONCE = 50
"""Rows of one transaction; requests wait while the processor reads them, a tenth of a second."""

MOST_WAITING = 1_000
"""Events in the outbox above which no more orders are made: what customers do goes out first."""


def work(*, uow: UnitOfWork, now: datetime, links: Links) -> bool:
    """Do one piece of what imports have to do; return false when there is nothing to do now."""
    with uow.begin() as tx:
        found = imports.take_work(tx.session)
        if found is None:
            return False
        if found.state == State.CHECKING:
            _check(tx, found, now)
            return True
        if imports.waiting_events(tx.session, MOST_WAITING) >= MOST_WAITING:
            return False
        step = running.run if found.state == State.RUNNING else undoing.undo
        step(tx, found, RUN_AT_ONCE, now, links)
        return True


def _check(tx: Transaction, found: Import, now: datetime) -> None:
    """Read the next rows, and note what is wrong with them."""
    rows = imports.next_rows(tx.session, found.id, RowState.NEW, CHECKED_AT_ONCE)
    services = imports.services(tx.session)
    plan = plan_of(found, services)
    read = [(row, read_row(plan, row.cells, phone_of=_phone, now=now)) for row in rows]
    keys = {told.key for _, told in read if isinstance(told, Order)}
    here = imports.known_keys(tx.session, keys)
    before = imports.repeated_keys(tx.session, found.id, keys)
    for row, told in read:
        if isinstance(told, Order) and told.key in here | before:
            why = "import.exists" if told.key in here else "import.repeated"
            told = [Fault("reference" if told.reference else "start", why)]
        _note(found, row, told)
        if isinstance(told, Order):
            before.add(told.key)
    currencies = {str(service.id): service.currency for service in services}
    if first := next((told for _, told in read if isinstance(told, Order)), None):
        found.currency = currencies[first.service_id]
    if len(rows) < CHECKED_AT_ONCE:
        found.state = State.CHECKED


def _note(found: Import, row: ImportRow, told: Order | list[Fault]) -> None:
    if isinstance(told, Order):
        row.state, row.key, row.parsed = RowState.GOOD, told.key, written(told)
        found.good += 1
        found.total_cents += told.total_cents
        found.paid_cents += told.paid_cents
        return
    row.state = RowState.BAD
    row.faults = [{"field": fault.field, "code": fault.code} for fault in told]
    found.bad += 1


def _phone(text: str) -> str | None:
    try:
        return phones.normalise(text)
    except PhoneInvalid:
        return None

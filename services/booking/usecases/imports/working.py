"""Working at imports: one piece of rows after the other, each in a transaction of its own.

What is left to do is written in the rows: a process that dies is followed by any other. Another
service is asked before the piece, without a transaction; who finds that somebody else has done the
piece meanwhile leaves it, so that whatever is asked may be asked again.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from services.booking.domain.imports.rows import Fault
from services.booking.domain.imports.states import RowState, State
from services.booking.models import Import, ImportRow
from services.booking.queries import imports
from services.booking.usecases.imports.kinds import Kind, Kinds
from services.booking.usecases.imports.noting import note_bad, note_good
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.errors import Unavailable

logger = logging.getLogger(__name__)

CHECKED_AT_ONCE = 200
RUN_AT_ONCE = 50
"""Rows of one transaction; requests wait while the processor reads them, a tenth of a second."""

MOST_WAITING = 1_000
"""Events in the outbox above which nothing more is made: what customers do goes out first."""


def work(*, uow: UnitOfWork, now: datetime, kinds: Kinds) -> bool:
    """Do one piece of what imports have to do; return false when there is nothing to do now."""
    with uow.read() as session:
        seen = imports.next_work(session)
        if seen is None or _must_wait(session, seen):
            return False
        kind = kinds[seen.kind]
        rows = _next_rows(session, kind, seen)
        ask = kind.asking(session, seen, rows, now)
    try:
        answer = ask()
    except Unavailable as error:
        logger.warning("an import waits", extra={"code": error.code})
        return False
    with uow.begin() as tx:
        found = imports.take_work(tx.session)
        if found is None:
            return False
        if _stands(found) == _stands(seen):
            taken = _next_rows(tx.session, kind, found)
            if [row.line for row in taken] == [row.line for row in rows]:
                _do(tx, kind, found, taken, answer, now)
        return True


def _must_wait(session: Session, found: Import) -> bool:
    tells = found.state != State.CHECKING
    return tells and imports.waiting_events(session, MOST_WAITING) >= MOST_WAITING


def _stands(found: Import) -> tuple[Any, ...]:
    return (found.id, found.state, found.mapping, found.branches, found.levels)


def _limit(found: Import) -> int:
    return CHECKED_AT_ONCE if found.state == State.CHECKING else RUN_AT_ONCE


def _next_rows(session: Session, kind: Kind, found: Import) -> list[ImportRow]:
    states = {State.CHECKING: (RowState.NEW,), State.RUNNING: (RowState.GOOD,)}
    wanted = states.get(State(found.state), kind.taken_back)
    return imports.next_rows(session, found.id, wanted, _limit(found))


def _do(
    tx: Transaction,
    kind: Kind,
    found: Import,
    rows: Sequence[ImportRow],
    answer: Mapping[Any, Any],
    now: datetime,
) -> None:
    """Let rows of a locked import go on; the last ones end what it is doing."""
    ends = len(rows) < _limit(found)
    if found.state == State.CHECKING:
        _check(tx, kind, found, rows, answer, now)
        if ends:
            found.state = State.CHECKED
    elif found.state == State.RUNNING:
        kind.run(tx, found, rows, answer, now)
        found.done += sum(row.state == RowState.DONE for row in rows)
        if ends:
            _end(tx, found, State.DONE, now)
    else:
        kind.undo(tx, found, rows, answer, now)
        came = [row for row in rows if row.booking_id or row.customer_id]
        found.undone += sum(row.state == RowState.UNDONE for row in came)
        found.kept += sum(row.state == RowState.KEPT for row in came)
        if ends:
            _end(tx, found, State.UNDONE, now)


def _end(tx: Transaction, found: Import, state: State, now: datetime) -> None:
    found.state, found.finished_at = state, now
    imports.date_ends(tx.session, found.id, now)


def _check(
    tx: Transaction,
    kind: Kind,
    found: Import,
    rows: Sequence[ImportRow],
    answer: Mapping[Any, Any],
    now: datetime,
) -> None:
    """Read rows, and note what is wrong with them, or who is here already."""
    plan = kind.plan(tx.session, found)
    read = [(row, kind.read(plan, row.cells, now)) for row in rows]
    understood = [told for _, told in read if not isinstance(told, list)]
    here = kind.here(tx.session, understood, answer)
    keys = {told.key for told in understood}
    before = imports.repeated_keys(tx.session, found.id, keys)
    for row, told in read:
        if isinstance(told, list):
            note_bad(found, row, told)
            continue
        wrong = kind.against(told, here[told.key]) if told.key in here else []
        if told.key in before and not wrong:
            wrong = [Fault(told.key_field, "import.repeated")]
        if wrong:
            note_bad(found, row, wrong)
            continue
        row.known = told.key in here
        note_good(found, row, told, kind.written(told))
        before.add(told.key)

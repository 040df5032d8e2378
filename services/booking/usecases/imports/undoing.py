"""Undoing an import: what came of it is taken back, as far as nothing has happened to it since."""

from typing import Any
from uuid import UUID

from services.booking.domain.imports.states import STARTED, State
from services.booking.queries import imports
from services.booking.usecases.imports.kinds import Kinds
from services.booking.usecases.imports.reading import known, whole
from services.chassis.db import UnitOfWork
from services.contracts.imports import ImportRefused, ImportTouched


def undo_import(*, uow: UnitOfWork, kinds: Kinds, import_id: UUID) -> dict[str, Any]:
    """Take back all that came of an import, also while it still runs; again, it changes nothing.

    Errors:  ImportUnknown; ImportRefused when it was never run; ImportTouched when something has
             happened to one of its orders since.
    """
    with uow.begin() as tx:
        found = known(imports.lock_import(tx.session, import_id))
        if found.state in (State.UNDOING, State.UNDONE):
            return whole(tx.session, kinds, found)
        if found.state not in STARTED:
            raise ImportRefused(state=found.state)
        if count := kinds[found.kind].touched(tx.session, import_id):
            raise ImportTouched(count=count)
        found.state, found.finished_at = State.UNDOING, None
        return whole(tx.session, kinds, found)

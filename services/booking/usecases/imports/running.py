"""Running an import: its good rows take effect, of which no customer hears."""

from typing import Any
from uuid import UUID

from services.booking.domain.imports.states import State
from services.booking.queries import imports
from services.booking.usecases.imports.kinds import Kinds
from services.booking.usecases.imports.reading import known, whole
from services.chassis.db import UnitOfWork
from services.contracts.imports import ImportEmpty, ImportRefused


def run_import(*, uow: UnitOfWork, kinds: Kinds, import_id: UUID) -> dict[str, Any]:
    """Let the good rows of a checked import take effect; one that runs already goes on.

    Errors:  ImportUnknown; ImportRefused before it is checked, and once it was undone;
             ImportEmpty.
    """
    with uow.begin() as tx:
        found = known(imports.lock_import(tx.session, import_id))
        if found.state not in (State.CHECKED, State.RUNNING, State.DONE):
            raise ImportRefused(state=found.state)
        if not found.good:
            raise ImportEmpty()
        if found.state == State.CHECKED:
            found.state = State.RUNNING
        return whole(tx.session, kinds, found)

"""Receiving a file's rows, and forgetting them again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.booking.domain.imports.states import REMOVABLE, State
from services.booking.models import Import
from services.booking.queries import imports
from services.booking.usecases.imports.reading import item, known
from services.chassis.db import UnitOfWork
from services.contracts.imports import ImportRefused


def start_import(
    *,
    uow: UnitOfWork,
    now: datetime,
    import_id: UUID,
    name: str,
    columns: list[str],
    kind: str,
    staff_id: UUID,
) -> dict[str, Any]:
    """Begin to receive a file; one that broke off is begun anew, one that is here stays."""
    with uow.begin() as tx:
        found = imports.lock_import(tx.session, import_id)
        if found is not None and found.state != State.RECEIVING:
            return item(found)
        if found is not None:
            imports.delete_import(tx.session, import_id)
            tx.session.expunge(found)
        begun = Import(
            id=import_id,
            name=name,
            kind=kind,
            state=State.RECEIVING,
            columns=columns,
            created_by=staff_id,
            created_at=now,
        )
        tx.session.add(begun)
        tx.session.flush()
        return item(begun)


def add_rows(
    *, uow: UnitOfWork, import_id: UUID, rows: list[dict[str, Any]], last: bool
) -> dict[str, Any]:
    """Keep the next rows of a file; those that are here already stay as they are.

    Errors:  ImportUnknown; ImportRefused once all rows were received.
    """
    with uow.begin() as tx:
        found = known(imports.lock_import(tx.session, import_id))
        if found.state != State.RECEIVING:
            raise ImportRefused(state=found.state)
        found.rows += imports.add_rows(tx.session, import_id, rows)
        if last:
            found.state = State.RECEIVED
        return item(found)


def remove_import(*, uow: UnitOfWork, import_id: UUID) -> None:
    """Forget a file of which nothing has come yet.

    Errors:  ImportUnknown; ImportRefused when it has been run.
    """
    with uow.begin() as tx:
        found = known(imports.lock_import(tx.session, import_id))
        if found.state not in REMOVABLE:
            raise ImportRefused(state=found.state)
        imports.delete_import(tx.session, import_id)

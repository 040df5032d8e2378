"""Reading imports: how they stand, and what is wrong with their rows."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.booking.domain.imports.fields import guess_columns
from services.booking.domain.imports.rows import FAULTS
from services.booking.models import Import, ImportRow
from services.booking.queries import imports
from services.booking.usecases.imports.kinds import Kinds
from services.chassis.db import UnitOfWork
from services.contracts.imports import ImportUnknown

SAMPLE_ROWS = 5
"""Rows that are shown beside the mapping."""

FIGURES = ("rows", "good", "bad", "known", "done", "undone", "kept", "points")


def known(found: Import | None) -> Import:
    """Return an import that is here.

    Errors:  ImportUnknown.
    """
    if found is None:
        raise ImportUnknown()
    return found


def list_fields(*, kinds: Kinds, kind: str) -> dict[str, Any]:
    """Return what the columns of a file of some kind may hold."""
    return {
        "items": [
            {
                "name": each.name,
                "label": each.label,
                "kind": each.kind,
                "required": each.required,
                "example": each.example,
            }
            for each in kinds[kind].fields.values()
        ]
    }


def get_import(*, uow: UnitOfWork, kinds: Kinds, import_id: UUID) -> dict[str, Any]:
    """Return how an import stands.

    Errors:  ImportUnknown.
    """
    with uow.read() as session:
        return whole(session, kinds, known(imports.import_(session, import_id)))


def list_imports(*, uow: UnitOfWork, cursor: str | None, limit: int) -> dict[str, Any]:
    """Return a page of imports, the newest first.

    Errors:  Invalid for a cursor that is none.
    """
    with uow.read() as session:
        page, next_cursor = imports.imports_page(session, cursor=cursor, limit=limit)
    return {"items": [item(each) for each in page], "next_cursor": next_cursor}


def list_rows(
    *, uow: UnitOfWork, import_id: UUID, state: str | None, after: int, limit: int
) -> dict[str, Any]:
    """Return rows of a file in their order, those after a line.

    Errors:  ImportUnknown.
    """
    with uow.read() as session:
        found = known(imports.import_(session, import_id))
        rows = imports.rows_after(session, import_id, state=state, after=after, limit=limit + 1)
    page, columns = rows[:limit], (found.mapping or {}).get("columns", {})
    return {
        "items": [_row(row, columns) for row in page],
        "next_after": page[-1].line if len(rows) > limit else None,
    }


def whole(session: Session, kinds: Kinds, found: Import) -> dict[str, Any]:
    """Return an import with its columns, its first rows and its mapping."""
    rows = imports.rows_after(session, found.id, state=None, after=0, limit=SAMPLE_ROWS)
    kind = kinds[found.kind]
    columns = guess_columns(found.columns, kind.fields)
    guess = {"columns": columns, "values": {}, "defaults": kind.defaults}
    return item(found) | {
        "columns": found.columns,
        "sample": [row.cells for row in rows],
        "mapping": found.mapping or guess,
    }


def item(found: Import) -> dict[str, Any]:
    """Return an import as one line of a list."""
    return {
        "id": found.id,
        "name": found.name,
        "kind": found.kind,
        "state": found.state,
        **{name: getattr(found, name) for name in FIGURES},
        "checked": found.good + found.bad,
        "total_cents": found.total_cents,
        "paid_cents": found.paid_cents,
        "currency": found.currency,
        "created_at": found.created_at,
        "finished_at": found.finished_at,
    }


def _row(row: ImportRow, columns: dict[str, int]) -> dict[str, Any]:
    return {
        "line": row.line,
        "state": row.state,
        "cells": row.cells,
        "errors": [
            fault | {"column": columns.get(fault["field"]), "message": FAULTS[fault["code"]]}
            for fault in row.faults
        ],
        "known": row.known,
        "booking_id": row.booking_id,
        "customer_id": row.customer_id,
    }

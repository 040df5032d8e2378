"""Noting what becomes of a row: its state, and what it counts for in its import."""

from collections.abc import Iterable
from typing import Any

from services.booking.domain.imports.rows import Fault, Told
from services.booking.domain.imports.states import RowState
from services.booking.models import Import, ImportRow


def note_good(found: Import, row: ImportRow, told: Told, parsed: dict[str, Any]) -> None:
    """Say that a row can come in."""
    row.state, row.key, row.parsed = RowState.GOOD, told.key, parsed
    found.good += 1
    found.known += row.known
    _count(found, told, 1)


def note_bad(found: Import, row: ImportRow, faults: Iterable[Fault]) -> None:
    """Say what is wrong with a row."""
    row.state = RowState.BAD
    row.faults = [{"field": fault.field, "code": fault.code} for fault in faults]
    found.bad += 1


def spoil(found: Import, row: ImportRow, told: Told, faults: Iterable[Fault]) -> None:
    """Say what is wrong with a row that was good when it was checked."""
    found.good -= 1
    found.known -= row.known
    _count(found, told, -1)
    row.parsed, row.key, row.known = None, None, False
    note_bad(found, row, faults)


def _count(found: Import, told: Told, sign: int) -> None:
    found.total_cents += sign * told.sums.total_cents
    found.paid_cents += sign * told.sums.paid_cents
    found.points += sign * told.sums.points

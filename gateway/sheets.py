"""Files of rows: CSV that leaves while it is read, and Excel workbooks that are made as a whole."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

import eventlet.tpool
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

Cell = str | int | float | None

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes Chinese for another encoding."""

# A text that begins so is run when the file is opened, unless it is a number, or a phone's.
FORMULA = re.compile(r"[=+\-@\t\r]")
NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


def csv_pages(titles: Sequence[str], pages: Iterable[Sequence[Sequence[Cell]]]) -> Iterator[bytes]:
    """Yield the bytes of a CSV file, one part for each page of its rows."""
    yield (BYTE_ORDER_MARK + _lines([titles])).encode()
    for rows in pages:
        yield _lines(rows).encode()


def workbook(titles: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """Return an Excel workbook; it is made outside the event loop, for it takes seconds."""
    made: bytes = eventlet.tpool.execute(_workbook, titles, rows)
    return made


def _lines(rows: Iterable[Sequence[Cell]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: Cell) -> Cell:
    is_text = isinstance(cell, str) and FORMULA.match(cell) and not NUMBER.fullmatch(cell)
    return f"'{cell}" if is_text else cell


def _workbook(titles: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in (titles, *rows):
        sheet.append([_typed(sheet, cell) for cell in row])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _typed(sheet: object, cell: Cell) -> object:
    """Return a cell whose text stays a text, whatever it begins with."""
    if not isinstance(cell, str):
        return cell
    typed = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", cell))
    typed.data_type = "s"
    return typed

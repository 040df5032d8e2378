"""Files of rows that people send: Excel workbooks and CSV of any spelling become rows of texts."""

import csv
import io
import re
import zipfile
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree.ElementTree import ParseError

import eventlet.tpool
from eventlet.semaphore import Semaphore
from openpyxl import load_workbook

from gateway.problems import BodyTooLarge
from services.contracts.errors import Malformed, Unavailable
from services.contracts.imports import MAX_CELL, MAX_COLUMNS, MAX_ROWS

FILE_BYTES = 10 * 1024 * 1024
"""Largest file; twenty thousand orders take three megabytes as CSV, and one as Excel."""

UNPACKED_BYTES = 100 * 1024 * 1024
"""Most that a workbook may become when it is unpacked; a bomb becomes gigabytes."""

PARTS = 1_000
"""Files in a workbook: each sheet and picture is one."""

READ_AT_ONCE = Semaphore(2)
"""Each takes a hundred megabytes at most while it is read, and a processor for seconds."""

ZIP, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
DELIMITERS = ",\t;|"
SNIFFED_LINES = 20

BLANK = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""No cell means these, and PostgreSQL keeps no U+0000."""


class SheetUnreadable(Malformed):
    code = "sheet.unreadable"
    sentence = {
        "zh": "无法读取该文件，请使用 Excel（.xlsx）或 CSV",
        "en": "This file cannot be read; please send Excel (.xlsx) or CSV",
    }


class SheetOld(Malformed):
    code = "sheet.old_or_locked"
    sentence = {
        "zh": "旧版 .xls 或加密的文件，请另存为不加密的 .xlsx",
        "en": "This is an old .xls or encrypted file; please save it as .xlsx without a password",
    }


class SheetEmpty(Malformed):
    code = "sheet.empty"
    sentence = {
        "zh": "文件中没有数据：需要一行标题和至少一行内容",
        "en": "There is nothing in the file: it needs a line of titles and rows below it",
    }


class SheetTooLarge(Malformed):
    """Shapes:  details = {"limit", "of"}; `of` is unpacked, rows, columns or cell."""

    code = "sheet.too_large"
    sentence = {
        "zh": "文件超出限制（2 万行、60 列、单元格 2000 字），请拆分后导入",
        "en": "The file holds too much (20,000 rows, 60 columns, 2,000 characters a cell)",
    }


SHEET_ERRORS = (SheetUnreadable, SheetOld, SheetEmpty, SheetTooLarge)


@dataclass
class Sheet:
    """The titles of a file's columns, and the rows below them.

    Shapes:  `rows` = [{"line": the file's own, from 1; "cells": [a text]}], none of them empty.
    """

    columns: list[str]
    rows: list[dict[str, Any]] = field(default_factory=list)


def read(content: bytes) -> Sheet:
    """Return the rows of a file, read in a thread of its own: it takes seconds.

    Dates are written as ISO 8601 and numbers shortly; of a formula the value that was last kept.

    Errors:  those of SHEET_ERRORS; Unavailable while too many are read.
    """
    if not READ_AT_ONCE.acquire(blocking=False):
        raise Unavailable()
    try:
        sheet: Sheet = eventlet.tpool.execute(_read, content)
    finally:
        READ_AT_ONCE.release()
    return sheet


def collect(pieces: Iterable[bytes]) -> bytes:
    """Return the whole of a file as it arrives.

    Errors:  BodyTooLarge as soon as it is; what `pieces` raises.
    """
    content = bytearray()
    for piece in pieces:
        content += piece
        if len(content) > FILE_BYTES:
            raise BodyTooLarge()
    return bytes(content)


def _read(content: bytes) -> Sheet:
    if content.startswith(OLD_OFFICE):
        raise SheetOld()
    lines = _workbook_lines(content) if content.startswith(ZIP) else _csv_lines(content)
    return _sheet(lines)


def _sheet(lines: Iterator[tuple[int, list[str]]]) -> Sheet:
    """Take the first line of several texts for the titles: a file may begin with a heading."""
    full = ((at, cells) for at, cells in lines if any(cells))
    before: list[tuple[int, list[str]]] = []
    for at, cells in full:
        before.append((at, cells))
        if sum(map(bool, cells)) > 1 or len(before) > SNIFFED_LINES:
            break
    if not before:
        raise SheetEmpty()
    if sum(map(bool, before[-1][1])) > 1:
        titles, kept = before[-1][1], []
    else:  # one column only
        titles, kept = before[0][1], before[1:]
    sheet = Sheet(columns=_trimmed(titles))
    for at, cells in (*kept, *full):
        sheet.rows.append({"line": at, "cells": cells[: len(sheet.columns)]})
        if len(sheet.rows) > MAX_ROWS:
            raise SheetTooLarge(limit=MAX_ROWS, of="rows")
    if not sheet.rows:
        raise SheetEmpty()
    return sheet


def _trimmed(cells: Sequence[str]) -> list[str]:
    """Return cells without the empty ones at their end."""
    last = max(at for at, cell in enumerate(cells) if cell)
    return list(cells[: last + 1])


def _cleaned(cells: Iterable[str]) -> list[str]:
    """Return the cells of a line as they are kept.

    Errors:  SheetTooLarge.
    """
    kept = [BLANK.sub("", cell).strip() for cell in cells]
    while kept and not kept[-1]:
        kept.pop()
    if len(kept) > MAX_COLUMNS:
        raise SheetTooLarge(limit=MAX_COLUMNS, of="columns")
    if any(len(cell) > MAX_CELL for cell in kept):
        raise SheetTooLarge(limit=MAX_CELL, of="cell")
    return kept


# --- CSV


def _csv_lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(content)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        for cells in lines:
            yield lines.line_num, _cleaned(cells)
    except csv.Error as error:
        raise SheetUnreadable() from error


def _decoded(content: bytes) -> str:
    """Read the bytes as their mark says, else as UTF-8, else as Chinese Excel writes."""
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        spellings = ["utf-16"]
    elif content.startswith(BOM_UTF8):
        spellings = ["utf-8-sig"]
    elif content[:1_000].count(0) > len(content[:1_000]) // 4:
        spellings = ["utf-16-be" if content[:1] == b"\x00" else "utf-16-le"]
    else:
        spellings = ["utf-8", "gb18030"]
    for spelling in spellings:
        try:
            return content.decode(spelling)
        except UnicodeDecodeError:
            continue
    raise SheetUnreadable()


def _delimiter(text: str) -> str:
    """Return what parts the cells: that which parts most lines into equally many."""
    start = "\n".join(text[:65_536].splitlines()[:SNIFFED_LINES])

    def evenness(delimiter: str) -> tuple[int, int]:
        lines = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
        try:
            widths = Counter(len(cells) for cells in lines if len(cells) > 1)
        except csv.Error:
            return 0, 0
        return max(((count, width) for width, count in widths.items()), default=(0, 0))

    return max(DELIMITERS, key=evenness)


# --- Excel


def _workbook_lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines of the first sheet that has any.

    Errors:  SheetTooLarge, SheetUnreadable.
    """
    try:
        _check_unpacked(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            for sheet in book.worksheets:
                sheet.reset_dimensions()  # what a file says of its own size need not be true
                found = False
                for at, row in enumerate(sheet.iter_rows(values_only=True), start=1):
                    cells = _cleaned(map(_text, row))
                    found = found or bool(cells)
                    yield at, cells
                if found:
                    return
        finally:
            book.close()
    # Whatever is wrong inside a workbook shows as one of these, wherever openpyxl meets it.
    except (zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, OSError) as error:
        raise SheetUnreadable() from error
    except (AttributeError, IndexError, NotImplementedError, EOFError) as error:
        raise SheetUnreadable() from error


def _check_unpacked(content: bytes) -> None:
    """Refuse what grows too much; nothing is unpacked beyond the size that is declared."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
    if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED_BYTES:
        raise SheetTooLarge(limit=UNPACKED_BYTES, of="unpacked")


def _text(value: object) -> str:
    """Return what a cell says, as a person would type it."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case datetime():
            exact = value.replace(microsecond=0) + timedelta(seconds=value.microsecond >= 500_000)
            return f"{exact:%Y-%m-%d}" if exact.time() == time.min else f"{exact:%Y-%m-%d %H:%M:%S}"
        case date():
            return value.isoformat()
        case time():
            return f"{value:%H:%M:%S}"
        case timedelta():
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
        case float():
            return f"{value:.15g}"  # as exactly as Excel itself counts
    return str(value)

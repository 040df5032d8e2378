"""Cells that programs open: texts stay texts, numbers stay numbers."""

import io

import openpyxl
import pytest

from gateway import sheets

TITLES = ["姓名"]


def from_csv(cell: sheets.Cell) -> str:
    content = b"".join(sheets.csv_pages(TITLES, [[[cell]]])).decode("utf-8-sig")
    return content.removeprefix("姓名\r\n").removesuffix("\r\n")


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("+8613800001111", "+8613800001111"),
        ("-5", "-5"),
        (-5, "-5"),
        (2.5, "2.5"),
        (None, '""'),
        ('say "hi", twice', '"say ""hi"", twice"'),
    ],
)
def test_nothing_in_a_csv_file_is_run(cell: sheets.Cell, written: str) -> None:
    assert from_csv(cell) == written


@pytest.mark.parametrize("cell", ["=1+1", "+1", "2026-11-25", "#REF!", "林小满", "两\n行"])
def test_a_text_in_a_workbook_stays_a_text(cell: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheets.workbook(TITLES, [[cell]])))
    found = book.active["A2"]
    assert (found.value, found.data_type) == (cell, "s")


def test_what_a_workbook_cannot_hold_is_left_out() -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheets.workbook(TITLES, [["a\x0bb", None, 3]])))
    assert [cell.value for cell in book.active[2]] == ["ab", None, 3]

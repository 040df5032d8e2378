"""Files that people send become the rows that they see."""

import datetime
import io
import zipfile
from typing import Any

import openpyxl
import pytest

from gateway import sheets, sheets_in
from gateway.problems import BodyTooLarge

TABLE = '姓名,金额\n王小明,"3,999"\n李娜,12\n'
ROWS = [["王小明", "3,999"], ["李娜", "12"]]


def rows(content: bytes) -> list[list[str]]:
    return [row["cells"] for row in sheets_in._read(content).rows]


def book(*lines: list[Any], change: Any = None) -> bytes:
    made = openpyxl.Workbook()
    for line in lines:
        made.active.append(line)
    if change:
        change(made)
    kept = io.BytesIO()
    made.save(kept)
    return kept.getvalue()


@pytest.mark.parametrize("spelling", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_csv_is_read_as_excel_and_others_write_it(spelling: str, ending: str) -> None:
    assert rows(TABLE.replace("\n", ending).encode(spelling)) == ROWS


def test_utf_16_of_the_other_order_is_read_by_its_mark() -> None:
    assert rows(b"\xfe\xff" + TABLE.encode("utf-16-be")) == ROWS


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_parts_the_cells_is_found(delimiter: str) -> None:
    text = f'姓名{delimiter}金额\n王{delimiter}"a{delimiter}b"\n李{delimiter}1\n'
    assert rows(text.encode()) == [["王", f"a{delimiter}b"], ["李", "1"]]


def test_a_money_comma_parts_nothing_where_semicolons_do() -> None:
    assert rows("名;额\n王;3,9\n李;4,5\n".encode()) == [["王", "3,9"], ["李", "4,5"]]


def test_one_column_is_a_table_too() -> None:
    sheet = sheets_in._read("手机\n138\n139\n".encode())
    assert (sheet.columns, [row["line"] for row in sheet.rows]) == (["手机"], [2, 3])


def test_a_heading_and_empty_lines_are_passed_over_and_lines_stay_the_files_own() -> None:
    sheet = sheets_in._read(book(["2025 年订单"], [], ["姓名", "手机"], [None], ["王", "138"]))
    assert sheet.columns == ["姓名", "手机"]
    assert sheet.rows == [{"line": 5, "cells": ["王", "138"]}]


def test_a_cell_of_several_lines_keeps_them() -> None:
    sheet = sheets_in._read(b'a,b\n"1\n2",3\n4,5\n')
    assert [row["cells"] for row in sheet.rows] == [["1\n2", "3"], ["4", "5"]]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (13800138000, "13800138000"),
        (13800138000.0, "13800138000"),
        (3998.9999999999995, "3999"),
        (0.1, "0.1"),
        (datetime.datetime(2025, 3, 1, 14, 0), "2025-03-01 14:00:00"),
        (datetime.datetime(2025, 3, 1, 13, 59, 59, 600_000), "2025-03-01 14:00:00"),
        (datetime.datetime(2025, 3, 1), "2025-03-01"),
        (datetime.date(2025, 3, 1), "2025-03-01"),
        (datetime.time(9, 5), "09:05:00"),
        (datetime.timedelta(hours=26, minutes=5), "26:05:00"),
        (True, "TRUE"),
        ("  a ", "a"),
    ],
)
def test_cells_of_excel_are_written_as_people_would(value: Any, text: str) -> None:
    assert rows(book(["a", "b"], [value, "x"])) == [[text, "x"]]


def test_formulas_are_not_evaluated() -> None:
    # A workbook that Excel never saved keeps no values of its formulas.
    assert rows(book(["a", "b"], ["=1+1", "x"])) == [["", "x"]]


def test_the_first_sheet_with_something_in_it_is_read() -> None:
    def add(made: Any) -> None:
        made.create_sheet("二").append(["a", "b"])
        made["二"].append([1, 2])

    assert rows(book(change=add)) == [["1", "2"]]


def test_our_own_sheets_can_be_read_again() -> None:
    assert rows(sheets.workbook(["a", "b"], [["=1+1", 2]])) == [["=1+1", "2"]]


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/worksheets/sheet1.xml", b"0" * (sheets_in.UNPACKED_BYTES + 1))
    assert len(packed.getvalue()) < 1_000_000
    with pytest.raises(sheets_in.SheetTooLarge) as refused:
        sheets_in._read(packed.getvalue())
    assert refused.value.details["of"] == "unpacked"


def test_entities_that_multiply_are_refused() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 30}">' for n in range(1, 9))
    text = f'<!DOCTYPE s [<!ENTITY e0 "x">{entities}]><s>&e8;</s>'
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book(["a", "b"], ["1", "2"]))) as source,
        zipfile.ZipFile(packed, "w") as changed,
    ):
        for part in source.infolist():
            bad = part.filename == "xl/worksheets/sheet1.xml"
            changed.writestr(part, text if bad else source.read(part))
    with pytest.raises((sheets_in.SheetUnreadable, sheets_in.SheetEmpty)):
        sheets_in._read(packed.getvalue())


@pytest.mark.parametrize(
    ("content", "of"),
    [
        (b"a,b\n" + b"1,2\n" * 20_001, "rows"),
        (b",".join([b"a"] * 61) + b"\n1,2", "columns"),
        (b"a,b\n" + b"x" * 2_001, "cell"),
    ],
)
def test_a_table_has_limits(content: bytes, of: str) -> None:
    with pytest.raises(sheets_in.SheetTooLarge) as refused:
        sheets_in._read(content)
    assert refused.value.details["of"] == of


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x03\x04" + b"\x00" * 100])
def test_a_broken_workbook_is_told(content: bytes) -> None:
    with pytest.raises(sheets_in.SheetUnreadable):
        sheets_in._read(content)


def test_no_more_is_collected_than_a_file_may_have() -> None:
    taken: list[int] = []

    def pieces() -> Any:
        while True:
            taken.append(1)
            yield b"x" * 1024 * 1024

    with pytest.raises(BodyTooLarge):
        sheets_in.collect(pieces())
    assert len(taken) == 11


def test_what_no_cell_means_is_left_out() -> None:
    assert rows(b"a,b\n1\x002\x07,x\n") == [["12", "x"]]

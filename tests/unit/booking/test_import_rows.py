"""A row of a file becomes an order, or a list of what is wrong with it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.booking.domain.imports.order_fields import DEFAULTS, FIELDS, KNOWN_WORDS
from services.booking.domain.imports.order_rows import Order, read_row, restored, written
from services.booking.domain.imports.rows import Fault, Plan

NOW = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)


def plan(*columns: str, **defaults: str) -> Plan:
    return Plan(
        columns={name: at for at, name in enumerate(columns)},
        values={"service": {"套餐A": "s1"}},
        defaults=DEFAULTS | {"service": "s1", "branch": "b1"} | defaults,
        names=KNOWN_WORDS | {"service": {"全家福": "s2"}},
        zones={"b1": ZoneInfo("Asia/Shanghai")},
        minutes={"s1": 90, "s2": 30},
    )


def read(cells: dict[str, str], **defaults: str) -> Order | list[Fault]:
    cells = {"name": "王小明", "phone": "138", "start": "2025-03-01 14:00"} | cells
    return read_row(
        plan(*cells, **defaults), list(cells.values()), phone_of=lambda text: f"+86{text}", now=NOW
    )


def order(cells: dict[str, str], **defaults: str) -> Order:
    told = read(cells, **defaults)
    assert isinstance(told, Order), told
    return told


def test_what_a_file_does_not_say_follows_from_the_rest() -> None:
    told = order({"total": "100"})
    start = datetime(2025, 3, 1, 6, tzinfo=UTC)
    assert (told.start, told.end - told.start) == (start, timedelta(minutes=90))
    assert (told.ordered_at, told.paid_at) == (start, start)
    assert (told.status, told.method, told.service_id) == ("completed", "other", "s1")
    assert (told.total_cents, told.paid_cents) == (10_000, 10_000)


@pytest.mark.parametrize(
    ("cells", "defaults", "money"),
    [
        ({"total": "100", "paid": ""}, {}, (10_000, 0)),
        ({"total": "100", "paid": "40"}, {}, (10_000, 4_000)),
        ({"total": "", "paid": "40"}, {}, (4_000, 4_000)),
        ({"total": "-", "paid": "-"}, {}, (0, 0)),
        ({"total": "100"}, {"paid": "nothing"}, (10_000, 0)),
        ({"total": "100", "status": "取消"}, {}, (10_000, 0)),
        ({}, {}, (0, 0)),
    ],
)
def test_money_that_is_not_told(
    cells: dict[str, str], defaults: dict[str, str], money: tuple[int, int]
) -> None:
    told = order(cells, **defaults)
    assert (told.total_cents, told.paid_cents) == money


@pytest.mark.parametrize(("text", "service_id"), [("套餐A", "s1"), ("全家福", "s2"), ("", "s1")])
def test_words_mean_what_staff_said_else_what_they_are_called(text: str, service_id: str) -> None:
    assert order({"service": text}).service_id == service_id


def test_a_length_is_the_files_own_before_the_span_before_the_package() -> None:
    span = {"start": "2025-03-01 14:00-16:00"}
    for cells, minutes in (({**span, "minutes": "20"}, 20), (span, 120), ({}, 90)):
        told = order(cells)
        assert told.end - told.start == timedelta(minutes=minutes)


def test_nobody_orders_after_the_appointment() -> None:
    told = order({"ordered_at": "2025-04-01"})
    assert told.ordered_at == told.start


def test_a_row_that_ends_early_says_nothing_in_its_last_cells() -> None:
    known = plan("name", "phone", "start", "note", "total")
    told = read_row(known, ["王", "1", "2025-03-01"], phone_of=str, now=NOW)
    assert isinstance(told, Order)
    assert (told.note, told.total_cents) == ("", 0)


@pytest.mark.parametrize(
    ("cells", "field", "code"),
    [
        ({"start": ""}, "start", "import.missing"),
        ({"start": "2026-11-02 10:01"}, "start", "import.in_future"),
        ({"paid_at": "2026-11-03"}, "paid_at", "import.in_future"),
        ({"paid_at": "neulich"}, "paid_at", "import.date_unreadable"),
        ({"ordered_at": "?"}, "ordered_at", "import.date_unreadable"),
        ({"clock": "?"}, "start", "import.date_unreadable"),
        ({"minutes": "lang"}, "minutes", "import.minutes_unreadable"),
        ({"total": "1", "paid": "2"}, "paid", "import.paid_exceeds_total"),
        ({"status": "unterwegs"}, "status", "import.value_unknown"),
        ({"note": "x" * 2_001}, "note", "import.too_long"),
    ],
)
def test_a_fault_points_at_its_field(cells: dict[str, str], field: str, code: str) -> None:
    assert read(cells) == [Fault(field, code)]


def test_an_order_has_its_number_for_a_name_or_who_came_when_for_what() -> None:
    assert order({"reference": "A-1"}).key == "no:A-1"
    keys = {order({}).key, order({"phone": "139"}).key, order({"service": "全家福"}).key}
    assert len(keys) == 3


def test_an_order_is_written_and_restored() -> None:
    told = order({name: each.example["zh"] for name, each in FIELDS.items()} | {
        "service": "套餐A", "branch": "", "phone": "138",
    })  # fmt: skip
    assert restored(written(told)) == told

"""A row of a file becomes a customer, or a list of what is wrong with it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from services.booking import phones
from services.booking.domain.imports.customer_fields import FIELDS
from services.booking.domain.imports.customer_rows import Customer, read_row, restored, written
from services.booking.domain.imports.rows import FAULTS, Fault, Plan, Sums

NOW = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)


def read(cells: dict[str, str], **defaults: str) -> Customer | list[Fault]:
    cells = {"name": "王小明", "phone": "13800138000"} | cells
    plan = Plan(
        columns={name: at for at, name in enumerate(cells)},
        values={"level": {"老金卡": "gold"}},
        defaults={"branch": "b1"} | defaults,
        names={"branch": {"外滩店": "b1", "海港店": "b2"}, "level": {"金卡": "gold"}},
        zones={"b1": ZoneInfo("Asia/Shanghai"), "b2": ZoneInfo("America/New_York")},
    )
    return read_row(plan, list(cells.values()), phone_of=phones.known, now=NOW)


def customer(cells: dict[str, str], **defaults: str) -> Customer:
    told = read(cells, **defaults)
    assert isinstance(told, Customer), told
    return told


def test_a_name_and_a_phone_are_enough() -> None:
    told = customer({})
    assert (told.since, told.level_id, told.sums) == (None, "", Sums())
    assert not told.opens("stored_value")
    assert not told.opens("points")


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("13800138000", "+8613800138000"),
        (" 138-0013-8000 ", "+8613800138000"),
        ("86 13800138000", "+8613800138000"),
        ("13800138000.0", "+8613800138000"),
        ("+1 415 555 2671", "+14155552671"),
        ("13800138000/13900139000", "+8613800138000"),
    ],
)
def test_customers_are_known_by_their_phone_however_it_is_written(text: str, phone: str) -> None:
    told = customer({"phone": text})
    assert (told.phone, told.key, told.key_field) == (phone, phone, "phone")


def test_a_date_is_one_where_the_branch_is() -> None:
    told = customer({"since": "2023-05-20", "branch": "海港店"})
    assert told.since == datetime(2023, 5, 20, 16, tzinfo=UTC)


@pytest.mark.parametrize(("text", "level"), [("金卡", "gold"), ("老金卡", "gold"), ("", "")])
def test_a_level_is_known_by_its_name_or_mapped_or_none(text: str, level: str) -> None:
    assert customer({"level": text}).level_id == level


def test_who_has_no_level_may_be_given_one_by_default() -> None:
    assert customer({"level": ""}, level="gold").level_id == "gold"


def test_balances_count_for_the_sums() -> None:
    told = customer({"stored_value": "¥1,234.50", "points": "120 积分"})
    assert told.sums == Sums(total_cents=123_450, points=120)
    assert told.opens("stored_value")
    assert told.opens("points")


@pytest.mark.parametrize(
    ("cells", "field", "code"),
    [
        ({"name": ""}, "name", "import.missing"),
        ({"name": "长" * 81}, "name", "import.too_long"),
        ({"phone": ""}, "phone", "import.missing"),
        ({"phone": "12345"}, "phone", "import.phone_invalid"),
        ({"branch": "火星店"}, "branch", "import.value_unknown"),
        ({"level": "白金"}, "level", "import.value_unknown"),
        ({"since": "neulich"}, "since", "import.date_unreadable"),
        ({"since": "2027-01-01"}, "since", "import.in_future"),
        ({"stored_value": "-5"}, "stored_value", "import.money_unreadable"),
        ({"points": "1.5"}, "points", "import.number_unreadable"),
    ],
)
def test_a_fault_points_at_its_field(cells: dict[str, str], field: str, code: str) -> None:
    assert read(cells) == [Fault(field, code)]
    assert code in FAULTS


def test_a_customer_is_written_and_restored() -> None:
    examples = {name: each.example["zh"] for name, each in FIELDS.items()}
    for told in (customer(examples), customer({})):
        assert restored(written(told)) == told

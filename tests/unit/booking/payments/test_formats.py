"""Amounts, times and numbers as providers write them, there and back."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.payments import formats


@given(st.integers(0, 10**12))
def test_cents_survive_being_written_in_yuan(cents: int) -> None:
    assert formats.cents(formats.yuan(cents)) == cents


@pytest.mark.parametrize(
    ("text", "cents"), [("0.01", 1), ("500", 50_000), (" 88.8 ", 8880), ("-1.00", -100)]
)
def test_amounts_are_read(text: str, cents: int) -> None:
    assert formats.cents(text) == cents


@pytest.mark.parametrize("text", ["", "0.001", "NaN", "Infinity", "1,000.00", "None", "一元"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        formats.cents(text)


@pytest.mark.parametrize(
    ("text", "cents"), [("0.00500", 1), ("0.00499", 0), ("-0.60000", -60), ("", 0), ("3", 300)]
)
def test_fees_are_rounded(text: str, cents: int) -> None:
    assert formats.rounded_cents(text) == cents


def test_a_fee_that_is_no_amount_is_refused() -> None:
    with pytest.raises(ValueError):
        formats.rounded_cents("free")


def test_wall_clocks_are_chinas() -> None:
    noon = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    assert formats.wall_clock(noon) == "2026-11-22 12:00:00"
    assert formats.instant("2026-11-22 12:00:00.123") == noon
    with pytest.raises(ValueError):
        formats.instant("22.11.2026")
    start, end = formats.day_bounds(date(2026, 11, 22))
    assert start == datetime(2026, 11, 21, 16, tzinfo=UTC)
    assert end == datetime(2026, 11, 22, 16, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "another-system", "g" * 32, "{" + "0" * 30 + "}"])
def test_a_number_of_another_system_is_none_of_ours(text: str) -> None:
    assert formats.ours(text) is None


def test_our_numbers_are_short_enough_for_every_provider() -> None:
    number = formats.number(UUID(int=2**128 - 1))
    assert len(number) == 32
    assert formats.ours(number) == UUID(int=2**128 - 1)

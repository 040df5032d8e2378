"""Amounts as papers write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain.amounts import DIGITS, MOST_CENTS, figures, in_words

VALUES = {"拾": 10, "佰": 100, "仟": 1_000}


@pytest.mark.parametrize(
    ("cents", "words"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (105, "壹元零伍分"),
        (599_900, "伍仟玖佰玖拾玖元整"),
        (1_000_300, "壹万零叁元整"),
        (20_003_000, "贰拾万零叁拾元整"),
        (10_000_000_000, "壹亿元整"),
        (10_010_000_000, "壹亿零壹拾万元整"),
        (123_456_789_012, "壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元壹角贰分"),
    ],
)
def test_amounts_are_written_in_capital_words(cents: int, words: str) -> None:
    assert in_words(cents) == f"人民币{words}"


@given(st.integers(0, MOST_CENTS))
def test_words_can_be_read_back(cents: int) -> None:
    words = in_words(cents)
    assert "零零" not in words
    assert read(words) == cents


@pytest.mark.parametrize("cents", [-1, MOST_CENTS + 1])
def test_there_are_no_words_for_debts_and_for_more_than_all_numbers(cents: int) -> None:
    with pytest.raises(ValueError, match="no words"):
        in_words(cents)


def test_figures_have_a_sign_a_currency_and_two_places() -> None:
    assert figures(599_905, "CNY") == "¥5,999.05"
    assert figures(-100, "HKD") == "-HK$1.00"
    assert figures(0, "EUR") == "EUR 0.00"


def read(words: str) -> int:
    """Read an amount as a person would: each group by its digits, and zeros say nothing."""
    total = group = digit = 0
    for char in words.removeprefix("人民币"):
        if char in DIGITS:
            digit = DIGITS.index(char)
        elif char in VALUES:
            group, digit = group + digit * VALUES[char], 0
        elif char in "万亿":
            total, group, digit = total + (group + digit) * (10**4 if char == "万" else 10**8), 0, 0
        elif char == "元":
            total, group, digit = (total + group + digit) * 100, 0, 0
        elif char == "角":
            total, digit = total + digit * 10, 0
        elif char == "分":
            total, digit = total + digit, 0
    return total

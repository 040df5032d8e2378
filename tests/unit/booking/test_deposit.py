"""Deposits, and what the law makes of earnest money."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain.deposit import (
    DepositKind,
    DepositPolicy,
    Earnest,
    check_deposit,
    deposit_cents,
    earnest_warning,
)

CENTS = st.integers(0, 10**10)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("none", 0, 0),
        ("fixed", 100_000, 100_000),
        ("fixed", 900_000, 599_900),
        ("percent", 2_000, 119_980),
        ("full", 0, 599_900),
    ],
)
def test_a_deposit_is_what_its_policy_says_and_at_most_the_price(
    kind: str, value: int, expected: int
) -> None:
    assert deposit_cents(DepositPolicy(kind=DepositKind(kind), value=value), 599_900) == expected


def test_earnest_money_of_a_fifth_of_the_price_is_all_recognised() -> None:
    assert earnest_warning(500_000, 100_000) == Earnest(100_000, 0)


def test_what_is_above_a_fifth_has_no_effect_as_earnest_money() -> None:
    assert earnest_warning(500_000, 150_000) == Earnest(100_000, 50_000)
    assert earnest_warning(9, 9) == Earnest(1, 8)  # a fifth of nine cents is less than two


@given(total=CENTS, earnest=CENTS)
def test_both_parts_are_the_whole_and_the_first_is_never_above_a_fifth(
    total: int, earnest: int
) -> None:
    parts = earnest_warning(total, earnest)
    assert parts.allowed_cents + parts.excess_cents == earnest
    assert 0 <= parts.allowed_cents * 5 <= total
    assert parts.excess_cents >= 0


@given(kind=st.sampled_from(DepositKind), value=st.integers(0, 10_000), total=CENTS)
def test_no_deposit_is_negative_or_above_the_price(
    kind: DepositKind, value: int, total: int
) -> None:
    assert 0 <= deposit_cents(DepositPolicy(kind=kind, value=value), total) <= total


@pytest.mark.parametrize(
    ("kind", "value", "faulty"),
    [
        ("fixed", 0, True),
        ("fixed", 500_001, True),
        ("fixed", 500_000, False),
        ("percent", 0, True),
        ("percent", 10_001, True),
        ("percent", 10_000, False),
        ("full", 0, False),
        ("none", 0, False),
    ],
)
def test_a_policy_asks_for_something_and_for_no_more_than_the_price(
    kind: str, value: int, faulty: bool
) -> None:
    policy = DepositPolicy(kind=DepositKind(kind), value=value)
    assert bool(check_deposit(policy, 500_000)) is faulty

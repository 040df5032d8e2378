"""What a package costs on one occasion, and why."""

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain.pricing import (
    DateRange,
    Effect,
    Match,
    Occasion,
    PriceRule,
    check_rules,
    price,
)
from services.booking.domain.shares import WHOLE, share

HALL, GARDEN = UUID(int=1), UUID(int=2)
WEDDING, BABY = UUID(int=11), UUID(int=12)
SATURDAY = datetime(2026, 11, 7, 10, 30)
LABEL = {"zh": "规则", "en": "Rule"}


def occasion(**changes: Any) -> Occasion:
    asked = Occasion(starts=SATURDAY, branch_id=HALL, services=frozenset({WEDDING}))
    return replace(asked, **changes)


def rule(effect: str = "add", value: int = 10_000, **changes: Any) -> PriceRule:
    facts = {"id": UUID(int=100), "label": LABEL, **changes}
    return PriceRule(effect=Effect(effect), value=value, **facts)


def holds(match: Match, **asked: Any) -> bool:
    return price(0, [rule(match=match)], occasion(**asked)).total_cents > 0


# --- when a rule holds


def test_a_rule_without_conditions_always_holds() -> None:
    assert holds(Match())


def test_weekdays_are_those_of_the_branchs_clock_and_special_days_are_kinds_of_their_own() -> None:
    weekend, holiday = Match(weekdays=frozenset({6, 7})), Match(weekdays=frozenset({8}))
    assert holds(weekend)
    assert not holds(weekend, starts=datetime(2026, 11, 6, 23, 59))
    assert not holds(holiday)
    assert holds(holiday, special=8)
    assert holds(weekend, special=9)


def test_a_season_may_pass_over_the_new_year() -> None:
    winter = Match(dates=(DateRange(date(2024, 12, 20), date(2025, 2, 29 - 1), yearly=True),))
    assert holds(winter, starts=datetime(2026, 12, 20, 9))
    assert holds(winter, starts=datetime(2031, 1, 5, 9))
    assert holds(winter, starts=datetime(2027, 2, 28, 9))
    assert not holds(winter, starts=datetime(2027, 3, 1, 9))
    assert not holds(winter, starts=datetime(2026, 12, 19, 9))


def test_dated_ranges_hold_once_and_with_both_their_ends() -> None:
    golden_week = Match(dates=(DateRange(date(2026, 10, 1), date(2026, 10, 7)),))
    assert holds(golden_week, starts=datetime(2026, 10, 1, 0, 0))
    assert holds(golden_week, starts=datetime(2026, 10, 7, 23, 0))
    assert not holds(golden_week, starts=datetime(2026, 10, 8, 0, 0))
    assert not holds(golden_week, starts=datetime(2027, 10, 3, 9, 0))


def test_a_time_of_day_is_half_open_and_may_pass_midnight() -> None:
    sunset = Match(from_time=time(16), to_time=time(19))
    night = Match(from_time=time(22), to_time=time(4))
    assert holds(sunset, starts=datetime(2026, 11, 7, 16))
    assert not holds(sunset, starts=datetime(2026, 11, 7, 19))
    assert holds(night, starts=datetime(2026, 11, 7, 23))
    assert holds(night, starts=datetime(2026, 11, 7, 3, 59))
    assert not holds(night, starts=datetime(2026, 11, 7, 4))


def test_a_level_is_that_of_a_wished_resource_in_the_named_skill() -> None:
    chief = Match(skill="wedding", skill_levels=frozenset({4, 5}))
    assert holds(chief, levels=(("makeup", 1), ("wedding", 5)))
    assert not holds(chief, levels=(("wedding", 3), ("makeup", 5)))
    assert not holds(chief)
    assert holds(Match(skill="wedding"), levels=(("wedding", 1),))


def test_every_condition_that_is_named_must_hold() -> None:
    both = Match(branch_ids=frozenset({HALL}), service_ids=frozenset({WEDDING}))
    assert holds(both)
    assert not holds(both, branch_id=GARDEN)
    assert not holds(both, services=frozenset({BABY}))
    assert holds(both, services=frozenset({BABY, WEDDING}))


# --- what rules do together


def test_a_price_is_explained_line_by_line() -> None:
    rules = [
        rule("set", 599_900, id=UUID(int=1), priority=10, label={"zh": "旺季价"}),
        rule("percent", 1_000, id=UUID(int=2), label={"zh": "周末"}),
        rule("add", 80_000, id=UUID(int=3), priority=5, label={"zh": "首席摄影师"}),
    ]
    quote = price(499_900, rules, occasion())
    assert [(line.rule, line.label["zh"], line.cents) for line in quote.lines] == [
        (None, "套系价", 499_900),
        (UUID(int=1), "旺季价", 100_000),
        (UUID(int=3), "首席摄影师", 80_000),
        (UUID(int=2), "周末", 59_990),
    ]
    assert quote.total_cents == 739_890


def test_of_two_set_prices_the_higher_priority_counts() -> None:
    rules = [
        rule("set", 1, id=UUID(int=1), priority=1),
        rule("set", 2, id=UUID(int=2), priority=2),
    ]
    assert price(100, rules, occasion()).total_cents == 2


def test_an_exclusive_rule_shuts_out_what_comes_after_it_and_not_what_came_before() -> None:
    rules = [
        rule("add", 1, id=UUID(int=1), priority=3),
        rule("add", 20, id=UUID(int=2), priority=2, exclusive=True),
        rule("add", 300, id=UUID(int=3), priority=1),
    ]
    assert price(0, rules, occasion()).total_cents == 21
    assert price(0, rules, occasion(branch_id=GARDEN)).total_cents == 21


def test_an_exclusive_rule_that_does_not_hold_shuts_out_nothing() -> None:
    elsewhere = Match(branch_ids=frozenset({GARDEN}))
    rules = [
        rule("add", 20, id=UUID(int=2), priority=2, exclusive=True, match=elsewhere),
        rule("add", 300, id=UUID(int=3), priority=1),
    ]
    assert price(0, rules, occasion()).total_cents == 300


def test_percentages_are_of_the_set_price_and_never_of_each_other() -> None:
    rules = [rule("percent", 1_000, id=UUID(int=n)) for n in range(3)]
    assert price(10_000, rules, occasion()).total_cents == 13_000


def test_discounts_end_at_nothing_and_the_floor_is_a_line_of_its_own() -> None:
    quote = price(10_000, [rule("add", -15_000)], occasion())
    assert quote.total_cents == 0
    assert [line.cents for line in quote.lines] == [10_000, -15_000, 5_000]


@pytest.mark.parametrize(
    ("cents", "basis_points", "expected"),
    [
        (5, 1_000, 1),
        (4, 1_000, 0),
        (15, 1_000, 2),
        (-5, 1_000, -1),
        (5, -1_000, -1),
        (333, 3_333, 111),
    ],
)
def test_half_a_cent_goes_away_from_zero(cents: int, basis_points: int, expected: int) -> None:
    assert share(cents, basis_points) == expected


# --- properties

RULES = st.lists(
    st.builds(
        rule,
        st.sampled_from(["set", "add", "percent"]),
        st.integers(0, 20_000),
        id=st.uuids(),
        priority=st.integers(-2, 2),
        exclusive=st.booleans(),
        match=st.builds(
            Match,
            weekdays=st.none() | st.frozensets(st.integers(1, 9), min_size=1),
            branch_ids=st.none() | st.just(frozenset({HALL})) | st.just(frozenset({GARDEN})),
        ),
    )
    | st.builds(
        rule,
        st.sampled_from(["add", "percent"]),
        st.integers(-WHOLE, 0),
        id=st.uuids(),
        priority=st.integers(-2, 2),
    ),
    max_size=8,
    unique_by=lambda each: each.id,
)


@given(base=st.integers(0, 10**9), rules=RULES, special=st.sampled_from([None, 8, 9]))
def test_the_lines_add_up_to_a_total_that_is_never_negative(
    base: int, rules: list[PriceRule], special: int | None
) -> None:
    quote = price(base, rules, occasion(special=special))
    assert quote.total_cents == sum(line.cents for line in quote.lines) >= 0


@given(base=st.integers(0, 10**9), rules=RULES, data=st.data())
def test_the_order_in_which_rules_are_stored_changes_nothing(
    base: int, rules: list[PriceRule], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(rules))
    assert price(base, shuffled, occasion()) == price(base, rules, occasion())


@given(cents=st.integers(-(10**12), 10**12), basis_points=st.integers(-WHOLE, WHOLE))
def test_a_share_is_the_nearest_cent_and_is_mirrored_by_its_discount(
    cents: int, basis_points: int
) -> None:
    part = share(cents, basis_points)
    assert abs(part * WHOLE - cents * basis_points) * 2 <= WHOLE
    assert share(cents, -basis_points) == share(-cents, basis_points) == -part


# --- what is no rule


@pytest.mark.parametrize(
    ("faulty", "pointer"),
    [
        (rule("set", -1), "/0/value"),
        (rule("percent", -WHOLE - 1), "/0/value"),
        (rule(match=Match(weekdays=frozenset({10}))), "/0/match/weekdays"),
        (rule(match=Match(weekdays=frozenset())), "/0/match/weekdays"),
        (rule(match=Match(from_time=time(9))), "/0/match/to_time"),
        (rule(match=Match(skill_levels=frozenset({1}))), "/0/match/skill"),
        (
            rule(match=Match(dates=(DateRange(date(2026, 2, 2), date(2026, 2, 1)),))),
            "/0/match/dates/0",
        ),
    ],
)
def test_a_rule_that_cannot_be_meant_is_pointed_at(faulty: PriceRule, pointer: str) -> None:
    assert [fault["pointer"] for fault in check_rules([faulty])] == [pointer]


def test_two_rules_do_not_share_an_id_and_sound_rules_have_no_faults() -> None:
    assert [fault["pointer"] for fault in check_rules([rule(), rule()])] == ["/1/id"]
    assert check_rules([rule("percent", -WHOLE, match=Match(weekdays=frozenset({8, 9})))]) == []

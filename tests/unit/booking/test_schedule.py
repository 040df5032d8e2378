"""When which part of a price is due."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain.schedule import (
    Anchor,
    Part,
    PartRule,
    Stage,
    check_plan,
    next_asking,
    plan,
    reminders,
    settle,
    to_ask,
)

BOOKED, SHOOT = date(2026, 9, 1), date(2026, 11, 7)


def part(kind: str, said: str, value: int = 0, **due: Any) -> PartRule:
    due["anchor"] = Anchor(due.get("anchor", "booking"))
    return PartRule(kind=kind, part=Part(said), value=value, **due)


USUAL = (
    part("earnest", "percent", 2_000),
    part("balance", "rest", anchor="start", days=-1),
    part("extra", "amount", 50_000, anchor="event", event="completed"),
)


def planned(*rules: PartRule, total: int = 500_000, **known: Any) -> list[tuple[Any, ...]]:
    known = {"booked_on": BOOKED, "starts_on": SHOOT, **known}
    return [(line.kind, line.cents, line.on) for line in plan(rules, total, **known)]


def test_a_schedule_has_its_dates_once_they_are_known() -> None:
    assert planned(*USUAL) == [
        ("earnest", 100_000, BOOKED),
        ("balance", 350_000, date(2026, 11, 6)),
        ("extra", 50_000, None),
    ]
    assert planned(*USUAL, events={"completed": date(2026, 11, 20)})[2] == (
        "extra",
        50_000,
        date(2026, 11, 20),
    )
    assert [on for _, _, on in planned(*USUAL, starts_on=None)] == [BOOKED, None, None]


def test_nothing_is_due_before_the_day_of_the_booking() -> None:
    rules = (part("earnest", "amount", 1), part("balance", "rest", anchor="start", days=-7))
    assert planned(*rules, starts_on=date(2026, 9, 3))[1] == ("balance", 499_999, BOOKED)


def test_parts_are_taken_in_order_until_the_price_is_used_up() -> None:
    rules = (part("earnest", "amount", 80), part("balance", "amount", 50), part("x", "rest"))
    assert planned(*rules, total=100) == [("earnest", 80, BOOKED), ("balance", 20, BOOKED)]


def test_the_last_part_takes_what_is_left_when_none_is_the_rest() -> None:
    rules = (part("earnest", "percent", 3_333), part("balance", "percent", 3_333))
    assert planned(*rules, total=100) == [("earnest", 33, BOOKED), ("balance", 67, BOOKED)]


def test_without_any_part_the_whole_is_due_on_the_day() -> None:
    assert planned() == [("balance", 500_000, SHOOT)]


def test_money_goes_to_the_oldest_open_line() -> None:
    lines = plan(USUAL, 500_000, booked_on=BOOKED, starts_on=SHOOT)
    assert [line.open_cents for line in settle(lines, 120_000)] == [0, 330_000, 50_000]


def test_a_line_that_is_not_paid_is_asked_for_before_on_and_after_its_day() -> None:
    lines = plan(USUAL, 500_000, booked_on=BOOKED, starts_on=SHOOT)
    asked = reminders(lines, 100_000, after_days=(7, -3, 0))
    assert [(each.on, each.stage, each.line.kind) for each in asked] == [
        (date(2026, 11, 3), Stage.BEFORE, "balance"),
        (date(2026, 11, 6), Stage.DUE, "balance"),
        (date(2026, 11, 13), Stage.OVERDUE, "balance"),
    ]
    assert reminders(lines, 500_000) == ()


LONG_AGO = date(2026, 1, 1)


def asked(paid: int, today: date, certain_on: date = LONG_AGO) -> list[tuple[str, str]]:
    lines = plan(USUAL, 500_000, booked_on=BOOKED, starts_on=SHOOT)
    found = to_ask(lines, paid, certain_on=certain_on, today=today)
    return [(each.line.kind, each.stage) for each in found]


def test_the_newest_reminder_whose_day_has_come_is_asked_for() -> None:
    assert asked(100_000, date(2026, 11, 2)) == []
    assert asked(100_000, date(2026, 11, 3)) == [("balance", "before")]
    assert asked(100_000, date(2026, 11, 5)) == [("balance", "before")]
    assert asked(100_000, date(2026, 11, 6)) == [("balance", "due")]
    assert asked(100_000, date(2026, 11, 9)) == [("balance", "overdue")]
    assert asked(500_000, date(2026, 11, 9)) == []


def test_what_is_older_than_a_week_is_asked_for_no_more() -> None:
    assert asked(100_000, date(2026, 11, 13)) == [("balance", "overdue")]
    assert asked(100_000, date(2026, 11, 14)) == []


def test_who_has_just_booked_is_not_reminded_on_the_same_day() -> None:
    assert asked(100_000, date(2026, 11, 6), certain_on=date(2026, 11, 6)) == []
    assert asked(100_000, date(2026, 11, 7), certain_on=date(2026, 11, 6)) == [
        ("balance", "overdue")
    ]


def test_parts_of_one_kind_that_are_due_together_are_asked_for_together() -> None:
    rules = (part("balance", "amount", 200_000), part("balance", "rest", anchor="start"))
    lines = plan(rules, 500_000, booked_on=SHOOT, starts_on=SHOOT)
    (asked_for,) = to_ask(lines, 120_000, certain_on=LONG_AGO, today=SHOOT)
    assert (asked_for.line.open_cents, asked_for.stage) == (380_000, Stage.DUE)


def test_the_next_look_is_on_the_day_of_the_next_reminder() -> None:
    lines = plan(USUAL, 500_000, booked_on=BOOKED, starts_on=SHOOT)
    assert next_asking(lines, 100_000, BOOKED) == date(2026, 11, 3)
    assert next_asking(lines, 100_000, date(2026, 11, 3)) == date(2026, 11, 6)
    assert next_asking(lines, 100_000, date(2026, 11, 7)) is None
    assert next_asking(lines, 500_000, BOOKED) is None


RULES = st.lists(
    st.builds(
        part,
        st.sampled_from(["earnest", "advance", "balance"]),
        st.sampled_from(["amount", "percent", "rest"]),
        st.integers(1, 12_000),
        anchor=st.sampled_from(["booking", "start", "event"]),
        days=st.integers(-30, 30),
        event=st.just("completed"),
    ),
    max_size=6,
)
TOTALS = st.integers(0, 1_000_000)


@given(rules=RULES, total=TOTALS, starts_on=st.none() | st.dates(BOOKED))
def test_the_lines_always_add_up_to_the_total(
    rules: list[PartRule], total: int, starts_on: date | None
) -> None:
    starts_on = starts_on and min(starts_on, date(9999, 1, 1))
    lines = plan(rules, total, booked_on=BOOKED, starts_on=starts_on)
    assert sum(line.cents for line in lines) == total
    assert all(line.cents > 0 for line in lines)
    assert all(line.on is None or line.on >= BOOKED for line in lines)


@given(rules=RULES, total=TOTALS, paid=st.integers(-100, 2_000_000))
def test_what_is_paid_and_what_is_open_are_the_whole(
    rules: list[PartRule], total: int, paid: int
) -> None:
    settled = settle(plan(rules, total, booked_on=BOOKED, starts_on=SHOOT), paid)
    assert sum(line.paid_cents for line in settled) == min(max(paid, 0), total)
    assert all(0 <= line.paid_cents <= line.cents for line in settled)
    still_open = [bool(line.open_cents) for line in settled]
    assert still_open == sorted(still_open)


@pytest.mark.parametrize(
    ("rules", "pointers"),
    [
        (USUAL, []),
        ((), []),
        ((part("earnest", "amount", 1),), [""]),
        ((part("a", "rest"), part("b", "rest")), [""]),
        ((part("a", "amount", 0), part("b", "rest")), ["/0/value"]),
        ((part("a", "percent", 10_001), part("b", "rest")), [""]),
        ((part("a", "rest", days=-1),), ["/0/days"]),
        ((part("a", "rest", anchor="event"),), ["/0/event"]),
        ((part("a", "rest", event="completed"),), ["/0/event"]),
    ],
)
def test_a_schedule_that_cannot_be_meant_is_pointed_at(
    rules: tuple[PartRule, ...], pointers: list[str]
) -> None:
    assert [fault["pointer"] for fault in check_plan(rules)] == pointers

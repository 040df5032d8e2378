"""The rules of waiting for time."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.scheduling.domain import waitlist
from services.scheduling.domain.holds import IllegalTransitionError
from services.scheduling.domain.lines import Line
from services.scheduling.domain.spans import Span
from services.scheduling.domain.waitlist import WaitState, Window

SHANGHAI = "Asia/Shanghai"
WEDNESDAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)

LEGAL = {
    ("waiting", "offered"),
    ("waiting", "expired"),
    ("waiting", "left"),
    ("offered", "accepted"),
    ("offered", "waiting"),
    ("offered", "expired"),
    ("offered", "left"),
}


def window(first: date = WEDNESDAY, last: date = WEDNESDAY, **values: Any) -> Window:
    return Window(first=first, last=last, **values)


def local(clock: str, day: date = WEDNESDAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(SHANGHAI))


def line(**values: Any) -> Line:
    return Line(
        **{
            "key": "photographer",
            "resource_type": "photographer",
            "quantity": 1,
            "offset_minutes": 0,
            "length_minutes": 60,
            **values,
        }
    )


# --- states


@pytest.mark.parametrize(("state", "to"), list(product(WaitState, WaitState)))
def test_a_place_goes_where_the_table_has_a_way_and_nowhere_else(
    state: WaitState, to: WaitState
) -> None:
    assert waitlist.may_become(state, to) is ((state.value, to.value) in LEGAL)
    if (state.value, to.value) in LEGAL:
        assert waitlist.advance(state.value, to) == to
    else:
        with pytest.raises(IllegalTransitionError):
            waitlist.advance(state.value, to)


@pytest.mark.parametrize(
    ("offers", "state"), [(1, "waiting"), (2, "waiting"), (3, "expired"), (4, "expired")]
)
def test_whoever_lets_three_offers_pass_waits_no_longer(offers: int, state: str) -> None:
    assert waitlist.after_lapse(offers) == state


# --- which starts would do


@pytest.mark.parametrize(
    ("day", "admitted"),
    [
        (WEDNESDAY - timedelta(days=1), False),
        (WEDNESDAY, True),
        (WEDNESDAY + timedelta(days=2), True),
        (WEDNESDAY + timedelta(days=3), False),
    ],
)
def test_the_first_and_the_last_date_are_included(day: date, admitted: bool) -> None:
    three_days = window(last=WEDNESDAY + timedelta(days=2))
    assert three_days.admits(local("10:00", day)) is admitted


@pytest.mark.parametrize(
    ("clock", "admitted"),
    [("09:59", False), ("10:00", True), ("12:30", True), ("14:00", True), ("14:01", False)],
)
def test_the_earliest_and_the_latest_start_are_included(clock: str, admitted: bool) -> None:
    hours = window(earliest=time(10), latest=time(14))
    assert hours.admits(local(clock)) is admitted


@pytest.mark.parametrize(
    ("weekdays", "special", "admitted"),
    [
        (None, None, True),
        ([3], None, True),
        ([6, 7], None, False),
        ([6, 7, 8], 8, True),
        ([9], 9, True),
        ([9], None, False),
        ([3], 8, True),
    ],
)
def test_a_day_counts_by_its_weekday_and_by_what_is_special_about_it(
    weekdays: list[int] | None, special: int | None, admitted: bool
) -> None:
    assert window(weekdays=weekdays).admits(local("10:00"), special) is admitted


@pytest.mark.parametrize(
    ("days", "touches"), [((-3, -1), False), ((-3, 0), True), ((0, 0), True), ((1, 4), False)]
)
def test_a_window_touches_dates_of_which_it_has_one(days: tuple[int, int], touches: bool) -> None:
    first, last = (WEDNESDAY + timedelta(days=number) for number in days)
    assert window().touches(first, last) is touches


@pytest.mark.parametrize(
    ("first", "last", "possible"),
    [
        (0, 0, True),
        (0, -1, False),
        (-2, -1, False),
        (-2, 0, True),
        (0, 92, True),
        (0, 93, False),
        (700, 732, True),
        (700, 733, False),
    ],
)
def test_a_window_has_days_to_come_and_not_too_many(first: int, last: int, possible: bool) -> None:
    dates = (WEDNESDAY + timedelta(days=number) for number in (first, last))
    assert window(*dates).is_possible(WEDNESDAY) is possible


# --- where to look


def test_an_hour_that_is_freed_matters_for_starts_of_its_day() -> None:
    freed = Span(local("10:00"), local("11:00"))
    assert waitlist.dates_of_starts([freed], [line()], SHANGHAI) == (WEDNESDAY, WEDNESDAY)


def test_a_dress_that_is_freed_matters_for_starts_days_before_and_after() -> None:
    freed = Span(local("10:00"), local("11:00"))
    dress = line(offset_minutes=-1440, length_minutes=2880, whole_days=True)
    first, last = waitlist.dates_of_starts([freed], [line(), dress], SHANGHAI)
    assert first <= WEDNESDAY - timedelta(days=2)
    assert last >= WEDNESDAY + timedelta(days=2)


def test_freed_time_is_looked_at_from_its_first_to_its_last_date() -> None:
    freed = [
        Span(local("10:00", day), local("11:00", day))
        for day in (WEDNESDAY + timedelta(days=4), WEDNESDAY)
    ]
    dates = waitlist.dates_of_starts(freed, [line()], SHANGHAI)
    assert dates == (WEDNESDAY, WEDNESDAY + timedelta(days=4))


def test_a_service_without_lines_of_its_own_can_be_looked_for() -> None:
    freed = Span(local("10:00"), local("11:00"))
    assert waitlist.dates_of_starts([freed], [], SHANGHAI) == (WEDNESDAY, WEDNESDAY)


# --- offers and messages


def test_an_offer_ends_after_its_minutes_or_when_its_time_comes() -> None:
    assert waitlist.offer_end(NOW, NOW + timedelta(days=1), 30) == NOW + timedelta(minutes=30)
    soon = NOW + timedelta(minutes=20)
    assert waitlist.offer_end(NOW, soon, 30) == soon


@pytest.mark.parametrize(
    ("minutes", "may"), [(None, True), (0, False), (59, False), (60, True), (600, True)]
)
def test_nobody_is_told_twice_within_an_hour(minutes: int | None, may: bool) -> None:
    told_at = None if minutes is None else NOW - timedelta(minutes=minutes)
    assert waitlist.may_notify(told_at, NOW) is may

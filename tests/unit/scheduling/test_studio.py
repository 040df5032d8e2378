"""The rules of what a studio defines."""

from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.contracts.errors import Invalid
from services.contracts.scheduling import PoolCyclic, RangeInvalid
from services.scheduling import holiday_calendars
from services.scheduling.domain import studio
from services.scheduling.domain.lines import MAX_CONTESTED, Line
from services.scheduling.models import MAX_ALLOCATION_HOURS

DAY = date(2026, 11, 25)
A, B, C, D = (UUID(int=n) for n in range(1, 5))
MORNING, AFTERNOON = (time(9), time(12)), (time(13), time(18))


def line(key: str = "photographer", **values: Any) -> Line:
    defaults = {"resource_type": key, "quantity": 1, "offset_minutes": 0, "length_minutes": 60}
    return Line(key=key, **{**defaults, **values})


def hours(weekday: int, *spans: tuple[time, time]) -> list[dict[str, Any]]:
    return [{"weekday": weekday, "opens": opens, "closes": closes} for opens, closes in spans]


def pointer_of(refused: pytest.ExceptionInfo[Invalid]) -> str:
    (fault,) = refused.value.details["errors"]
    return str(fault["pointer"])


# --- dates


@pytest.mark.parametrize("days", [0, 1, 730])
def test_a_range_may_last_a_day_or_two_years(days: int) -> None:
    studio.check_range(DAY, DAY + timedelta(days=days), "/last_day")


@pytest.mark.parametrize("last", [DAY - timedelta(days=1), DAY + timedelta(days=731), date.min])
def test_a_range_that_runs_backwards_or_for_too_long_is_refused(last: date) -> None:
    with pytest.raises(RangeInvalid) as refused:
        studio.check_range(DAY, last, "/last_day")

    assert pointer_of(refused) == "/last_day"


def test_a_range_has_a_day_after_it() -> None:
    with pytest.raises(RangeInvalid):
        studio.check_range(date.max, date.max, "/to")


# --- rosters by the week


def test_days_with_the_same_hours_make_one_rule() -> None:
    week = [
        *hours(2, AFTERNOON, MORNING),
        *hours(1, MORNING, AFTERNOON),
        *hours(6, MORNING),
        *hours(8, MORNING, MORNING),
    ]

    assert studio.weekly_rules(week) == [
        ([1, 2], [MORNING, AFTERNOON]),
        ([6, 8], [MORNING]),
    ]


def test_a_week_without_hours_has_no_rules() -> None:
    assert studio.weekly_rules([]) == []


# --- pools


def test_a_pool_contains_pools_of_pools_once() -> None:
    assert studio.contained(A, {A: {B, C}, B: {D}, C: {D}}) == {A, B, C, D}


@pytest.mark.parametrize(
    ("children", "pool_ids", "pointer"),
    [
        ({}, [A], "/pool_ids/0"),
        ({B: {A}}, [C, B], "/pool_ids/1"),
        ({B: {C}, C: {D}, D: {A}}, [B], "/pool_ids/0"),
    ],
)
def test_a_pool_that_would_contain_itself_is_refused(
    children: dict[UUID, set[UUID]], pool_ids: list[UUID], pointer: str
) -> None:
    with pytest.raises(PoolCyclic) as refused:
        studio.check_no_circle(A, pool_ids, children)

    assert pointer_of(refused) == pointer


def test_a_pool_may_stand_in_two_others() -> None:
    studio.check_no_circle(A, [B, C], {B: {D}, C: {D}, A: {B}})


# --- lines


@pytest.mark.parametrize(
    "lines",
    [
        [line()],
        [line(), line("makeup_artist", optional=True)],
        [line("lead", resource_type="photographer"), line("second", resource_type="photographer")],
        [line(offset_minutes=-10_080, length_minutes=14_400, whole_days=True)],
    ],
)
def test_lines_that_can_be_served_are_fine(lines: list[Line]) -> None:
    studio.check_lines(lines, places=1)


@pytest.mark.parametrize(
    ("lines", "places", "pointer"),
    [
        ([line(), line("assistant"), line()], 1, "/roles/2/key"),
        ([line(optional=True)], 1, "/roles"),
        ([line()], 2, "/roles"),
        ([line(), line("studio_room", shared=True, optional=True)], 2, "/roles"),
        ([line(), line("prop", length_minutes=16 * 1440 + 1)], 1, "/roles/1/length_minutes"),
        ([line(length_minutes=14 * 1440, whole_days=True)], 1, "/roles/0/length_minutes"),
        (
            [line(f"p{n}", resource_type="photographer") for n in range(MAX_CONTESTED + 1)],
            1,
            "/roles",
        ),
    ],
)
def test_lines_by_which_nothing_could_be_booked_are_refused(
    lines: list[Line], places: int, pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        studio.check_lines(lines, places=places)

    assert pointer_of(refused) == pointer


def test_a_class_shares_a_required_line() -> None:
    studio.check_lines([line(shared=True), line("prop")], places=12)


def test_a_line_may_lock_as_much_as_an_allocation() -> None:
    assert studio.MAX_LOCKED_MINUTES == MAX_ALLOCATION_HOURS * 60


def test_parts_of_the_day_have_their_own_names() -> None:
    studio.check_parts([{"part": "morning"}, {"part": "afternoon"}])

    with pytest.raises(Invalid) as refused:
        studio.check_parts([{"part": "morning"}, {"part": "morning"}])

    assert pointer_of(refused) == "/day_parts/1/part"


# --- official calendars


@pytest.mark.parametrize("calendar", ["CN", "HK", "US", "US-CA", "DE-BY"])
def test_official_calendars_are_known(calendar: str) -> None:
    assert holiday_calendars.is_known(calendar)


@pytest.mark.parametrize("calendar", ["XX", "US-ZZ", "US-", "cn", "China", "HolidayBase", ""])
def test_what_is_no_official_calendar_is_not_known(calendar: str) -> None:
    assert not holiday_calendars.is_known(calendar)


def test_china_s_calendar_has_holidays_and_the_days_worked_in_exchange() -> None:
    days = {each.day: each for each in holiday_calendars.days_of("CN", [2026])}

    national_day = days[date(2026, 10, 1)]
    assert (national_day.kind, national_day.name) == (
        "holiday",
        {"zh": "国庆节", "en": "National Day"},
    )
    worked = days[date(2026, 10, 10)]  # a Saturday
    assert (worked.kind, worked.name["zh"]) == ("work_day", "调休上班")
    assert list(days) == sorted(days)
    assert {day.year for day in days} == {2026}


def test_two_holidays_on_one_date_are_both_named() -> None:
    (day,) = (
        each for each in holiday_calendars.days_of("CN", [2020]) if each.day == date(2020, 10, 1)
    )

    assert day.name["zh"] == "中秋节、国庆节"


def test_a_calendar_without_chinese_names_answers_in_english() -> None:
    first = holiday_calendars.days_of("US-CA", [2026])[0]

    assert first.name == {"zh": "New Year's Day", "en": "New Year's Day"}

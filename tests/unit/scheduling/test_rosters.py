"""Rules of rosters by which somebody can work, and the ways of a leave request."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from services.contracts.errors import Invalid
from services.scheduling.domain.leave import (
    EARLIEST,
    LATEST,
    MAX_LEAVE,
    LeaveState,
    is_possible,
    may_become,
)
from services.scheduling.domain.rosters import check_rules

NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hours(*spans: str) -> list[dict[str, time]]:
    """Return hours written as 09:00-18:00."""
    return [
        {"opens": time.fromisoformat(opens), "closes": time.fromisoformat(closes)}
        for opens, closes in (span.split("-") for span in spans)
    ]


def rule(**values: Any) -> dict[str, Any]:
    return {
        "branch_id": UUID(int=1),
        "priority": 0,
        "extra": False,
        "weekdays": [1],
        "first_day": None,
        "last_day": None,
        "cycle_weeks": 1,
        "cycle_week": 0,
        "cycle_from": None,
        "hours": hours("09:00-18:00"),
        "breaks": [],
        **values,
    }


def pointer_of(*rules: dict[str, Any]) -> str | None:
    """Return where the first fault lies, or None."""
    try:
        check_rules(rules)
    except Invalid as error:
        return str(error.details["errors"][0]["pointer"])
    return None


@pytest.mark.parametrize(
    ("work", "breaks"),
    [
        ([], []),
        (["09:00-12:00", "12:00-18:00"], []),
        (["09:00-18:00"], ["12:00-13:00", "15:00-15:15"]),
        (["09:00-18:00"], ["09:00-18:00"]),
        (["00:00-00:00"], ["12:00-12:30", "23:30-00:00"]),
        (["20:00-04:00"], ["23:30-00:30", "02:00-02:30"]),
        (["20:00-04:00"], ["03:30-04:00"]),
        (["09:00-12:00", "22:00-06:00"], ["10:00-10:15", "23:00-23:30"]),
    ],
)
def test_hours_apart_with_breaks_inside_them_are_accepted(
    work: list[str], breaks: list[str]
) -> None:
    assert pointer_of(rule(hours=hours(*work), breaks=hours(*breaks))) is None


@pytest.mark.parametrize(
    ("work", "breaks", "pointer"),
    [
        (["09:00-12:00", "11:59-18:00"], [], "/rules/0/hours/1"),
        (["09:00-12:00", "09:00-12:00"], [], "/rules/0/hours/1"),
        (["20:00-04:00", "23:00-23:30"], [], "/rules/0/hours/1"),
        (["09:00-12:00", "13:00-18:00", "17:00-02:00"], [], "/rules/0/hours/2"),
        (["09:00-18:00"], ["12:00-13:00", "12:30-13:30"], "/rules/0/breaks/1"),
        (["09:00-18:00"], ["08:30-09:30"], "/rules/0/breaks/0"),
        (["09:00-18:00"], ["17:30-18:30"], "/rules/0/breaks/0"),
        (["09:00-12:00", "13:00-18:00"], ["11:30-13:30"], "/rules/0/breaks/0"),
        (["20:00-04:00"], ["04:00-04:30"], "/rules/0/breaks/0"),
        (["20:00-04:00"], ["12:00-13:00"], "/rules/0/breaks/0"),
        ([], ["12:00-13:00"], "/rules/0/breaks/0"),
    ],
)
def test_hours_that_overlap_and_breaks_outside_them_are_refused_where_they_stand(
    work: list[str], breaks: list[str], pointer: str
) -> None:
    assert pointer_of(rule(hours=hours(*work), breaks=hours(*breaks))) == pointer


def test_a_rule_ends_on_or_after_the_day_on_which_it_begins() -> None:
    day = date(2026, 12, 1)

    assert pointer_of(rule(first_day=day, last_day=day)) is None
    assert pointer_of(rule(last_day=day)) is None
    assert pointer_of(rule(first_day=day, last_day=date(2026, 11, 30))) == "/rules/0/last_day"
    assert pointer_of(rule(last_day=date.max)) == "/rules/0/last_day"


def test_a_rotation_has_the_weeks_that_its_rules_name() -> None:
    assert pointer_of(rule(cycle_weeks=3, cycle_week=2)) is None
    assert pointer_of(rule(), rule(cycle_weeks=3, cycle_week=3)) == "/rules/1/cycle_week"


def test_hours_of_different_rules_may_overlap() -> None:
    assert pointer_of(rule(), rule(hours=hours("10:00-20:00"))) is None


WAYS = {
    ("pending", "approved"),
    ("pending", "rejected"),
    ("pending", "cancelled"),
    ("approved", "cancelled"),
}


@pytest.mark.parametrize(("state", "to"), list(product(LeaveState, LeaveState)))
def test_a_leave_goes_only_the_ways_of_the_table(state: LeaveState, to: LeaveState) -> None:
    assert may_become(state, to) == ((state, to) in WAYS)


@pytest.mark.parametrize(
    ("start", "end", "possible"),
    [
        (NOW, NOW + HOUR, True),
        (NOW, NOW, False),
        (NOW, NOW - HOUR, False),
        (NOW - EARLIEST, NOW, True),
        (NOW - EARLIEST - HOUR, NOW, False),
        (NOW, NOW + MAX_LEAVE, True),
        (NOW, NOW + MAX_LEAVE + HOUR, False),
        (NOW + LATEST + HOUR, NOW + LATEST + 2 * HOUR, False),
        (datetime.min.replace(tzinfo=UTC), NOW, False),
        (NOW, datetime.max.replace(tzinfo=UTC), False),
        (datetime.max.replace(tzinfo=UTC) - HOUR, datetime.max.replace(tzinfo=UTC), False),
    ],
)
def test_leave_begins_near_now_and_ends_within_reason(
    start: datetime, end: datetime, possible: bool
) -> None:
    assert is_possible(start, end, NOW) is possible

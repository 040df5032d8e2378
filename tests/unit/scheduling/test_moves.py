"""The rules of dragging: where things go, and what is in their way."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.scheduling.domain.explain import Obstacle
from services.scheduling.domain.moves import (
    Found,
    Units,
    covers,
    free_unit,
    is_near,
    later,
    moved_start,
    overlap,
    refit,
    stated,
)
from services.scheduling.domain.spans import Span

SHANGHAI, BERLIN = "Asia/Shanghai", "Europe/Berlin"
HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 25, 4, tzinfo=UTC)
ONE, OTHER = UUID(int=1), UUID(int=2)


def hours(start: float, end: float) -> Span:
    return Span(NOON + start * HOUR, NOON + end * HOUR)


def found(
    units: Units | None = (1, None), *, session: UUID | None = None, overdue: bool = False
) -> Found:
    obstacle = Obstacle(
        line="",
        resource_id=ONE,
        name={"zh": "林晨"},
        kind="booked",
        start=NOON,
        end=NOON + HOUR,
    )
    return Found(number=0, obstacle=obstacle, units=units, session=session, overdue=overdue)


@pytest.mark.parametrize(
    ("some", "others", "common"),
    [
        ((1, None), (5, 6), True),
        ((1, 2), (2, 3), False),
        ((2, 3), (1, 2), False),
        ((1, 4), (3, 9), True),
        ((5, None), (1, 5), False),
        ((1, None), (1, None), True),
    ],
)
def test_units_overlap_when_they_have_one_in_common(
    some: Units, others: Units, common: bool
) -> None:
    assert overlap(some, others) is overlap(others, some) is common


def test_an_absence_hinders_whatever_the_units() -> None:
    assert found(None).hinders((7, 8), None)


def test_places_of_one_session_do_not_hinder_each_other() -> None:
    taken = found((1, 2), session=ONE)

    assert not taken.hinders((2, 3), ONE)
    assert taken.hinders((1, 2), ONE), "the very place"
    assert taken.hinders((2, 3), OTHER), "another session cannot have the resource"


@pytest.mark.parametrize(
    ("current", "taken", "unit"),
    [
        (2, [], 2),
        (2, [(2, 3)], 1),
        (1, [(1, 2), (2, 3)], 3),
        (2, [(1, 2), (2, 3), (3, 4)], 2),
        (2, [(1, None)], 2),
    ],
)
def test_a_counted_thing_keeps_its_unit_or_takes_the_first_that_is_free(
    current: int, taken: list[Units], unit: int
) -> None:
    assert free_unit(current, 3, [found(units) for units in taken]) == unit


def test_a_unit_of_an_expired_hold_is_better_than_one_that_somebody_has() -> None:
    assert free_unit(1, 2, [found((1, 2)), found((2, 3), overdue=True)]) == 2


def test_a_booking_moves_as_far_as_the_one_who_is_dragged() -> None:
    start = moved_start(NOON, hours(1, 2), NOON + 3 * HOUR, SHANGHAI, whole_days=False)

    assert start == NOON + 2 * HOUR


def test_whole_days_move_by_days_and_keep_the_hour_of_the_booking() -> None:
    booked = datetime(2027, 3, 27, 9, tzinfo=UTC)  # ten in Berlin, the day before summer
    day = Span(datetime(2027, 3, 26, 23, tzinfo=UTC), datetime(2027, 3, 27, 23, tzinfo=UTC))

    def to(start: datetime) -> datetime:
        return moved_start(booked, day, start, BERLIN, whole_days=True)

    assert to(day.start + 5 * HOUR) == booked
    assert to(day.end) == datetime(2027, 3, 28, 8, tzinfo=UTC)


def test_buffers_go_along_with_the_work() -> None:
    assert refit(hours(-1, 3), hours(0, 2), hours(5, 6)) == hours(4, 7)
    assert later(hours(0, 1), HOUR) == hours(1, 2)


def test_a_span_covers_what_lies_within_it() -> None:
    assert covers(hours(0, 2), hours(0, 2))
    assert covers(hours(0, 2), hours(1, 2))
    assert not covers(hours(0, 2), hours(1, 3))


def test_far_away_instants_are_slips_of_the_pen() -> None:
    assert is_near(NOON + timedelta(days=700), NOON)
    assert not is_near(datetime.max.replace(tzinfo=UTC), NOON)
    assert not is_near(datetime.min.replace(tzinfo=UTC), NOON)


def test_who_overlaps_by_force_is_written_down() -> None:
    assert stated("急拍", {"kind": "staff", "id": "7"}) == "急拍 (staff 7)"
    assert stated("急拍", {"kind": "system", "id": None}) == "急拍 (system)"

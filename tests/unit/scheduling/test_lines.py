"""Lines of several services in one booking: who can serve two of them, and what they lock."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.scheduling.domain.lines import Line, demands, locking, turns
from services.scheduling.domain.spans import Span

TEN = datetime(2026, 11, 25, 10, tzinfo=UTC)
SHANGHAI = "Asia/Shanghai"


def line(key: str = "photographer", /, part: int = 0, begins: int = 0, **values: Any) -> Line:
    fields = {
        "key": key,
        "resource_type": key.rstrip("0123456789"),
        "quantity": 1,
        "offset_minutes": 0,
        "length_minutes": 60,
    }
    made = Line(**{**fields, **values})
    return made.as_part(part, begins) if part else made


def locked(*lines: Line, by: str = "") -> list[tuple[int, int]]:
    """Return the minutes after ten that works lock; `by` says who serves each, by default one."""
    servers = by or "a" * len(lines)
    works = [
        (who, each, each.serving(TEN, SHANGHAI)) for who, each in zip(servers, lines, strict=True)
    ]
    return [(minutes(span.start), minutes(span.end)) for span in locking(works)]


def minutes(at: datetime) -> int:
    return int((at - TEN).total_seconds() // 60)


def test_a_line_of_a_later_service_has_a_key_of_its_own_and_is_asked_for_by_the_plain_one() -> None:
    later = line("garment", 2, 90, offset_minutes=-30)

    assert (later.key, later.option, later.offset_minutes) == ("2.garment", "garment", 60)
    assert line("garment").option == "garment"


def test_lines_of_one_service_are_one_turn_and_those_of_several_are_as_many() -> None:
    lines = [line("photographer1"), line("photographer2", offset_minutes=90)]
    lines += [line("photographer1", 1, 150), line("room"), line("room", 1, 150)]

    turn = turns(lines)

    assert turn["photographer1"] == turn["photographer2"] != turn["1.photographer1"]
    assert turn["room"] != turn["1.room"]


def test_lines_that_overlap_are_one_turn_and_so_are_those_that_they_join() -> None:
    long = line("photographer1", length_minutes=150)
    assert len(set(turns([long, line(part=1, begins=60), line(part=2, begins=120)]).values())) == 1
    assert len(set(turns([line(), line(part=1, begins=60)]).values())) == 2

    dress = line("garment", 1, 60, whole_days=True)
    assert len(set(turns([line("garment"), dress]).values())) == 1


def test_nobody_needs_a_buffer_between_two_works_of_their_own() -> None:
    first = line(buffer_before_minutes=5, buffer_after_minutes=15)
    second = line(part=1, begins=60, buffer_before_minutes=20, buffer_after_minutes=10)

    assert locked(first, second) == [(-5, 60), (60, 130)]
    assert locked(second, first) == [(60, 130), (-5, 60)]
    assert locked(first, second, by="ab") == [(-5, 75), (40, 130)]


def test_two_works_with_time_between_them_meet_only_where_their_buffers_do() -> None:
    first = line(buffer_after_minutes=15)

    assert locked(first, line(part=1, begins=90, buffer_before_minutes=20)) == [(0, 75), (75, 150)]
    assert locked(first, line(part=1, begins=90, buffer_before_minutes=10)) == [(0, 75), (80, 150)]


def test_a_buffer_that_is_longer_than_the_other_work_is_kept() -> None:
    short = {"length_minutes": 15}

    assert locked(line(buffer_after_minutes=45), line(part=1, begins=60, **short)) == [
        (0, 60),
        (60, 105),
    ]
    assert locked(line(**short), line(part=1, begins=15, buffer_before_minutes=40)) == [
        (-25, 15),
        (15, 75),
    ]


def test_works_that_overlap_by_force_stay_as_they_are() -> None:
    works = [
        ("a", line(buffer_after_minutes=30), Span(TEN, TEN + timedelta(minutes=90))),
        ("a", line(part=1, begins=60), Span(TEN + timedelta(minutes=60), TEN + timedelta(hours=2))),
    ]

    assert [minutes(span.end) for span in locking(works)] == [120, 120]


def test_of_more_lines_than_may_be_asked_for_only_some_sets_are_looked_at() -> None:
    six = [line(part=part, begins=60 * part) for part in range(6)]

    assert len(demands(six)) == 2**6 - 1
    assert [each.quantity for each in demands([*six, line("photographer1")])] == [1] * 7 + [7]

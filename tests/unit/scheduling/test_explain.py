"""The sentences of an explanation, who is missing, and which alternatives are nearest."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.scheduling.domain import explain
from services.scheduling.domain.explain import (
    Asked,
    Candidate,
    Closure,
    FullQuota,
    Joinable,
    Opening,
    Seen,
    Typed,
)
from services.scheduling.domain.lines import Line
from services.scheduling.domain.nearest import nearest
from services.scheduling.domain.shortage import Shortage
from services.scheduling.domain.spans import Span
from services.scheduling.domain.wording import Wording, day_codes, length

NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)
"""A Tuesday, nine o'clock in Shanghai."""

START = datetime(2026, 11, 25, 2, tzinfo=UTC)
"""The day after, at ten."""

ANN, BOB, CAT = (UUID(int=number) for number in (1, 2, 3))
PHOTOGRAPHER = Typed(name={"zh": "摄影师", "en": "Photographer"}, kind="person")
NINE_TO_SIX = Span(START - timedelta(hours=1), START + timedelta(hours=8))


def opening(span: Span = NINE_TO_SIX, codes: Collection[int] = (3,)) -> Opening:
    return Opening(day=date(2026, 11, 25), codes=frozenset(codes), span=span)


def candidate(line: str, who: UUID, free: bool = True, unit: int = 1) -> Candidate:
    return Candidate(
        line=line,
        resource_id=who,
        unit=unit,
        free=free,
        name={"zh": f"员工{who.int}", "en": f"Staff {who.int}"},
        bookable_by_name=True,
    )


def seen(*candidates: Candidate, **values: Any) -> Seen:
    known: dict[str, Any] = {
        "step_minutes": 60,
        "notice_minutes": 0,
        "horizon_days": 60,
        "weekdays": None,
        "codes": frozenset({3}),
        "within_hours": True,
        "openings": [opening()],
        "holiday": None,
        "closures": [],
        "full_quotas": [],
        "types": {
            "photographer": Typed(name={"zh": "摄影师", "en": "Photographer"}, kind="person")
        },
        "sessions": [],
        "candidates": candidates,
        "obstacles": [],
    }
    return Seen(**{**known, **values})


def line(key: str = "lead", quantity: int = 1, **values: Any) -> Line:
    return Line(
        key=key,
        resource_type="photographer",
        quantity=quantity,
        offset_minutes=0,
        length_minutes=60,
        **values,
    )


def asked(
    *lines: Line, start: datetime = START, wished: Collection[UUID] = (), places: int = 1
) -> Asked:
    return Asked(
        start=start,
        zone="Asia/Shanghai",
        duration_minutes=60,
        lines=lines or [line()],
        places=places,
        wished=frozenset(wished),
    )


def english(rules: Sequence[dict[str, Any]]) -> dict[str, str]:
    return {rule["code"]: rule["message"]["en"] for rule in rules}


# --- sentences


def test_every_rule_says_in_english_what_and_when() -> None:
    late = seen(notice_minutes=2880, horizon_days=0)
    assert english(explain.rules(late, asked(), NOW)) == {
        "notice": "Book at least 2 days ahead; the earliest start is now 26 Nov, 09:00",
        "horizon": "Bookings open 0 days ahead, until 24 Nov for now",
    }
    assert english(explain.rules(seen(), asked(start=NOW - timedelta(days=400)), NOW)) == {
        "past": "20 Oct 2025, 09:00 has passed",
    }
    closed = Closure(first_day=date(2026, 12, 31), last_day=date(2027, 1, 3), reason="Move")
    shut = seen(closures=[closed], within_hours=False, openings=[])
    assert english(explain.rules(shut, asked(), NOW)) == {
        "closed": "The branch is closed from 31 Dec to 3 Jan 2027: Move",
        "hours": "The branch is not open on 25 Nov",
    }
    holiday = seen(within_hours=False, openings=[], holiday={"zh": "元旦", "en": ""})
    assert english(explain.rules(holiday, asked(), NOW)) == {
        "holiday": "25 Nov is 元旦; the branch is not open",
    }
    short = seen(within_hours=False)
    assert english(explain.rules(short, asked(), NOW)) == {
        "hours": "The service takes 1 hour within opening hours, 09:00–18:00 on 25 Nov",
    }
    quota = FullQuota(per="customer", unit="minutes", period="week", maximum=120, used=90)
    full = seen(weekdays=frozenset({6, 8}), full_quotas=[quota])
    assert english(explain.rules(full, asked(), NOW)) == {
        "weekday": "This service can be booked on Saturdays, public holidays only",
        "quota": "A customer may have 2 hours a week at most; 1 hour 30 minutes are booked that"
        " week, and this takes 1 hour",
    }


def test_a_start_is_on_the_grid_of_any_hours_that_allow_its_day() -> None:
    ten_past = START + timedelta(minutes=10)
    shifted = opening(Span(ten_past - timedelta(hours=1), ten_past + timedelta(hours=3)))
    assert list(english(explain.rules(seen(), asked(start=ten_past), NOW))) == ["grid"]
    both = seen(openings=[opening(), shifted])
    assert explain.rules(both, asked(start=ten_past), NOW) == []
    of_yesterday = opening(shifted.span, codes=[2])
    mondays = seen(openings=[opening(), of_yesterday], weekdays=frozenset({3}))
    assert list(english(explain.rules(mondays, asked(start=ten_past), NOW))) == ["grid"]


@pytest.mark.parametrize(
    ("minutes", "zh", "en"),
    [
        (30, "30 分钟", "30 minutes"),
        (60, "1 小时", "1 hour"),
        (150, "2 小时 30 分钟", "2 hours 30 minutes"),
        (2880, "2 天", "2 days"),
        (0, "0 分钟", "0 minutes"),
    ],
)
def test_lengths_are_told_in_whole_days_hours_and_minutes(minutes: int, zh: str, en: str) -> None:
    assert (length(minutes).zh, length(minutes).en) == (zh, en)


def test_instants_are_told_by_the_wall_clock_of_the_branch() -> None:
    say = Wording(zone="America/New_York", now=NOW)

    assert say.moment(START).zh == "11月24日 21:00"
    assert say.day(date(2027, 1, 1)).zh == "2027年1月1日"
    assert day_codes([9, 1]).zh == "周一、调休上班日"


# --- who is missing


def test_a_line_that_finds_too_few_is_short() -> None:
    shortage = Shortage(
        seen(candidate("lead", ANN), candidate("lead", BOB, free=False)), asked(line(quantity=2))
    )

    assert [demand.keys for demand in shortage.short()] == [("lead",)]
    assert shortage.rules() == []  # the numbers say it
    assert [(each["needed"], each["free"]) for each in shortage.lines()] == [(2, 1)]


def test_lines_that_share_too_few_are_contested_once() -> None:
    lines = [line("lead"), line("second"), line("third")]
    shortage = Shortage(seen(*(candidate(each.key, ANN) for each in lines)), asked(*lines))

    assert {rule["code"] for rule in shortage.rules()} == {"contested"}
    assert shortage.rules()[0]["message"]["en"] == (
        "The service needs 2 of Photographer at once; only 1 who fit is free then"
    )
    assert all(len(demand.keys) == 2 for demand in shortage.short())


def test_wishes_that_cannot_all_be_seated_are_contested() -> None:
    people = [candidate("lead", ANN), candidate("lead", BOB), candidate("second", CAT)]
    shortage = Shortage(seen(*people), asked(line("lead"), line("second"), wished=[ANN, BOB]))

    assert shortage.remaining(frozenset({ANN, BOB})) == 0
    assert english(shortage.rules()) == {
        "contested": "They cannot all serve this booking at that time: Staff 1, Staff 2"
    }
    assert shortage.others() == []  # nobody else serves that line


def test_a_session_with_places_stands_for_its_lines() -> None:
    shared = line(shared=True)
    begun = Joinable(places=2, crew=frozenset({ANN}))
    busy = [candidate("lead", ANN, free=False), candidate("lead", BOB, free=False)]

    def among(*wished: UUID) -> Shortage:
        return Shortage(seen(*busy, sessions=[begun]), asked(shared, wished=wished, places=4))

    assert (among().short(), among().remaining(frozenset())) == ([], 2)
    assert among().lines()[0]["free"] == 1
    assert (among(ANN).short(), among(ANN).rules()) == ([], [])
    assert english(among(BOB).rules()) == {"wished": "Not free at that time: Staff 2"}
    assert [(one.resource_id, fit) for one, fit in among(BOB).others()] == [(ANN, 2)]


def test_remaining_counts_sessions_by_their_places() -> None:
    free = [candidate("lead", ANN), candidate("lead", BOB)]
    shortage = Shortage(seen(*free), asked(line(shared=True), places=3))

    assert shortage.remaining(frozenset()) == 6
    assert shortage.remaining(frozenset({ANN})) == 3


# --- what is nearest


def at(hours: int, **values: Any) -> dict[str, Any]:
    return {"start": (START + timedelta(hours=hours)).isoformat(), **values}


def hours_of(alternatives: Sequence[dict[str, Any]]) -> list[float]:
    gaps = (datetime.fromisoformat(each["start"]) - START for each in alternatives)
    return [gap.total_seconds() / 3600 for gap in gaps]


def test_the_nearest_come_first_and_of_two_the_earlier() -> None:
    found = nearest(START, [], [at(hours) for hours in (5, 2, -2, -1, 1, 9)])

    assert hours_of(found) == [-1, 1, -2, 2, 5]


def test_every_kind_has_its_turn() -> None:
    people = [at(0, resource_name={"zh": name}) for name in "cba"]
    times = [at(hours) for hours in range(1, 9)]
    branches = [at(0, branch_name={"zh": name}) for name in "xy"]

    assert nearest(START, people, times, branches) == [
        people[2],
        people[1],
        *times[:2],
        branches[0],
    ]
    assert nearest(START, [], times, branches) == [*times[:3], *branches]
    assert nearest(START, people[:1], [], []) == people[:1]
    assert nearest(START, [], [], []) == []

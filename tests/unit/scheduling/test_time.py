"""Spans, lines and the states of a hold, without a database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.contracts.errors import Invalid
from services.scheduling.domain.faults import check_zone
from services.scheduling.domain.holds import (
    HoldState,
    IllegalTransitionError,
    advance,
    has_expired,
)
from services.scheduling.domain.lines import (
    Demand,
    Line,
    can_seat,
    default_duration,
    demands,
    wanted,
)
from services.scheduling.domain.spans import Span, local_date

TEN = datetime(2026, 11, 25, 10, tzinfo=UTC)
SHANGHAI = "Asia/Shanghai"


def line(key: str = "photographer", **values: Any) -> Line:
    fields = {
        "key": key,
        "resource_type": key,
        "quantity": 1,
        "offset_minutes": 0,
        "length_minutes": 60,
    }
    return Line(**{**fields, **values})


def test_a_span_ends_after_it_starts() -> None:
    with pytest.raises(ValueError, match="ends after"):
        Span(TEN, TEN)


def test_a_span_needs_aware_instants() -> None:
    with pytest.raises(ValueError, match="aware"):
        Span(TEN.replace(tzinfo=None), TEN)


def test_a_line_serves_its_part_and_is_locked_with_its_buffers() -> None:
    shoot = line(
        offset_minutes=60, length_minutes=90, buffer_before_minutes=10, buffer_after_minutes=20
    )

    assert shoot.serving(TEN, SHANGHAI) == Span(
        TEN + timedelta(hours=1), TEN + timedelta(minutes=150)
    )
    assert shoot.during(TEN, SHANGHAI) == Span(
        TEN + timedelta(minutes=50), TEN + timedelta(minutes=170)
    )


def test_a_dress_is_away_on_all_days_that_it_touches() -> None:
    dress = line("garment", offset_minutes=-1440, length_minutes=2 * 1440 + 60, whole_days=True)

    assert dress.serving(TEN, SHANGHAI) == Span(
        datetime(2026, 11, 23, 16, tzinfo=UTC), datetime(2026, 11, 26, 16, tzinfo=UTC)
    )


def test_a_whole_day_is_as_long_as_the_clock_makes_it() -> None:
    room = line("studio_room", length_minutes=60, whole_days=True)
    night = datetime(2026, 10, 25, 0, tzinfo=UTC)  # the day on which Berlin turns the clock back

    assert room.serving(night, "Europe/Berlin").end - room.serving(
        night, "Europe/Berlin"
    ).start == timedelta(hours=25)


def test_a_booking_lasts_until_the_last_line_that_a_customer_sees_has_done_its_work() -> None:
    lines = [
        line(length_minutes=200),
        line("studio_room", offset_minutes=120, length_minutes=60),
        line("garment", length_minutes=3000, whole_days=True),
        line("assistant", length_minutes=900, optional=True),
    ]

    assert default_duration(lines) == 200


def test_optional_lines_are_served_when_asked_for() -> None:
    lines = [line(), line("assistant", optional=True)]

    assert [each.key for each in wanted(lines, [])] == ["photographer"]
    assert [each.key for each in wanted(lines, ["assistant"])] == ["photographer", "assistant"]


def test_lines_of_one_type_are_weighed_together_and_others_alone() -> None:
    lines = [
        line("lead", resource_type="photographer"),
        line("second", resource_type="photographer", quantity=2),
        line("studio_room"),
    ]

    assert demands(lines) == [
        Demand(("lead",), 1),
        Demand(("second",), 2),
        Demand(("lead", "second"), 3),
        Demand(("studio_room",), 1),
    ]


def test_wishes_are_seated_where_they_fit() -> None:
    places = {"lead": 1, "second": 1}

    assert can_seat([{"lead", "second"}, {"lead"}], places)
    assert not can_seat([{"lead"}, {"lead"}], places)
    assert not can_seat([set()], places)


@pytest.mark.parametrize("to", HoldState)
@pytest.mark.parametrize("state", HoldState)
def test_a_hold_goes_only_where_the_table_says(state: HoldState, to: HoldState) -> None:
    allowed = {
        ("held", "confirmed"),
        ("held", "expired"),
        ("held", "released"),
        ("confirmed", "released"),
        ("expired", "confirmed"),
        ("expired", "released"),
    }

    if (state, to) in allowed:
        assert advance(state, to) is to
    else:
        with pytest.raises(IllegalTransitionError):
            advance(state, to)


@pytest.mark.parametrize(
    ("state", "minutes", "expired"),
    [
        ("held", 1, False),
        ("held", 0, True),
        ("held", -1, True),
        ("expired", 1, True),
        ("confirmed", None, False),
        ("released", None, False),
    ],
)
def test_a_hold_expires_at_its_end_whether_or_not_it_was_swept(
    state: str, minutes: int | None, expired: bool
) -> None:
    expires_at = None if minutes is None else TEN + timedelta(minutes=minutes)

    assert has_expired(state, expires_at, TEN) is expired


def test_only_a_zone_that_iana_knows_is_accepted() -> None:
    check_zone(SHANGHAI)
    for name in ["Mars/Olympus", "asia/shanghai", "../etc/passwd", "", "posixrules"]:
        with pytest.raises(Invalid) as refused:
            check_zone(name)
        assert refused.value.details["errors"][0]["pointer"] == "/timezone"


def test_a_local_date_is_the_branch_s() -> None:
    late = datetime(2026, 11, 25, 17, tzinfo=UTC)

    assert local_date(late, SHANGHAI).isoformat() == "2026-11-26"
    assert local_date(late, "America/New_York").isoformat() == "2026-11-25"

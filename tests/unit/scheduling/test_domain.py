"""The rules of time, without a database."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.contracts.errors import Invalid
from services.contracts.scheduling import RESOURCE_TYPES
from services.scheduling import domain
from services.scheduling.domain import Candidate, HoldState, IllegalTransitionError, Role, Span

TEN = datetime(2026, 11, 25, 10, tzinfo=UTC)


def role(resource_type: str = "photographer", **values: Any) -> Role:
    return Role(
        **{
            "resource_type": resource_type,
            "quantity": 1,
            "offset_minutes": 0,
            "length_minutes": 60,
            **values,
        }
    )


def candidate(number: int, resource_type: str = "photographer", **values: Any) -> Candidate:
    return Candidate(
        **{
            "resource_id": UUID(int=number),
            "resource_type": resource_type,
            "name": f"{resource_type}-{number}",
            "rostered": True,
            "free": True,
            "overdue": (),
            "load_minutes": 0,
            **values,
        }
    )


def chosen(*args: Any, wished: tuple[int, ...] = (), **options: Any) -> list[int] | None:
    """Choose, and return the numbers of the chosen."""
    crew = domain.choose(*args, wished={UUID(int=n) for n in wished}, **options)
    return None if crew is None else [member.resource_id.int for member in crew]


# --- spans


def test_a_span_ends_after_it_starts() -> None:
    with pytest.raises(ValueError, match="ends after"):
        Span(TEN, TEN)


def test_a_span_needs_aware_instants() -> None:
    with pytest.raises(ValueError, match="aware"):
        Span(TEN.replace(tzinfo=None), TEN)


def test_a_role_serves_its_part_and_is_locked_with_its_buffers() -> None:
    shoot = role(
        offset_minutes=60, length_minutes=90, buffer_before_minutes=10, buffer_after_minutes=20
    )

    assert shoot.serving(TEN) == Span(TEN + timedelta(hours=1), TEN + timedelta(minutes=150))
    assert shoot.during(TEN) == Span(TEN + timedelta(minutes=50), TEN + timedelta(minutes=170))


def test_a_booking_lasts_until_the_last_role_has_done_its_work() -> None:
    roles = [role(length_minutes=200), role("studio_room", offset_minutes=120, length_minutes=60)]

    assert domain.end_of(roles, TEN) == TEN + timedelta(minutes=200)


# --- states


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
        assert domain.advance(state, to) is to
    else:
        with pytest.raises(IllegalTransitionError):
            domain.advance(state, to)


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

    assert domain.has_expired(state, expires_at, TEN) is expired


# --- choosing


def test_the_least_busy_is_chosen_and_the_name_decides_between_equals() -> None:
    free = [candidate(1, load_minutes=60), candidate(3), candidate(2)]

    assert chosen([role()], free) == [2]


def test_the_wished_come_first_then_the_preferred() -> None:
    free = [candidate(1), candidate(2, load_minutes=600), candidate(3, load_minutes=900)]

    assert chosen([role()], free, wished=(2,)) == [2]
    assert chosen([role()], free, preferred={UUID(int=3)}) == [3]
    assert chosen([role()], free, wished=(2,), preferred={UUID(int=3)}) == [2]


def test_a_crew_has_everybody_that_every_role_needs_in_the_order_of_ids() -> None:
    free = [candidate(4), candidate(2), candidate(3, "studio_room"), candidate(1, "studio_room")]

    crew = chosen([role("studio_room"), role(quantity=2)], free)

    assert crew == [1, 2, 4]


def test_nobody_is_chosen_when_a_role_stays_empty_or_a_wish_unmet() -> None:
    free = [candidate(1), candidate(2)]

    assert chosen([role(quantity=3)], free) is None
    assert chosen([role(), role("studio_room")], free) is None
    assert chosen([role()], free, wished=(9,)) is None
    assert chosen([role()], free, wished=(1, 2)) is None


# --- alternatives


def slot(hour: int) -> dict[str, Any]:
    return {"start": f"2026-11-25T{hour:02}:00:00+00:00", "end": "", "remaining": 1}


def test_the_nearest_slots_come_first_and_the_earlier_of_two_as_near() -> None:
    slots = [slot(hour) for hour in range(6, 16)]

    hours = [found["start"][11:13] for found in domain.nearest(slots, TEN)]

    assert hours == ["10", "09", "11", "08", "12"]


# --- definitions


def test_only_a_zone_that_iana_knows_is_accepted() -> None:
    domain.check_zone("Asia/Shanghai")
    for name in ["Mars/Olympus", "asia/shanghai", "../etc/passwd", "", "posixrules"]:
        with pytest.raises(Invalid) as refused:
            domain.check_zone(name)
        assert refused.value.details["errors"][0]["pointer"] == "/timezone"


def test_a_service_has_one_line_for_each_type() -> None:
    domain.check_roles([role(), role("studio_room")])
    with pytest.raises(Invalid) as refused:
        domain.check_roles([role(), role("studio_room"), role()])

    assert refused.value.details["errors"][0]["pointer"] == "/roles/2/resource_type"


def test_every_type_of_resource_has_a_name_in_both_languages() -> None:
    assert tuple(domain.TYPE_NAMES) == RESOURCE_TYPES
    assert all(name["zh"] and name["en"] for name in domain.TYPE_NAMES.values())


def test_a_local_date_is_the_branch_s() -> None:
    late = datetime(2026, 11, 25, 17, tzinfo=UTC)

    assert domain.local_date(late, "Asia/Shanghai").isoformat() == "2026-11-26"
    assert domain.local_date(late, "America/New_York").isoformat() == "2026-11-25"

"""What time is offered: grid, hours, rosters, leave, notice, wishes, and the odd days of a zone."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest

from services.contracts.scheduling import (
    BranchUnknown,
    RangeInvalid,
    ResourceUnknown,
    ResourceUnsuitable,
    ServiceUnknown,
    StartNotOffered,
)
from services.scheduling.usecases import slots
from tests.integration.scheduling.studio import DAY, NOW, Studio, role, week

Make = Callable[..., Studio]

HOURLY = [f"{hour:02}:00" for hour in range(9, 18)]


def test_a_slot_is_told_with_the_offset_of_its_branch(studio: Studio) -> None:
    assert studio.slots()[0] == {
        "start": "2026-11-25T09:00:00+08:00",
        "end": "2026-11-25T10:00:00+08:00",
        "remaining": 1,
    }


def test_a_booking_ends_by_closing_time(studio: Studio) -> None:
    assert studio.starts() == HOURLY


def test_starts_lie_on_the_step_grid_from_opening(make_studio: Make) -> None:
    studio = make_studio(hours=week("09:10", "12:00"), step=45)

    assert studio.starts() == ["09:10", "09:55", "10:40"]


def test_both_dates_are_included(studio: Studio) -> None:
    assert len(studio.slots(DAY, DAY + timedelta(days=2))) == 3 * len(HOURLY)


def test_a_weekday_without_hours_is_closed(make_studio: Make) -> None:
    studio = make_studio(hours=week("09:00", "18:00", days=[1, 2, 3, 4, 5]))

    assert studio.starts(date(2026, 11, 28), date(2026, 11, 29)) == []


def test_a_lunch_break_is_not_offered(make_studio: Make) -> None:
    studio = make_studio(hours=week("09:00", "12:00") + week("13:00", "15:00"))

    assert studio.starts() == ["09:00", "10:00", "11:00", "13:00", "14:00"]


def test_a_booking_may_run_from_one_opening_into_the_next(make_studio: Make) -> None:
    studio = make_studio(
        hours=week("10:00", "12:00") + week("12:00", "14:00"), roles=[role(length_minutes=120)]
    )

    assert studio.starts() == ["10:00", "11:00", "12:00"]


def test_a_closure_takes_whole_local_days(studio: Studio) -> None:
    studio.close(DAY, DAY)

    assert studio.starts(DAY) == []
    assert studio.starts(DAY + timedelta(days=1)) == HOURLY


def test_leave_takes_its_time_only(studio: Studio) -> None:
    studio.send_on_leave("photographer-1", studio.at("10:30"), studio.at("16:00"))

    assert studio.starts() == ["09:00", "16:00", "17:00"]


def test_a_roster_narrows_the_opening_hours(make_studio: Make) -> None:
    studio = make_studio(roster=week("11:00", "14:00"))

    assert studio.starts() == ["11:00", "12:00", "13:00"]


def test_a_block_takes_time_without_a_booking(studio: Studio) -> None:
    studio.block("photographer-1", studio.at("09:00"), studio.at("17:00"))

    assert studio.starts() == ["17:00"]


def test_notice_and_the_present_bound_the_earliest_start(make_studio: Make) -> None:
    studio = make_studio(notice=90)

    assert studio.starts(NOW.date())[0] == "11:00"
    assert studio.starts(NOW.date() - timedelta(days=1)) == []


def test_the_horizon_ends_with_a_whole_local_day(make_studio: Make) -> None:
    studio = make_studio(horizon=2)

    last = date(2026, 11, 26)
    assert studio.starts(last) == HOURLY
    assert studio.starts(last + timedelta(days=1)) == []


def test_dates_far_from_the_present_are_answered_with_nothing(studio: Studio) -> None:
    assert studio.starts(date(1, 1, 1)) == []
    assert studio.starts(date(9999, 12, 31)) == []


# --- roles


def test_the_scarcest_role_says_how_many_fit(make_studio: Make) -> None:
    studio = make_studio(
        crew={"photographer": 5, "makeup_artist": 3, "studio_room": 2},
        roles=[role("photographer", quantity=2), role("makeup_artist"), role("studio_room")],
    )

    assert set(studio.remaining().values()) == {2}


def test_a_role_that_nobody_can_serve_offers_nothing(make_studio: Make) -> None:
    studio = make_studio(roles=[role("photographer"), role("studio_room")])

    assert studio.starts() == []


def test_roles_need_their_own_part_of_the_booking(make_studio: Make) -> None:
    studio = make_studio(
        hours=week("09:00", "13:00"),
        crew={"photographer": 1, "makeup_artist": 1},
        roles=[role("makeup_artist"), role("photographer", offset_minutes=60)],
    )
    studio.block("makeup_artist-1", studio.at("10:00"), studio.at("11:00"))

    assert studio.starts() == ["09:00", "11:00"]


def test_buffers_have_to_be_free_as_well(make_studio: Make) -> None:
    studio = make_studio(
        hours=week("09:00", "15:00"),
        roster=week("08:00", "16:00"),
        roles=[role(buffer_before_minutes=15, buffer_after_minutes=30)],
    )
    studio.block("photographer-1", studio.at("12:00"), studio.at("12:30"))

    assert studio.starts() == ["09:00", "10:00", "13:00", "14:00"]


def test_back_to_back_bookings_are_offered(studio: Studio) -> None:
    studio.hold("10:00")

    assert "09:00" in studio.starts()
    assert "10:00" not in studio.starts()
    assert "11:00" in studio.starts()


def test_a_hold_counts_until_its_end_and_not_from_then_on(studio: Studio) -> None:
    held = studio.hold("10:00")

    assert "10:00" not in studio.starts(now=held["expires_at"] - timedelta(seconds=1))
    assert "10:00" in studio.starts(now=held["expires_at"])


# --- wishes


def test_a_named_resource_has_to_be_free_itself(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 3})
    studio.block("photographer-2", studio.at("09:00"), studio.at("12:00"))

    assert studio.remaining()["09:00"] == 2
    assert "09:00" not in studio.remaining(wished=["photographer-2"])
    assert studio.remaining(wished=["photographer-2"])["12:00"] == 1


def test_a_role_with_fewer_wishes_than_places_is_filled_up_with_others(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 3}, roles=[role(quantity=2)])
    studio.block("photographer-1", studio.at("09:00"), studio.at("10:00"))
    studio.block("photographer-2", studio.at("09:00"), studio.at("11:00"))

    offered = studio.remaining(wished=["photographer-3"])
    assert "09:00" not in offered
    assert offered["10:00"] == 1


def test_a_wish_for_somebody_who_never_works_offers_nothing(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2})
    studio.add_resource("photographer-3", "photographer", roster=[])

    assert studio.starts(wished=["photographer-3"]) == []
    with pytest.raises(StartNotOffered):
        studio.hold("10:00", wished=["photographer-3"])


def test_wishes_that_make_no_sense_are_refused(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2, "vehicle": 1})
    shy = studio.add_resource("photographer-9", "photographer", bookable_by_name=False)

    for wished, error in [
        (["vehicle-1"], ResourceUnsuitable),
        (["photographer-1", "photographer-2"], ResourceUnsuitable),
        (["photographer-9"], ResourceUnsuitable),
    ]:
        with pytest.raises(error) as refused:
            studio.slots(wished=wished)
        assert refused.value.details["errors"][0]["pointer"].startswith("/resource_ids/")
    studio.resources["nobody"] = uuid4()
    with pytest.raises(ResourceUnknown):
        studio.slots(wished=["nobody"])
    assert shy in studio.resources.values()


def test_a_resource_of_another_branch_does_not_suit(make_studio: Make) -> None:
    here, there = make_studio(), make_studio()
    here.resources["stranger"] = there.resources["photographer-1"]

    with pytest.raises(ResourceUnsuitable):
        here.slots(wished=["stranger"])


# --- zones


def test_no_hour_is_offered_twice_or_skipped_when_the_clocks_go_forward(make_studio: Make) -> None:
    studio = make_studio(zone="Europe/Berlin", hours=week("00:00", "06:00"), horizon=366)

    found = studio.slots(date(2027, 3, 28))

    assert [slot["start"] for slot in found] == [
        "2027-03-28T00:00:00+01:00",
        "2027-03-28T01:00:00+01:00",
        "2027-03-28T03:00:00+02:00",
        "2027-03-28T04:00:00+02:00",
        "2027-03-28T05:00:00+02:00",
    ]


def test_the_hour_that_comes_twice_is_offered_twice(make_studio: Make) -> None:
    studio = make_studio(zone="Europe/Berlin", hours=week("01:00", "04:00"), horizon=366)

    found = studio.slots(date(2027, 10, 31))

    assert [slot["start"] for slot in found] == [
        "2027-10-31T01:00:00+02:00",
        "2027-10-31T02:00:00+02:00",
        "2027-10-31T02:00:00+01:00",
        "2027-10-31T03:00:00+01:00",
    ]


def test_hours_inside_the_skipped_hour_offer_nothing(make_studio: Make) -> None:
    studio = make_studio(
        zone="Europe/Berlin", hours=week("02:15", "03:00"), roles=[role(length_minutes=15)], step=15
    )

    assert studio.starts(date(2027, 1, 5)) == ["02:15", "02:30", "02:45"]
    assert studio.starts(date(2027, 3, 28)) == []


def test_hours_past_midnight_belong_to_the_date_of_each_start(make_studio: Make) -> None:
    studio = make_studio(hours=week("22:00", "02:00", days=[3]))  # Wednesday night

    assert studio.starts(DAY) == ["22:00", "23:00"]
    assert studio.starts(DAY + timedelta(days=1)) == ["00:00", "01:00"]
    assert studio.starts(DAY, DAY + timedelta(days=1)) == ["22:00", "23:00", "00:00", "01:00"]


def test_a_shift_past_midnight_is_one_stretch(make_studio: Make) -> None:
    studio = make_studio(hours=week("00:00", "00:00"), roles=[role(length_minutes=180)], step=90)

    assert len(studio.starts()) == 16


# --- refusals


def test_an_unknown_branch_or_service_is_refused(make_studio: Make) -> None:
    here, there = make_studio(), make_studio()

    def ask(**values: object) -> object:
        question = {
            "service_id": here.service_id,
            "branch_id": here.branch_id,
            "from_": DAY,
            "to": DAY,
            "resource_ids": [],
        }
        return slots.find_slots(uow=here.uow, now=NOW, **{**question, **values})  # type: ignore[arg-type]

    with pytest.raises(BranchUnknown):
        ask(branch_id=uuid4())
    with pytest.raises(ServiceUnknown):
        ask(service_id=uuid4())
    with pytest.raises(ServiceUnknown):
        ask(branch_id=there.branch_id)


@pytest.mark.parametrize("last", [DAY - timedelta(days=1), DAY + timedelta(days=93)])
def test_dates_that_run_backwards_or_ask_for_too_much_are_refused(
    studio: Studio, last: date
) -> None:
    with pytest.raises(RangeInvalid):
        studio.slots(DAY, last)


def test_the_longest_range_is_answered(studio: Studio) -> None:
    assert studio.slots(DAY, DAY + timedelta(days=92))

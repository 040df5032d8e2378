"""The calendar: who works when and what they do."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest

from services.contracts.scheduling import BranchUnknown, RangeInvalid
from services.scheduling.usecases import calendar
from tests.integration.scheduling.studio import DAY, NOW, Studio, role, week

Make = Callable[..., Studio]


def test_a_booking_is_shown_where_it_serves_without_buffers(make_studio: Make) -> None:
    studio = make_studio(roster=week("08:00", "20:00"), roles=[role(buffer_after_minutes=30)])
    held = studio.hold("10:00")

    (entry,) = studio.calendar()["entries"]

    assert entry.pop("id")
    assert entry == {
        "resource_id": str(studio.resources["photographer-1"]),
        "start": "2026-11-25T10:00:00+08:00",
        "end": "2026-11-25T11:00:00+08:00",
        "state": "held",
        "kind": "booking",
        "booking_id": str(held["booking_id"]),
        "hold_expires_at": "2026-11-24T09:15:00+08:00",
    }


def test_a_confirmed_booking_and_a_block_are_told_apart(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2})
    studio.confirm(studio.hold("10:00")["booking_id"])
    studio.block("photographer-2", studio.at("12:00"), studio.at("13:00"))

    booking, block = studio.calendar()["entries"]

    assert (booking["state"], booking["kind"], booking["hold_expires_at"]) == (
        "confirmed",
        "booking",
        None,
    )
    assert (block["state"], block["kind"], block["booking_id"]) == ("blocked", "block", None)


def test_what_has_expired_or_was_released_is_not_shown(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2})
    studio.release(studio.hold("10:00")["booking_id"])
    held = studio.hold("12:00")

    assert len(studio.calendar()["entries"]) == 1
    assert studio.calendar(now=held["expires_at"])["entries"] == []


def test_entries_of_other_days_and_branches_are_left_out(make_studio: Make) -> None:
    here, there = make_studio(), make_studio()
    there.hold("10:00")
    here.hold(here.at("10:00", DAY + timedelta(days=1)))

    assert here.calendar()["entries"] == []
    assert len(here.calendar(DAY, DAY + timedelta(days=1))["entries"]) == 1
    assert len(here.calendar()["resources"]) == 1


def test_an_entry_past_midnight_is_shown_on_both_days(make_studio: Make) -> None:
    studio = make_studio(hours=week("00:00", "00:00"), roles=[role(length_minutes=120)])
    studio.hold("23:00")

    for day in [DAY, DAY + timedelta(days=1)]:
        assert len(studio.calendar(day)["entries"]) == 1
    assert studio.calendar(DAY + timedelta(days=2))["entries"] == []


def test_resources_stand_in_the_order_of_types_and_names(make_studio: Make) -> None:
    studio = make_studio(crew={"studio_room": 1, "makeup_artist": 1, "photographer": 2})

    shown = studio.calendar()["resources"]

    assert [resource["name"]["zh"] for resource in shown] == [
        "photographer-1",
        "photographer-2",
        "makeup_artist-1",
        "studio_room-1",
    ]
    assert shown[0]["type_name"] == {"zh": "摄影师", "en": "Photographer"}


def spans(studio: Studio, *days: date) -> list[tuple[str, str]]:
    return [(span["start"], span["end"]) for span in studio.calendar(*days)["rosters"]]


def test_a_roster_is_one_span_a_day(studio: Studio) -> None:
    assert spans(studio, DAY, DAY + timedelta(days=1)) == [
        ("2026-11-25T09:00:00+08:00", "2026-11-25T18:00:00+08:00"),
        ("2026-11-26T09:00:00+08:00", "2026-11-26T18:00:00+08:00"),
    ]


def test_a_night_shift_is_shown_on_both_its_days(make_studio: Make) -> None:
    studio = make_studio(roster=week("22:00", "02:00", days=[3]))
    night = ("2026-11-25T22:00:00+08:00", "2026-11-26T02:00:00+08:00")

    assert spans(studio, DAY) == [night]
    assert spans(studio, DAY + timedelta(days=1)) == [night]
    assert spans(studio, DAY - timedelta(days=1)) == []


def test_leave_and_closures_are_cut_out_of_a_roster(studio: Studio) -> None:
    studio.send_on_leave("photographer-1", studio.at("12:00"), studio.at("13:00"))
    studio.close(DAY + timedelta(days=1), DAY + timedelta(days=1))

    assert spans(studio, DAY, DAY + timedelta(days=1)) == [
        ("2026-11-25T09:00:00+08:00", "2026-11-25T12:00:00+08:00"),
        ("2026-11-25T13:00:00+08:00", "2026-11-25T18:00:00+08:00"),
    ]


def test_the_calendar_speaks_the_time_of_each_day(make_studio: Make) -> None:
    studio = make_studio(zone="Europe/Berlin")

    assert spans(studio, date(2027, 3, 27), date(2027, 3, 28)) == [
        ("2027-03-27T09:00:00+01:00", "2027-03-27T18:00:00+01:00"),
        ("2027-03-28T09:00:00+02:00", "2027-03-28T18:00:00+02:00"),
    ]


def test_an_unknown_branch_and_dates_that_run_backwards_are_refused(studio: Studio) -> None:
    with pytest.raises(BranchUnknown):
        calendar.calendar(uow=studio.uow, now=NOW, branch_id=uuid4(), from_=DAY, to=DAY)
    with pytest.raises(RangeInvalid):
        studio.calendar(DAY, DAY - timedelta(days=1))

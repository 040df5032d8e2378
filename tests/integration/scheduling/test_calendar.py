"""The calendar: who works when, what they do, and how much of their time is left."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from services.contracts.scheduling import BranchUnknown, RangeInvalid, ResourceUnknown
from services.scheduling.models import BusyFeed, BusyTime, Hold
from services.scheduling.usecases import calendar, rosters
from tests.integration.scheduling.studio import DAY, NOW, Studio, role, week

Make = Callable[..., Studio]
NEXT_DAY = DAY + timedelta(days=1)


def show(studio: Studio, first: date = DAY, last: date | None = None, **asked: Any) -> Any:
    question = {"now": NOW, "branch_id": studio.branch_id, "from_": first, "to": last or first}
    return calendar.calendar(uow=studio.uow, **{**question, **asked})


def shown(studio: Studio, **asked: Any) -> list[str]:
    return [resource["name"]["zh"] for resource in show(studio, **asked)["resources"]]


def spans(studio: Studio, *days: date) -> list[tuple[str, str]]:
    return [(span["start"], span["end"]) for span in studio.calendar(*days)["rosters"]]


def loads(studio: Studio, name: str, *days: date) -> list[tuple[int, int, int]]:
    """Return the minutes rostered, allocated and free of somebody on each day."""
    return [
        (load["rostered_minutes"], load["allocated_minutes"], load["free_minutes"])
        for load in studio.calendar(*days)["loads"]
        if load["resource_id"] == str(studio.resources[name])
    ]


# --- entries


def test_a_booking_is_shown_where_it_serves_and_with_what_it_locks(make_studio: Make) -> None:
    studio = make_studio(roster=week("08:00", "20:00"), roles=[role(buffer_after_minutes=30)])
    held = studio.hold("10:00")

    (entry,) = studio.calendar()["entries"]

    assert entry == {
        "id": str(held["crew"][0]["allocation_id"]),
        "resource_id": str(studio.resources["photographer-1"]),
        "start": "2026-11-25T10:00:00+08:00",
        "end": "2026-11-25T11:00:00+08:00",
        "locked_start": "2026-11-25T10:00:00+08:00",
        "locked_end": "2026-11-25T11:30:00+08:00",
        "state": "held",
        "status": "held",
        "kind": "booking",
        "booking_id": str(held["booking_id"]),
        "service_id": str(studio.service_id),
        "line": "photographer",
        "hold_expires_at": "2026-11-24T09:15:00+08:00",
        "day_part": None,
        "revision": 0,
        "forced": False,
        "reason": "",
        "session": None,
        "places": None,
        "places_taken": None,
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
    assert (block["status"], block["kind"], block["booking_id"]) == ("blocked", "block", None)


@pytest.mark.parametrize("outcome", ["served", "no_show"])
def test_what_came_of_a_booking_is_its_status(studio: Studio, outcome: str) -> None:
    booking_id = studio.hold("10:00")["booking_id"]
    studio.confirm(booking_id)
    with studio.uow.begin() as tx:
        tx.session.execute(sa.update(Hold).values(outcome=outcome))

    (entry,) = studio.calendar()["entries"]

    assert (entry["state"], entry["status"]) == ("confirmed", outcome)


def test_what_has_expired_or_was_released_is_not_shown(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2})
    studio.release(studio.hold("10:00")["booking_id"])
    held = studio.hold("12:00")

    assert len(studio.calendar()["entries"]) == 1
    assert studio.calendar(now=held["expires_at"])["entries"] == []


def test_entries_of_other_days_and_branches_are_left_out(make_studio: Make) -> None:
    here, there = make_studio(), make_studio()
    there.hold("10:00")
    here.hold(here.at("10:00", NEXT_DAY))

    assert here.calendar()["entries"] == []
    assert len(here.calendar(DAY, NEXT_DAY)["entries"]) == 1
    assert len(here.calendar()["resources"]) == 1


def test_an_entry_past_midnight_is_shown_on_both_days(make_studio: Make) -> None:
    studio = make_studio(hours=week("00:00", "00:00"), roles=[role(length_minutes=120)])
    studio.hold("23:00")

    for day in [DAY, NEXT_DAY]:
        assert len(studio.calendar(day)["entries"]) == 1
    assert studio.calendar(DAY + timedelta(days=2))["entries"] == []


def test_a_class_shows_how_many_of_its_places_are_taken(make_studio: Make) -> None:
    studio = make_studio(
        crew={"photographer": 1, "studio_room": 1},
        roles=[role(shared=True), role("studio_room", shared=True)],
        places=5,
    )
    for _ in range(3):
        studio.hold("10:00")

    entries = studio.calendar()["entries"]

    assert len(entries) == 6
    assert {(entry["places_taken"], entry["places"]) for entry in entries} == {(3, 5)}
    assert len({entry["session"] for entry in entries}) == 1


# --- resources


def test_resources_stand_in_the_order_of_types_and_names(make_studio: Make) -> None:
    studio = make_studio(crew={"studio_room": 1, "makeup_artist": 1, "photographer": 2})

    resources = studio.calendar()["resources"]

    assert [resource["name"]["zh"] for resource in resources] == [
        "photographer-1",
        "photographer-2",
        "makeup_artist-1",
        "studio_room-1",
    ]
    assert resources[0]["type_name"] == {"zh": "摄影师", "en": "Photographer"}
    assert (resources[0]["kind"], resources[3]["kind"]) == ("person", "space")


def test_one_type_or_one_resource_can_be_shown_alone(make_studio: Make) -> None:
    studio = make_studio(crew={"studio_room": 1, "photographer": 2})

    assert shown(studio, resource_type="studio_room") == ["studio_room-1"]
    two = studio.resources["photographer-2"]
    assert shown(studio, resource_id=two) == ["photographer-2"]
    assert shown(studio, resource_id=two, resource_type="studio_room") == []


def test_who_does_not_work_here_any_more_is_not_shown(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2})
    studio.change_resource("photographer-2", active=False)

    assert shown(studio) == ["photographer-1"]


def test_whoever_is_sent_here_is_shown_on_those_days_with_all_that_they_do(
    make_studio: Make,
) -> None:
    home, other = make_studio(), make_studio(crew={"studio_room": 1}, roster=[])
    send(home, to=other, day=NEXT_DAY)
    home.hold("10:00")
    other.resources["林晨"] = home.resources["photographer-1"]
    there = other.hold(other.at("12:00", NEXT_DAY))

    assert shown(other) == ["studio_room-1"]
    seen = show(other, DAY, NEXT_DAY)
    assert [one["name"]["zh"] for one in seen["resources"]] == ["photographer-1", "studio_room-1"]
    assert [entry["start"] for entry in seen["entries"]] == [
        "2026-11-25T10:00:00+08:00",
        "2026-11-26T12:00:00+08:00",
    ]
    assert seen["entries"][1]["booking_id"] == str(there["booking_id"])
    assert [span["start"][:10] for span in seen["rosters"]] == ["2026-11-26"]
    assert [span[0][:10] for span in spans(home, DAY, NEXT_DAY)] == ["2026-11-25"]


def send(home: Studio, *, to: Studio, day: date) -> None:
    """Send the photographer of one studio to another for a day."""

    def rule(branch: Studio, **values: Any) -> dict[str, Any]:
        hours = week("09:00", "18:00")[0]
        span = {"opens": hours["opens"], "closes": hours["closes"]}
        return {
            "branch_id": branch.branch_id,
            "priority": 0,
            "extra": False,
            "weekdays": list(range(1, 8)),
            "first_day": None,
            "last_day": None,
            "cycle_weeks": 1,
            "cycle_week": 0,
            "cycle_from": None,
            "hours": [span],
            "breaks": [],
            **values,
        }

    rosters.define_roster(
        uow=home.uow,
        now=NOW,
        resource_id=home.resources["photographer-1"],
        rules=[rule(home), rule(to, priority=1, first_day=day, last_day=day)],
        publish=True,
    )


# --- rosters and absences


def test_a_roster_is_one_span_a_day(studio: Studio) -> None:
    assert spans(studio, DAY, NEXT_DAY) == [
        ("2026-11-25T09:00:00+08:00", "2026-11-25T18:00:00+08:00"),
        ("2026-11-26T09:00:00+08:00", "2026-11-26T18:00:00+08:00"),
    ]


def test_a_night_shift_is_shown_on_both_its_days(make_studio: Make) -> None:
    studio = make_studio(roster=week("22:00", "02:00", days=[3]))
    night = ("2026-11-25T22:00:00+08:00", "2026-11-26T02:00:00+08:00")

    assert spans(studio, DAY) == [night]
    assert spans(studio, NEXT_DAY) == [night]
    assert spans(studio, DAY - timedelta(days=1)) == []


def test_leave_and_closures_are_cut_out_of_a_roster(studio: Studio) -> None:
    studio.send_on_leave("photographer-1", studio.at("12:00"), studio.at("13:00"))
    studio.close(NEXT_DAY, NEXT_DAY)

    assert spans(studio, DAY, NEXT_DAY) == [
        ("2026-11-25T09:00:00+08:00", "2026-11-25T12:00:00+08:00"),
        ("2026-11-25T13:00:00+08:00", "2026-11-25T18:00:00+08:00"),
    ]


def test_leave_and_busy_times_from_elsewhere_are_shown_with_their_reason(studio: Studio) -> None:
    studio.send_on_leave("photographer-1", studio.at("12:00"), studio.at("13:00"))
    busy_elsewhere(studio, "photographer-1", "15:00", "16:00")

    away = studio.calendar()["away"]

    assert [(span["kind"], span["reason"], span["start"][11:16]) for span in away] == [
        ("leave", "年假", "12:00"),
        ("busy_elsewhere", "", "15:00"),
    ]
    assert studio.calendar(NEXT_DAY)["away"] == []


def busy_elsewhere(studio: Studio, name: str, start: str, end: str) -> None:
    resource_id, feed_id = studio.resources[name], uuid4()
    during = sa.func.tstzrange(studio.at(start), studio.at(end))
    with studio.uow.begin() as tx:
        feed = {"id": feed_id, "resource_id": resource_id, "url": "https://cal", "due_at": NOW}
        tx.session.execute(sa.insert(BusyFeed).values(feed))
        busy = {"id": uuid4(), "feed_id": feed_id, "resource_id": resource_id}
        tx.session.execute(sa.insert(BusyTime).values(**busy, during=during))


def test_the_calendar_speaks_the_time_of_each_day(make_studio: Make) -> None:
    studio = make_studio(zone="Europe/Berlin")

    assert spans(studio, date(2027, 3, 27), date(2027, 3, 28)) == [
        ("2027-03-27T09:00:00+01:00", "2027-03-27T18:00:00+01:00"),
        ("2027-03-28T09:00:00+02:00", "2027-03-28T18:00:00+02:00"),
    ]


# --- loads


def test_a_load_is_what_is_rostered_what_is_locked_and_what_is_free(make_studio: Make) -> None:
    studio = make_studio(roles=[role(buffer_after_minutes=30)])
    studio.hold("10:00")
    studio.block("photographer-1", studio.at("12:00"), studio.at("13:00"))

    assert loads(studio, "photographer-1", DAY, NEXT_DAY) == [(540, 150, 390), (540, 0, 540)]


def test_leave_is_not_rostered(studio: Studio) -> None:
    studio.send_on_leave("photographer-1", studio.at("09:00"), studio.at("12:00"))

    assert loads(studio, "photographer-1") == [(360, 0, 360)]


def test_work_outside_the_roster_takes_no_free_time(studio: Studio) -> None:
    studio.block("photographer-1", studio.at("17:00"), studio.at("20:00"))

    assert loads(studio, "photographer-1") == [(540, 180, 480)]


def test_a_load_counts_each_unit_of_a_counted_thing(make_studio: Make) -> None:
    studio = make_studio(crew={"prop": 1}, capacity={"prop": 3}, roles=[role("prop", quantity=2)])
    studio.hold("10:00")

    assert loads(studio, "prop-1") == [(3 * 540, 120, 3 * 540 - 120)]


def test_the_time_of_a_class_counts_once(make_studio: Make) -> None:
    studio = make_studio(roles=[role(shared=True)], places=5)
    for _ in range(3):
        studio.hold("10:00")

    assert loads(studio, "photographer-1") == [(540, 60, 480)]


def test_a_room_without_a_roster_is_measured_against_the_opening_hours(make_studio: Make) -> None:
    studio = make_studio(crew={"studio_room": 1}, roster=[], roles=[role("studio_room")])
    studio.close(NEXT_DAY, NEXT_DAY)

    assert loads(studio, "studio_room-1", DAY, NEXT_DAY) == [(540, 0, 540), (0, 0, 0)]
    assert studio.calendar()["rosters"] == []


def test_a_night_is_divided_among_its_days(make_studio: Make) -> None:
    studio = make_studio(roster=week("22:00", "02:00", days=[3]))

    assert loads(studio, "photographer-1", DAY, NEXT_DAY) == [(120, 0, 120), (120, 0, 120)]


def test_the_day_on_which_summer_ends_has_an_hour_more(make_studio: Make) -> None:
    studio = make_studio(zone="Europe/Berlin", roster=week("00:00", "00:00"))

    assert loads(studio, "photographer-1", date(2027, 10, 31)) == [(1500, 0, 1500)]


# --- bad questions


def test_unknown_things_and_dates_that_run_backwards_are_refused(studio: Studio) -> None:
    with pytest.raises(BranchUnknown):
        show(studio, branch_id=uuid4())
    with pytest.raises(ResourceUnknown):
        show(studio, resource_id=uuid4())
    with pytest.raises(RangeInvalid):
        show(studio, DAY, DAY - timedelta(days=1))


@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_ends_of_the_calendar_are_empty(studio: Studio, day: date) -> None:
    studio.hold("10:00")

    assert show(studio, day)["entries"] == []


def test_a_calendar_is_one_statement(studio: Studio) -> None:
    studio.hold("10:00")
    statements: list[str] = []
    sa.event.listen(studio.uow.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))

    studio.calendar()

    assert len([each for each in statements if each.startswith("EXECUTE calendar")]) == 1
    assert len([each for each in statements if "FROM" in each]) == 2, "the branch, and the rest"

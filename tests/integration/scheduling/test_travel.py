"""People who work at several places need time to get from one to the other."""

import contextlib
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from services.chassis.db import UnitOfWork
from services.contracts.scheduling import SlotTaken
from services.scheduling.usecases import rosters
from tests.integration.scheduling.studio import DAY, Studio, role

Make = Callable[..., Studio]


def send_to_both(first: Studio, second: Studio) -> None:
    """Let the first studio's photographer work at both, all day, and share it with the second."""
    hours = [{"opens": each["opens"], "closes": each["closes"]} for each in first.hours[:1]]
    rules = [
        {
            "branch_id": studio.branch_id,
            "priority": 0,
            "extra": extra,
            "weekdays": list(range(1, 8)),
            "first_day": None,
            "last_day": None,
            "cycle_weeks": 1,
            "cycle_week": 0,
            "cycle_from": None,
            "hours": hours,
            "breaks": [],
        }
        for studio, extra in ((first, False), (second, True))
    ]
    rosters.define_roster(
        uow=first.uow,
        now=DAY_BEFORE,
        resource_id=first.resources["photographer-1"],
        rules=rules,
        publish=True,
    )
    second.resources["photographer-1"] = first.resources["photographer-1"]


def pair(make: Callable[..., Studio]) -> tuple[Studio, Studio]:
    first, second = make(step=30), make(step=30, crew={})
    first.define_branch(travel_minutes=20)
    second.define_branch(travel_minutes=40)
    send_to_both(first, second)
    return first, second


from tests.integration.scheduling.studio import NOW as DAY_BEFORE


def test_the_way_between_two_branches_is_not_offered(make_studio: Make) -> None:
    first, second = pair(make_studio)
    first.hold("12:00")

    here, there = first.starts(), second.starts()

    assert {"11:00", "13:00"} <= set(here)
    # An hour's way: from 13:00 to 14:00, and before 12:00 likewise.
    assert not {"10:30", "11:00", "12:00", "13:00", "13:30"} & set(there)
    assert {"10:00", "14:00"} <= set(there)


def test_a_branch_sees_that_somebody_is_busy_elsewhere_but_not_with_whom(
    make_studio: Make,
) -> None:
    first, second = pair(make_studio)
    held = first.hold("12:00")

    (here,) = first.calendar()["entries"]
    (there,) = second.calendar()["entries"]

    assert here["booking_id"] == str(held["booking_id"])
    assert (there["start"], there["booking_id"], there["service_id"]) == (
        here["start"],
        None,
        None,
    )


def test_who_works_at_one_branch_on_a_day_is_not_offered_at_another(make_studio: Make) -> None:
    first, second = make_studio(), make_studio(crew={})
    resource_id = first.resources["photographer-1"]
    hours = [{"opens": each["opens"], "closes": each["closes"]} for each in first.hours[:1]]
    base: dict[str, Any] = {
        "priority": 0,
        "extra": False,
        "first_day": None,
        "last_day": None,
        "cycle_weeks": 1,
        "cycle_week": 0,
        "cycle_from": None,
        "hours": hours,
        "breaks": [],
    }
    away = {"branch_id": second.branch_id, "weekdays": [3], **base, "priority": 1}
    home = {"branch_id": first.branch_id, "weekdays": list(range(1, 8)), **base}
    rosters.define_roster(
        uow=first.uow, now=DAY_BEFORE, resource_id=resource_id, rules=[home, away], publish=True
    )

    assert (first.starts(DAY), bool(second.starts(DAY))) == ([], True)
    tomorrow = DAY + timedelta(days=1)
    assert (bool(first.starts(tomorrow)), second.starts(tomorrow)) == (True, [])


def test_a_location_lies_as_far_away_as_it_says(make_studio: Make) -> None:
    studio = make_studio(crew={}, step=30, roles=[role(), role("location")], roster=None)
    studio.add_resource("photographer-1", "photographer", mobile=True, roster=studio.hours)
    studio.add_resource("location-1", "location", travel_minutes=30)
    studio.add_resource("location-2", "location", travel_minutes=60)
    studio.hold("12:00", wished=["location-1"])

    assert "13:00" in studio.starts(wished=["location-1"])
    # From one to the other it takes 30 + 60 minutes.
    assert "14:00" not in studio.starts(wished=["location-2"])
    assert "14:30" in studio.starts(wished=["location-2"])


@pytest.mark.slow
def test_nobody_is_at_two_places_sooner_than_they_can_get_there(storm_uow: UnitOfWork) -> None:
    first, second = pair(lambda **values: Studio(storm_uow, **values))
    for round in range(6):
        day = DAY + timedelta(days=round)
        won: list[Any] = []

        def book(studio: Studio, clock: str, day: Any = day, won: list[Any] = won) -> None:
            with contextlib.suppress(SlotTaken):
                won.append(studio.hold(studio.at(clock, day))["start"])

        threads = [
            threading.Thread(target=book, args=pick)
            for pick in ((first, "12:00"), (second, "13:30"), (second, "11:00")) * 4
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        gaps = sorted(won)
        assert gaps in (
            [first.at("12:00", day)],
            [second.at("11:00", day), second.at("13:30", day)],
            [second.at("11:00", day)],
            [second.at("13:30", day)],
        ), gaps

"""Taking time in corners: holds nobody has swept, quotas that break a choice, places in a class."""

import threading
import time as clock
from collections.abc import Callable
from datetime import time, timedelta

import pytest
import sqlalchemy as sa

from services.chassis.db import UnitOfWork
from services.contracts.scheduling import SlotTaken
from services.scheduling.models import Allocation
from services.scheduling.queries import locks, rosters
from tests.integration.scheduling.studio import NOW, Studio, role
from tests.integration.scheduling.test_travel import pair

Make = Callable[..., Studio]

EXPIRED = NOW + timedelta(minutes=16)


def test_a_part_of_the_day_leaves_nothing_behind_of_starts_that_a_quota_refused(
    make_studio: Make,
) -> None:
    studio = make_studio(crew={}, roles=[role("prop", key="chair"), role("prop", key="stool")])
    studio.define_service(day_parts=[{"part": "any", "opens": time(0), "closes": time(23)}])
    studio.add_resource("prop-1", "prop", capacity=2)
    studio.add_resource("prop-2", "prop")
    studio.add_resource("prop-3", "prop")
    studio.block("prop-1", studio.at("10:00"), studio.at("18:00"))
    for name in ("prop-2", "prop-3"):
        studio.block(name, studio.at("09:00"), studio.at("10:00"))
    # Two units of one thing would serve two lines, an hour each: together more than it may.
    studio.add_quota(60, per="resource", unit="minutes", resource_type="prop")

    held = studio.hold("00:00", day_part="any")

    assert held["start"] == studio.at("10:00")
    assert sorted(studio.names(held)) == ["prop-2", "prop-3"]


def test_a_late_payer_counts_against_the_quota(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 5})
    studio.add_quota(1)
    late = studio.hold("10:00")
    studio.sweep(EXPIRED)
    studio.hold("11:00", now=EXPIRED)

    with pytest.raises(SlotTaken):
        studio.confirm(late["booking_id"], now=EXPIRED)


SHARED = [role(shared=True)]


def test_a_place_of_an_expired_hold_is_swept_for_who_joins_the_class(make_studio: Make) -> None:
    studio = make_studio(places=3, roles=SHARED)
    studio.hold("10:00")
    studio.hold("10:00", now=NOW + timedelta(minutes=10))

    assert studio.hold("10:00", now=EXPIRED)["state"] == "held"


def test_a_class_of_which_only_a_later_place_has_expired_begins_anew(make_studio: Make) -> None:
    studio = make_studio(places=2, roles=SHARED)
    first = studio.hold("10:00")
    studio.hold("10:00")
    studio.release(first["booking_id"])

    assert studio.hold("10:00", now=EXPIRED)["state"] == "held"


def test_an_expired_hold_elsewhere_is_swept_for_who_needs_the_way(make_studio: Make) -> None:
    first, second = pair(make_studio)
    first.hold("12:00")

    assert second.hold("13:00", now=EXPIRED)["state"] == "held"


def test_who_joins_a_class_at_a_location_needs_the_same_way(make_studio: Make) -> None:
    studio = make_studio(
        crew={}, places=2, roles=[role(shared=True), role("location", shared=True)], roster=None
    )
    studio.add_resource("photographer-1", "photographer", mobile=True, roster=studio.hours)
    studio.add_resource("location-1", "location", travel_minutes=60)
    begun, joined = studio.hold("12:00"), studio.hold("12:00")

    with studio.uow.read() as session:
        reaches = {
            row.booking_id: row.reach
            for row in session.scalars(sa.select(Allocation).where(Allocation.reach.is_not(None)))
        }
    assert reaches[joined["booking_id"]] == reaches[begun["booking_id"]]


def test_moving_a_booking_and_publishing_a_roster_do_not_wait_in_a_circle(
    storm_uow: UnitOfWork,
) -> None:
    studio = Studio(storm_uow)
    held = studio.hold("10:00")
    outcome: list[object] = []

    def move() -> None:
        try:
            outcome.append(studio.reschedule(held["booking_id"], "12:00")["state"])
        except Exception as error:
            outcome.append(error)

    with storm_uow.begin() as tx:
        locks.change_supply(tx.session, [studio.branch_id])
        mover = threading.Thread(target=move)
        mover.start()
        clock.sleep(0.5)  # until it waits for the lock
        rosters.place_allocations(tx.session, [studio.resources["photographer-1"]], NOW)
    mover.join()

    assert outcome == ["held"]

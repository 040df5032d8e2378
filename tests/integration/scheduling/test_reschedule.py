"""Moving a booking's time: one swap, or nothing."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from services.contracts.scheduling import (
    HoldExpired,
    HoldReleased,
    HoldUnknown,
    SlotTaken,
    StartNotOffered,
    StartPast,
)
from tests.integration.scheduling.studio import NOW, Studio, role

Make = Callable[..., Studio]


def test_a_move_takes_the_new_time_and_lets_go_of_the_old(studio: Studio) -> None:
    booking_id = studio.hold("10:00")["booking_id"]
    studio.confirm(booking_id)

    moved = studio.reschedule(booking_id, "15:00")

    assert moved["state"] == "confirmed"
    assert (moved["start"], moved["end"]) == (studio.at("15:00"), studio.at("16:00"))
    assert moved["crew"][0]["start"] == studio.at("15:00")
    assert moved["revision"] == 1
    assert "10:00" in studio.starts()
    assert "15:00" not in studio.starts()
    assert studio.events() == ["hold.created", "allocation.locked", "allocation.moved"]
    assert studio.envelopes()[-1]["payload"]["revision"] == 1


def test_a_held_booking_moves_with_its_end(studio: Studio) -> None:
    held = studio.hold("10:00")

    moved = studio.reschedule(held["booking_id"], "11:00")

    assert (moved["state"], moved["expires_at"]) == ("held", held["expires_at"])
    assert studio.sweep(held["expires_at"]) == 1
    assert studio.active_allocations() == 0


def test_a_booking_is_not_in_its_own_way(make_studio: Make) -> None:
    studio = make_studio(step=30)
    booking_id = studio.hold("10:00")["booking_id"]

    assert studio.reschedule(booking_id, "10:30")["start"] == studio.at("10:30")
    assert studio.overlaps() == 0


def test_moving_to_the_same_start_changes_nothing(studio: Studio) -> None:
    held = studio.hold("10:00")

    assert studio.reschedule(held["booking_id"], "10:00") == held
    assert studio.events() == ["hold.created"]


def test_the_same_people_move_along_if_they_can(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 3})
    studio.hold("09:00", wished=["photographer-1"])
    studio.hold("09:00", wished=["photographer-2"])
    booking_id = studio.hold("10:00")["booking_id"]  # photographer-3 has least to do
    studio.hold("16:00", wished=["photographer-3"])

    assert studio.names(studio.reschedule(booking_id, "11:00")) == ["photographer-3"]
    assert studio.names(studio.reschedule(booking_id, "16:00")) == ["photographer-1"]


def test_a_wish_moves_along_or_the_move_is_refused(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2})
    booking_id = studio.hold("10:00", wished=["photographer-2"])["booking_id"]
    studio.hold("11:00", wished=["photographer-2"])

    with pytest.raises(SlotTaken):
        studio.reschedule(booking_id, "11:00")
    assert studio.names(studio.reschedule(booking_id, "12:00")) == ["photographer-2"]


def test_a_move_that_fails_changes_nothing(make_studio: Make) -> None:
    studio = make_studio(
        crew={"photographer": 2, "studio_room": 1}, roles=[role(), role("studio_room")]
    )
    held = studio.hold("10:00")
    studio.hold("11:00")
    before = studio.events()

    with pytest.raises(SlotTaken) as refused:
        studio.reschedule(held["booking_id"], "11:00")

    assert refused.value.details["alternatives"]
    assert studio.events() == before
    assert "10:00" not in studio.starts()
    assert studio.hold("10:00", booking_id=held["booking_id"]) == held


def test_a_move_is_bound_by_what_is_offered(studio: Studio) -> None:
    booking_id = studio.hold("10:00")["booking_id"]

    with pytest.raises(StartPast):
        studio.reschedule(booking_id, NOW - timedelta(hours=1))
    with pytest.raises(StartNotOffered):
        studio.reschedule(booking_id, "10:10")


def test_only_a_living_booking_moves(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2})
    released, expired = studio.hold()["booking_id"], studio.hold()["booking_id"]
    studio.release(released)

    with pytest.raises(HoldUnknown):
        studio.reschedule(uuid4(), "11:00")
    with pytest.raises(HoldReleased):
        studio.reschedule(released, "11:00")
    with pytest.raises(HoldExpired):
        studio.reschedule(expired, "11:00", now=NOW + timedelta(hours=1))


def test_a_move_takes_time_from_a_hold_that_has_expired(studio: Studio) -> None:
    confirmed = studio.hold("10:00")["booking_id"]
    studio.confirm(confirmed)
    studio.hold("11:00")

    moved = studio.reschedule(confirmed, "11:00", now=NOW + timedelta(hours=1))

    assert moved["start"] == studio.at("11:00")
    assert "hold.expired" in studio.events()
    assert studio.overlaps() == 0

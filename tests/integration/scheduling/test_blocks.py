"""Blocking time: through the same constraints as bookings, and only by force over them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest

from services.chassis.db import UnitOfWork
from services.contracts.scheduling import (
    AllocationUnknown,
    BlockDiffers,
    ReasonMissing,
    ResourceUnknown,
    ResourceUnsuitable,
    SlotTaken,
    SpanInvalid,
    StartNotOffered,
    StartPast,
)
from tests.integration.scheduling.dragging import STAFF, Desk, allocation, obstacles
from tests.integration.scheduling.studio import NOW, Studio, role
from tests.integration.scheduling.test_storms import at_once

Make = Callable[..., Studio]


@pytest.fixture
def desk(studio: Studio) -> Desk:
    return Desk(studio)


# --- blocking


def test_blocked_time_is_not_offered_until_it_is_given_free(desk: Desk) -> None:
    desk.let_somebody_wait()
    block = desk.block()

    assert (block["start"], block["end"]) == (desk.studio.at("12:00"), desk.studio.at("13:00"))
    assert (block["branch_id"], block["forced"]) == (desk.studio.branch_id, False)
    assert "12:00" not in desk.studio.starts()

    assert desk.unblock(block["id"]) == {"removed": True}
    assert "12:00" in desk.studio.starts()
    assert desk.freed() == [("12:00", "13:00")]
    assert desk.studio.events() == ["block.created", "block.removed"]


def test_a_block_that_is_asked_for_again_is_the_same(desk: Desk) -> None:
    block = desk.block()

    assert desk.block(id=block["id"]) == block
    assert desk.studio.events() == ["block.created"]
    with pytest.raises(BlockDiffers):
        desk.block(id=block["id"], end="14:00")
    with pytest.raises(BlockDiffers):
        desk.block(id=allocation(desk.studio.hold("10:00")))


def test_a_block_does_not_ask_for_rosters(desk: Desk) -> None:
    assert desk.block(start="19:00", end="22:00")["reason"] == "维护"


def test_a_booking_is_not_blocked_over(desk: Desk) -> None:
    held = desk.studio.hold("10:00")

    with pytest.raises(SlotTaken) as refused:
        desk.block(start="09:30", end="10:30")

    (obstacle,) = refused.value.details["obstacles"]
    assert obstacle["booking_id"] == str(held["booking_id"])
    assert obstacle["allocation_id"] == str(allocation(held))
    assert obstacle["start"] == "2026-11-25T10:00:00+08:00"
    assert obstacles(refused) == [("photographer-1", "held")]
    assert desk.studio.events() == ["hold.created"]


def test_a_block_takes_time_from_a_hold_that_has_expired(desk: Desk) -> None:
    desk.studio.hold("12:00")

    desk.block(now=NOW + timedelta(hours=1))

    assert desk.studio.events() == ["hold.created", "hold.expired", "block.created"]
    assert desk.studio.overlaps() == 0


def test_force_blocks_over_a_booking_says_who_and_tells(desk: Desk) -> None:
    held = desk.studio.hold("12:00")

    block = desk.block(force=True)

    assert block["forced"]
    assert block["reason"] == f"维护 (staff {STAFF})"
    assert desk.block(id=block["id"], force=True) == block
    (conflict,) = desk.told("allocation.conflicted")
    assert conflict["booking_id"] == str(held["booking_id"])
    assert conflict["allocation_id"] == str(allocation(held))
    assert conflict["cause"] == "forced"
    assert "12:00" not in desk.studio.starts()


def test_force_where_nobody_is_forces_nothing(desk: Desk) -> None:
    block = desk.block(force=True)

    assert (block["forced"], block["reason"]) == (False, "维护")


def test_one_unit_of_a_counted_thing_can_be_blocked(make_studio: Make) -> None:
    desk = Desk(make_studio(crew={"prop": 1}, capacity={"prop": 3}, roles=[role("prop")]))
    desk.studio.hold("12:00")

    for left in (1, 0):
        desk.block("prop-1", all_units=False)
        assert desk.studio.remaining().get("12:00", 0) == left
    with pytest.raises(SlotTaken):
        desk.block("prop-1", all_units=False)
    with pytest.raises(SlotTaken):
        desk.block("prop-1", all_units=True)
    assert desk.studio.overlaps() == 0


def test_spans_that_nobody_could_mean_are_refused(desk: Desk) -> None:
    ten = desk.studio.at("10:00")
    far = datetime.max.replace(tzinfo=UTC)

    for start, end in [
        (ten, ten),
        (ten, ten - timedelta(hours=1)),
        (ten, ten + timedelta(days=16, minutes=1)),
        (far - timedelta(hours=1), far),
        (datetime.min.replace(tzinfo=UTC), ten),
    ]:
        with pytest.raises(SpanInvalid):
            desk.block(start=start, end=end)
    assert desk.block(start=ten, end=ten + timedelta(days=16))


def test_unknown_things_are_not_blocked(desk: Desk) -> None:
    held = desk.studio.hold("10:00")

    with pytest.raises(ResourceUnknown):
        desk.block(resource_id=uuid4())
    for id in (uuid4(), allocation(held)):
        with pytest.raises(AllocationUnknown):
            desk.unblock(id)


# --- moving blocks


def test_a_block_moves_with_its_length(make_studio: Make) -> None:
    desk = Desk(make_studio(crew={"photographer": 2}))
    desk.let_somebody_wait()
    block = desk.block()

    moved = desk.move(block["id"], "15:00", "photographer-2")

    assert moved["id"] == block["id"]
    assert (moved["start"], moved["end"]) == (desk.studio.at("15:00"), desk.studio.at("16:00"))
    assert moved["resource_id"] == desk.studio.resources["photographer-2"]
    assert desk.freed() == [("12:00", "13:00")]
    assert desk.studio.events() == ["block.created", "block.moved"]
    assert len(desk.allocations()) == 1


def test_a_block_that_does_not_move_changes_nothing(desk: Desk) -> None:
    block = desk.block()

    assert desk.move(block["id"], "12:00") == block
    assert desk.resize(block["id"], "12:00", "13:00") == block
    assert desk.studio.events() == ["block.created"]


def test_a_block_moves_to_resources_of_its_type_only(make_studio: Make) -> None:
    desk = Desk(make_studio(crew={"photographer": 1, "studio_room": 1}))
    block = desk.block()

    with pytest.raises(ResourceUnsuitable):
        desk.move(block["id"], "12:00", "studio_room-1")
    desk.studio.resources["nobody"] = uuid4()
    with pytest.raises(ResourceUnknown):
        desk.move(block["id"], "12:00", "nobody")
    elsewhere = make_studio()
    desk.studio.resources["guest"] = elsewhere.resources["photographer-1"]
    with pytest.raises(ResourceUnsuitable):
        desk.move(block["id"], "12:00", "guest")


def test_a_block_is_resized_and_is_not_in_its_own_way(desk: Desk) -> None:
    block = desk.block()
    desk.studio.hold("14:00")

    assert desk.resize(block["id"], "11:30", "14:00")["end"] == desk.studio.at("14:00")
    assert desk.resize(block["id"], "12:30", "13:00")["start"] == desk.studio.at("12:30")
    with pytest.raises(SlotTaken) as refused:
        desk.resize(block["id"], "12:30", "14:30")
    assert obstacles(refused) == [("photographer-1", "held")]
    with pytest.raises(SpanInvalid):
        desk.resize(block["id"], "13:00", "12:00")


def test_a_block_is_moved_over_a_booking_by_force_and_free_again_without(desk: Desk) -> None:
    block = desk.block()
    desk.studio.hold("10:00")

    with pytest.raises(ReasonMissing):
        desk.move(block["id"], "10:00", force=True)
    forced = desk.move(block["id"], "10:00", force=True, reason="急修")
    assert (forced["forced"], forced["reason"]) == (True, f"维护; 急修 (staff {STAFF})")
    assert len(desk.told("allocation.conflicted")) == 1
    assert desk.resize(block["id"], "10:00", "10:30")["forced"], "a shorter one still overlaps"

    assert not desk.move(block["id"], "12:00")["forced"]


def test_blocks_do_not_go_to_the_ends_of_the_calendar(desk: Desk) -> None:
    block = desk.block()

    with pytest.raises(StartNotOffered):
        desk.move(block["id"], datetime.max.replace(tzinfo=UTC))
    with pytest.raises(StartPast):
        desk.move(block["id"], datetime.min.replace(tzinfo=UTC))


# --- at once


def test_the_same_block_asked_for_at_once_is_made_once(storm_uow: UnitOfWork) -> None:
    desk = Desk(Studio(storm_uow))
    id = uuid4()

    answers = at_once(*[partial(desk.block, id=id)] * 16)

    assert [answer["id"] for answer in answers] == [id] * 16
    assert desk.studio.events() == ["block.created"]


def test_of_many_blocks_and_holds_at_one_time_one_wins(storm_uow: UnitOfWork) -> None:
    desk = Desk(Studio(storm_uow))

    for hour in range(9, 17):
        start, end = f"{hour:02}:00", f"{hour + 1:02}:00"
        calls = [partial(desk.block, start=start, end=end), partial(desk.studio.hold, start)]
        answers = at_once(*calls * 8)
        assert sum(isinstance(answer, dict) for answer in answers) == 1
        assert all(isinstance(answer, dict | SlotTaken) for answer in answers)
    assert desk.studio.overlaps() == 0

"""Dragging bookings: all of them or nothing, everybody stays, and force says why."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from services.contracts.scheduling import (
    AllocationUnknown,
    HoldExpired,
    HoldReleased,
    QuotaReached,
    ReasonMissing,
    ResourceUnknown,
    ResourceUnsuitable,
    SlotTaken,
    SpanInvalid,
    StartNotOffered,
    StartPast,
)
from services.scheduling.models import Hold, Resource
from tests.integration.scheduling.dragging import STAFF, Desk, allocation, obstacles
from tests.integration.scheduling.studio import DAY, NOW, Studio, role, week

Make = Callable[..., Studio]
NEXT_DAY = DAY + timedelta(days=1)


@pytest.fixture
def desk(studio: Studio) -> Desk:
    return Desk(studio)


@pytest.fixture
def two(make_studio: Make) -> Desk:
    """Two photographers and two rooms; a booking needs one of each, the room later."""
    return Desk(
        make_studio(
            crew={"photographer": 2, "studio_room": 2},
            roles=[role(), role("studio_room", offset_minutes=60, buffer_after_minutes=30)],
        )
    )


# --- the whole booking


def test_a_booking_moves_with_everybody_who_serves_it(two: Desk) -> None:
    two.let_somebody_wait()
    held = two.studio.hold("10:00", wished=["photographer-2", "studio_room-1"])

    moved = two.move(allocation(held, "photographer-2"), "14:00")

    assert two.crew(moved) == {
        "photographer-2": ("14:00", "15:00"),
        "studio_room-1": ("15:00", "16:00"),
    }
    assert (moved["start"], moved["end"]) == (two.studio.at("14:00"), two.studio.at("16:00"))
    assert (moved["state"], moved["revision"]) == ("held", 1)
    assert allocation(moved, "photographer-2") == allocation(held, "photographer-2")
    locked = {str(each.during.upper - each.during.lower) for each in two.allocations()}
    assert locked == {"1:00:00", "1:30:00"}
    assert two.studio.events() == ["hold.created", "allocation.moved"]
    assert two.told("allocation.moved")[0]["revision"] == 1
    assert two.freed() == [("10:00", "12:30")]


def test_it_moves_as_far_as_the_one_who_is_dragged(two: Desk) -> None:
    held = two.studio.hold("10:00", wished=["studio_room-1"])

    moved = two.move(allocation(held, "studio_room-1"), "13:00")

    assert moved["start"] == two.studio.at("12:00")


def test_a_confirmed_booking_stays_confirmed(desk: Desk) -> None:
    held = desk.studio.hold("10:00")
    desk.studio.confirm(held["booking_id"])

    assert desk.move(allocation(held), "15:00")["state"] == "confirmed"
    assert {each.state for each in desk.allocations()} == {"confirmed"}


def test_a_moved_hold_still_expires(desk: Desk) -> None:
    held = desk.studio.hold("10:00")
    desk.move(allocation(held), "15:00")

    assert desk.studio.sweep(held["expires_at"]) == 1
    assert desk.allocations() == []


def test_staff_need_neither_grid_nor_notice(make_studio: Make) -> None:
    desk = Desk(make_studio(notice=24 * 60))
    held = desk.studio.hold(desk.studio.at("10:00", NEXT_DAY))

    moved = desk.move(allocation(held), desk.studio.at("10:10"))

    assert moved["start"] == desk.studio.at("10:10")


def test_a_booking_is_not_in_its_own_way(desk: Desk) -> None:
    held = desk.studio.hold("10:00")

    assert desk.move(allocation(held), "10:30")["start"] == desk.studio.at("10:30")
    assert desk.studio.overlaps() == 0


def test_moving_to_where_it_is_changes_nothing(desk: Desk) -> None:
    held = desk.studio.hold("10:00")

    moved = desk.move(allocation(held), "10:00", "photographer-1")
    assert {**moved, "crew": ()} == {**held, "crew": ()}
    assert desk.studio.events() == ["hold.created"]


def test_nobody_is_replaced_silently(two: Desk) -> None:
    held = two.studio.hold("10:00", wished=["photographer-1"])
    other = two.studio.hold("14:00", wished=["photographer-1"])

    with pytest.raises(SlotTaken) as refused:
        two.move(allocation(held), "14:30")

    assert obstacles(refused) == [("photographer-1", "held")]
    (obstacle,) = refused.value.details["obstacles"]
    assert obstacle["booking_id"] == str(other["booking_id"])
    assert two.crew(held)["photographer-1"] == ("10:00", "11:00")
    assert two.studio.events() == ["hold.created", "hold.created"]
    assert two.studio.hold("10:00", booking_id=held["booking_id"], wished=["photographer-1"])


def test_what_is_offered_instead_is_free_for_the_same_people(two: Desk) -> None:
    held = two.studio.hold("10:00", wished=["photographer-1"])
    two.studio.hold("13:00", wished=["photographer-1"])
    two.studio.hold("14:00", wished=["photographer-1"])

    with pytest.raises(SlotTaken) as refused:
        two.move(allocation(held), "13:00")

    near = [each for each in refused.value.details["alternatives"] if each["kind"] == "time"]
    assert near[0]["start"][:16] == "2026-11-25T12:00"
    assert two.move(allocation(held), datetime.fromisoformat(near[0]["start"]))


def test_a_move_takes_time_from_a_hold_that_has_expired(desk: Desk) -> None:
    held = desk.studio.hold("10:00")
    desk.studio.confirm(held["booking_id"])
    desk.studio.hold("12:00")

    desk.move(allocation(held), "12:00", now=NOW + timedelta(hours=1))

    assert "hold.expired" in desk.studio.events()
    assert desk.studio.overlaps() == 0


def test_an_hour_that_was_to_be_agreed_is_agreed_by_a_move(make_studio: Make) -> None:
    desk = Desk(make_studio())
    parts = [{"part": "morning", "opens": desk_time("09:00"), "closes": desk_time("12:00")}]
    desk.studio.define_service(day_parts=parts)
    held = desk.studio.hold("09:00", day_part="morning")

    assert desk.move(allocation(held), "11:00")["day_part"] is None


def desk_time(clock: str) -> Any:
    return datetime.fromisoformat(f"2026-11-25T{clock}").time()


# --- somebody else


def test_one_line_is_handed_over_and_all_others_stay(two: Desk) -> None:
    held = two.studio.hold("10:00", wished=["photographer-1", "studio_room-2"])

    moved = two.move(allocation(held), "10:00", "photographer-2")

    assert two.crew(moved) == {
        "photographer-2": ("10:00", "11:00"),
        "studio_room-2": ("11:00", "12:00"),
    }
    assert (moved["start"], moved["revision"]) == (held["start"], 1)
    chosen = {each["name"]["zh"]: each["chosen_by"] for each in moved["crew"]}
    assert chosen["photographer-2"] == "wished"
    assert two.studio.events() == ["hold.created", "allocation.moved"]


def test_who_takes_over_for_a_wished_one_is_wished_from_then_on(two: Desk) -> None:
    held = two.studio.hold("10:00", wished=["photographer-1"])
    two.move(allocation(held), "10:00", "photographer-2")

    moved = two.studio.reschedule(held["booking_id"], "14:00")

    assert "photographer-2" in two.studio.names(moved)


def test_time_and_person_change_in_one_drag(two: Desk) -> None:
    held = two.studio.hold("10:00", wished=["photographer-1"])

    moved = two.move(allocation(held), "13:00", "photographer-2")

    assert two.crew(moved)["photographer-2"] == ("13:00", "14:00")


def test_only_who_fits_the_line_takes_over(two: Desk) -> None:
    held = two.studio.hold("10:00", wished=["photographer-1"])
    two.studio.add_resource("photographer-3", "photographer", active=False)
    two.studio.resources["nobody"] = uuid4()

    with pytest.raises(ResourceUnsuitable) as refused:
        two.move(allocation(held), "10:00", "studio_room-1")
    assert refused.value.details["errors"][0]["pointer"] == "/resource_id"
    for name in ("photographer-3", "nobody"):
        with pytest.raises(ResourceUnknown):
            two.move(allocation(held), "10:00", name)


def test_skills_count_also_by_force(make_studio: Make) -> None:
    desk = Desk(make_studio(crew={}, roles=[role(skills={"retouch": 3})]))
    desk.studio.add_resource("photographer-1", "photographer", skills={"retouch": 5})
    desk.studio.add_resource("photographer-2", "photographer", skills={"retouch": 2})
    desk.studio.define_service()
    held = desk.studio.hold("10:00")

    with pytest.raises(ResourceUnsuitable):
        desk.move(allocation(held), "10:00", "photographer-2", force=True, reason="急")


def test_nobody_serves_two_lines_of_a_booking_at_once(make_studio: Make) -> None:
    desk = Desk(
        make_studio(crew={"photographer": 2}, roles=[role(key="first"), role(key="second")])
    )
    held = desk.studio.hold("10:00")

    with pytest.raises(SlotTaken) as refused:
        desk.move(allocation(held, "photographer-1"), "10:00", "photographer-2")

    assert obstacles(refused) == [("photographer-2", "booked")]


def test_a_counted_thing_may_take_another_unit(make_studio: Make) -> None:
    desk = Desk(make_studio(crew={"prop": 1}, capacity={"prop": 2}, roles=[role("prop")]))
    one, other = desk.studio.hold("10:00"), desk.studio.hold("12:00")

    assert desk.move(allocation(one, "prop-1"), "12:00")["start"] == desk.studio.at("12:00")
    third = desk.studio.hold("14:00")
    with pytest.raises(SlotTaken):
        desk.move(allocation(third, "prop-1"), "12:30")
    assert {row.units.lower for row in desk.allocations(other["booking_id"])} == {1}
    assert desk.studio.overlaps() == 0


# --- rosters, hours, quotas


def test_leave_and_rosters_are_in_the_way(make_studio: Make) -> None:
    desk = Desk(make_studio(roster=week("10:00", "18:00")))
    held = desk.studio.hold("10:00")
    desk.studio.send_on_leave("photographer-1", desk.studio.at("14:00"), desk.studio.at("15:00"))

    with pytest.raises(SlotTaken) as refused:
        desk.move(allocation(held), "14:30")
    assert obstacles(refused) == [("photographer-1", "leave")]
    with pytest.raises(SlotTaken) as refused:
        desk.move(allocation(held), "09:00")
    assert obstacles(refused) == [("photographer-1", "off_roster")]
    assert refused.value.details["obstacles"][0]["end"] == "2026-11-25T10:00:00+08:00"


def test_closing_time_and_kinds_of_days_refuse_a_start(make_studio: Make) -> None:
    desk = Desk(make_studio(roster=week("00:00", "00:00")))
    held = desk.studio.hold("10:00")
    desk.studio.close(NEXT_DAY, NEXT_DAY)
    desk.studio.define_service(weekdays=[3, 4])

    for start in (
        desk.studio.at("17:30"),
        desk.studio.at("10:00", NEXT_DAY),
        desk.studio.at("10:00", DAY + timedelta(days=2)),
    ):
        with pytest.raises(StartNotOffered):
            desk.move(allocation(held), start)
    assert desk.move(allocation(held), desk.studio.at("10:00", DAY + timedelta(days=7)))


def test_a_quota_refuses_a_move_and_force_does_not_ask(make_studio: Make) -> None:
    desk = Desk(make_studio(crew={"photographer": 2}))
    held = desk.studio.hold(desk.studio.at("10:00", NEXT_DAY))
    desk.studio.hold("10:00")
    desk.studio.add_quota(1)
    name = desk.studio.names(held)[0]

    with pytest.raises(QuotaReached) as refused:
        desk.move(allocation(held, name), "15:00")
    assert refused.value.details["maximum"] == 1
    assert desk.move(allocation(held, name), "15:00", force=True, reason="加急")


def test_there_is_no_moving_into_the_past_nor_out_of_the_calendar(desk: Desk) -> None:
    held = desk.studio.hold("10:00")

    for start in (NOW - timedelta(hours=1), datetime.min.replace(tzinfo=UTC)):
        with pytest.raises(StartPast):
            desk.move(allocation(held), start)
    for start in (NOW + timedelta(days=800), datetime.max.replace(tzinfo=UTC)):
        with pytest.raises(StartNotOffered):
            desk.move(allocation(held), start, force=True, reason="急")


def test_only_what_lives_moves(desk: Desk) -> None:
    released = desk.studio.hold("10:00")
    desk.studio.release(released["booking_id"])
    held = desk.studio.hold("11:00")

    with pytest.raises(HoldReleased):
        desk.move(allocation(released), "12:00")
    with pytest.raises(HoldExpired):
        desk.move(allocation(held), "12:00", now=held["expires_at"])
    with pytest.raises(HoldExpired):
        desk.resize(allocation(held), "11:00", "13:00", now=held["expires_at"])
    for verb in (desk.move, lambda id, start: desk.resize(id, start, "14:00")):
        with pytest.raises(AllocationUnknown):
            verb(uuid4(), "12:00")


# --- whole days and places


def test_a_dress_for_days_follows_by_days(make_studio: Make) -> None:
    desk = Desk(
        make_studio(
            crew={"photographer": 1, "garment": 1},
            roster=week("00:00", "00:00"),
            roles=[
                role(),
                role("garment", offset_minutes=-1440, length_minutes=2880, whole_days=True),
            ],
        )
    )
    held = desk.studio.hold("10:00")

    def days() -> tuple[date, date]:
        (dress,) = (row for row in desk.allocations() if row.resource_type == "garment")
        first, last = dress.during.lower, dress.during.upper
        return (first + timedelta(hours=8)).date(), (last + timedelta(hours=8)).date()

    before = days()
    desk.move(allocation(held), "14:00")
    assert days() == before, "the same days, another hour"

    (dress,) = (each for each in held["crew"] if each["resource_type"] == "garment")
    moved = desk.move(dress["allocation_id"], dress["start"] + timedelta(days=2))
    assert moved["start"] == desk.studio.at("14:00", DAY + timedelta(days=2))
    assert days() == tuple(day + timedelta(days=2) for day in before)


def test_who_is_mobile_needs_time_to_get_there(make_studio: Make) -> None:
    studio = make_studio(crew={}, roles=[role(), role("location")])
    studio.add_resource("photographer-1", "photographer", mobile=True)
    studio.add_resource("photographer-2", "photographer", mobile=True)
    studio.add_resource("beach", "location", travel_minutes=30)
    studio.add_resource("garden", "location", travel_minutes=30)
    desk = Desk(studio)
    studio.hold("10:00", wished=["photographer-1", "beach"])
    held = studio.hold("13:00", wished=["photographer-1", "garden"])

    with pytest.raises(SlotTaken) as refused:
        desk.move(allocation(held), "11:30")
    assert obstacles(refused) == [("photographer-1", "travel")]
    assert desk.move(allocation(held), "12:00")["start"] == studio.at("12:00")

    moved = desk.move(allocation(held, "garden"), "11:00", "beach")
    assert desk.crew(moved) == {"photographer-1": ("11:00", "12:00"), "beach": ("11:00", "12:00")}
    places = {row.place_id for row in desk.allocations(held["booking_id"])}
    assert places == {studio.resources["beach"]}


# --- force


def test_force_overlaps_with_a_reason_and_tells_whom(two: Desk) -> None:
    held = two.studio.hold("10:00", wished=["photographer-1", "studio_room-1"])
    other = two.studio.hold("14:00", wished=["photographer-1", "studio_room-2"])

    with pytest.raises(ReasonMissing):
        two.move(allocation(held), "14:30", force=True)
    moved = two.move(allocation(held), "14:30", force=True, reason="新娘赶飞机")

    assert two.crew(moved)["photographer-1"] == ("14:30", "15:30")
    rows = {row.resource_type: row for row in two.allocations(held["booking_id"])}
    assert (rows["photographer"].forced, rows["studio_room"].forced) == (True, False)
    assert rows["photographer"].reason == f"新娘赶飞机 (staff {STAFF})"
    (conflict,) = two.told("allocation.conflicted")
    assert (conflict["booking_id"], conflict["cause"]) == (str(other["booking_id"]), "forced")
    assert two.studio.overlaps() == 0, "but for what was forced"


def test_a_forced_time_is_taken_for_everybody_else(two: Desk) -> None:
    held = two.studio.hold("10:00", wished=["photographer-1"])
    two.studio.hold("14:00", wished=["photographer-1"])
    two.move(allocation(held), "13:30", force=True, reason="急")

    with pytest.raises(SlotTaken):
        two.studio.hold("13:00", wished=["photographer-1"])


def test_a_forced_one_that_moves_to_free_time_is_bound_again(two: Desk) -> None:
    held = two.studio.hold("10:00", wished=["photographer-1"])
    two.studio.hold("14:00", wished=["photographer-1"])
    two.move(allocation(held), "14:30", force=True, reason="急")

    two.move(allocation(held), "10:00")

    assert {(row.forced, row.reason) for row in two.allocations(held["booking_id"])} == {
        (False, "")
    }


def test_force_goes_over_leave_and_closing_time(desk: Desk) -> None:
    held = desk.studio.hold("10:00")
    desk.studio.send_on_leave("photographer-1", desk.studio.at("14:00"), desk.studio.at("15:00"))

    for start in ("14:30", "19:00"):
        moved = desk.move(allocation(held), start, force=True, reason="急")
        assert moved["start"] == desk.studio.at(start)
    assert desk.told("allocation.conflicted") == []


# --- classes


@pytest.fixture
def lesson(make_studio: Make) -> Desk:
    """A class of three places, with a teacher and a room."""
    return Desk(
        make_studio(
            crew={"photographer": 2, "studio_room": 2},
            roles=[role(shared=True), role("studio_room", shared=True)],
            places=3,
        )
    )


def sessions(desk: Desk, hold: dict[str, Any]) -> set[UUID | None]:
    return {row.session for row in desk.allocations(hold["booking_id"])}


def test_one_who_leaves_a_class_leaves_the_others_alone(lesson: Desk) -> None:
    pupils = [lesson.studio.hold("10:00") for _ in range(3)]
    before = [lesson.allocations(pupil["booking_id"]) for pupil in pupils[1:]]
    teacher = lesson.studio.names(pupils[0])[0]

    lesson.move(allocation(pupils[0], teacher), "13:00")

    after = [lesson.allocations(pupil["booking_id"]) for pupil in pupils[1:]]
    assert [[row.id for row in rows] for rows in after] == [
        [row.id for row in rows] for rows in before
    ]
    assert sessions(lesson, pupils[0]) != sessions(lesson, pupils[1])
    assert lesson.studio.remaining()["10:00"] == 1 + 3


def test_one_who_comes_to_a_class_of_the_same_people_joins_it(lesson: Desk) -> None:
    crew = ["photographer-1", "studio_room-1"]
    there = lesson.studio.hold("13:00", wished=crew)
    pupil = lesson.studio.hold("10:00", wished=crew)

    lesson.move(allocation(pupil), "13:00")

    assert sessions(lesson, pupil) == sessions(lesson, there)
    assert len(sessions(lesson, pupil)) == 1
    assert lesson.studio.overlaps() == 0


def test_a_full_class_takes_nobody(lesson: Desk) -> None:
    crew = ["photographer-1", "studio_room-1"]
    for _ in range(3):
        lesson.studio.hold("13:00", wished=crew)
    pupil = lesson.studio.hold("10:00", wished=crew)

    with pytest.raises(SlotTaken):
        lesson.move(allocation(pupil), "13:00")


def test_a_class_cannot_move_into_itself_while_others_stay(lesson: Desk) -> None:
    one, _ = (lesson.studio.hold("10:00", wished=["photographer-1"]) for _ in range(2))

    with pytest.raises(SlotTaken):
        lesson.move(allocation(one), "10:30")


def test_a_pupil_alone_takes_the_class_along(lesson: Desk) -> None:
    pupil = lesson.studio.hold("10:00", wished=["photographer-1"])

    assert lesson.move(allocation(pupil), "10:30")["start"] == lesson.studio.at("10:30")


# --- resizing


def test_a_longer_service_of_the_only_one_makes_the_booking_longer(desk: Desk) -> None:
    held = desk.studio.hold("10:00")

    longer = desk.resize(allocation(held), "09:30", "12:00")

    assert (longer["start"], longer["end"]) == (held["start"], desk.studio.at("12:00"))
    assert desk.crew(longer) == {"photographer-1": ("09:30", "12:00")}
    assert (longer["revision"], desk.studio.events()[-1]) == (1, "allocation.moved")


def test_among_several_the_customers_time_stays(two: Desk) -> None:
    held = two.studio.hold("10:00", wished=["photographer-1", "studio_room-1"])

    longer = two.resize(allocation(held, "studio_room-1"), "11:00", "13:00")

    assert (longer["start"], longer["end"]) == (held["start"], held["end"])
    assert two.crew(longer) == {
        "photographer-1": ("10:00", "11:00"),
        "studio_room-1": ("11:00", "13:00"),
    }
    (room,) = (row for row in two.allocations() if row.resource_type == "studio_room")
    assert room.during.upper == two.studio.at("13:30"), "its buffer goes along"


def test_who_is_next_is_in_the_way_of_a_longer_one(desk: Desk) -> None:
    held = desk.studio.hold("10:00")
    desk.studio.hold("11:00")

    with pytest.raises(SlotTaken) as refused:
        desk.resize(allocation(held), "10:00", "11:30")
    assert obstacles(refused) == [("photographer-1", "held")]
    with pytest.raises(SlotTaken) as refused:
        desk.resize(allocation(held), "08:00", "11:00")
    assert obstacles(refused) == [("photographer-1", "off_roster")]

    forced = desk.resize(allocation(held), "10:00", "11:30", force=True, reason="超时")
    assert forced["end"] == desk.studio.at("11:30")
    assert len(desk.told("allocation.conflicted")) == 1


def test_what_only_shrinks_is_in_nobodys_way(desk: Desk) -> None:
    desk.let_somebody_wait()
    held = desk.studio.hold("10:00")
    desk.studio.send_on_leave("photographer-1", desk.studio.at("10:00"), desk.studio.at("15:00"))

    shorter = desk.resize(allocation(held), "10:00", "10:30")

    assert shorter["end"] == desk.studio.at("10:30")
    assert desk.freed() == [("10:00", "11:00")]


def test_resizing_to_what_it_is_changes_nothing(desk: Desk) -> None:
    held = desk.studio.hold("10:00")

    desk.resize(allocation(held), "10:00", "11:00")

    assert desk.studio.events() == ["hold.created"]


def test_sizes_that_cannot_be_are_refused(make_studio: Make) -> None:
    desk = Desk(make_studio(roles=[role(buffer_after_minutes=30)]))
    held = desk.studio.hold("10:00")
    ten = desk.studio.at("10:00")

    for start, end in [
        (ten, ten),
        (ten, ten + timedelta(days=16)),  # and half an hour of buffer
        (ten - timedelta(hours=1), ten),  # would end before the customer comes
        (datetime.min.replace(tzinfo=UTC), ten),
        (ten, datetime.max.replace(tzinfo=UTC)),
    ]:
        with pytest.raises(SpanInvalid):
            desk.resize(allocation(held), start, end)


def test_a_mobile_one_who_serves_longer_is_on_the_way_later(make_studio: Make) -> None:
    studio = make_studio(crew={})
    studio.define_branch(travel_minutes=20)
    studio.add_resource("photographer-1", "photographer", mobile=True)
    studio.define_service()
    desk = Desk(studio)
    held = studio.hold("10:00")

    desk.resize(allocation(held), "10:00", "12:00")

    (row,) = desk.allocations()
    assert row.reach.upper == studio.at("12:20")


# --- together with the rest


def test_a_wish_of_the_customer_is_on_record_once(two: Desk) -> None:
    held = two.studio.hold("10:00", wished=["photographer-1"])
    two.move(allocation(held), "10:00", "photographer-2")

    with two.uow.read() as session:
        (wishes,) = session.scalars(sa.select(Hold.resource_ids))
        (two_id,) = session.scalars(
            sa.select(Resource.id).where(Resource.name["zh"].astext == "photographer-2")
        )
    assert wishes == [two_id]


def test_serving_longer_uses_up_no_quota(make_studio: Make) -> None:
    desk = Desk(make_studio())
    held = desk.studio.hold("10:00")
    desk.studio.add_quota(0)

    assert desk.resize(allocation(held), "10:00", "12:00")["end"] == desk.studio.at("12:00")

"""Several services in one booking, one after the other: one time, one crew, one hold."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from services.chassis.db import UnitOfWork
from services.contracts import scheduling as contract
from services.contracts.errors import YingqiError
from services.contracts.scheduling import (
    HoldDiffers,
    OptionUnknown,
    QuotaReached,
    ServicesNotCombinable,
    ServiceUnknown,
    SlotTaken,
    StartNotOffered,
)
from services.scheduling.models import Allocation
from services.scheduling.usecases import explain
from tests.integration.scheduling.dragging import Desk
from tests.integration.scheduling.studio import DAY, NOW, Studio, checked, role

Make = Callable[..., Studio]

LATER = NOW + timedelta(minutes=16)
"""When a hold of NOW has expired."""

CREW = {"photographer": 1, "makeup_artist": 1, "studio_room": 1}


def another(studio: Studio, *roles: dict[str, Any], **values: Any) -> UUID:
    """Define one more service of the studio: a photographer for an hour, if nothing is said."""
    id = uuid4()
    studio.define_service(service_id=id, **{"roles": roles or [role()], "places": 1, **values})
    return id


def why(studio: Studio, start: str, also: list[UUID], wished: tuple[str, ...] = ()) -> Any:
    answer = explain.explain(
        uow=studio.uow,
        now=NOW,
        service_id=studio.service_id,
        branch_id=studio.branch_id,
        start=studio.at(start),
        resource_ids=studio.ids(wished),
        also=also,
    )
    return checked(answer, contract.EXPLAIN)


def works(studio: Studio, hold: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Return who serves which line of a hold, from when to when by the wall clock."""
    return [
        (
            each["line"],
            each["name"]["zh"],
            _clock(studio, each["start"]),
            _clock(studio, each["end"]),
        )
        for each in hold["crew"]
    ]


def locks(studio: Studio, hold: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return what a hold locks of each line, from when to when by the wall clock."""
    with studio.uow.read() as session:
        rows = session.scalars(
            sa.select(Allocation)
            .filter_by(booking_id=hold["booking_id"])
            .order_by(sa.func.lower(Allocation.serving), Allocation.line)
        ).all()
    return [
        (row.line or "", _clock(studio, row.during.lower), _clock(studio, row.during.upper))
        for row in rows
    ]


def _clock(studio: Studio, instant: Any) -> str:
    return f"{instant.astimezone(ZoneInfo(studio.zone)):%H:%M}"


# --- the time of all of them


def test_a_service_begins_when_the_one_before_has_ended(make_studio: Make) -> None:
    studio = make_studio(crew=CREW)
    album = another(studio, role("makeup_artist", length_minutes=30))
    film = another(studio, role("studio_room", offset_minutes=15, length_minutes=45))

    held = studio.hold("10:00", also=[album, film])

    assert (held["start"], held["end"]) == (studio.at("10:00"), studio.at("12:30"))
    assert works(studio, held) == [
        ("photographer", "photographer-1", "10:00", "11:00"),
        ("1.makeup_artist", "makeup_artist-1", "11:00", "11:30"),
        ("2.studio_room", "studio_room-1", "11:45", "12:30"),
    ]


def test_all_of_it_must_lie_within_opening_hours(make_studio: Make) -> None:
    studio = make_studio(crew=CREW)
    album = another(studio, role("makeup_artist", length_minutes=90))

    assert studio.starts()[-1] == "17:00"
    assert studio.starts(also=[album])[-1] == "15:00"
    with pytest.raises(StartNotOffered):
        studio.hold("16:00", also=[album])


def test_the_same_service_may_come_twice(studio: Studio) -> None:
    held = studio.hold("10:00", also=[studio.service_id])

    assert works(studio, held) == [
        ("photographer", "photographer-1", "10:00", "11:00"),
        ("1.photographer", "photographer-1", "11:00", "12:00"),
    ]


# --- who serves


def test_the_same_person_serves_both_parts(studio: Studio) -> None:
    second = another(studio)
    studio.block("photographer-1", studio.at("13:00"), studio.at("14:00"))

    assert studio.remaining(also=[second]) == {
        "09:00": 1, "10:00": 1, "11:00": 1, "14:00": 1, "15:00": 1, "16:00": 1,
    }  # fmt: skip
    studio.hold("11:00", also=[second])
    assert studio.starts(also=[second]) == ["09:00", "14:00", "15:00", "16:00"]


def test_within_one_service_nobody_serves_twice_even_when_its_lines_do_not_overlap(
    make_studio: Make,
) -> None:
    studio = make_studio(roles=[role(), role(key="later", offset_minutes=60)])

    assert studio.starts() == []
    assert make_studio(crew={"photographer": 2}, roles=studio.roles).starts() != []


def test_who_is_free_for_one_part_only_serves_that_one(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2})
    second = another(studio)
    studio.block("photographer-1", studio.at("11:00"), studio.at("18:00"))
    studio.block("photographer-2", studio.at("09:00"), studio.at("11:00"))

    assert studio.remaining(also=[second]) == {
        "09:00": 1, "10:00": 1, "11:00": 1, "12:00": 1, "13:00": 1,
        "14:00": 1, "15:00": 1, "16:00": 1,
    }  # fmt: skip
    held = studio.hold("10:00", also=[second])
    assert works(studio, held) == [
        ("photographer", "photographer-1", "10:00", "11:00"),
        ("1.photographer", "photographer-2", "11:00", "12:00"),
    ]


def test_without_anybody_for_the_second_part_it_is_not_free(make_studio: Make) -> None:
    studio = make_studio(crew=CREW)
    album = another(studio, role("makeup_artist"))
    studio.block("makeup_artist-1", studio.at("11:00"), studio.at("12:00"))

    assert "10:00" in studio.starts()
    assert "10:00" not in studio.starts(also=[album])
    answer = why(studio, "10:00", [album])
    assert not answer["offered"]
    assert [(line["line"], line["free"]) for line in answer["lines"]] == [
        ("photographer", 1),
        ("1.makeup_artist", 0),
    ]
    assert answer["lines"][1]["obstacles"][0]["kind"] == "blocked"
    with pytest.raises(SlotTaken) as refused:
        studio.hold("10:00", also=[album])
    nearest = refused.value.details["alternatives"][0]
    assert (nearest["start"][11:16], nearest["end"][11:16]) == ("09:00", "11:00")


def test_lines_that_overlap_across_services_need_people_of_their_own(make_studio: Make) -> None:
    """The second service's photographer comes half an hour early."""
    early = [role(offset_minutes=-30, length_minutes=90)]
    alone, two = make_studio(), make_studio(crew={"photographer": 2})

    assert alone.starts(also=[another(alone, *early, duration_minutes=60)]) == []
    held = two.hold("10:00", also=[another(two, *early, duration_minutes=60)])
    assert len(set(two.names(held))) == 2


def test_whoever_is_wished_for_serves_every_part_that_they_can(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 3})
    second = another(studio)
    wished = ["photographer-3"]

    assert studio.names(studio.hold("10:00", wished=wished, also=[second])) == wished * 2
    studio.block("photographer-3", studio.at("14:00"), studio.at("15:00"))
    held = studio.hold("13:00", wished=wished, also=[second])
    assert studio.names(held)[0] == "photographer-3"
    assert studio.names(held)[1] != "photographer-3"
    studio.block("photographer-3", studio.at("15:00"), studio.at("16:00"))
    assert "14:00" not in studio.starts(wished=wished, also=[second])
    assert why(studio, "14:00", [second], ("photographer-3",))["offered"] is False


def test_two_may_be_wished_for_one_for_each_part(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 3})
    second = another(studio)
    wished = ["photographer-2", "photographer-3"]

    held = studio.hold("10:00", wished=wished, also=[second])

    assert sorted(studio.names(held)) == wished
    assert why(studio, "12:00", [second], ("photographer-2", "photographer-3"))["offered"]


def test_options_count_for_each_service_that_has_them(make_studio: Make) -> None:
    studio = make_studio(crew=CREW)
    makeup = role("makeup_artist", optional=True, length_minutes=30)
    second = another(studio, role(), makeup)

    plain = studio.hold("09:00", also=[second])
    made_up = studio.hold("12:00", also=[second], options=["makeup_artist"])

    assert [line for line, *_ in works(studio, plain)] == ["photographer", "1.photographer"]
    assert ("1.makeup_artist", "makeup_artist-1", "13:00", "13:30") in works(studio, made_up)
    with pytest.raises(OptionUnknown):
        studio.hold("15:00", options=["makeup_artist"])


# --- buffers


@pytest.fixture
def buffered(make_studio: Make) -> Studio:
    """Two rooms that are cleaned for half an hour after each use, and aired before."""
    room = role("studio_room", buffer_before_minutes=15, buffer_after_minutes=30)
    return make_studio(crew={"studio_room": 2}, roles=[room], step=15)


def test_nobody_needs_a_buffer_between_their_own_parts(buffered: Studio) -> None:
    second = another(buffered, *buffered.roles)

    held = buffered.hold("10:00", also=[second])

    assert len(set(buffered.names(held))) == 1
    assert locks(buffered, held) == [
        ("studio_room", "09:45", "11:00"),
        ("1.studio_room", "11:00", "12:30"),
    ]
    assert buffered.overlaps() == 0


def test_two_rooms_each_have_their_buffers(buffered: Studio) -> None:
    second = another(buffered, *buffered.roles)
    buffered.block("studio_room-1", buffered.at("11:30"), buffered.at("18:00"))
    buffered.block("studio_room-2", buffered.at("09:00"), buffered.at("10:30"))

    held = buffered.hold("10:00", also=[second])

    assert locks(buffered, held) == [
        ("studio_room", "09:45", "11:30"),
        ("1.studio_room", "10:45", "12:30"),
    ]


def test_a_part_that_is_handed_over_gets_its_buffers_back(buffered: Studio) -> None:
    second = another(buffered, *buffered.roles)
    held = buffered.hold("10:00", wished=["studio_room-1"], also=[second])
    first, last = held["crew"]

    moved = Desk(buffered).move(last["allocation_id"], "11:00", to="studio_room-2")

    assert locks(buffered, moved) == [
        ("studio_room", "09:45", "11:30"),
        ("1.studio_room", "10:45", "12:30"),
    ]
    back = Desk(buffered).move(last["allocation_id"], "11:00", to="studio_room-1")
    assert locks(buffered, back) == [
        ("studio_room", "09:45", "11:00"),
        ("1.studio_room", "11:00", "12:30"),
    ]
    assert first["allocation_id"] in {member["allocation_id"] for member in back["crew"]}


# --- the life of such a hold


def test_the_same_request_is_the_same_hold_and_other_services_differ(studio: Studio) -> None:
    second, third = another(studio), another(studio)
    held = studio.hold("10:00", also=[second])
    id = held["booking_id"]

    assert studio.hold("10:00", booking_id=id, also=[second]) == held
    for other in ([], [third], [second, third]):
        with pytest.raises(HoldDiffers):
            studio.hold("10:00", booking_id=id, also=other)


def test_it_moves_as_a_whole(make_studio: Make) -> None:
    studio = make_studio(crew=CREW)
    album = another(studio, role("makeup_artist"))
    held = studio.hold("10:00", also=[album])
    studio.block("makeup_artist-1", studio.at("15:00"), studio.at("16:00"))

    moved = studio.reschedule(held["booking_id"], "12:00")

    assert (moved["start"], moved["end"]) == (studio.at("12:00"), studio.at("14:00"))
    assert [work[0] for work in works(studio, moved)] == ["photographer", "1.makeup_artist"]
    with pytest.raises(SlotTaken):
        studio.reschedule(held["booking_id"], "14:00")
    dragged = Desk(studio).move(moved["crew"][1]["allocation_id"], "12:00")
    assert works(studio, dragged) == [
        ("photographer", "photographer-1", "11:00", "12:00"),
        ("1.makeup_artist", "makeup_artist-1", "12:00", "13:00"),
    ]


def test_a_late_payment_takes_the_whole_time_again_or_nothing(make_studio: Make) -> None:
    studio = make_studio(crew=CREW)
    album = another(studio, role("makeup_artist"))
    first, second = (studio.hold(clock, also=[album]) for clock in ("10:00", "13:00"))
    studio.sweep(LATER)
    studio.block("makeup_artist-1", studio.at("14:00"), studio.at("15:00"))

    again = studio.confirm(first["booking_id"], now=LATER)

    assert again["reacquired"]
    assert works(studio, again) == works(studio, first)
    with pytest.raises(SlotTaken):
        studio.confirm(second["booking_id"], now=LATER)


def test_a_quota_that_came_later_does_not_stop_a_move(studio: Studio) -> None:
    second = another(studio)
    held = studio.hold("10:00", also=[second])
    studio.add_quota(9, service_id=second)

    assert studio.reschedule(held["booking_id"], "13:00")["end"] == studio.at("15:00")


# --- rules


def test_the_stricter_notice_horizon_and_weekdays_hold(make_studio: Make) -> None:
    studio = make_studio(notice=60, horizon=30)
    busy = another(studio, minimum_notice_minutes=26 * 60, horizon_days=10, weekdays=[3, 4])
    week = (DAY, DAY + timedelta(days=20))

    days = {slot["start"][:10] for slot in studio.slots(*week, also=[busy])}

    assert sorted(days) == ["2026-11-25", "2026-11-26", "2026-12-02", "2026-12-03"]
    assert studio.starts(also=[busy])[0] == "11:00"
    refused = why(studio, "10:00", [busy])["rules"]
    assert [rule["code"] for rule in refused] == ["notice"]


def test_a_quota_of_minutes_counts_both_parts_of_the_same_person(studio: Studio) -> None:
    second = another(studio)
    studio.add_quota(180, per="resource", unit="minutes", resource_type="photographer")
    studio.hold("09:00")

    assert studio.starts(also=[second]) != []
    studio.hold("10:00", also=[second])
    assert studio.starts() == []


def test_nobody_is_promised_for_more_minutes_than_their_quota_leaves(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2})
    second = another(studio)
    studio.add_quota(90, per="resource", unit="minutes", resource_type="photographer")

    assert studio.starts(also=[second]) == []
    assert studio.starts() != []


def test_a_dress_for_whole_days_counts_for_the_time_that_its_own_service_says(
    make_studio: Make,
) -> None:
    studio = make_studio()
    studio.add_resource("garment-1", "garment", roster=None)
    dress = role("garment", whole_days=True, length_minutes=60)
    second = another(studio, dress, duration_minutes=60)
    studio.add_quota(120, per="resource", unit="minutes", period="month", resource_type="garment")
    studio.hold("10:00", also=[second])

    after = DAY + timedelta(days=2)
    assert studio.starts(after, also=[second]) != []
    studio.hold(studio.at("10:00", after), also=[second])
    assert studio.starts(after + timedelta(days=1), also=[second]) == []


def test_a_quota_of_the_first_service_counts_the_booking_once(studio: Studio) -> None:
    second = another(studio)
    studio.add_quota(1, service_id=studio.service_id)
    studio.hold("10:00", also=[second])

    with pytest.raises(QuotaReached):
        studio.hold("13:00", also=[second])


# --- what cannot be combined


def refused(studio: Studio, also: list[UUID]) -> UUID:
    with pytest.raises(ServicesNotCombinable) as error:
        studio.slots(also=also)
    with pytest.raises(ServicesNotCombinable):
        studio.hold("10:00", also=also)
    with pytest.raises(ServicesNotCombinable):
        why(studio, "10:00", also)
    return UUID(error.value.details["service_id"])


def test_a_class_has_no_service_after_it_and_comes_after_none(make_studio: Make) -> None:
    shared = [role(shared=True)]
    studio = make_studio()
    course = another(studio, *shared, places=4)

    assert refused(studio, [course]) == course
    taught = make_studio(roles=shared, places=4)
    assert refused(taught, [another(taught)]) == taught.service_id


def test_a_service_elsewhere_is_booked_alone(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 1, "location": 1})
    seaside = another(studio, role("location"), role())

    assert refused(studio, [another(studio), seaside]) == seaside


@pytest.mark.parametrize("per", ["service", "branch", "resource"])
def test_a_later_service_with_a_quota_of_its_own_is_booked_alone(studio: Studio, per: str) -> None:
    second = another(studio)
    studio.add_quota(9, per=per, service_id=second)

    assert refused(studio, [second]) == second
    held = studio.hold("10:00", service_id=second, also=[studio.service_id])
    assert held["state"] == "held"


def test_with_a_quota_of_each_service_only_the_first_could_be_counted(studio: Studio) -> None:
    studio.add_quota(9)

    second = another(studio)
    assert refused(studio, [second]) == second


def test_services_without_a_common_day_are_booked_alone(make_studio: Make) -> None:
    studio = make_studio()
    studio.define_service(weekdays=[1, 2, 3])
    weekend = another(studio, weekdays=[6, 7])

    assert refused(studio, [weekend]) == weekend


def test_six_lines_of_one_type_are_as_many_as_can_be_searched(make_studio: Make) -> None:
    studio = make_studio()
    pair = another(studio, role(key="a"), role(key="b"))
    most = [pair, pair, studio.service_id]

    assert studio.slots(also=most) == []
    assert refused(studio, [*most, pair]) == pair


def test_a_part_of_the_day_is_for_one_service(studio: Studio) -> None:
    day_parts = [{"part": "morning", "opens": "09:00", "closes": "12:00"}]
    second = another(studio)
    studio.define_service(day_parts=day_parts)

    answer = studio.availability(also=[second])
    assert (answer["day_parts"], answer["waitlist"]) == ([], False)
    with pytest.raises(ServicesNotCombinable):
        studio.hold("10:00", day_part="morning", also=[second])


def test_a_service_that_the_branch_does_not_offer_is_named(studio: Studio) -> None:
    elsewhere, unknown = another(studio, branch_ids=[]), uuid4()

    for missing in (elsewhere, unknown):
        with pytest.raises(ServiceUnknown) as error:
            studio.hold("10:00", also=[another(studio), missing])
        assert error.value.details["service_id"] == str(missing)


def test_other_branches_are_near_only_where_all_of_it_can_be_had(studio: Studio) -> None:
    second = another(studio)
    there = [Studio(studio.uow, service_id=studio.service_id) for _ in range(3)]
    ids = [studio.branch_id, *(each.branch_id for each in there)]
    studio.define_service(branch_ids=ids)
    studio.define_service(service_id=second, branch_ids=ids[:3])
    studio.add_quota(9, per="branch", service_id=second, branch_id=ids[2])
    studio.hold("10:00", also=[second])

    near = why(studio, "10:00", [second])["alternatives"]

    assert [each["branch_id"] for each in near if each["kind"] == "branch"] == [ids[1]]


# --- many at once, and how much is asked


def test_of_many_who_want_overlapping_times_at_once_nobody_gets_half(
    storm_uow: UnitOfWork,
) -> None:
    studio = Studio(storm_uow, crew={"photographer": 2})
    second = another(studio)
    answers: list[str] = []

    def book(start: str) -> None:
        try:
            answers.append(str(studio.hold(start, also=[second])["state"]))
        except YingqiError as error:
            answers.append(error.code)

    starts = ["10:00", "11:00", "12:00"] * 8
    threads = [threading.Thread(target=book, args=[start]) for start in starts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    held = answers.count("held")
    assert set(answers) <= {"held", "scheduling.slot_taken"}
    assert len(answers) == len(starts)
    assert 2 <= held <= 4
    assert studio.active_allocations() == 2 * held
    assert studio.overlaps() == 0


def test_several_services_are_asked_after_in_as_many_statements_as_one(studio: Studio) -> None:
    second = another(studio)
    studio.slots(also=[second])  # prepares what is prepared once per connection

    alone, both = counted(studio, []), counted(studio, [second])

    assert alone == both
    assert sum("EXECUTE slots" in each for each in alone) == 1
    assert sum("FROM branch" in each for each in alone) == 1


def counted(studio: Studio, also: list[UUID]) -> list[str]:
    """Return what PostgreSQL is asked for free times."""
    asked: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        asked.append(statement)

    sa.event.listen(studio.uow.engine, "before_cursor_execute", note)
    try:
        studio.slots(also=also)
    finally:
        sa.event.remove(studio.uow.engine, "before_cursor_execute", note)
    return asked

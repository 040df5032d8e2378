"""Holding, extending, confirming, releasing: the life of one booking's time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.contracts.scheduling import (
    BranchUnknown,
    HoldDiffers,
    HoldExpired,
    HoldReleased,
    HoldUnknown,
    ResourceUnsuitable,
    ServiceUnknown,
    SlotTaken,
    StartNotOffered,
    StartPast,
)
from tests.integration.scheduling.studio import DAY, NOW, Studio, role, week

Make = Callable[..., Studio]

LATER = NOW + timedelta(minutes=16)
"""When a hold of NOW has expired."""


# --- hold


def test_a_hold_tells_branch_crew_and_its_end(studio: Studio) -> None:
    booking_id = uuid4()

    held = studio.hold("10:00", booking_id=booking_id)

    assert held["booking_id"] == booking_id
    assert held["branch"]["timezone"] == "Asia/Shanghai"
    assert held["state"] == "held"
    assert (held["start"], held["end"]) == (studio.at("10:00"), studio.at("11:00"))
    assert held["expires_at"] == NOW + timedelta(seconds=900)
    assert held["revision"] == 0
    assert held["reacquired"] is False
    (member,) = held["crew"]
    assert member.pop("allocation_id")
    assert [member] == [
        {
            "line": "photographer",
            "chosen_by": "only",
            "resource_id": studio.resources["photographer-1"],
            "resource_type": "photographer",
            "name": {"zh": "photographer-1", "en": "photographer-1"},
            "start": studio.at("10:00"),
            "end": studio.at("11:00"),
        }
    ]


def test_a_hold_is_told_as_an_event(studio: Studio) -> None:
    held = studio.hold("10:00")

    (envelope,) = studio.envelopes()
    assert envelope["type"] == "hold.created"
    assert envelope["subject"] == str(held["booking_id"])
    assert datetime.fromisoformat(envelope["payload"]["expires_at"]) == held["expires_at"]
    assert len(envelope["payload"]["crew"]) == 1


def test_the_same_request_again_gets_the_same_hold(studio: Studio) -> None:
    booking_id = uuid4()
    first = studio.hold("10:00", booking_id=booking_id)

    # The same instant in another zone's words, a minute later, is still the same request.
    again = studio.hold(
        studio.at("10:00").astimezone(UTC), booking_id=booking_id, now=NOW + timedelta(minutes=1)
    )

    assert again == first
    assert studio.events() == ["hold.created"]
    assert studio.active_allocations() == 1


def test_another_request_for_the_same_booking_is_refused(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2})
    booking_id = studio.hold("10:00")["booking_id"]

    with pytest.raises(HoldDiffers):
        studio.hold("11:00", booking_id=booking_id)
    with pytest.raises(HoldDiffers):
        studio.hold("10:00", booking_id=booking_id, wished=["photographer-1"])


def test_a_taken_time_is_refused_with_the_nearest_alternatives(studio: Studio) -> None:
    studio.hold("10:00")

    with pytest.raises(SlotTaken) as refused:
        studio.hold("10:00")

    alternatives = refused.value.details["alternatives"]
    assert [slot["start"][11:16] for slot in alternatives] == [
        "09:00",
        "11:00",
        "12:00",
        "13:00",
        "14:00",
    ]
    assert set(alternatives[0]) == {"kind", "start", "end", "remaining"}


def test_a_refused_hold_writes_nothing(studio: Studio) -> None:
    taken = uuid4()
    studio.hold("10:00")

    with pytest.raises(SlotTaken):
        studio.hold("10:00", booking_id=taken)

    assert studio.events() == ["hold.created"]
    with pytest.raises(HoldUnknown):
        studio.confirm(taken)


def test_alternatives_keep_the_wish(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2}, hours=week("09:00", "12:00"))
    studio.block("photographer-1", studio.at("09:00"), studio.at("11:00"))

    with pytest.raises(SlotTaken) as refused:
        studio.hold("10:00", wished=["photographer-1"])

    times = [each for each in refused.value.details["alternatives"] if each["kind"] == "time"]
    assert times[0]["start"] == "2026-11-25T11:00:00+08:00"


def test_alternatives_without_the_wish_when_it_has_no_time_at_all(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2})
    for day in range(-3, 4):
        studio.block(
            "photographer-1",
            studio.at("09:00") + timedelta(days=day),
            studio.at("18:00") + timedelta(days=day),
        )

    with pytest.raises(SlotTaken) as refused:
        studio.hold("10:00", wished=["photographer-1"])

    assert refused.value.details["alternatives"][0]["start"] == "2026-11-25T10:00:00+08:00"


def test_a_start_in_the_past_is_refused(studio: Studio) -> None:
    with pytest.raises(StartPast):
        studio.hold(studio.at("10:00"), now=studio.at("10:00") + timedelta(seconds=1))


@pytest.mark.parametrize(
    "start",
    [
        "10:30",  # off the grid
        "10:00:01",
        "08:00",  # before opening
        "18:00",  # at closing
    ],
)
def test_a_start_that_was_never_offered_is_refused(studio: Studio, start: str) -> None:
    with pytest.raises(StartNotOffered) as refused:
        studio.hold(start)

    assert refused.value.details["errors"][0]["pointer"] == "/start"


def test_notice_and_horizon_hold_for_the_write_as_for_the_question(make_studio: Make) -> None:
    studio = make_studio(notice=120, horizon=10)

    with pytest.raises(StartNotOffered):
        studio.hold(studio.at("10:00", NOW.date()))
    with pytest.raises(StartNotOffered):
        studio.hold(studio.at("10:00", NOW.date() + timedelta(days=11)))
    assert studio.hold(studio.at("11:00", NOW.date()))["state"] == "held"


@pytest.mark.parametrize(
    "start", ["9999-12-31T23:59:00+00:00", "9999-12-31T23:59:00-12:00", "2060-01-01T02:00:00+00:00"]
)
def test_a_start_at_the_end_of_the_calendar_is_only_not_offered(studio: Studio, start: str) -> None:
    with pytest.raises(StartNotOffered):
        studio.hold(datetime.fromisoformat(start))


def test_a_start_at_the_beginning_of_the_calendar_is_only_past(studio: Studio) -> None:
    with pytest.raises(StartPast):
        studio.hold(datetime.fromisoformat("0001-01-01T00:00:00+12:00"))


def test_when_nobody_works_the_start_is_not_offered_rather_than_taken(make_studio: Make) -> None:
    studio = make_studio(roster=week("12:00", "18:00"))

    with pytest.raises(StartNotOffered):
        studio.hold("10:00")


def test_a_hold_on_leave_is_not_offered(studio: Studio) -> None:
    studio.send_on_leave("photographer-1", studio.at("09:00"), studio.at("18:00"))

    with pytest.raises(StartNotOffered):
        studio.hold("10:00")


def test_unknown_places_and_unsuitable_people_are_refused(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 1, "vehicle": 1})

    with pytest.raises(BranchUnknown):
        studio.hold(branch_id=uuid4())
    with pytest.raises(ServiceUnknown):
        studio.hold(service_id=uuid4())
    with pytest.raises(ResourceUnsuitable):
        studio.hold(wished=["vehicle-1"])


def test_the_wished_serve_first_then_who_has_least_to_do_that_week(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 3})
    studio.hold("09:00", wished=["photographer-1"])
    studio.hold("09:00", wished=["photographer-2"])

    assert studio.names(studio.hold("10:00")) == ["photographer-3"]
    assert studio.names(studio.hold("11:00")) == ["photographer-1"]
    assert studio.names(studio.hold("11:00", wished=["photographer-3"])) == ["photographer-3"]


def test_work_of_another_week_does_not_count(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2})
    studio.hold(studio.at("09:00", DAY + timedelta(days=5)))  # Monday after: photographer-1

    assert studio.names(studio.hold("09:00")) == ["photographer-1"]


def test_the_crew_serves_its_own_part_and_is_locked_with_buffers(make_studio: Make) -> None:
    studio = make_studio(
        roster=week("08:00", "20:00"),
        crew={"photographer": 1, "makeup_artist": 1},
        roles=[
            role("makeup_artist"),
            role("photographer", offset_minutes=60, buffer_after_minutes=30),
        ],
    )

    held = studio.hold("10:00")

    assert [(m["resource_type"], m["start"], m["end"]) for m in held["crew"]] == [
        ("makeup_artist", studio.at("10:00"), studio.at("11:00")),
        ("photographer", studio.at("11:00"), studio.at("12:00")),
    ]
    assert held["end"] == studio.at("12:00")
    # The photographer is locked until half past twelve: an eleven o'clock start needs them at 12.
    assert "11:00" not in studio.starts()
    assert "12:00" in studio.starts()


def test_back_to_back_bookings_are_taken(studio: Studio) -> None:
    for start in ["10:00", "09:00", "11:00"]:
        assert studio.hold(start)["state"] == "held"


def test_a_hold_takes_time_from_one_that_has_expired(studio: Studio) -> None:
    late = studio.hold("10:00")

    taken = studio.hold("10:00", now=LATER)

    assert taken["state"] == "held"
    assert studio.events() == ["hold.created", "hold.expired", "hold.created"]
    assert studio.hold("10:00", booking_id=late["booking_id"], now=LATER)["state"] == "expired"
    assert studio.overlaps() == 0


def test_an_expired_hold_that_is_not_in_the_way_is_left_alone(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2})
    studio.hold("10:00")

    studio.hold("10:00", now=LATER)

    assert studio.events() == ["hold.created", "hold.created"]


# --- extend


def test_a_hold_is_extended_once(studio: Studio) -> None:
    held = studio.hold()
    booking_id = held["booking_id"]

    extended = studio.extend(booking_id)

    assert extended["expires_at"] == held["expires_at"] + timedelta(seconds=900)
    assert studio.extend(booking_id) == extended
    assert "10:00" not in studio.starts(now=held["expires_at"])
    assert studio.sweep(held["expires_at"]) == 0


def test_only_a_living_hold_is_extended(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 4})
    released, expired, swept, confirmed = (studio.hold()["booking_id"] for _ in range(4))
    studio.release(released)
    studio.expire(swept)
    studio.confirm(confirmed)

    with pytest.raises(HoldUnknown):
        studio.extend(uuid4())
    with pytest.raises(HoldReleased):
        studio.extend(released)
    with pytest.raises(HoldExpired):
        studio.extend(swept)
    with pytest.raises(HoldExpired):
        studio.extend(expired, now=LATER)
    assert studio.extend(confirmed)["expires_at"] is None


# --- confirm


def test_confirming_locks_the_time_for_good(studio: Studio) -> None:
    booking_id = studio.hold()["booking_id"]

    confirmed = studio.confirm(booking_id)

    assert confirmed["state"] == "confirmed"
    assert confirmed["expires_at"] is None
    assert confirmed["reacquired"] is False
    assert studio.events() == ["hold.created", "allocation.locked"]
    assert studio.sweep(LATER) == 0
    assert "10:00" not in studio.starts(now=LATER)


def test_confirming_twice_gives_the_same_answer(studio: Studio) -> None:
    booking_id = studio.hold()["booking_id"]

    assert studio.confirm(booking_id) == studio.confirm(booking_id)
    assert studio.events().count("allocation.locked") == 1


def test_an_unknown_or_released_hold_is_not_confirmed(studio: Studio) -> None:
    booking_id = studio.hold()["booking_id"]
    studio.release(booking_id)

    with pytest.raises(HoldUnknown):
        studio.confirm(uuid4())
    with pytest.raises(HoldReleased):
        studio.confirm(booking_id)


@pytest.mark.parametrize("swept", [True, False])
def test_a_late_payment_takes_the_time_again_with_the_same_people(
    make_studio: Make, swept: bool
) -> None:
    studio = make_studio(crew={"photographer": 3})
    held = studio.hold(wished=["photographer-3"])
    if swept:
        studio.sweep(LATER)

    confirmed = studio.confirm(held["booking_id"], now=LATER)

    assert confirmed["state"] == "confirmed"
    assert confirmed["reacquired"] is True
    assert studio.names(confirmed) == ["photographer-3"]
    assert studio.events()[-1] == "allocation.locked"
    assert studio.active_allocations() == 1


def test_a_late_payment_prefers_who_served_before_and_takes_others_otherwise(
    make_studio: Make,
) -> None:
    studio = make_studio(crew={"photographer": 2})
    first = studio.hold()
    assert studio.names(first) == ["photographer-1"]
    studio.sweep(LATER)
    studio.hold("12:00", now=LATER, wished=["photographer-1"])  # more to do than photographer-2

    again = studio.confirm(first["booking_id"], now=LATER)
    assert studio.names(again) == ["photographer-1"]

    second = studio.hold("14:00", now=LATER)
    assert studio.names(second) == ["photographer-2"]
    studio.expire(second["booking_id"])
    studio.hold("14:00", now=LATER, wished=["photographer-2"])
    assert studio.names(studio.confirm(second["booking_id"], now=LATER)) == ["photographer-1"]


def test_a_late_payment_ignores_notice(make_studio: Make) -> None:
    studio = make_studio(notice=60)
    start = studio.at("10:00")
    held = studio.hold(start, now=start - timedelta(minutes=61))

    confirmed = studio.confirm(held["booking_id"], now=start - timedelta(minutes=1))

    assert confirmed["state"] == "confirmed"


def test_a_late_payment_for_time_that_is_gone_is_told_the_alternatives(studio: Studio) -> None:
    booking_id = studio.hold()["booking_id"]
    studio.hold(now=LATER)

    with pytest.raises(SlotTaken) as refused:
        studio.confirm(booking_id, now=LATER)

    assert len(refused.value.details["alternatives"]) == 5
    assert studio.hold(booking_id=booking_id, now=LATER)["state"] == "expired"


def test_a_late_payment_after_the_start_or_for_somebody_on_leave_is_too_late(
    studio: Studio,
) -> None:
    booking_id = studio.hold("10:00")["booking_id"]

    with pytest.raises(SlotTaken):
        studio.confirm(booking_id, now=studio.at("10:00") + timedelta(minutes=1))
    studio.send_on_leave("photographer-1", studio.at("09:00"), studio.at("12:00"))
    with pytest.raises(SlotTaken):
        studio.confirm(booking_id, now=LATER)


def test_a_service_that_is_no_longer_offered_keeps_what_it_promised(studio: Studio) -> None:
    booking_id = studio.hold()["booking_id"]
    studio.define_service(branch_ids=[])

    assert studio.confirm(booking_id, now=LATER)["reacquired"] is True


# --- release and expire


@pytest.mark.parametrize("confirmed", [True, False])
def test_releasing_frees_the_time_once(studio: Studio, confirmed: bool) -> None:
    booking_id = studio.hold()["booking_id"]
    if confirmed:
        studio.confirm(booking_id)

    assert studio.release(booking_id) is True
    assert studio.release(booking_id) is False
    assert "10:00" in studio.starts()
    assert studio.events().count("allocation.released") == 1
    assert len(studio.envelopes()[-1]["payload"]["crew"]) == 1


def test_releasing_nothing_says_so(studio: Studio) -> None:
    assert studio.release(uuid4()) is False


def test_a_released_booking_never_takes_its_time_again(studio: Studio) -> None:
    booking_id = studio.hold()["booking_id"]
    studio.expire(booking_id)

    assert studio.release(booking_id) is False
    with pytest.raises(HoldReleased):
        studio.confirm(booking_id)


def test_expiring_ends_a_hold_at_once_and_leaves_a_confirmed_one(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2})
    held, confirmed = studio.hold()["booking_id"], studio.hold()["booking_id"]
    studio.confirm(confirmed)

    assert studio.expire(held) is True
    assert studio.expire(held) is False
    assert studio.expire(confirmed) is False
    with pytest.raises(HoldUnknown):
        studio.expire(uuid4())
    assert studio.events().count("hold.expired") == 1
    assert studio.remaining()["10:00"] == 1


def test_the_sweeper_expires_what_is_overdue(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 3})
    overdue = [studio.hold()["booking_id"] for _ in range(2)]
    studio.hold(now=NOW + timedelta(minutes=5))

    assert studio.sweep(NOW + timedelta(minutes=14)) == 0
    assert studio.sweep(LATER) == 2
    assert studio.sweep(LATER) == 0
    expired = [e for e in studio.envelopes() if e["type"] == "hold.expired"]
    assert {e["subject"] for e in expired} == {str(id) for id in overdue}
    assert studio.active_allocations() == 1

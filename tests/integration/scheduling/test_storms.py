"""Many at once: as many winners as places, no overlap, no deadlock, no error but SlotTaken."""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import eventlet
import pytest

from services.chassis.db import UnitOfWork
from services.contracts.errors import YingqiError
from services.contracts.scheduling import SlotTaken
from tests.integration.scheduling.studio import NOW, Studio, role

CALLERS = 64
ROUNDS = 20
LATER = NOW + timedelta(minutes=16)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run calls in parallel; return their answers or the anticipated errors they raised."""

    def run(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except YingqiError as error:
            return error

    pool = eventlet.GreenPool(len(calls))
    return list(pool.imap(run, calls))


def outcomes(answers: Sequence[Any]) -> Counter[str]:
    return Counter(
        answer.code if isinstance(answer, YingqiError) else answer["state"] for answer in answers
    )


def sweep(studio: Studio) -> dict[str, Any]:
    return {"state": "swept", "count": studio.sweep(LATER)}


@pytest.fixture
def duo(storm_uow: UnitOfWork) -> Studio:
    """Two photographers, so that two bookings fit at a time."""
    return Studio(storm_uow, crew={"photographer": 2})


@pytest.mark.slow
@pytest.mark.parametrize("places", [1, 5])
def test_as_many_win_as_there_are_places(storm_uow: UnitOfWork, places: int) -> None:
    types = ("photographer", "makeup_artist", "studio_room")
    studio = Studio(
        storm_uow,
        crew=dict.fromkeys(types, places),
        roles=[role(name) for name in types],
    )

    for number in range(ROUNDS):
        start = studio.at("09:00") + timedelta(days=number // 9, hours=number % 9)
        began = time.monotonic()
        answers = at_once(*[partial(studio.hold, start)] * CALLERS)
        assert outcomes(answers) == {"held": places, "scheduling.slot_taken": CALLERS - places}
        assert time.monotonic() - began < 15, "somebody waited for a deadlock to be found"

    assert studio.overlaps() == 0
    assert studio.active_allocations() == ROUNDS * places * len(types)


@pytest.mark.slow
def test_four_lines_with_overlapping_candidates_have_as_many_winners_as_crews(
    storm_uow: UnitOfWork,
) -> None:
    """Of two who can only do one thing and two who can do both, two pairs can be made."""
    studio = Studio(storm_uow, crew={"makeup_artist": 2, "studio_room": 2})
    for number, skills in enumerate(({"lead": 1}, {"lead": 1, "second": 1}, {"second": 1}) * 2):
        studio.add_resource(f"photographer-{number}", "photographer", skills=skills)
    studio.change_resource("photographer-0", active=False)
    studio.change_resource("photographer-5", active=False)
    studio.define_service(
        roles=[
            role("makeup_artist"),
            role("studio_room"),
            role(key="second", skills={"second": 1}),
            role(key="lead", skills={"lead": 1}),
        ]
    )

    assert studio.remaining()["09:00"] == 2
    for number in range(ROUNDS // 2):
        start = studio.at("09:00") + timedelta(days=number // 9, hours=number % 9)
        answers = at_once(*[partial(studio.hold, start)] * CALLERS)
        assert outcomes(answers) == {"held": 2, "scheduling.slot_taken": CALLERS - 2}
    assert studio.overlaps() == 0


@pytest.mark.slow
def test_a_thing_of_five_units_has_five_winners(storm_uow: UnitOfWork) -> None:
    studio = Studio(storm_uow, crew={"prop": 1}, capacity={"prop": 5}, roles=[role("prop")])

    for number in range(ROUNDS // 2):
        start = studio.at("09:00") + timedelta(days=number // 9, hours=number % 9)
        answers = at_once(*[partial(studio.hold, start)] * CALLERS)
        assert outcomes(answers) == {"held": 5, "scheduling.slot_taken": CALLERS - 5}


def test_crews_that_overlap_in_part_never_deadlock(storm_uow: UnitOfWork) -> None:
    """Starts half an hour apart want the same people in every order."""
    types = ("photographer", "makeup_artist", "studio_room")
    studio = Studio(
        storm_uow,
        step=30,
        crew=dict.fromkeys(types, 3),
        roles=[role(name, offset_minutes=30 * n) for n, name in enumerate(types)],
    )
    starts = ["10:00", "10:30", "11:00", "11:30"]
    chance = random.Random(7)

    answers = at_once(*[partial(studio.hold, chance.choice(starts)) for _ in range(CALLERS)])

    counted = outcomes(answers)
    assert set(counted) == {"held", "scheduling.slot_taken"}
    assert counted["held"] >= 3
    assert studio.overlaps() == 0


@pytest.mark.parametrize("places", [1, 5])
def test_a_storm_over_holds_that_have_expired_has_as_many_winners(
    storm_uow: UnitOfWork, places: int
) -> None:
    studio = Studio(storm_uow, crew={"photographer": places})
    for _ in range(places):
        studio.hold("10:00")

    answers = at_once(*[partial(studio.hold, "10:00", now=LATER)] * CALLERS)

    assert outcomes(answers) == {"held": places, "scheduling.slot_taken": CALLERS - places}
    assert studio.events().count("hold.expired") == places
    assert studio.overlaps() == 0


def test_the_same_request_many_times_at_once_is_one_hold(duo: Studio) -> None:
    booking_id = uuid4()

    answers = at_once(*[partial(duo.hold, "10:00", booking_id=booking_id)] * 16)

    assert all(answer == answers[0] for answer in answers)
    assert duo.active_allocations() == 1
    assert duo.events() == ["hold.created"]


def test_two_bookings_that_swap_their_times_do_not_wait_for_each_other(studio_for_two: Any) -> None:
    studio, ten, eleven = studio_for_two
    began = time.monotonic()

    answers = at_once(
        partial(studio.reschedule, ten, "11:00"), partial(studio.reschedule, eleven, "10:00")
    )

    # Each one's wish is the other's time, and neither lets go before it has the new.
    assert outcomes(answers) == {"scheduling.slot_taken": 2}
    assert time.monotonic() - began < 0.9, "PostgreSQL had to break a deadlock"
    assert studio.overlaps() == 0
    assert studio.active_allocations() == 2


@pytest.fixture
def studio_for_two(storm_uow: UnitOfWork) -> tuple[Studio, Any, Any]:
    studio = Studio(storm_uow)
    return studio, studio.hold("10:00")["booking_id"], studio.hold("11:00")["booking_id"]


def test_many_moves_at_once_keep_every_booking_whole(storm_uow: UnitOfWork) -> None:
    studio = Studio(
        storm_uow,
        crew={"photographer": 3, "studio_room": 3},
        roles=[role(), role("studio_room")],
    )
    hours = [f"{hour:02}:00" for hour in range(9, 18)]
    bookings = [studio.hold(hour)["booking_id"] for hour in hours for _ in range(2)]
    chance = random.Random(11)
    began = time.monotonic()

    answers = at_once(
        *[partial(studio.reschedule, id, chance.choice(hours)) for id in bookings * 3]
    )

    assert set(outcomes(answers)) <= {"held", "scheduling.slot_taken"}
    assert time.monotonic() - began < 15
    assert studio.overlaps() == 0
    assert studio.active_allocations() == 2 * len(bookings)


def test_one_wins_when_a_late_payment_meets_a_new_hold(storm_uow: UnitOfWork) -> None:
    studio = Studio(storm_uow)
    for hour in range(9, 18):
        start = f"{hour:02}:00"
        late = studio.hold(start)["booking_id"]

        answers = at_once(
            partial(studio.confirm, late, now=LATER), partial(studio.hold, start, now=LATER)
        )

        assert sum(isinstance(answer, SlotTaken) for answer in answers) == 1
        studio.sweep(LATER)
    assert studio.overlaps() == 0
    assert studio.active_allocations() == 9


def test_two_sweepers_expire_every_hold_once(storm_uow: UnitOfWork) -> None:
    studio = Studio(storm_uow, crew={"photographer": 5})
    held = [studio.hold(f"{hour:02}:00") for hour in range(9, 15) for _ in range(5)]

    swept = at_once(*[partial(sweep, studio)] * 2)

    assert sum(answer["count"] for answer in swept) == len(held)
    assert studio.events().count("hold.expired") == len(held)
    assert studio.active_allocations() == 0


def test_a_confirmation_and_the_sweeper_agree(storm_uow: UnitOfWork) -> None:
    """Whoever comes first, the payer has the time and nobody else."""
    studio = Studio(storm_uow, crew={"photographer": 3})
    held = [studio.hold(f"{hour:02}:00")["booking_id"] for hour in range(9, 18)]

    answers = at_once(
        *[partial(studio.confirm, id, now=LATER) for id in held],
        *[partial(sweep, studio)] * 3,
    )

    assert outcomes(answers) == {"confirmed": len(held), "swept": 3}
    assert studio.active_allocations() == len(held)

"""Many drags at once: exactly one wins, the losers keep their time, nobody waits in a circle."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from services.chassis.db import UnitOfWork
from services.contracts.errors import YingqiError
from services.contracts.scheduling import SlotTaken
from tests.integration.scheduling.dragging import Desk, allocation
from tests.integration.scheduling.studio import DAY, Studio, role
from tests.integration.scheduling.test_storms import at_once

ROUNDS = 40
TAKEN = "scheduling.slot_taken"


def outcomes(answers: Sequence[Any]) -> Counter[str]:
    return Counter(each.code if isinstance(each, YingqiError) else "moved" for each in answers)


def pair(storm_uow: UnitOfWork) -> Desk:
    """Two photographers with a room each."""
    return Desk(
        Studio(
            storm_uow,
            crew={"photographer": 2, "studio_room": 2},
            roles=[role(), role("studio_room")],
        )
    )


def book(desk: Desk, clock: str, number: int, day: int) -> dict[str, Any]:
    start = desk.studio.at(clock, DAY + timedelta(days=day))
    return desk.studio.hold(start, wished=[f"photographer-{number}", f"studio_room-{number}"])


def spans(desk: Desk, hold: dict[str, Any]) -> set[Any]:
    rows = desk.allocations(hold["booking_id"])
    return {(row.resource_id, row.during.lower) for row in rows}


def test_of_two_dragged_to_one_place_one_wins_and_the_other_stays(storm_uow: UnitOfWork) -> None:
    """Both want the same photographer at the same time; each has a room of its own."""
    desk = pair(storm_uow)

    for day in range(ROUNDS):
        one, other = book(desk, "10:00", 1, day), book(desk, "12:00", 2, day)
        before = {id(hold): spans(desk, hold) for hold in (one, other)}
        there = desk.studio.at("15:00", DAY + timedelta(days=day))
        began = time.monotonic()

        answers = at_once(
            partial(desk.move, allocation(one), there, "photographer-2"),
            partial(desk.move, allocation(other, "photographer-2"), there),
        )

        assert outcomes(answers) == {"moved": 1, TAKEN: 1}
        assert time.monotonic() - began < 0.9, "PostgreSQL had to break a deadlock"
        (loser,) = (
            hold
            for hold, answer in zip((one, other), answers, strict=True)
            if isinstance(answer, SlotTaken)
        )
        assert spans(desk, loser) == before[id(loser)]
    assert desk.studio.overlaps() == 0
    assert len(desk.allocations()) == ROUNDS * 4


def test_two_dragged_onto_each_other_both_stay_or_one_comes_first(storm_uow: UnitOfWork) -> None:
    desk = pair(storm_uow)

    for day in range(ROUNDS):
        one, other = book(desk, "10:00", 1, day), book(desk, "12:00", 1, day)
        ten, twelve = (desk.studio.at(at, DAY + timedelta(days=day)) for at in ("10:00", "12:00"))
        began = time.monotonic()

        answers = at_once(
            partial(desk.move, allocation(one), twelve),
            partial(desk.move, allocation(other), ten),
        )

        assert outcomes(answers) == {TAKEN: 2}, "neither lets go before it has the new"
        assert time.monotonic() - began < 0.9, "PostgreSQL had to break a deadlock"
    assert desk.studio.overlaps() == 0


def test_the_same_drag_sent_many_times_moves_once(storm_uow: UnitOfWork) -> None:
    desk = pair(storm_uow)
    held = book(desk, "10:00", 1, 0)

    answers = at_once(*[partial(desk.move, allocation(held), "14:00", "photographer-2")] * 16)

    assert {answer["revision"] for answer in answers} == {1}
    assert desk.studio.events() == ["hold.created", "allocation.moved"]


def test_drags_and_all_else_at_once_keep_every_booking_whole(storm_uow: UnitOfWork) -> None:
    desk = Desk(
        Studio(
            storm_uow,
            step=30,
            crew={"photographer": 3, "studio_room": 3},
            roles=[role(), role("studio_room", buffer_after_minutes=30)],
        )
    )
    chance = random.Random(5)
    held = [desk.studio.hold(f"{hour:02}:00") for hour in (9, 11, 13, 15) for _ in range(2)]

    def clock() -> str:
        return f"{chance.randrange(9, 17):02}:{chance.choice(['00', '30'])}"

    def drag(force: bool = False) -> Any:
        hold = chance.choice(held)
        rows = desk.allocations(hold["booking_id"])
        row = chance.choice(rows)
        name = f"{row.resource_type}-{chance.randrange(1, 4)}"
        return desk.move(row.id, clock(), name, force=force, reason="急" if force else "")

    def resize() -> Any:
        row = chance.choice(desk.allocations(chance.choice(held)["booking_id"]))
        minutes = timedelta(minutes=chance.choice([30, 60, 90]))
        return desk.resize(row.id, row.serving.lower, row.serving.lower + minutes)

    def block() -> Any:
        start = desk.studio.at(clock())
        name = f"photographer-{chance.randrange(1, 4)}"
        return desk.block(name, start, start + timedelta(minutes=45))

    def reschedule() -> Any:
        return desk.studio.reschedule(chance.choice(held)["booking_id"], clock())

    def roster() -> Any:
        """Changes what is rostered, and writes anew where mobile people are."""
        name = f"photographer-{chance.randrange(1, 4)}"
        return desk.studio.change_resource(name, mobile=True, roster=desk.studio.hours)

    verbs = [drag] * 4 + [partial(drag, True), resize, resize, block, reschedule, roster]
    for _ in range(5):
        answers = at_once(*[chance.choice(verbs) for _ in range(32)])
        codes = {each.code for each in answers if isinstance(each, YingqiError)}
        assert codes <= {
            TAKEN,
            "scheduling.start_not_offered",
            "scheduling.allocation_unknown",  # rescheduled a moment ago
            "scheduling.span_invalid",
        }, codes

    assert desk.studio.overlaps() == 0
    for hold in held:
        rows = desk.allocations(hold["booking_id"])
        assert sorted(row.resource_type for row in rows) == ["photographer", "studio_room"]

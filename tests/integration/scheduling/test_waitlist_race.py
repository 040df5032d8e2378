"""Offers in a storm: never more than there are places, to nobody twice, and nothing half done."""

import random
import time as clocks
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import eventlet
import pytest
import sqlalchemy as sa

from services.chassis.db import UnitOfWork
from services.contracts.errors import YingqiError
from services.scheduling.models import Hold, WaitlistEntry
from tests.integration.scheduling.studio import DAY, NOW, Studio, role
from tests.integration.scheduling.test_storms import at_once
from tests.integration.scheduling.waitlist import Waitlist

ROUNDS = 12
REPLICAS = 3
OFFER = timedelta(minutes=30)
TOO_LATE = {
    "scheduling.slot_taken",
    "scheduling.offer_expired",
    "scheduling.hold_expired",
    "scheduling.hold_released",
}


@pytest.fixture
def waiting(storm_uow: UnitOfWork) -> Waitlist:
    """Four photographers and rooms, so that four bookings fit at a time."""
    studio = Studio(
        storm_uow,
        crew={"photographer": 4, "studio_room": 4},
        roles=[role(), role("studio_room")],
    )
    return Waitlist(studio)


def rush(*calls: Callable[[], Any]) -> list[Any]:
    """Run calls at once; nobody may wait for a deadlock or fail but for having come too late."""
    began = clocks.monotonic()
    answers = at_once(*calls)
    assert clocks.monotonic() - began < 20, "somebody waited for a deadlock to be found"
    assert {a.code for a in answers if isinstance(a, YingqiError)} <= TOO_LATE
    return answers


def after(seconds: float, call: Callable[[], Any]) -> Any:
    """Run a call a moment later, so that now one comes first and now another."""
    eventlet.sleep(seconds)
    return call()


def check(waiting: Waitlist, now: datetime) -> None:
    """Check what must always be true of offers and holds, whoever came first."""
    assert waiting.studio.overlaps() == 0
    with waiting.studio.uow.read() as session:
        entries = list(session.scalars(sa.select(WaitlistEntry)))
        held = {hold.booking_id: hold for hold in session.scalars(sa.select(Hold))}
    offered = waiting.told("waitlist.offered")
    told = Counter(payload["entry_id"] for payload in offered)
    assert told == Counter({str(e.id): e.offers for e in entries if e.offers}), "each offer is told"
    bookings = Counter(payload["booking_id"] for payload in offered)
    assert set(bookings.values()) <= {1}
    created = Counter(payload["booking_id"] for payload in waiting.told("hold.created"))
    assert created == Counter(str(booking_id) for booking_id in held), "each hold is told, once"
    open_offers = {e.offer_booking_id for e in entries if e.state in ("offered", "accepted")}
    for booking_id in bookings:
        hold = next(hold for id, hold in held.items() if str(id) == booking_id)
        if hold.booking_id not in open_offers:
            assert hold.state in ("expired", "released"), "no hold without its offer"
    for entry in entries:
        if entry.state == "offered" and entry.offer_expires_at and entry.offer_expires_at > now:
            assert entry.offer_booking_id is not None
            assert held[entry.offer_booking_id].state == "held"
    ended = Counter(payload["entry_id"] for payload in waiting.told("waitlist.left"))
    assert ended == Counter(str(e.id) for e in entries if e.state == "left")
    taken = Counter(payload["entry_id"] for payload in waiting.told("waitlist.accepted"))
    assert taken == Counter(str(e.id) for e in entries if e.state == "accepted")


def settle(waiting: Waitlist, now: datetime) -> None:
    """Let the timers run until there is nothing left for them to do."""
    while waiting.studio.sweep(now) + waiting.tick(now) + waiting.noted():
        pass


@pytest.mark.slow
@pytest.mark.parametrize("places", [1, 3])
def test_places_that_are_freed_at_once_are_each_offered_or_booked_once(
    waiting: Waitlist, places: int
) -> None:
    """Customers who book as usual and those who wait want the same few places."""
    studio, chance = waiting.studio, random.Random(places)
    for number in range(ROUNDS):
        day = DAY + timedelta(days=number)
        start = studio.at("10:00", day)
        taken = [studio.hold(start)["booking_id"] for _ in range(4)]
        hours = {"earliest": "10:00", "latest": "10:00"}
        names = [f"{number}-{each}" for each in range(5)]
        waiting.line_up(*names, first=day, **hours)

        calls = [
            *(partial(studio.release, id) for id in taken[:places]),
            *[partial(studio.hold, start)] * 4,
            *[waiting.tick] * REPLICAS,
            partial(waiting.leave, names[chance.randrange(5)]),
            *[partial(studio.sweep, NOW)] * 2,
        ]
        chance.shuffle(calls)
        rush(*calls)
        rush(*[waiting.tick] * REPLICAS)
        settle(waiting, NOW)

        check(waiting, NOW)
        assert studio.remaining(first=day).get("10:00") is None, "nobody waits for free time"
        states = Counter(waiting.get(name)["state"] for name in names)
        assert states["offered"] <= places
        assert states["left"] == 1


def test_several_processes_offer_in_the_order_of_the_list(waiting: Waitlist) -> None:
    studio = waiting.studio
    for number in range(ROUNDS):
        day = DAY + timedelta(days=number)
        start = studio.at("10:00", day)
        taken = [studio.hold(start)["booking_id"] for _ in range(4)]
        names = [f"{number}-{each}" for each in range(6)]
        waiting.line_up(*names, first=day, earliest="10:00", latest="10:00")
        at_once(*[partial(studio.release, id) for id in taken[:3]])

        rush(*[waiting.tick] * REPLICAS)

        assert [waiting.get(name)["state"] for name in names] == ["offered"] * 3 + ["waiting"] * 3
    check(waiting, NOW)


def test_whoever_accepts_leaves_or_is_swept_away_at_once_ends_in_one_way(
    waiting: Waitlist,
) -> None:
    studio, chance = waiting.studio, random.Random(5)
    ended: Counter[str] = Counter()
    later, just_before = NOW + OFFER, NOW + OFFER - timedelta(seconds=1)
    for number in range(ROUNDS):
        day = DAY + timedelta(days=number)
        names = [f"{number}-{each}" for each in range(3)]
        for name in names:
            waiting.join(name, first=day, last=day)
        settle(waiting, NOW)
        assert {waiting.get(name)["state"] for name in names} == {"offered"}

        calls = [
            *(partial(waiting.accept, name, now=just_before) for name in names[:2]),
            *(partial(waiting.leave, name) for name in names[1:]),
            *[partial(studio.sweep, later)] * 2,
            *[partial(waiting.tidy_up, later)] * 2,
        ]
        chance.shuffle(calls)
        rush(*(partial(after, chance.random() / 30, call) for call in calls))

        waiting.tidy_up(later)
        check(waiting, later)
        for name in names:
            entry, hold = waiting.get(name), waiting.hold_of(name)
            ended[f"{entry['state']} {hold.state}"] += 1
        waiting.forget_freed()
        for name in names:
            if not waiting.leave(name):
                studio.release(waiting.hold_of(name).booking_id)
    assert set(ended) <= {"accepted held", "left released", "left expired", "waiting expired"}
    assert len(ended) >= 3, "the race is not always won by the same"


@pytest.mark.slow
def test_a_long_day_of_everything_at_once_stays_in_order(waiting: Waitlist) -> None:
    """Time goes on, people come, accept, pay, cancel, leave or forget; every check still holds."""
    studio, chance, now = waiting.studio, random.Random(17), NOW
    hours = ["09:00", "10:00", "11:00"]
    for number in range(ROUNDS):
        now += timedelta(minutes=10)
        for each in range(4):
            waiting.join(f"{number}-{each}", latest=chance.choice(hours), now=now)
        names = chance.sample(sorted(waiting.ids), min(8, len(waiting.ids)))
        bookings = [hold.booking_id for hold in _living(waiting)]
        chance.shuffle(bookings)
        calls = [
            *(partial(studio.hold, chance.choice(hours), now=now) for _ in range(4)),
            *(partial(waiting.accept, name, now=now) for name in names[:4]),
            *(partial(waiting.leave, name) for name in names[4:6]),
            *(partial(studio.confirm, id, now=now) for id in bookings[:2]),
            *(partial(studio.release, id) for id in bookings[2:5]),
            *[partial(waiting.tick, now)] * REPLICAS,
            *[partial(studio.sweep, now)] * 2,
            partial(waiting.tidy_up, now),
        ]
        chance.shuffle(calls)
        rush(*calls)
        waiting.tidy_up(now)
        assert studio.overlaps() == 0
    now += timedelta(days=1)
    settle(waiting, now)
    waiting.tidy_up(now)
    check(waiting, now)
    assert waiting.told("waitlist.offered"), "how many there are is the threads' luck"


def _living(waiting: Waitlist) -> list[Hold]:
    with waiting.studio.uow.read() as session:
        return list(session.scalars(sa.select(Hold).where(Hold.state == "held")))

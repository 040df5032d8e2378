"""Many customers and staff at once, doing anything in any order: the database's promises hold.

Each run is a seed. Workers hold, confirm, move, release, let expire, sweep, wait and accept what
they are offered, in parallel; then plain SQL looks for what must never be.
"""

import random
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import eventlet
import pytest
import sqlalchemy as sa

from services.chassis.db import OUTBOX, UnitOfWork
from services.contracts.errors import YingqiError
from services.scheduling.links import WAITLIST, Links
from services.scheduling.usecases import expiry, holds
from services.scheduling.usecases.waitlist import lapses, offering, places
from tests.integration.scheduling.studio import DAY, NOW, Studio, role

WORKERS = 8
STEPS = 25
DAYS = 2
QUOTA = 9
PLACES = 3

NEVER = {
    "a unit is locked twice": """
        SELECT a.id FROM allocation AS a JOIN allocation AS b
            ON a.resource_id = b.resource_id AND a.id < b.id
            AND a.during && b.during AND a.units && b.units
        WHERE a.state <> 'released' AND b.state <> 'released'
    """,
    "two sessions share a resource": """
        SELECT a.id FROM allocation AS a JOIN allocation AS b
            ON a.resource_id = b.resource_id AND a.during && b.during AND a.session <> b.session
        WHERE a.state <> 'released' AND b.state <> 'released'
    """,
    "a session has more customers than places": f"""
        SELECT session FROM allocation WHERE state <> 'released' AND session IS NOT NULL
        GROUP BY session HAVING count(DISTINCT booking_id) > {PLACES}
    """,
    "a living hold lacks a line": """
        SELECT hold.booking_id FROM hold
        JOIN requirement_line AS line ON line.service_id = hold.service_id AND NOT line.optional
        WHERE hold.state IN ('held', 'confirmed') AND line.quantity <> (
            SELECT count(*) FROM allocation
            WHERE allocation.booking_id = hold.booking_id AND allocation.line = line.key
                AND allocation.state = hold.state
        )
    """,
    "a dead hold keeps time": """
        SELECT booking_id FROM hold JOIN allocation USING (booking_id)
        WHERE hold.state IN ('expired', 'released') AND allocation.state <> 'released'
    """,
    "a hold and its time disagree": """
        SELECT booking_id FROM hold JOIN allocation USING (booking_id)
        WHERE hold.state IN ('held', 'confirmed')
            AND (allocation.expires_at IS DISTINCT FROM hold.expires_at
                OR NOT tstzrange(hold.start_at, hold.end_at) && allocation.serving)
    """,
    "a quota is exceeded": f"""
        SELECT service_id FROM hold WHERE state IN ('held', 'confirmed')
        GROUP BY service_id, (start_at AT TIME ZONE 'Asia/Shanghai')::date
        HAVING count(*) > {QUOTA}
    """,
    "an open offer has no time, or another's": """
        SELECT entry.id FROM waitlist_entry AS entry
        LEFT JOIN hold ON hold.booking_id = entry.offer_booking_id
        WHERE entry.state = 'offered' AND (
            hold.state IS NULL OR hold.state NOT IN ('held', 'confirmed')
            OR hold.start_at <> entry.offer_start_at
        )
    """,
}


class Life:
    """What some customers do with one studio's time; `now` passes as they act."""

    def __init__(self, uow: UnitOfWork, studios: list[Studio], seed: int) -> None:
        self.uow = uow
        self.studios = studios
        self.dice = random.Random(seed)
        self.links = Links("secret", "https://studio.example")
        self.bookings: list[UUID] = []
        self.tokens: list[str] = []
        self.minutes = 0
        self.refusals: set[str] = set()

    @property
    def now(self) -> Any:
        return NOW + timedelta(minutes=self.minutes)

    def step(self) -> None:
        """Do something; anticipated refusals are part of life, anything else is a bug."""
        action = self.dice.choices(
            [self.hold, self.confirm, self.move, self.release, self.wait, self.answer, self.tick],
            [10, 5, 5, 3, 3, 3, 4],
        )[0]
        try:
            action(self.dice.choice(self.studios))
        except YingqiError as error:
            self.refusals.add(error.code)

    def start(self, studio: Studio) -> Any:
        clock = f"{self.dice.randrange(9, 18):02}:00"
        return studio.at(clock, DAY + timedelta(days=self.dice.randrange(DAYS)))

    def hold(self, studio: Studio) -> None:
        booking_id = uuid4()
        wished = [studio.resources["photographer-1"]] if self.dice.random() < 0.3 else []
        holds.hold(
            uow=self.uow,
            now=self.now,
            ttl_seconds=600,
            booking_id=booking_id,
            service_id=studio.service_id,
            branch_id=studio.branch_id,
            start=self.start(studio),
            resource_ids=wished,
        )
        self.bookings.append(booking_id)

    def confirm(self, _: Studio) -> None:
        if self.bookings:
            holds.confirm(uow=self.uow, now=self.now, booking_id=self.dice.choice(self.bookings))

    def move(self, studio: Studio) -> None:
        if self.bookings:
            holds.reschedule(
                uow=self.uow,
                now=self.now,
                booking_id=self.dice.choice(self.bookings),
                start=self.start(studio),
            )

    def release(self, _: Studio) -> None:
        if self.bookings:
            holds.release(uow=self.uow, booking_id=self.dice.choice(self.bookings))

    def wait(self, studio: Studio) -> None:
        joined = places.join_waitlist(
            uow=self.uow,
            now=self.now,
            links=self.links,
            id=uuid4(),
            service_id=studio.service_id,
            branch_id=studio.branch_id,
            from_=DAY,
            to=DAY + timedelta(days=DAYS - 1),
            contact={"name": "王小丽", "phone": "13800000000", "language": "zh"},
        )
        self.tokens.append(self.links.token(WAITLIST, joined["id"]))

    def answer(self, _: Studio) -> None:
        if self.tokens:
            token = self.dice.choice(self.tokens)
            if self.dice.random() < 0.6:
                accepted = places.accept_offer(
                    uow=self.uow, now=self.now, links=self.links, token=token, ttl_seconds=600
                )
                self.bookings.append(accepted["hold"]["booking_id"])
            else:
                places.leave_waitlist(uow=self.uow, links=self.links, token=token)

    def tick(self, _: Studio) -> None:
        self.minutes += self.dice.randrange(6)
        expiry.sweep(uow=self.uow, now=self.now)
        offering.offer_freed_time(uow=self.uow, now=self.now, links=self.links)
        lapses.tidy_up(uow=self.uow, now=self.now)


def studios(uow: UnitOfWork) -> list[Studio]:
    """Return three services that share people: a plain one, one with rivals, and a class."""
    plain = Studio(uow, crew={"photographer": 3, "makeup_artist": 2, "studio_room": 2})
    plain.change_resource("photographer-1", skills=skill(plain, 3))
    pair = [role(key="lead", skills={"lead": 1}), role(key="second"), role("studio_room")]
    class_ = [role(shared=True), role("studio_room", shared=True)]
    services = [plain]
    for places_, roles in ((1, pair), (PLACES, class_)):
        other = Studio.__new__(Studio)
        other.__dict__.update(plain.__dict__, service_id=uuid4(), places=places_, roles=roles)
        other.define_service()
        services.append(other)
    for studio in services:
        studio.add_quota(QUOTA, service_id=studio.service_id)
    return services


def skill(studio: Studio, level: int) -> dict[str, int]:
    from services.scheduling.usecases import resource_types

    resource_types.define_skill(uow=studio.uow, id="lead", name={"zh": "主拍", "en": "Lead"})
    return {"lead": level}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_whatever_they_do_the_promises_hold(storm_uow: UnitOfWork, seed: int) -> None:
    shared = studios(storm_uow)
    pool = eventlet.GreenPool(WORKERS)

    def live(worker: int) -> Life:
        own = UnitOfWork(storm_uow.engine, constraint_errors=storm_uow._constraint_errors)
        life = Life(own, shared, seed * 100 + worker)
        for _ in range(STEPS):
            life.step()
        return life

    lives = list(pool.imap(live, range(WORKERS)))

    assert sum(len(life.bookings) for life in lives) > WORKERS
    refusals = set().union(*(life.refusals for life in lives))
    assert all(code.startswith("scheduling.") for code in refusals), refusals
    with storm_uow.read() as session:
        for promise, statement in NEVER.items():
            assert session.execute(sa.text(statement)).all() == [], promise
        told = session.execute(
            sa.select(OUTBOX.c.subject, OUTBOX.c.envelope["type"].astext).order_by(OUTBOX.c.id)
        ).all()
    _check_stories(told)


FOLLOWS = {
    None: {"hold.created"},
    "hold.created": {
        "hold.expired",
        "allocation.locked",
        "allocation.moved",
        "allocation.released",
    },
    "hold.expired": {"allocation.locked"},
    "allocation.locked": {"allocation.moved", "allocation.released"},
    "allocation.moved": {
        "allocation.moved",
        "allocation.locked",
        "allocation.released",
        "hold.expired",
    },
    "allocation.released": set(),
}


def _check_stories(told: Any) -> None:
    """Every booking's time is told of in an order that makes sense, each thing once."""
    last: dict[str, str] = {}
    for subject, kind in told:
        if kind in FOLLOWS:
            assert kind in FOLLOWS[last.get(subject)], (subject, last.get(subject), kind)
            last[subject] = kind

"""Whoever changes several allocations locks them in one order, so that nobody waits in a circle."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import eventlet
import pytest
import sqlalchemy as sa

from services.chassis.db import UnitOfWork
from services.contracts.errors import YingqiError
from services.scheduling.models import Allocation
from services.scheduling.queries import rosters
from services.scheduling.usecases import expiry
from tests.integration.scheduling.dragging import Desk
from tests.integration.scheduling.studio import DAY, NOW, Studio, role
from tests.integration.scheduling.test_storms import at_once

ROUNDS = 30
HOURS = range(9, 17)


def expire(studio: Studio, *booking_ids: UUID) -> None:
    later = NOW + timedelta(seconds=studio.ttl)
    expiry.expire_among(uow=studio.uow, now=later, booking_ids=booking_ids)


def place(studio: Studio, *_: UUID) -> None:
    """Write down where everybody serves, as publishing a roster does for who becomes mobile."""
    with studio.uow.begin() as tx:
        rosters.place_allocations(tx.session, list(studio.resources.values()), NOW)


def drag(studio: Studio, booking_id: UUID) -> None:
    desk = Desk(studio)
    one, *_ = desk.allocations(booking_id)
    desk.move(one.id, "17:00")


CHANGES: dict[str, Callable[[Studio, UUID], Any]] = {
    "confirm": lambda studio, id: studio.confirm(id),
    "extend": lambda studio, id: studio.extend(id),
    "release": lambda studio, id: studio.release(id),
    "expire": expire,
    "reschedule": lambda studio, id: studio.reschedule(id, "17:00"),
    "drag": drag,
    "place": place,
}


@pytest.fixture
def both(storm_uow: UnitOfWork) -> Studio:
    """Two photographers whom every booking needs both."""
    return Studio(storm_uow, crew={"photographer": 2}, roles=[role(quantity=2)])


def book(studio: Studio, day: int = 0) -> list[UUID]:
    """Fill a day with bookings of both; the rows of the first come to lie behind the other's."""
    starts = [studio.at(f"{hour:02}:00", DAY + timedelta(days=day)) for hour in HOURS]
    bookings = [UUID(str(studio.hold(start)["booking_id"])) for start in starts]
    first = min(studio.resources.values())
    with studio.uow.begin() as tx:
        # What an index has changes, so that its entry moves as well.
        later = Allocation.expires_at + timedelta(microseconds=1)
        rows = sa.update(Allocation).where(Allocation.resource_id == first)
        tx.session.execute(rows.values(expires_at=later))
    return bookings


def errors(answers: list[Any]) -> list[Any]:
    return [each for each in answers if isinstance(each, YingqiError)]


@pytest.mark.parametrize("change", CHANGES)
def test_all_go_by_the_ids_of_resources_wherever_the_rows_lie(both: Studio, change: str) -> None:
    booking_id, *_ = book(both)

    def lock_one_after_the_other() -> None:
        with both.uow.begin() as tx:
            for resource_id in sorted(both.resources.values()):
                row = sa.select(Allocation.id).filter_by(
                    booking_id=booking_id, resource_id=resource_id
                )
                tx.session.execute(row.with_for_update()).one()
                eventlet.sleep(0.3)

    def meanwhile() -> None:
        eventlet.sleep(0.1)
        CHANGES[change](both, booking_id)

    assert errors(at_once(lock_one_after_the_other, meanwhile)) == []


def test_people_become_mobile_while_much_happens_to_their_bookings(both: Studio) -> None:
    for day in range(ROUNDS):
        bookings = book(both, day)
        paid, left, extended, overdue = (bookings[number::4] for number in range(4))
        began = time.monotonic()

        answers = at_once(
            partial(expire, both, *overdue),
            *[partial(both.confirm, id) for id in paid],
            partial(place, both),
            *[partial(both.release, id) for id in left],
            *[partial(both.extend, id) for id in extended],
            partial(place, both),
        )

        assert errors(answers) == []
        assert time.monotonic() - began < 0.9, "PostgreSQL had to break a deadlock"
    assert both.overlaps() == 0
    assert both.active_allocations() == ROUNDS * len(HOURS)

"""Fixtures of the scheduling tests."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from services.chassis.db import UnitOfWork
from tests.harness import Databases
from tests.integration.scheduling.studio import Studio
from tests.integration.scheduling.waitlist import Waitlist, fill


@pytest.fixture
def uow(service_uow: Callable[[str], UnitOfWork]) -> UnitOfWork:
    """A unit of work on a fresh database."""
    return service_uow("scheduling")


@pytest.fixture
def make_studio(uow: UnitOfWork) -> Callable[..., Studio]:
    """`make_studio(zone=…, crew=…)`: a studio with defaults for what a test does not mention."""

    def make(**values: Any) -> Studio:
        return Studio(uow, **values)

    return make


@pytest.fixture
def studio(make_studio: Callable[..., Studio]) -> Studio:
    """One photographer, one-hour shoots on the hour, nine to six in Shanghai."""
    return make_studio()


@pytest.fixture
def storm_uow(databases: Databases) -> UnitOfWork:
    """A unit of work with as many connections as a storm has callers."""
    return databases.uow("scheduling", pool_size=64)


@pytest.fixture
def waiting(studio: Studio) -> Waitlist:
    """The waitlist of a studio with one photographer; nobody waits yet."""
    return Waitlist(studio)


@pytest.fixture
def full(waiting: Waitlist) -> dict[str, UUID]:
    """The bookings of a full day, confirmed, by hour."""
    bookings = fill(waiting.studio)
    for booking_id in bookings.values():
        waiting.studio.confirm(booking_id)
    return bookings

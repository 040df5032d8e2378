"""The studio of each test, with one package that takes a deposit and one that does not."""

from collections.abc import Callable

import pytest

from services.chassis.db import UnitOfWork
from tests.integration.booking.studio import FREE_SERVICE, Studio, deposit


@pytest.fixture
def studio(service_uow: Callable[[str], UnitOfWork]) -> Studio:
    made = Studio(service_uow("booking"))
    made.define()
    made.define(FREE_SERVICE, price_cents=20_000, deposit=deposit("none"), position=1)
    return made

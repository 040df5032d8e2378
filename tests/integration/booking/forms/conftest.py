"""The desk of each test."""

from collections.abc import Callable

import pytest

from services.chassis.db import UnitOfWork
from tests.integration.booking.forms.desk import Desk


@pytest.fixture
def desk(service_uow: Callable[[str], UnitOfWork]) -> Desk:
    return Desk(service_uow("booking"))

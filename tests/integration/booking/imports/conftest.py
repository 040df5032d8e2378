"""The desk of each test at which files are imported."""

import pytest

from tests.integration.booking.imports.desk import Desk
from tests.integration.booking.studio import FREE_SERVICE, Studio, deposit


@pytest.fixture
def desk(studio: Studio) -> Desk:
    name = {"zh": "证件照", "en": "ID photo"}
    studio.define(FREE_SERVICE, name=name, price_cents=20_000, deposit=deposit("none"))
    return Desk(studio)

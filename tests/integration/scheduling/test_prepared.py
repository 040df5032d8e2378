"""Prepared statements live as long as their connection, whatever happens around them."""

from datetime import timedelta

import sqlalchemy as sa

from services.scheduling.models import Base
from services.scheduling.usecases import utilisation
from tests.integration.scheduling.studio import NOW, Studio


def test_a_migration_that_adds_columns_does_not_stop_a_running_service(studio: Studio) -> None:
    def work(clock: str, days: int) -> None:
        held = studio.hold(clock)
        studio.confirm(held["booking_id"])
        studio.calendar()
        assert utilisation.measure_ahead(uow=studio.uow, now=NOW + timedelta(days=days))

    work("10:00", 0)
    with studio.uow.begin() as tx:
        for table in Base.metadata.tables:
            tx.session.execute(sa.text(f'ALTER TABLE "{table}" ADD COLUMN added_later text'))
    work("12:00", 1)

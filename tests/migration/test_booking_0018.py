"""Money that an old close of the day had seen is that close's; all the rest is the next one's."""

from uuid import uuid4

import pytest
import sqlalchemy as sa

from services.chassis import migrations
from tests.migration.test_booking_0006 import BACK, BEFORE, FIRST, PAID, url  # noqa: F401

CLOSE = """
    INSERT INTO cash_close (
        branch_id, day, currency, expected_cents, counted_cents, totals, note, closed_by, closed_at
    )
    SELECT
        branch_id, CAST(:day AS date), 'CNY', 0, 0, '[]', '', :staff,
        CAST(:closed_at AS timestamptz)
    FROM booking WHERE id = :booking"""


@pytest.mark.parametrize(
    ("closed_at", "is_closed"), [("2026-11-02 02:01+00", False), ("2026-11-02 02:03+00", True)]
)
def test_closes_become_a_chain_and_every_movement_is_in_one_or_open(url, closed_at, is_closed):  # noqa: F811
    engine = sa.create_engine(url)
    migrations.upgrade("services.booking", url, "0005")
    with engine.begin() as connection:
        connection.exec_driver_sql(BEFORE)
    migrations.upgrade("services.booking", url, "0016")
    with engine.begin() as connection:
        for day, moment in (("2026-11-01", "2026-11-01 10:00+00"), ("2026-11-02", closed_at)):
            told = {"day": day, "closed_at": moment, "staff": uuid4(), "booking": PAID}
            connection.execute(sa.text(CLOSE), told)

    migrations.upgrade("services.booking", url)

    with engine.connect() as connection:
        closes = connection.execute(
            sa.text("SELECT id, previous_id FROM cash_close ORDER BY day")
        ).all()
        moved = connection.execute(sa.text("SELECT * FROM cash_movement")).all()
    engine.dispose()
    assert [each.previous_id for each in closes] == [None, closes[0].id]
    taken = {(each.source, each.id): each.cash_close_id for each in moved}
    assert taken.pop(("payment", FIRST)) == (closes[1].id if is_closed else None)
    assert set(taken.values()) == {None}, "of the other branch nothing was ever closed"
    assert {("payment", BACK), ("refund", BACK)} <= set(taken)
    assert sum(each.received_cents - each.refunded_cents for each in moved) == 100_000

"""A booking that was made before has one service, and so has one by a process that runs on."""

from uuid import uuid4

import pytest
import sqlalchemy as sa

from services.chassis import migrations

BRANCH, SERVICE = uuid4(), uuid4()
BEFORE = f"""
    INSERT INTO branch (id, name, address, phone, timezone)
    VALUES ('{BRANCH}', '{{}}', '{{}}', '', 'Asia/Shanghai');
    INSERT INTO requirement (
        service_id, slot_step_minutes, minimum_notice_minutes, horizon_days, duration_minutes
    )
    VALUES ('{SERVICE}', 30, 0, 92, 60);
"""


def hold():
    return f"""
        INSERT INTO hold
            (booking_id, service_id, branch_id, start_at, end_at, state, resource_ids)
        VALUES ('{uuid4()}', '{SERVICE}', '{BRANCH}', '2026-12-07 02:00+00',
            '2026-12-07 03:00+00', 'confirmed', '{{}}')
    """


@pytest.fixture
def url(postgres):
    name = f"m_{uuid4().hex}"
    postgres.execute(f'CREATE DATABASE "{name}"')
    for extension in ("btree_gist", "pg_trgm"):
        postgres.execute(f"CREATE EXTENSION {extension}", database=name)
    yield postgres.url(name)
    postgres.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_bookings_of_the_release_before_have_no_services_that_follow(url):
    migrations.upgrade("services.scheduling", url, "0003")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(BEFORE + hold())

    migrations.upgrade("services.scheduling", url)

    with engine.begin() as connection:
        connection.exec_driver_sql(hold())
        found = connection.exec_driver_sql("SELECT also FROM hold").scalars().all()
    engine.dispose()
    assert found == [[], []]

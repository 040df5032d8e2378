"""What a studio had before the engine grew is there afterwards, and still is booked only once."""

from uuid import uuid4

import pytest
import sqlalchemy as sa

from services.chassis import migrations


@pytest.fixture
def url(postgres):
    name = f"m_{uuid4().hex}"
    postgres.execute(f'CREATE DATABASE "{name}"')
    for extension in ("btree_gist", "pg_trgm"):
        postgres.execute(f"CREATE EXTENSION {extension}", database=name)
    yield postgres.url(name)
    postgres.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


BRANCH, ROOM, SERVICE, BOOKING = (uuid4() for _ in range(4))
BEFORE = f"""
    INSERT INTO branch (id, name, address, phone, timezone)
    VALUES ('{BRANCH}', '{{}}', '{{}}', '', 'Asia/Shanghai');
    INSERT INTO resource (id, branch_id, resource_type, name, bookable_by_name)
    VALUES ('{ROOM}', '{BRANCH}', 'studio_room', '{{}}', true);
    INSERT INTO roster VALUES
        ('{ROOM}', 1, '09:00', '12:00'), ('{ROOM}', 1, '13:00', '18:00'),
        ('{ROOM}', 6, '10:00', '20:00');
    INSERT INTO leave (id, resource_id, during, reason)
    VALUES ('{uuid4()}', '{ROOM}', '[2026-12-01, 2026-12-02)', '');
    INSERT INTO requirement VALUES ('{SERVICE}', 30, 0, 92, 60);
    INSERT INTO requirement_branch VALUES ('{SERVICE}', '{BRANCH}');
    INSERT INTO requirement_role VALUES ('{SERVICE}', 'studio_room', 1, 0, 60, 5, 10);
    INSERT INTO hold (booking_id, service_id, branch_id, start_at, end_at, state, resource_ids)
    VALUES ('{BOOKING}', '{SERVICE}', '{BRANCH}', '2026-12-07 02:00+00', '2026-12-07 03:00+00',
        'confirmed', '{{}}');
    INSERT INTO allocation (id, booking_id, resource_id, resource_type, during, serving, state)
    VALUES ('{uuid4()}', '{BOOKING}', '{ROOM}', 'studio_room',
        '[2026-12-07 01:55+00, 2026-12-07 03:10+00)', '[2026-12-07 02:00+00, 2026-12-07 03:00+00)',
        'confirmed');
"""
AGAIN = f"""
    INSERT INTO allocation (id, resource_id, resource_type, during, serving, state)
    VALUES ('{uuid4()}', '{ROOM}', 'studio_room',
        '[2026-12-07 03:00+00, 2026-12-07 04:00+00)', '[2026-12-07 03:00+00, 2026-12-07 04:00+00)',
        'blocked')
"""


def test_rosters_requirements_leave_and_time_are_carried_over(url):
    migrations.upgrade("services.scheduling", url, "0001")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(BEFORE)

    migrations.upgrade("services.scheduling", url)

    with engine.begin() as connection:
        rules = connection.exec_driver_sql(
            "SELECT weekdays, array_agg(opens::text || '-' || closes ORDER BY opens)"
            " FROM roster_rule JOIN roster_span ON rule_id = id"
            " WHERE state = 'published' GROUP BY weekdays ORDER BY weekdays"
        ).all()
        assert [tuple(rule) for rule in rules] == [
            ([1], ["09:00:00-12:00:00", "13:00:00-18:00:00"]),
            ([6], ["10:00:00-20:00:00"]),
        ]
        assert connection.exec_driver_sql("SELECT state FROM leave").scalar_one() == "approved"
        assert connection.exec_driver_sql(
            "SELECT key, length_minutes, buffer_after_minutes FROM requirement_line"
        ).one() == ("studio_room", 60, 10)
        assert connection.exec_driver_sql("SELECT line, units::text FROM allocation").one() == (
            "studio_room",
            "[1,)",
        )
    with engine.begin() as connection, pytest.raises(sa.exc.IntegrityError, match="no_overlap"):
        connection.exec_driver_sql(AGAIN)
    engine.dispose()

"""Old submissions get the branch of their booking; tables that customers choose of stay open."""

import json
from uuid import uuid4

import pytest
import sqlalchemy as sa

from services.chassis import migrations
from tests.migration.test_booking_0006 import BEFORE, PAID, url  # noqa: F401  (a fixture)

BOUND, UNBOUND, DRAFTED, FORM = (str(uuid4()) for _ in range(4))

FORM_ROW = """
    INSERT INTO form (id, kind, name, definition, revision, active, created_at, changed_at)
    VALUES (:id, :kind, '{}', :draft, 1, true, now(), now())"""
VERSION_ROW = """
    INSERT INTO form_version (form_id, number, revision, name, definition, published_at)
    VALUES (:id, 1, 1, '{}', :live, now())"""
LINK_ROW = """
    INSERT INTO form_link (id, form_id, code, label, channel, disabled, created_at)
    VALUES (:form, :form, 'k7m2pqrs', '', 'web', false, now())"""
SUBMISSION_ROW = """
    INSERT INTO submission (
        id, form_id, version, link_id, channel, booking_id, answers, labels, status, search_text,
        search_terms, submitted_at
    ) VALUES (:id, :form, 1, :form, 'web', :booking, '{}', '{}', 'new', '', '{}', now())"""


def definition(table=None):
    source = {"kind": "table", "table_id": table, "label_field": "name"}
    field = {"key": "pet", "kind": "text"} | ({"source": source} if table else {})
    return json.dumps({"fields": [field]})


def publish(connection, form_id, kind, live, draft):
    connection.execute(sa.text(FORM_ROW), {"id": form_id, "kind": kind, "draft": draft})
    connection.execute(sa.text(VERSION_ROW), {"id": form_id, "live": live})
    publishing = sa.text("UPDATE form SET published_version = 1 WHERE id = :id")
    connection.execute(publishing, {"id": form_id})


@pytest.fixture
def upgraded(url):  # noqa: F811
    """A form for customers that is bound to one table, its draft to another."""
    engine = sa.create_engine(url)
    migrations.upgrade("services.booking", url, "0005")
    with engine.begin() as connection:
        connection.exec_driver_sql(BEFORE)
    migrations.upgrade("services.booking", url, "0011")
    with engine.begin() as connection:
        for table in (BOUND, UNBOUND, DRAFTED):
            publish(connection, table, "table", definition(), definition())
        publish(connection, FORM, "survey", definition(BOUND), definition(DRAFTED))
        publish(connection, str(uuid4()), "table", definition(UNBOUND), definition())
        connection.execute(sa.text(LINK_ROW), {"form": FORM})
        for booking in (PAID, None):
            sent = {"id": str(uuid4()), "form": FORM, "booking": booking}
            connection.execute(sa.text(SUBMISSION_ROW), sent)
    migrations.upgrade("services.booking", url)
    yield engine
    engine.dispose()


def test_bound_tables_stay_open_and_submissions_get_the_branch_of_their_booking(upgraded):
    with upgraded.connect() as connection:
        public = connection.scalars(sa.text("SELECT id::text FROM form WHERE public")).all()
        sent = connection.execute(
            sa.text(
                "SELECT submission.booking_id, submission.branch_id = booking.branch_id"
                " FROM submission LEFT JOIN booking ON booking.id = submission.booking_id"
            )
        ).all()
    assert public == [BOUND]
    assert set(map(tuple, sent)) == {(PAID, True), (None, None)}

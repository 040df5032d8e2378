"""What was booked, paid and given back before there were orders is the same money afterwards."""

from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.booking.domain.ledger import Money
from services.booking.queries import accounts, bookings
from services.chassis import migrations


@pytest.fixture
def url(postgres):
    name = f"m_{uuid4().hex}"
    postgres.execute(f'CREATE DATABASE "{name}"')
    for extension in ("btree_gist", "pg_trgm"):
        postgres.execute(f"CREATE EXTENSION {extension}", database=name)
    yield postgres.url(name)
    postgres.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


SERVICE, PAID, CANCELLED, BACK, COMING = (uuid4() for _ in range(5))


def booking(id, number, status):
    return f"""
    INSERT INTO booking (
        id, number, version, status, service_id, service_name, price_cents, deposit_cents, currency,
        branch_id, branch_name, branch_address, branch_phone, timezone, starts_at, ends_at,
        schedule_revision, crew, contact_name, contact_phone, search_text, search_terms, note,
        answers, channel, requested_at, cancel_reason, reschedule_count, manage_version
    ) VALUES (
        '{id}', '{number}', 3, '{status}', '{SERVICE}', '{{"zh": "婚纱照"}}', 399900, 50000, 'CNY',
        '{uuid4()}', '{{}}', '{{}}', '', 'Asia/Shanghai', '2026-12-07 02:00+00',
        '2026-12-07 05:00+00', 1, '[]', '李娜', '+8613800138000', '', '{{}}', '', '{{}}', 'web',
        '2026-11-02 02:00+00', '', 1, 1
    );"""


def payment(id, booking_id, state, late="false"):
    return f"""
    INSERT INTO payment (
        id, booking_id, kind, provider, amount_cents, currency, state, provider_reference, late,
        created_at, paid_at
    ) VALUES (
        '{id}', '{booking_id}', 'deposit', 'sandbox', 50000, 'CNY', '{state}', '{id}', {late},
        '2026-11-02 02:01+00', '2026-11-02 02:02+00'
    );"""


def entry(booking_id, kind, cents, payment_id=None):
    paid = f"'{payment_id}'" if payment_id else "NULL"
    return f"""
    INSERT INTO ledger_entry (booking_id, payment_id, kind, amount_cents, currency, entered_at)
    VALUES ('{booking_id}', {paid}, '{kind}', {cents}, 'CNY', '2026-11-02 02:02+00');"""


FIRST = uuid4()
BEFORE = "".join(
    [
        f"""
    INSERT INTO service (
        id, name, category, summary, content, duration_minutes, price_cents, deposit_cents,
        currency, roles, branch_ids, position
    ) VALUES (
        '{SERVICE}', '{{}}', '{{}}', '{{}}', '[]', 180, 399900, 50000, 'CNY', '[]', '{{}}', 0
    );""",
        booking(PAID, "YQ2611-000001", "confirmed"),
        payment(FIRST, PAID, "succeeded"),
        entry(PAID, "charge", 399900),
        entry(PAID, "payment", -50000, FIRST),
        booking(CANCELLED, "YQ2611-000002", "cancelled"),
        payment(BACK, CANCELLED, "refunded"),
        payment(COMING, CANCELLED, "refunding", late="true"),
        entry(CANCELLED, "charge", 399900),
        entry(CANCELLED, "payment", -50000, BACK),
        entry(CANCELLED, "payment", -50000, COMING),
        entry(CANCELLED, "refund", 50000, BACK),
        entry(CANCELLED, "adjustment", -399900),
        "SELECT setval('booking_number_seq', 2);",
    ]
)


def test_bookings_become_orders_and_every_cent_is_still_there(url):
    migrations.upgrade("services.booking", url, "0005")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(BEFORE)

    migrations.upgrade("services.booking", url)

    with Session(engine) as session:
        paid, cancelled = (bookings.booking(session, each) for each in (PAID, CANCELLED))
        assert paid.order.number == "OD2611-000001"
        assert (paid.order.deposit_cents, paid.order.deposit_money) == (50_000, "advance")
        assert accounts.account(session, paid.order_id) == Money(
            total=399_900, charged=399_900, paid=50_000
        )
        (line,) = accounts.lines_of(session, paid.order_id)
        assert (line.quantity * line.unit_cents, line.kind) == (399_900, "service")
        assert accounts.account(session, cancelled.order_id) == Money(
            total=399_900, charged=0, paid=50_000, refunded=50_000, refunding=True
        )
        # Dunning looks once at what stands (0009).
        assert (paid.order.remind_at, cancelled.order.remind_at) == (paid.order.created_at, None)
        refunds = accounts.refunds_of(session, cancelled.order_id)
        assert {(each.payment_id, each.state, each.reason) for each in refunds} == {
            (BACK, "succeeded", "cancelled"),
            (COMING, "pending", "late"),
        }
        assert all(
            each.refunded_cents == each.received_cents
            for each in accounts.payments_of(session, cancelled.order_id)
        )
        assert bookings.next_order_sequence(session) > 2
        deposit = session.execute(sa.text("SELECT deposit FROM service")).scalar_one()
        assert (deposit["kind"], deposit["value"]) == ("fixed", 50_000)
    engine.dispose()

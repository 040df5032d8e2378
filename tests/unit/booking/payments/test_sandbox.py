"""The sandbox: it behaves as the real ones do, and keeps books while it runs."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from services.booking.payments import Bill, Outcome, Refund, RefundOutcome
from services.booking.payments.offline import Offline
from services.booking.payments.sandbox import Sandbox
from services.contracts.payments import (
    NotificationInvalid,
    PaymentUnsupported,
    SignatureInvalid,
)

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
BILL = Bill(
    payment_id=UUID(int=1),
    number="YQ-1",
    title={"zh": "套系", "en": "Package"},
    amount_cents=50_000,
    currency="CNY",
    return_url="https://studio.test/",
)
PAID = Outcome(BILL.payment_id, "sandbox-1", True, 50_000, "CNY", NOW)


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(secret="s", public_url="https://studio.test")


def refund(number: int, cents: int) -> Refund:
    return Refund(UUID(int=number), BILL, cents)


def test_a_desktop_and_a_phone_go_to_its_cashier(sandbox: Sandbox) -> None:
    for scene in sandbox.scenes:
        checkout = sandbox.create(replace(BILL, scene=scene), now=NOW)
        assert checkout.url == f"https://studio.test/sandbox/cashier/{BILL.payment_id}"
    with pytest.raises(PaymentUnsupported):
        sandbox.create(replace(BILL, scene="jsapi"), now=NOW)


def test_what_it_signs_it_verifies(sandbox: Sandbox) -> None:
    back = RefundOutcome(UUID(int=9), BILL.payment_id, "succeeded", 20_000, "CNY", "r", NOW)
    for outcome in (PAID, replace(PAID, succeeded=False), back, replace(back, state="failed")):
        signed = sandbox.sign(outcome, NOW)
        assert sandbox.verify(**signed, now=NOW) == outcome


def test_a_forged_word_on_a_refund_is_refused(sandbox: Sandbox) -> None:
    back = RefundOutcome(UUID(int=9), BILL.payment_id, "failed", 20_000, "CNY", "r", NOW)
    signed = sandbox.sign(back, NOW)
    forged = signed | {"body": signed["body"].replace("failed", "succeeded")}
    with pytest.raises(SignatureInvalid):
        sandbox.verify(**forged, now=NOW)
    with pytest.raises(SignatureInvalid):
        sandbox.verify(**signed, now=NOW + timedelta(minutes=11))


def test_a_refund_in_another_shape_is_invalid(sandbox: Sandbox) -> None:
    body = '{"refund_id": 7}'
    timestamp = str(int(NOW.timestamp()))
    headers = {
        "X-Sandbox-Timestamp": timestamp,
        "X-Sandbox-Signature": sandbox._signature(timestamp, body),
    }
    with pytest.raises(NotificationInvalid):
        sandbox.verify(headers=headers, body=body, now=NOW)


def test_it_can_be_asked_what_became_of_a_payment(sandbox: Sandbox) -> None:
    assert sandbox.query(BILL, now=NOW) is None
    assert sandbox.close(BILL, now=NOW) is True
    sandbox.sign(PAID, NOW)
    assert sandbox.query(BILL, now=NOW) == PAID
    assert sandbox.close(BILL, now=NOW) is False


def test_it_gives_back_in_parts_once_each_and_no_more_than_was_paid(sandbox: Sandbox) -> None:
    first = sandbox.refund(refund(1, 20_000), now=NOW)
    assert (first.state, first.settled_at) == ("succeeded", NOW)
    assert sandbox.refund(refund(1, 20_000), now=NOW + timedelta(hours=1)) == first
    assert sandbox.refund(refund(2, 30_001), now=NOW).state == "failed"
    assert sandbox.refund(refund(3, 30_000), now=NOW).state == "succeeded"
    assert sandbox.refund(refund(4, 1), now=NOW).reason == "EXCEEDS_PAYMENT"
    assert sandbox.query_refund(refund(3, 30_000), now=NOW) is not None
    assert sandbox.query_refund(refund(4, 1), now=NOW) is None


def test_its_statement_is_of_one_day_in_china(sandbox: Sandbox) -> None:
    sandbox.sign(PAID, NOW)
    sandbox.sign(PAID, NOW)
    sandbox.sign(replace(PAID, payment_id=UUID(int=2), succeeded=False), NOW)
    sandbox.refund(refund(1, 20_000), now=NOW + timedelta(hours=12))
    today = sandbox.statement(date(2026, 11, 22), now=NOW)
    assert [(e.kind, e.number, e.amount_cents) for e in today] == [
        ("payment", BILL.payment_id.hex, 50_000)
    ]
    tomorrow = sandbox.statement(date(2026, 11, 23), now=NOW)
    assert [(e.kind, e.number) for e in tomorrow] == [("refund", UUID(int=1).hex)]


def test_customers_cannot_pay_offline_and_nobody_calls_back() -> None:
    till = Offline()
    assert till.scenes == ()
    with pytest.raises(PaymentUnsupported):
        till.create(BILL, now=NOW)
    with pytest.raises(SignatureInvalid):
        till.verify(headers={}, body="{}", now=NOW)


def test_staff_hand_money_back_themselves() -> None:
    till = Offline()
    made = till.refund(refund(1, 20_000), now=NOW)
    assert (made.state, made.amount_cents, made.settled_at) == ("succeeded", 20_000, NOW)
    assert till.query(BILL, now=NOW) is None
    assert till.statement(date(2026, 11, 22), now=NOW) == []

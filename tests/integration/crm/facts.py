"""Builders of the facts that crm and analytics hear, and their delivery as the inbox does it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.chassis.context import Context, new_id
from services.chassis.db import AlreadyHandledError, UnitOfWork
from services.chassis.inbox import Fact, decode
from services.contracts import booking, cash, crm, dunning, notification  # noqa: F401  (declare the facts)
from services.contracts.envelope import Envelope, seal

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # noon in Shanghai
BRANCH, OTHER_BRANCH = UUID(int=1), UUID(int=2)
PACKAGE = UUID(int=10)
PHONE = "+8613800001111"
PRICE_CENTS, DEPOSIT_CENTS = 199_900, 50_000

Handler = Callable[..., None]


def booking_payload(booking_id: UUID, **changes: Any) -> dict[str, Any]:
    """Return a booking as its facts carry it; `name` and `phone` are those of the contact."""
    contact = {"name": changes.pop("name", "王小丽"), "phone": changes.pop("phone", PHONE)}
    return {
        "booking_id": booking_id,
        "version": 1,
        "number": "YQ2611-000001",
        "status": "held",
        "payment_status": "unpaid",
        "branch_id": BRANCH,
        "branch_name": {"zh": "徐汇店", "en": "Xuhui"},
        "branch_address": {"zh": "漕溪北路 1 号", "en": "1 North Caoxi Road"},
        "branch_phone": "+862100000000",
        "timezone": "Asia/Shanghai",
        "service_id": PACKAGE,
        "service_name": {"zh": "婚纱照", "en": "Wedding"},
        "start": NOON + timedelta(days=30),
        "end": NOON + timedelta(days=30, hours=4),
        "contact": contact,
        "channel": "web",
        "total_cents": PRICE_CENTS,
        "deposit_cents": DEPOSIT_CENTS,
        "paid_cents": 0,
        "currency": "CNY",
        "requested_at": NOON,
        "manage_url": "http://localhost/portal/",
        "previous_start": NOON + timedelta(days=29),
        "reason": "",
        "cause": "customer",
        "kept_cents": 0,
        "ended_at": NOON,
        **changes,
    }


def payment_payload(booking_id: UUID, **changes: Any) -> dict[str, Any]:
    """Return a payment as its facts carry it."""
    return {
        "payment_id": uuid4(),
        "booking_id": booking_id,
        "number": "YQ2611-000001",
        "branch_id": BRANCH,
        "timezone": "Asia/Shanghai",
        "contact": {"name": "王小丽", "phone": PHONE},
        "kind": "deposit",
        "provider": "sandbox",
        "amount_cents": DEPOSIT_CENTS,
        "version": 0,
        "payment_status": "deposit_paid",
        "paid_cents": DEPOSIT_CENTS,
        "currency": "CNY",
        "occurred_at": NOON,
        **changes,
    }


def message_payload(booking_id: UUID, **changes: Any) -> dict[str, Any]:
    """Return a sent message as its fact carries it."""
    return {
        "message_id": uuid4(),
        "subject_id": booking_id,
        "template": "booking_confirmed",
        "channel": "sms",
        "sent_at": NOON,
        **changes,
    }


def payout_payload(booking_id: UUID, **changes: Any) -> dict[str, Any]:
    """Return a compensation that is due or was paid out as its fact carries it."""
    due = {"amount_cents": 50_000, "refund_cents": 0, "compensation_cents": 50_000}
    paid = {"payout_id": uuid4(), "method": "transfer", "owed_cents": 0}
    return booking_payload(booking_id, **due, **paid, **changes)


def top_up_payload(customer_id: UUID, **changes: Any) -> dict[str, Any]:
    """Return a top-up as its fact carries it."""
    return {
        "top_up_id": uuid4(),
        "customer_id": customer_id,
        "branch_id": BRANCH,
        "timezone": "Asia/Shanghai",
        "method": "card",
        "amount_cents": 100_000,
        "gift_cents": 10_000,
        "currency": "CNY",
        "received_at": NOON,
        **changes,
    }


def agreement_payload(booking_id: UUID, **changes: Any) -> dict[str, Any]:
    """Return a signed agreement as its fact carries it."""
    return {
        "agreement_id": uuid4(),
        "booking_id": booking_id,
        "order_id": uuid4(),
        "number": "YQ2611-000001",
        "branch_id": BRANCH,
        "contact": {"name": "王小丽", "phone": PHONE},
        "title": {"zh": "婚纱摄影服务合同", "en": "Wedding photography agreement"},
        "sha256": "0" * 64,
        "signed_at": NOON,
        **changes,
    }


def envelope(event_type: str, payload: dict[str, Any], at: datetime = NOON) -> Envelope:
    """Return a payload as its owner would publish it."""
    return seal(
        event_type,
        payload,
        id=new_id(),
        occurred_at=at,
        actor={"kind": "system", "id": None},
        correlation_id="a test",
        causation_id=None,
    )


def fact(event_type: str, payload: dict[str, Any], at: datetime = NOON) -> Fact:
    """Return a payload as a handler is given it."""
    return decode(dict(envelope(event_type, payload, at)))


def booking_fact(event_type: str, booking_id: UUID, at: datetime = NOON, **changes: Any) -> Fact:
    """Return a fact about a booking; its status follows from the type unless it is given."""
    told = event_type.removeprefix("booking.")
    status = {"requested": "held", "rescheduled": "confirmed"}.get(told, told)
    return fact(event_type, booking_payload(booking_id, **{"status": status, **changes}), at)


def payment_fact(event_type: str, booking_id: UUID, at: datetime = NOON, **changes: Any) -> Fact:
    """Return a fact about a payment."""
    return fact(event_type, payment_payload(booking_id, **changes), at)


def deliver(uow: UnitOfWork, handler: Handler, fact: Fact) -> None:
    """Handle a fact as the container does: the message is claimed with the effect."""
    context = Context(message_id=fact.id, handler=fact.type)
    handler(uow=_bound(uow, context), fact=fact)


def deliver_twice(uow: UnitOfWork, handler: Handler, fact: Fact) -> None:
    """Handle a fact, and see that its repetition is refused."""
    deliver(uow, handler, fact)
    with pytest.raises(AlreadyHandledError):
        deliver(uow, handler, fact)


def _bound(uow: UnitOfWork, context: Context) -> UnitOfWork:
    return UnitOfWork(uow.engine, context, constraint_errors=uow._constraint_errors)

"""The sandbox: a provider with a cashier's page of our own that moves no real money.

It signs and verifies as real ones do, so that a demo and the tests take the whole path.
"""

import hashlib
import hmac
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from marshmallow import Schema, ValidationError, fields, validate

from services.booking.domain.reconciliation import Entry
from services.booking.payments import (
    Bill,
    Checkout,
    Outcome,
    Provider,
    Refund,
    RefundOutcome,
    Reply,
    Scene,
    check_supported,
)
from services.booking.payments.formats import day_bounds, number
from services.booking.settings import Settings
from services.contracts.fields import Cents, Contract, Currency, Instant, faults
from services.contracts.payments import NotificationInvalid, SignatureInvalid

NAME = "sandbox"
ACKNOWLEDGEMENT = Reply(200, "application/json", '{"accepted":true}')
SIGNATURE_HEADER = "X-Sandbox-Signature"
TIMESTAMP_HEADER = "X-Sandbox-Timestamp"
FRESH = timedelta(minutes=10)
"""Clocks drift and networks stall by minutes; a notification older than that is a replay."""

REMEMBERED = 10_000
"""Movements that the statement can tell of; it ends with the process, as the demo's money does."""


class Message(Contract):
    """The body of a notification of a payment."""

    payment_id = fields.UUID(required=True)
    reference = fields.String(required=True, validate=validate.Length(min=1, max=100))
    outcome = fields.String(required=True, validate=validate.OneOf(["succeeded", "failed"]))
    amount_cents = Cents(required=True)
    currency = Currency(required=True)
    paid_at = Instant(required=True)


class RefundMessage(Contract):
    """The body of a notification of a refund."""

    refund_id = fields.UUID(required=True)
    payment_id = fields.UUID(required=True)
    reference = fields.String(required=True, validate=validate.Length(max=100))
    state = fields.String(required=True, validate=validate.OneOf(["succeeded", "failed"]))
    amount_cents = Cents(required=True)
    currency = Currency(required=True)
    settled_at = Instant(required=True, allow_none=True)
    reason = fields.String(load_default="")


MESSAGE = Message()
REFUND_MESSAGE = RefundMessage()


@dataclass(frozen=True)
class Sandbox:
    secret: str
    public_url: str
    name: str = NAME
    scenes: Sequence[Scene] = ("page", "wap")
    acknowledgement: Reply = ACKNOWLEDGEMENT
    _books: deque[Entry] = field(
        default_factory=lambda: deque(maxlen=REMEMBERED), compare=False, repr=False
    )

    @property
    def title(self) -> dict[str, str]:
        return {"zh": "模拟支付（测试）", "en": "Sandbox (test)"}

    def create(self, bill: Bill, *, now: datetime) -> Checkout:
        check_supported(self, bill)
        return Checkout("redirect", f"{self.public_url}/sandbox/cashier/{bill.payment_id}")

    def verify(
        self, *, headers: Mapping[str, str], body: str, now: datetime
    ) -> Outcome | RefundOutcome:
        sent = {name.lower(): value for name, value in headers.items()}
        timestamp = sent.get(TIMESTAMP_HEADER.lower(), "")
        signature = sent.get(SIGNATURE_HEADER.lower(), "")
        expected = self._signature(timestamp, body)
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            raise SignatureInvalid()
        # Signed by us, therefore a number.
        if abs(now.timestamp() - int(timestamp)) > FRESH.total_seconds():
            raise SignatureInvalid(reason="stale")
        return _read(body)

    def query(self, bill: Bill, *, now: datetime) -> Outcome | None:
        paid = next(self._entries("payment", number(bill.payment_id)), None)
        if paid is None:
            return None
        return Outcome(
            bill.payment_id, paid.reference, True, paid.amount_cents, paid.currency, paid.settled_at
        )

    def close(self, bill: Bill, *, now: datetime) -> bool:
        return self.query(bill, now=now) is None

    def refund(self, refund: Refund, *, now: datetime) -> RefundOutcome:
        known = self.query_refund(refund, now=now)
        if known is not None:
            return known
        bill = refund.bill
        mark = f"sandbox-refund-{bill.payment_id.hex}-"
        given = sum(e.amount_cents for e in self._books if e.reference.startswith(mark))
        settled = given + refund.amount_cents <= bill.amount_cents
        outcome = RefundOutcome(
            refund_id=refund.refund_id,
            payment_id=bill.payment_id,
            state="succeeded" if settled else "failed",
            amount_cents=refund.amount_cents,
            currency=bill.currency,
            reference=mark + refund.refund_id.hex if settled else "",
            settled_at=now if settled else None,
            reason="" if settled else "EXCEEDS_PAYMENT",
        )
        self._book(outcome)
        return outcome

    def query_refund(self, refund: Refund, *, now: datetime) -> RefundOutcome | None:
        made = next(self._entries("refund", number(refund.refund_id)), None)
        if made is None:
            return None
        return RefundOutcome(
            refund_id=refund.refund_id,
            payment_id=refund.bill.payment_id,
            state="succeeded",
            amount_cents=made.amount_cents,
            currency=made.currency,
            reference=made.reference,
            settled_at=made.settled_at,
        )

    def statement(self, day: date, *, now: datetime) -> Sequence[Entry]:
        start, end = day_bounds(day)
        return [entry for entry in self._books if start <= entry.settled_at < end]

    def sign(self, outcome: Outcome | RefundOutcome, now: datetime) -> dict[str, Any]:
        """Return a notification as the provider would send it.

        Shapes:  {"headers": {…}, "body": str}.
        """
        self._book(outcome)
        body = orjson.dumps(_message(outcome)).decode()
        timestamp = str(int(now.timestamp()))
        headers = {
            TIMESTAMP_HEADER: timestamp,
            SIGNATURE_HEADER: self._signature(timestamp, body),
        }
        return {"headers": headers, "body": body}

    def _signature(self, timestamp: str, body: str) -> str:
        signed = f"{timestamp}.{body}".encode()
        return hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest()

    def _entries(self, kind: str, number: str) -> Iterator[Entry]:
        return (entry for entry in self._books if entry.key == (kind, number))

    def _book(self, outcome: Outcome | RefundOutcome) -> None:
        entry = _entry(outcome)
        if entry is not None and not any(self._entries(*entry.key)):
            self._books.append(entry)


def offered(settings: Settings) -> Provider | None:
    """Return the sandbox where the settings allow money that is not real."""
    if not settings.sandbox_payments:
        return None
    return Sandbox(secret=settings.sandbox_secret, public_url=settings.public_url)


def _message(outcome: Outcome | RefundOutcome) -> Any:
    if isinstance(outcome, RefundOutcome):
        return REFUND_MESSAGE.dump(outcome)
    word = "succeeded" if outcome.succeeded else "failed"
    return MESSAGE.dump({**vars(outcome), "outcome": word})


def _entry(outcome: Outcome | RefundOutcome) -> Entry | None:
    """Return the movement of money that an outcome is, if it is one."""
    sum_ = outcome.amount_cents, outcome.currency
    if isinstance(outcome, RefundOutcome):
        if outcome.settled_at is None or outcome.state != "succeeded":
            return None
        of = number(outcome.refund_id)
        return Entry("refund", of, outcome.reference, *sum_, outcome.settled_at)
    if not outcome.succeeded:
        return None
    return Entry("payment", number(outcome.payment_id), outcome.reference, *sum_, outcome.paid_at)


def _read(body: str) -> Outcome | RefundOutcome:
    try:
        told = orjson.loads(body)
        if isinstance(told, dict) and "refund_id" in told:
            return RefundOutcome(**_loaded(REFUND_MESSAGE, told))
        message = _loaded(MESSAGE, told)
    except orjson.JSONDecodeError as error:
        raise NotificationInvalid(errors=[]) from error
    except ValidationError as error:
        raise NotificationInvalid(errors=faults(error)) from error
    return Outcome(succeeded=message.pop("outcome") == "succeeded", **message)


def _loaded(schema: Schema, told: Any) -> dict[str, Any]:
    message: dict[str, Any] = schema.load(told)
    return message

"""The sandbox: a provider with a cashier's page of our own that moves no real money.

It signs and verifies as real ones do, so that a demo and the tests take the whole path.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from marshmallow import ValidationError, fields, validate

from services.booking.payments import Bill, Outcome, Provider
from services.booking.settings import Settings
from services.contracts.fields import Cents, Contract, Currency, Instant, faults
from services.contracts.payments import NotificationInvalid, SignatureInvalid

NAME = "sandbox"
SIGNATURE_HEADER = "X-Sandbox-Signature"
TIMESTAMP_HEADER = "X-Sandbox-Timestamp"
FRESH = timedelta(minutes=10)
"""Clocks drift and networks stall by minutes; a notification older than that is a replay."""


class Message(Contract):
    """The body of a notification."""

    payment_id = fields.UUID(required=True)
    reference = fields.String(required=True, validate=validate.Length(min=1, max=100))
    outcome = fields.String(required=True, validate=validate.OneOf(["succeeded", "failed"]))
    amount_cents = Cents(required=True)
    currency = Currency(required=True)
    paid_at = Instant(required=True)


MESSAGE = Message()


@dataclass(frozen=True)
class Sandbox:
    secret: str
    public_url: str
    name: str = NAME

    @property
    def title(self) -> dict[str, str]:
        return {"zh": "模拟支付（测试）", "en": "Sandbox (test)"}

    def create(self, bill: Bill) -> str:
        return f"{self.public_url}/sandbox/cashier/{bill.payment_id}"

    def verify(self, *, headers: Mapping[str, str], body: str, now: datetime) -> Outcome:
        sent = {name.lower(): value for name, value in headers.items()}
        timestamp = sent.get(TIMESTAMP_HEADER.lower(), "")
        signature = sent.get(SIGNATURE_HEADER.lower(), "")
        expected = self._signature(timestamp, body)
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            raise SignatureInvalid()
        # Signed by us, therefore a number.
        if abs(now.timestamp() - int(timestamp)) > FRESH.total_seconds():
            raise SignatureInvalid(reason="stale")
        return _outcome(_read(body))

    def refund(self, bill: Bill) -> None:
        """Nothing was taken, nothing is given back."""

    def sign(self, outcome: Outcome, now: datetime) -> dict[str, Any]:
        """Return a notification as the provider would send it.

        Shapes:  {"headers": {…}, "body": str}.
        """
        message = {
            "payment_id": outcome.payment_id,
            "reference": outcome.reference,
            "outcome": "succeeded" if outcome.succeeded else "failed",
            "amount_cents": outcome.amount_cents,
            "currency": outcome.currency,
            "paid_at": outcome.paid_at,
        }
        body = orjson.dumps(MESSAGE.dump(message)).decode()
        timestamp = str(int(now.timestamp()))
        headers = {
            TIMESTAMP_HEADER: timestamp,
            SIGNATURE_HEADER: self._signature(timestamp, body),
        }
        return {"headers": headers, "body": body}

    def _signature(self, timestamp: str, body: str) -> str:
        signed = f"{timestamp}.{body}".encode()
        return hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest()


def offered(settings: Settings) -> Provider | None:
    """Return the sandbox where the settings allow money that is not real."""
    if not settings.sandbox_payments:
        return None
    return Sandbox(secret=settings.sandbox_secret, public_url=settings.public_url)


def _read(body: str) -> dict[str, Any]:
    try:
        message: dict[str, Any] = MESSAGE.load(orjson.loads(body))
    except orjson.JSONDecodeError as error:
        raise NotificationInvalid(errors=[]) from error
    except ValidationError as error:
        raise NotificationInvalid(errors=faults(error)) from error
    return message


def _outcome(message: dict[str, Any]) -> Outcome:
    return Outcome(
        payment_id=message["payment_id"],
        reference=message["reference"],
        succeeded=message["outcome"] == "succeeded",
        amount_cents=message["amount_cents"],
        currency=message["currency"],
        paid_at=message["paid_at"],
    )

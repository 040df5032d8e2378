"""Money that staff take themselves: cash, a transfer, a card at the till; nobody calls back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Never

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
)
from services.booking.settings import Settings
from services.contracts.payments import PaymentUnsupported, SignatureInvalid

NAME = "offline"
ACKNOWLEDGEMENT = Reply(204, "text/plain", "")


@dataclass(frozen=True)
class Offline:
    name: str = NAME
    scenes: Sequence[Scene] = ()
    acknowledgement: Reply = ACKNOWLEDGEMENT

    @property
    def title(self) -> dict[str, str]:
        return {"zh": "线下收款", "en": "At the studio"}

    def create(self, bill: Bill, *, now: datetime) -> Checkout:
        raise PaymentUnsupported(reason="scene")

    def verify(self, *, headers: Mapping[str, str], body: str, now: datetime) -> Never:
        raise SignatureInvalid()

    def query(self, bill: Bill, *, now: datetime) -> Outcome | None:
        """Nobody but staff can tell, and they enter it."""
        return None

    def close(self, bill: Bill, *, now: datetime) -> bool:
        return True

    def refund(self, refund: Refund, *, now: datetime) -> RefundOutcome:
        """Say that it is done: staff enter a refund when they hand the money back."""
        return RefundOutcome(
            refund_id=refund.refund_id,
            payment_id=refund.bill.payment_id,
            state="succeeded",
            amount_cents=refund.amount_cents,
            currency=refund.bill.currency,
            reference=f"offline-{refund.refund_id.hex}",
            settled_at=now,
        )

    def query_refund(self, refund: Refund, *, now: datetime) -> RefundOutcome | None:
        return self.refund(refund, now=now)

    def statement(self, day: date, *, now: datetime) -> Sequence[Entry]:
        """Nothing: what lies in the till is counted at the daily close."""
        return []


def offered(settings: Settings) -> Provider | None:
    """Return the studio's own till: every studio has one."""
    return Offline()

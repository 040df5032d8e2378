"""What a booking owes, what came of it, and what must go back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Protocol, TypeVar

from services.booking.domain.lifecycle import CLOSED, Action, after


class PaymentLike(Protocol):
    """What the rules need to know of a payment."""

    @property
    def kind(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def amount_cents(self) -> int: ...
    @property
    def paid_at(self) -> datetime | None: ...


P = TypeVar("P", bound=PaymentLike)

PAYMENT_OUTCOMES = {("pending", "succeeded"), ("pending", "failed"), ("failed", "succeeded")}
"""What a provider's word may change: money that came stays, whatever is said afterwards."""


@dataclass(frozen=True)
class Money:
    """What the ledger says of one booking.

    Units:   integer cents. `paid` is net of what was paid back.
    """

    charged: int = 0
    paid: int = 0
    refunded: int = 0
    refunding: bool = False

    @property
    def balance(self) -> int:
        return self.charged - self.paid


def payment_status(*, price_cents: int, deposit_cents: int, money: Money) -> str:
    """Return the one word for where a booking's money stands; money on its way back comes first."""
    if money.refunding:
        return "refunding"
    if money.paid <= 0 and money.refunded:
        return "refunded"
    if money.paid > price_cents:
        return "overpaid"
    if money.paid == price_cents:
        return "paid"
    if money.paid <= 0:
        return "unpaid"
    return "deposit_paid" if money.paid == deposit_cents else "partly_paid"


def secured_cents(payments: Iterable[PaymentLike]) -> int:
    """Return the money that is here to stay: received, and not on its way back."""
    return sum(p.amount_cents for p in payments if p.state == "succeeded")


def amount_due(
    *, kind: str, price_cents: int, deposit_cents: int, payments: Iterable[PaymentLike]
) -> int:
    """Return what a payment of a kind would have to bring; zero or less is nothing."""
    target = deposit_cents if kind == "deposit" else price_cents
    return target - secured_cents(payments)


def awaits_confirmation(
    *, status: str, deposit_cents: int, payments: Iterable[PaymentLike]
) -> bool:
    """Tell whether all that was asked has been paid and only the time must still be secured."""
    return after(status, Action.CONFIRM) is not None and secured_cents(payments) >= deposit_cents


def surplus(status: str, payments: Iterable[P]) -> list[P]:
    """Return the payments that must go back: all of a closed booking, else doubles of one kind."""
    received = sorted((p for p in payments if p.state == "succeeded"), key=attrgetter("paid_at"))
    if status in CLOSED:
        return received
    kept: dict[str, P] = {}
    return [p for p in received if kept.setdefault(p.kind, p) is not p]

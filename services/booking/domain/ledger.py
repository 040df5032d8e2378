"""What an order owes, what came of it, and what must go back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Protocol, TypeVar
from uuid import UUID

from services.booking.domain.lifecycle import Action, after


class PaymentLike(Protocol):
    """What the rules need to know of a payment."""

    @property
    def kind(self) -> str: ...
    @property
    def provider(self) -> str: ...
    @property
    def taken_by(self) -> UUID | None: ...
    @property
    def state(self) -> str: ...
    @property
    def received_cents(self) -> int | None: ...
    @property
    def refunded_cents(self) -> int: ...
    @property
    def paid_at(self) -> datetime | None: ...


P = TypeVar("P", bound=PaymentLike)

PAYMENT_OUTCOMES = {("pending", "succeeded"), ("pending", "failed"), ("failed", "succeeded")}
"""What a provider's word may change: money that came stays, whatever is said afterwards."""

CASH_DESK = "offline"
"""The provider of money that staff have taken by hand; only they give it back."""


@dataclass(frozen=True, kw_only=True)
class Money:
    """What the ledger says of one order.

    Units:   integer cents. `total` is what was bought, `charged` what is owed of it now: less once
             a booking is cancelled. `paid` is net of what was paid back. `owed` is what the studio
             still owes beyond that: the second half of a double return.
    """

    total: int = 0
    charged: int = 0
    paid: int = 0
    refunded: int = 0
    refunding: bool = False
    owed: int = 0

    @property
    def balance(self) -> int:
        return self.charged - self.paid - self.owed


def payment_status(*, deposit_cents: int, money: Money) -> str:
    """Return the one word for where an order's money stands; money on its way back comes first."""
    if money.refunding:
        return "refunding"
    if money.paid <= 0 and money.refunded:
        return "refunded"
    if money.paid > money.total:
        return "overpaid"
    if money.paid == money.total:
        return "paid"
    if money.paid <= 0:
        return "unpaid"
    return "deposit_paid" if money.paid == deposit_cents else "partly_paid"


def kept_cents(payment: PaymentLike) -> int:
    """Return what is here to stay of a payment: received, and not on its way back."""
    if payment.state != "succeeded":
        return 0
    return (payment.received_cents or 0) - payment.refunded_cents


def secured_cents(payments: Iterable[PaymentLike]) -> int:
    """Return the money that is here to stay."""
    return sum(kept_cents(payment) for payment in payments)


def amount_due(
    *, kind: str, charged_cents: int, deposit_cents: int, payments: Iterable[PaymentLike]
) -> int:
    """Return what a payment of a kind would have to bring; zero or less is nothing."""
    target = min(deposit_cents, charged_cents) if kind == "deposit" else charged_cents
    return target - secured_cents(payments)


def awaits_confirmation(
    *, status: str, deposit_cents: int, total_cents: int, payments: Iterable[PaymentLike]
) -> bool:
    """Tell whether all that was asked has been paid and only the time must still be secured.

    A rebate may leave less to pay than the deposit was. Of what has expired nothing is charged, so
    what was bought counts.
    """
    if after(status, Action.CONFIRM) is None:
        return False
    return secured_cents(payments) >= min(deposit_cents, total_cents)


def surplus(
    payments: Iterable[P], *, deposit_cents: int, charged_cents: int
) -> list[tuple[P, int]]:
    """Return what must go back of which payment: deposits paid twice, and all above what is owed.

    The oldest money stays. What staff took by hand stays too: they give it back themselves. What
    they took in any way they meant to take, so a deposit of theirs is never the second one; the
    one that a customer pays after it is.
    """
    # At one instant staff come last: they knew of the other, so nothing goes back unasked.
    came = sorted((p for p in payments if p.state == "succeeded"), key=_by_staff)
    received = sorted(came, key=attrgetter("paid_at"))
    back: list[tuple[P, int]] = []
    secured = secured_cents(p for p in received if p.provider == CASH_DESK)
    deposits = 0
    for payment in received:
        kept = stays = kept_cents(payment)
        if payment.provider != CASH_DESK:
            stays = max(0, min(kept, charged_cents - secured))
            if payment.kind == "deposit" and not _by_staff(payment):
                stays = max(0, min(stays, deposit_cents - deposits))
            secured += stays
        deposits += stays if payment.kind == "deposit" else 0
        if kept > stays:
            back.append((payment, kept - stays))
    return back


def _by_staff(payment: PaymentLike) -> bool:
    return payment.provider == CASH_DESK or payment.taken_by is not None


def shares_of(payments: Sequence[P], amount_cents: int) -> list[tuple[P, int]]:
    """Return how an amount goes back: from the newest payment first, as much as it still has."""
    shares: list[tuple[P, int]] = []
    for payment in sorted(
        (p for p in payments if kept_cents(p) > 0), key=attrgetter("paid_at"), reverse=True
    ):
        share = min(kept_cents(payment), amount_cents)
        if share > 0:
            shares.append((payment, share))
            amount_cents -= share
    return shares

"""What is asked before or after a service, and what the law makes of earnest money (定金)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from services.booking.domain.faults import Fault, fault
from services.booking.domain.shares import WHOLE, share

EARNEST_LIMIT = 2_000
"""Basis points of the contract price. Civil Code art. 586: what lies above it has no effect as
earnest money. A higher value here would let the studio keep what it must give back."""


class DepositKind(StrEnum):
    NONE = "none"
    FIXED = "fixed"
    PERCENT = "percent"
    FULL = "full"


class DepositDue(StrEnum):
    """Whether a booking waits for its deposit, or is confirmed without and paid afterwards."""

    BOOKING = "booking"
    SERVICE = "service"


class DepositMoney(StrEnum):
    """Earnest money (定金) binds both sides; an advance (订金) is only a part of the price."""

    EARNEST = "earnest"
    ADVANCE = "advance"


@dataclass(frozen=True, kw_only=True)
class DepositPolicy:
    """What a service asks as its deposit.

    Units:   `value` in cents when fixed, in basis points when a percentage; else it says nothing.
    """

    kind: DepositKind = DepositKind.NONE
    value: int = 0
    due: DepositDue = DepositDue.BOOKING
    money: DepositMoney = DepositMoney.EARNEST


@dataclass(frozen=True)
class Earnest:
    """How much of some money has the effect of earnest money, and how much has not.

    Units:   integer cents; both together are the money paid.
    """

    allowed_cents: int
    excess_cents: int


def deposit_cents(policy: DepositPolicy, total_cents: int) -> int:
    """Return the deposit for a price: never more than the price.

    Units:   integer cents; a percentage is rounded to the nearest cent.
    """
    match policy.kind:
        case DepositKind.NONE:
            return 0
        case DepositKind.FIXED:
            return min(policy.value, total_cents)
        case DepositKind.PERCENT:
            return min(share(total_cents, policy.value), total_cents)
        case DepositKind.FULL:
            return total_cents


def earnest_warning(total_cents: int, earnest_cents: int) -> Earnest:
    """Return what part of some earnest money the law recognises; an excess is worth a warning.

    The limit is rounded down: a fraction of a cent above it would be above it.

    Source:  docs/sources.md, Civil Code art. 586
    """
    allowed = min(earnest_cents, total_cents * EARNEST_LIMIT // WHOLE)
    return Earnest(allowed, earnest_cents - allowed)


def check_deposit(policy: DepositPolicy, total_cents: int) -> list[Fault]:
    """Return what is wrong with a policy for a price; an earnest above the limit is no fault."""
    return list(_check(policy, total_cents))


def _check(policy: DepositPolicy, total_cents: int) -> Iterable[Fault]:
    if policy.kind is DepositKind.FIXED and not 0 < policy.value <= total_cents:
        yield fault(
            "/value",
            zh="定金须大于零且不超过价格",
            en="A deposit is more than nothing and at most the price",
        )
    if policy.kind is DepositKind.PERCENT and not 0 < policy.value <= WHOLE:
        yield fault(
            "/value",
            zh="比例须大于零且不超过 100%",
            en="A share is more than nothing and at most the whole",
        )

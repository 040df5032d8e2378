"""What a booking may become, what it owes and how it is found again; pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo


class Status(StrEnum):
    HELD = "held"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    IN_SERVICE = "in_service"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    NO_SHOW = "no_show"


class Action(StrEnum):
    PAY_DEPOSIT = "pay_deposit"
    PAY_BALANCE = "pay_balance"
    RESCHEDULE = "reschedule"
    CANCEL = "cancel"
    CHECK_IN = "check_in"
    COMPLETE = "complete"
    NO_SHOW = "no_show"
    CONFIRM = "confirm"
    EXPIRE = "expire"


TRANSITIONS: dict[tuple[str, str], Status] = {
    (Status.HELD, Action.PAY_DEPOSIT): Status.HELD,
    (Status.HELD, Action.RESCHEDULE): Status.HELD,
    (Status.HELD, Action.CONFIRM): Status.CONFIRMED,
    (Status.HELD, Action.EXPIRE): Status.EXPIRED,
    (Status.HELD, Action.CANCEL): Status.CANCELLED,
    # Money that came late, for a time that was still free.
    (Status.EXPIRED, Action.CONFIRM): Status.CONFIRMED,
    (Status.CONFIRMED, Action.PAY_DEPOSIT): Status.CONFIRMED,
    (Status.CONFIRMED, Action.PAY_BALANCE): Status.CONFIRMED,
    (Status.CONFIRMED, Action.RESCHEDULE): Status.CONFIRMED,
    (Status.CONFIRMED, Action.CANCEL): Status.CANCELLED,
    (Status.CONFIRMED, Action.CHECK_IN): Status.CHECKED_IN,
    (Status.CONFIRMED, Action.NO_SHOW): Status.NO_SHOW,
    (Status.CHECKED_IN, Action.PAY_BALANCE): Status.CHECKED_IN,
    (Status.CHECKED_IN, Action.COMPLETE): Status.COMPLETED,
    (Status.COMPLETED, Action.PAY_BALANCE): Status.COMPLETED,
}
"""Every pair that is allowed; a pair that leads back to its own status changes something else."""

CLOSED = frozenset({Status.CANCELLED, Status.EXPIRED, Status.REJECTED})
"""The studio serves nothing, so nothing is owed and whatever was paid goes back."""

SERVED = frozenset({Status.COMPLETED, Status.NO_SHOW})
"""What was, cannot be moved any more."""

OWN_ACTIONS = frozenset({Action.CONFIRM, Action.EXPIRE})
"""Done by the system itself when money comes or a hold runs out."""

STAFF_ACTIONS = frozenset({Action.CHECK_IN, Action.COMPLETE, Action.NO_SHOW})
SELF_SERVICE = frozenset({Action.RESCHEDULE, Action.CANCEL})


def after(status: str, action: str) -> Status | None:
    """Return the status that an action leads to, or None when it is not allowed."""
    return TRANSITIONS.get((status, action))


def has_time(status: str) -> bool:
    """Tell whether scheduling may still move a booking: it is not over, nor is it served."""
    return status not in CLOSED | SERVED


def too_late(*, status: str, starts_at: datetime, now: datetime, cutoff: timedelta) -> bool:
    """Tell whether only the studio may still move or cancel; a mere hold is the customer's."""
    return status == Status.CONFIRMED and now > starts_at - cutoff


def too_early(*, action: str, starts_at: datetime, timezone: str, now: datetime) -> bool:
    """Tell whether staff cannot know this yet: people come on the day, the rest shows later."""
    if action == Action.CHECK_IN:
        zone = ZoneInfo(timezone)
        return now.astimezone(zone).date() < starts_at.astimezone(zone).date()
    return action in STAFF_ACTIONS and now < starts_at


# --- money


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


# --- what one may do


def allowed_actions(
    *,
    status: str,
    starts_at: datetime,
    timezone: str,
    hold_expires_at: datetime | None,
    due_cents: dict[str, int],
    is_staff: bool,
    now: datetime,
    cutoff: timedelta,
) -> list[Action]:
    """Return what the asker may do now, in the order in which it is offered.

    Shapes:  due_cents = {"deposit": …, "balance": …}.
    """
    allowed = {
        action
        for action in set(Action) - OWN_ACTIONS
        if after(status, action)
        and not too_early(action=action, starts_at=starts_at, timezone=timezone, now=now)
    }
    if due_cents["deposit"] <= 0 or (hold_expires_at is not None and hold_expires_at <= now):
        allowed.discard(Action.PAY_DEPOSIT)
    if due_cents["balance"] <= 0:
        allowed.discard(Action.PAY_BALANCE)
    if not is_staff:
        allowed -= STAFF_ACTIONS
        if too_late(status=status, starts_at=starts_at, now=now, cutoff=cutoff):
            allowed -= SELF_SERVICE
    return [action for action in Action if action in allowed]


# --- names and numbers


ROLE_NAMES = {
    "photographer": {"zh": "摄影师", "en": "Photographer"},
    "makeup_artist": {"zh": "化妆师", "en": "Make-up artist"},
    "assistant": {"zh": "助理", "en": "Assistant"},
    "retoucher": {"zh": "修片师", "en": "Retoucher"},
    "studio_room": {"zh": "影棚", "en": "Studio room"},
    "location": {"zh": "外景地", "en": "Location"},
    "garment": {"zh": "礼服", "en": "Garment"},
    "prop": {"zh": "道具", "en": "Prop"},
    "vehicle": {"zh": "车辆", "en": "Vehicle"},
}


def role_name(resource_type: str) -> dict[str, str]:
    """Return what customers read for a type of resource; one that the studio added has its id."""
    return ROLE_NAMES.get(resource_type) or {"zh": resource_type, "en": resource_type}


def booking_number(sequence: int, at: datetime, timezone: str) -> str:
    """Return the number people read to each other: year and month are the branch's own."""
    return f"YQ{at.astimezone(ZoneInfo(timezone)):%y%m}-{sequence:06d}"


def squeeze(text: str) -> str:
    """Return the form in which texts are searched: no case, no spaces, no dashes of a phone."""
    return re.sub(r"[\s\-+()]", "", text.casefold())


def haystack(*texts: str) -> str:
    """Return all that a booking is found by."""
    return " ".join(squeeze(text) for text in texts)


def grams(text: str) -> list[str]:
    """Return the index terms of a squeezed text: its pairs of characters, and single Chinese ones.

    Most Chinese names have two characters or three: a trigram index cannot help to find them.
    """
    pairs = {text[i : i + 2] for i in range(len(text) - 1)}
    return sorted(
        {pair for pair in pairs if " " not in pair} | {c for c in text if not c.isascii()}
    )

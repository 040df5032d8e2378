"""What a booking may become, and what its customer and the studio may do with it."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
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
    APPROVE = "approve"
    REJECT = "reject"
    CHECK_IN = "check_in"
    START = "start"
    COMPLETE = "complete"
    NO_SHOW = "no_show"
    SUBMIT = "submit"
    CONFIRM = "confirm"
    EXPIRE = "expire"


TRANSITIONS: dict[tuple[str, str], Status] = {
    (Status.HELD, Action.PAY_DEPOSIT): Status.HELD,
    (Status.HELD, Action.RESCHEDULE): Status.HELD,
    (Status.HELD, Action.CONFIRM): Status.CONFIRMED,
    (Status.HELD, Action.EXPIRE): Status.EXPIRED,
    (Status.HELD, Action.CANCEL): Status.CANCELLED,
    (Status.HELD, Action.SUBMIT): Status.PENDING,
    # Money that came late, for a time that was still free.
    (Status.EXPIRED, Action.CONFIRM): Status.CONFIRMED,
    (Status.EXPIRED, Action.SUBMIT): Status.PENDING,
    (Status.PENDING, Action.APPROVE): Status.CONFIRMED,
    (Status.PENDING, Action.REJECT): Status.REJECTED,
    (Status.PENDING, Action.PAY_BALANCE): Status.PENDING,
    (Status.PENDING, Action.RESCHEDULE): Status.PENDING,
    (Status.PENDING, Action.CANCEL): Status.CANCELLED,
    (Status.CONFIRMED, Action.PAY_DEPOSIT): Status.CONFIRMED,
    (Status.CONFIRMED, Action.PAY_BALANCE): Status.CONFIRMED,
    (Status.CONFIRMED, Action.RESCHEDULE): Status.CONFIRMED,
    (Status.CONFIRMED, Action.CANCEL): Status.CANCELLED,
    (Status.CONFIRMED, Action.CHECK_IN): Status.CHECKED_IN,
    (Status.CONFIRMED, Action.NO_SHOW): Status.NO_SHOW,
    (Status.CHECKED_IN, Action.PAY_BALANCE): Status.CHECKED_IN,
    (Status.CHECKED_IN, Action.START): Status.IN_SERVICE,
    (Status.CHECKED_IN, Action.COMPLETE): Status.COMPLETED,
    (Status.IN_SERVICE, Action.PAY_BALANCE): Status.IN_SERVICE,
    (Status.IN_SERVICE, Action.COMPLETE): Status.COMPLETED,
    (Status.COMPLETED, Action.PAY_BALANCE): Status.COMPLETED,
}
"""Every pair that is allowed; a pair that leads back to its own status changes something else."""

CLOSED = frozenset({Status.CANCELLED, Status.EXPIRED, Status.REJECTED})
"""The studio serves nothing: what is kept of the money is the policy's to say."""

UNBOUND = frozenset({Status.HELD, Status.PENDING})
"""The studio has not agreed yet, so the customer may still leave at no cost."""

STANDING = frozenset({Status.CONFIRMED, Status.CHECKED_IN, Status.IN_SERVICE, Status.COMPLETED})
"""The deal holds: what its payment schedule says is asked for."""

SERVED = frozenset({Status.COMPLETED, Status.NO_SHOW})
"""What was, cannot be moved any more."""

OWN_ACTIONS = frozenset({Action.SUBMIT, Action.CONFIRM, Action.EXPIRE})
"""Done by the system itself when money comes or a hold runs out."""

SERVICE_ACTIONS = frozenset({Action.CHECK_IN, Action.START, Action.COMPLETE, Action.NO_SHOW})
STAFF_ACTIONS = SERVICE_ACTIONS | {Action.APPROVE, Action.REJECT}


def after(status: str, action: str) -> Status | None:
    """Return the status that an action leads to, or None when it is not allowed."""
    return TRANSITIONS.get((status, action))


def has_time(status: str) -> bool:
    """Tell whether scheduling may still move a booking: it is not over, nor is it served."""
    return status not in CLOSED | SERVED


def too_early(*, action: str, starts_at: datetime, timezone: str, now: datetime) -> bool:
    """Tell whether staff cannot know this yet: people come on the day, the rest shows later."""
    if action == Action.CHECK_IN:
        zone = ZoneInfo(timezone)
        return now.astimezone(zone).date() < starts_at.astimezone(zone).date()
    return action in SERVICE_ACTIONS and now < starts_at


def allowed_actions(
    *,
    status: str,
    starts_at: datetime,
    timezone: str,
    hold_expires_at: datetime | None,
    due_cents: dict[str, int],
    refused: Collection[Action],
    is_staff: bool,
    now: datetime,
) -> list[Action]:
    """Return what the asker may do now, in the order in which it is offered.

    Shapes:  due_cents = {"deposit": …, "balance": …}; `refused` what the policy leaves to staff.
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
        allowed -= STAFF_ACTIONS | set(refused)
    return [action for action in Action if action in allowed]

"""The states of a hold."""

import enum
from collections.abc import Collection, Mapping
from datetime import datetime


class HoldState(enum.StrEnum):
    """What has become of a booking's time."""

    HELD = "held"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    RELEASED = "released"


TRANSITIONS: Mapping[HoldState, Collection[HoldState]] = {
    HoldState.HELD: {HoldState.CONFIRMED, HoldState.EXPIRED, HoldState.RELEASED},
    HoldState.CONFIRMED: {HoldState.RELEASED},
    # A payment that arrives late takes the time again; a cancelled booking never does.
    HoldState.EXPIRED: {HoldState.CONFIRMED, HoldState.RELEASED},
    HoldState.RELEASED: set(),
}


class IllegalTransitionError(Exception):
    """Bug: a use case let a hold go where the table has no way."""


def advance(state: str, to: HoldState) -> HoldState:
    """Return the new state of a hold.

    Errors:  IllegalTransitionError when the table has no such transition.
    """
    if to not in TRANSITIONS[HoldState(state)]:
        raise IllegalTransitionError(f"{state} → {to}")
    return to


def has_expired(state: str, expires_at: datetime | None, now: datetime) -> bool:
    """Tell whether a hold's end has passed, whether or not anybody has swept it away yet."""
    if state == HoldState.HELD:
        return expires_at is None or expires_at <= now
    return state == HoldState.EXPIRED

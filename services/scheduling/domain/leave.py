"""The states of a leave request, and how long one may be."""

import enum
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

MAX_LEAVE = timedelta(days=400)
"""A year of leave, with some to spare; whoever is away for longer is better made inactive."""

EARLIEST = timedelta(days=400)
LATEST = timedelta(days=1100)
"""How far from now a leave may begin. Last year's is still written down; further away lie slips
of the pen, and the ends of the calendar, where dates overflow."""


class LeaveState(enum.StrEnum):
    """What has become of a request."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


TRANSITIONS: Mapping[LeaveState, Collection[LeaveState]] = {
    LeaveState.PENDING: {LeaveState.APPROVED, LeaveState.REJECTED, LeaveState.CANCELLED},
    LeaveState.APPROVED: {LeaveState.CANCELLED},
    LeaveState.REJECTED: set(),
    LeaveState.CANCELLED: set(),
}


def may_become(state: str, to: LeaveState) -> bool:
    """Tell whether the table has a way from one state to the other."""
    return to in TRANSITIONS[LeaveState(state)]


def is_possible(start: datetime, end: datetime, now: datetime) -> bool:
    """Tell whether anybody could be on leave then."""
    return now - EARLIEST <= start <= now + LATEST and start < end <= start + MAX_LEAVE

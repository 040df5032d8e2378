"""Telling of bookings whose resource is not there any more."""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from services.chassis.db import Transaction
from services.scheduling.queries import conflicts, rosters
from services.scheduling.queries.conflicts import Conflict


def tell_conflicts(
    tx: Transaction, *, now: datetime, cause: str, resource_ids: Collection[UUID]
) -> list[Conflict]:
    """Tell of the bookings that some resources, as things are now, would not be there for.

    Shapes:  `cause`: leave, roster, closure.
    """
    return told(tx, conflicts.uncovered(tx.session, resource_ids, now), cause)


def tell_conflicts_at(
    tx: Transaction, *, now: datetime, cause: str, branch_id: UUID
) -> list[Conflict]:
    """Do as `tell_conflicts` for everybody and everything that can be booked at a branch."""
    working = rosters.resources_at(tx.session, branch_id)
    return tell_conflicts(tx, now=now, cause=cause, resource_ids=working)


def told(tx: Transaction, found: Iterable[Conflict], cause: str) -> list[Conflict]:
    """Tell of some bookings, one event for each resource that is missing; return them."""
    listed = list(found)
    for each in listed:
        tx.emit("allocation.conflicted", {**asdict(each), "cause": cause})
    return listed

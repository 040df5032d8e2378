"""Telling of bookings whose resource is not there any more, once as long as it is so."""

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

    Return all of them, also those that were told of before.

    Shapes:  `cause`: roster, closure.
    """
    found = forget_ended(tx, now=now, resource_ids=resource_ids)
    return told_once(tx, found, cause, now)


def tell_conflicts_at(
    tx: Transaction, *, now: datetime, cause: str, branch_id: UUID
) -> list[Conflict]:
    """Do as `tell_conflicts` for everybody and everything that can be booked at a branch."""
    working = rosters.resources_at(tx.session, branch_id)
    return tell_conflicts(tx, now=now, cause=cause, resource_ids=working)


def forget_ended(
    tx: Transaction, *, now: datetime, resource_ids: Collection[UUID]
) -> list[Conflict]:
    """Have what is over told anew should it come back; return the conflicts that there are."""
    found = conflicts.uncovered(tx.session, resource_ids, now)
    conflicts.forget_ended(tx.session, resource_ids, found)
    return found


def forget_ended_at(tx: Transaction, *, now: datetime, branch_id: UUID) -> None:
    """Do as `forget_ended` for everybody and everything that can be booked at a branch."""
    working = rosters.resources_at(tx.session, branch_id)
    forget_ended(tx, now=now, resource_ids=working)


def told_once(
    tx: Transaction, found: Iterable[Conflict], cause: str, now: datetime
) -> list[Conflict]:
    """Tell of those bookings that were not told of before; return all."""
    listed = list(found)
    new = conflicts.note_told(tx.session, listed, now)
    told(tx, (each for each in listed if each.allocation_id in new), cause)
    return listed


def told(tx: Transaction, found: Iterable[Conflict], cause: str) -> list[Conflict]:
    """Tell of some bookings, one event for each resource that is missing; return them."""
    listed = list(found)
    for each in listed:
        tx.emit("allocation.conflicted", {**asdict(each), "cause": cause})
    return listed

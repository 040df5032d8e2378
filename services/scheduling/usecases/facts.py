"""What is told about a hold: to its caller, and to everybody in an event; and about branches."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.chassis.db import Transaction
from services.scheduling.models import Hold
from services.scheduling.queries import holds
from services.scheduling.queries.holds import Crew


def describe(session: Session, hold: Hold, crew: Crew | None = None) -> dict[str, Any]:
    """Return a hold as its contract shows it."""
    if crew is None:
        crew = holds.crew(session, hold.booking_id)
    return {
        "booking_id": hold.booking_id,
        "branch": hold.branch,
        "state": hold.state,
        "start": hold.start_at,
        "end": hold.end_at,
        "expires_at": hold.expires_at,
        "revision": hold.revision,
        "day_part": hold.day_part,
        "crew": crew,
    }


def fact(hold: Hold, crew: Crew) -> dict[str, Any]:
    """Return the payload of an event about a hold."""
    return {
        "booking_id": hold.booking_id,
        "branch_id": hold.branch_id,
        "start": hold.start_at,
        "end": hold.end_at,
        "revision": hold.revision,
        "day_part": hold.day_part,
        "crew": crew,
    }


def tell_changed(tx: Transaction, branch_ids: Iterable[UUID]) -> None:
    """Tell of branches that are others than they were."""
    for each in sorted(set(branch_ids)):
        tx.emit("branch.changed", {"branch_id": each})

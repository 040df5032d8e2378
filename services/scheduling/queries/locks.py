"""Locks: of allocations, and between those who take time and who change what time there is."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

SUPPLY_KEY = "hashtextextended('supply:' || CAST({id} AS text), 0)"


def change_supply(session: Session, branch_ids: Collection[UUID]) -> None:
    """Wait for those who take time at some branches now, and let others wait, until the end.

    Whoever takes time holds the same lock shared (see share_supply), before looking at what is
    free. So nobody is booked into hours, rosters or leave that change at that very moment.
    """
    for branch_id in sorted(set(branch_ids)):
        session.execute(_CHANGE, {"branch_id": branch_id})


def share_supply(branch: str) -> str:
    """Return the expression that takes a branch's supply lock shared."""
    return f"pg_advisory_xact_lock_shared({SUPPLY_KEY.format(id=branch)})"


def keep_supply(session: Session, branch_id: UUID) -> None:
    """Let nobody change what time there is at a branch until the transaction ends."""
    session.execute(_KEEP, {"branch_id": branch_id})


def queue_up(session: Session, branch_id: UUID) -> None:
    """Wait for one's turn among those of a branch who were too slow, until the transaction ends.

    In a storm all of them want the next best crew; without a queue all but one would be too slow
    again, and again.
    """
    session.execute(_QUEUE, {"branch_id": branch_id})


def locked(condition: str) -> str:
    """Return the piece `locked` of a statement: allocations, in the one order for everybody.

    Whoever changes several takes them from here: two who locked the same ones in different order
    would wait for each other.
    """
    return f"""
    locked AS MATERIALIZED (
        SELECT allocation.id
        FROM allocation
        WHERE {condition}
        ORDER BY allocation.resource_id, allocation.id
        FOR UPDATE
    )"""  # noqa: S608  (constants only)


def settle_quota(session: Session, keys: Collection[str]) -> None:
    """Wait for those who count the same quotas, in one order, until the transaction ends."""
    for key in sorted(set(keys)):
        session.execute(_QUOTA, {"key": key})


_CHANGE = sa.text(f"SELECT pg_advisory_xact_lock({SUPPLY_KEY.format(id=':branch_id')})")
_KEEP = sa.text(f"SELECT {share_supply(':branch_id')}")
_QUEUE = sa.text(
    "SELECT pg_advisory_xact_lock(hashtextextended('queue:' || CAST(:branch_id AS text), 0))"
)
_QUOTA = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('quota:' || :key, 0))")

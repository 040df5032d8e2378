"""Reading pools, and working out what they contain."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.scheduling.models import Pool, PoolChild, PoolMember, PoolResource


def take_turns(session: Session) -> None:
    """Wait for those who change pools now, until the transaction ends.

    Two who put pools into each other at once would not see the circle that they make together.
    """
    session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended('pools', 0))"))


def children(session: Session) -> dict[UUID, set[UUID]]:
    """Return which pools each pool holds itself."""
    held: dict[UUID, set[UUID]] = defaultdict(set)
    for outer, inner in session.execute(sa.select(PoolChild.pool_id, PoolChild.child_id)):
        held[outer].add(inner)
    return held


def flatten(session: Session, pool_id: UUID) -> None:
    """Write down anew what a pool, and every pool around it, contains."""
    session.execute(_EMPTY, {"pool_id": pool_id})
    session.execute(_FILL, {"pool_id": pool_id})


def pools(session: Session, ids: Collection[UUID] | None = None) -> list[dict[str, Any]]:
    """Return pools with what they hold and what they contain, by name; all, or some."""
    wanted = sa.select(
        Pool.id,
        Pool.name,
        _ids(PoolMember, PoolMember.resource_id).label("resource_ids"),
        _ids(PoolChild, PoolChild.child_id).label("pool_ids"),
        _ids(PoolResource, PoolResource.resource_id).label("contains"),
    ).order_by(Pool.name["zh"].astext, Pool.id)
    if ids is not None:
        wanted = wanted.where(Pool.id.in_(ids))
    return [dict(row) for row in session.execute(wanted).mappings()]


def _ids(table: Any, column: Any) -> sa.Function[Any]:
    ordered = sa.select(column).where(table.pool_id == Pool.id).order_by(column)
    return sa.func.array(ordered.scalar_subquery(), type_=sa.ARRAY(sa.Uuid))


ABOVE = """
WITH RECURSIVE above AS (
    SELECT CAST(:pool_id AS uuid) AS pool_id
    UNION
    SELECT pool_child.pool_id
    FROM above
    JOIN pool_child ON pool_child.child_id = above.pool_id
)"""
# UNION, not UNION ALL: whoever stands in two of its pools is counted once.
_EMPTY = sa.text(
    f"{ABOVE} DELETE FROM pool_resource USING above WHERE pool_resource.pool_id = above.pool_id"  # noqa: S608
)
_FILL = sa.text(
    f"""{ABOVE},
within AS (
    SELECT pool_id, pool_id AS inner_id FROM above
    UNION
    SELECT within.pool_id, pool_child.child_id
    FROM within
    JOIN pool_child ON pool_child.pool_id = within.inner_id
)
INSERT INTO pool_resource (pool_id, resource_id)
SELECT DISTINCT within.pool_id, pool_member.resource_id
FROM within
JOIN pool_member ON pool_member.pool_id = within.inner_id"""  # noqa: S608
)

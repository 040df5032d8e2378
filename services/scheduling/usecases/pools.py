"""Pools: named sets of resources and of other pools, from which a service may be served."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.chassis.db import UnitOfWork
from services.contracts.scheduling import PoolInUse, PoolUnknown
from services.scheduling.domain import studio
from services.scheduling.models import Pool, PoolChild, PoolMember
from services.scheduling.queries import pools
from services.scheduling.usecases.rows import remove, replace, upsert


def define_pool(
    *,
    uow: UnitOfWork,
    id: UUID,
    name: dict[str, str],
    resource_ids: Sequence[UUID],
    pool_ids: Sequence[UUID],
) -> dict[str, Any]:
    """Create a pool or change what is in it; the pools around it follow.

    Errors:  PoolCyclic at /pool_ids/n when it would contain itself; PoolUnknown, ResourceUnknown.
    """
    with uow.begin() as tx:
        pools.take_turns(tx.session)
        studio.check_no_circle(id, pool_ids, pools.children(tx.session))
        own = {"pool_id": id}
        upsert(tx.session, Pool, {"id": id}, {"name": name})
        replace(tx.session, PoolMember, own, [{"resource_id": each} for each in resource_ids])
        replace(tx.session, PoolChild, own, [{"child_id": each} for each in pool_ids])
        pools.flatten(tx.session, id)
        tx.emit("pool.changed", {"pool_id": id})
        (defined,) = pools.pools(tx.session, [id])
        return defined


def remove_pool(*, uow: UnitOfWork, id: UUID) -> dict[str, Any]:
    """Remove a pool that neither a service nor another pool uses.

    Errors:  PoolUnknown, PoolInUse.
    """
    with uow.begin() as tx:
        pools.take_turns(tx.session)
        if not remove(tx.session, Pool, id, in_use=PoolInUse):
            raise PoolUnknown(id=str(id))
        tx.emit("pool.changed", {"pool_id": id})
    return {"removed": True}


def list_pools(*, uow: UnitOfWork) -> dict[str, Any]:
    """Return every pool with all that it contains, by name."""
    with uow.read() as session:
        return {"items": pools.pools(session)}

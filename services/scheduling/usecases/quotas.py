"""Quotas: the most that may start in a period; they are counted where time is taken."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.chassis.db import UnitOfWork
from services.contracts.scheduling import QuotaUnknown
from services.scheduling.models import Quota
from services.scheduling.queries import requirements
from services.scheduling.usecases.rows import upsert


def define_quota(*, uow: UnitOfWork, id: UUID, **values: Any) -> dict[str, Any]:
    """Create a quota or change it; bookings that it would have refused stay.

    Errors:  BranchUnknown, ServiceUnknown, ResourceUnknown, ResourceTypeUnknown.
    """
    with uow.begin() as tx:
        upsert(tx.session, Quota, {"id": id}, values)
    return {"id": id, **values}


def remove_quota(*, uow: UnitOfWork, id: UUID) -> dict[str, Any]:
    """Remove a quota.

    Errors:  QuotaUnknown.
    """
    with uow.begin() as tx:
        gone = tx.session.execute(sa.delete(Quota).filter_by(id=id))
        if not gone.rowcount:  # type: ignore[attr-defined]
            raise QuotaUnknown(id=str(id))
    return {"removed": True}


def list_quotas(*, uow: UnitOfWork) -> dict[str, Any]:
    """Return every quota: those of a day first, and of each period the strictest."""
    with uow.read() as session:
        return {"items": requirements.all_quotas(session)}

"""Saying where a thing belongs."""

from typing import Any
from uuid import UUID

from services.chassis.db import UnitOfWork
from services.scheduling.queries import whereabouts


def locate(*, uow: UnitOfWork, kind: str, id: UUID) -> dict[str, Any]:
    """Return the branch and the resource of a thing; `found` is false when there is none.

    Shapes:  `kind` is one of contracts.scheduling.whereabouts.KINDS.
    """
    with uow.read() as session:
        found = whereabouts.find(session, kind, id)
    branch_id, resource_id = found or (None, None)
    return {"found": found is not None, "branch_id": branch_id, "resource_id": resource_id}

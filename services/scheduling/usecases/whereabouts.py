"""Saying where things belong."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.chassis.db import UnitOfWork
from services.scheduling.queries import whereabouts
from services.scheduling.queries.whereabouts import Place


def locate(*, uow: UnitOfWork, kind: str, id: UUID) -> dict[str, Any]:
    """Return the branch and the resource of a thing; `found` is false when there is none.

    Shapes:  `kind` is one of contracts.scheduling.whereabouts.KINDS.
    """
    with uow.read() as session:
        return _shown(whereabouts.find(session, kind, [id]), id)


def locate_all(*, uow: UnitOfWork, kind: str, ids: Sequence[UUID]) -> dict[str, Any]:
    """Do as `locate` for several things, each once."""
    with uow.read() as session:
        found = whereabouts.find(session, kind, ids)
    return {"items": [{"id": id, **_shown(found, id)} for id in dict.fromkeys(ids)]}


def _shown(found: Mapping[UUID, Place], id: UUID) -> dict[str, Any]:
    branch_id, resource_id = found.get(id, (None, None))
    return {"found": id in found, "branch_id": branch_id, "resource_id": resource_id}

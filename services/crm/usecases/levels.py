"""Member levels: what members pay less and earn."""

from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.chassis.db import UnitOfWork
from services.crm import queries
from services.crm.models import MemberLevel


def list_levels(*, uow: UnitOfWork) -> dict[str, Any]:
    """Return every level; those that are no longer given come last."""
    with uow.read() as session:
        return {"items": queries.levels(session)}


def define_level(*, uow: UnitOfWork, id: UUID, **terms: Any) -> MemberLevel:
    """Create a member level or change it for all who have it.

    Shapes:  `terms` as contracts.members.DefineLevel.
    """
    stated = insert(MemberLevel).values(id=id, **terms)
    known = stated.on_conflict_do_update(constraint="member_level_pkey", set_=terms)
    with uow.begin() as tx:
        return tx.session.scalars(known.returning(MemberLevel)).one()

"""The catalogue: what is sold, and what it needs to be done."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.booking import views
from services.booking.domain import words
from services.booking.models import Service
from services.booking.queries import catalogue
from services.chassis.db import UnitOfWork
from services.contracts.catalogue import ServiceUnknown
from services.contracts.errors import Invalid
from services.contracts.scheduling import DEFINE_REQUIREMENT, DefineRequirement, RoleLine

NEEDS = tuple(DefineRequirement(exclude=("service_id",)).fields)
"""What scheduling must know of a package."""

ROLES = RoleLine(many=True)

DEAL = (
    "name",
    "category",
    "summary",
    "content",
    "price_cents",
    "deposit_cents",
    "currency",
    "cover",
    "position",
)


def define_service(
    *, uow: UnitOfWork, scheduling: Any, service_id: UUID, deal: dict[str, Any]
) -> dict[str, Any]:
    """Create a package or change it; scheduling learns first what it needs.

    Errors:  Invalid when the deposit is above the price; BranchUnknown.
    """
    if deal["deposit_cents"] > deal["price_cents"]:
        raise _deposit_above_price()
    needs = {name: deal[name] for name in NEEDS}
    defined = _require(scheduling, service_id, needs)
    values = {name: deal[name] for name in DEAL} | _shown(defined) | {"active": True}
    with uow.begin() as tx:
        tx.session.execute(
            insert(Service)
            .values(id=service_id, **values)
            .on_conflict_do_update(index_elements=[Service.id], set_=values)
        )
        return views.package(tx.session.get_one(Service, service_id))


def define_service_requirement(
    *, uow: UnitOfWork, scheduling: Any, service_id: UUID, **needs: Any
) -> dict[str, Any]:
    """Change what a package needs; return it as scheduling understood it.

    Errors:  ServiceUnknown; those of scheduling.define_requirement.
    """
    with uow.read() as session:
        if catalogue.service(session, service_id) is None:
            raise ServiceUnknown()
    defined = _require(scheduling, service_id, needs)
    change = sa.update(Service).where(Service.id == service_id).values(**_shown(defined))
    with uow.begin() as tx:
        tx.session.execute(change)
    return defined


def list_services(*, uow: UnitOfWork, branch_id: UUID | None) -> dict[str, Any]:
    """Return what is on offer, at one branch or anywhere."""
    with uow.read() as session:
        return {"items": [views.package(s) for s in catalogue.offered_services(session, branch_id)]}


def _require(scheduling: Any, service_id: UUID, needs: dict[str, Any]) -> dict[str, Any]:
    """Return a requirement as scheduling understood it, with what it worked out itself."""
    asked = DEFINE_REQUIREMENT.request.dump({"service_id": service_id, **needs})
    defined: dict[str, Any] = DEFINE_REQUIREMENT.response.load(
        scheduling.define_requirement(**asked)
    )
    return defined


def _shown(defined: dict[str, Any]) -> dict[str, Any]:
    """Return what booking keeps of a requirement: customers see it."""
    roles = ROLES.dump(defined["roles"])
    return {
        "roles": [
            role | {"name": role["name"] or words.role_name(role["resource_type"])}
            for role in roles
        ],
        "branch_ids": defined["branch_ids"],
        "duration_minutes": defined["duration_minutes"],
    }


def _deposit_above_price() -> Invalid:
    fault = {
        "pointer": "/deposit_cents",
        "code": "field.invalid",
        "message": {"zh": "定金不能高于总价", "en": "The deposit is above the price"},
    }
    return Invalid(errors=[fault])

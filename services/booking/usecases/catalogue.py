"""The catalogue: what is sold, and what it needs to be done."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.booking import terms, views
from services.booking.domain import policy, words
from services.booking.domain.deposit import check_deposit
from services.booking.domain.schedule import check_plan
from services.booking.models import CatalogueVersion, Service
from services.booking.queries import catalogue
from services.chassis.db import Transaction, UnitOfWork
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
    "deposit",
    "policy",
    "schedule",
    "needs_approval",
    "currency",
    "cover",
    "position",
)

AGREED = (
    "name",
    "summary",
    "content",
    "price_cents",
    "currency",
    "deposit",
    "policy",
    "schedule",
)
"""What a customer agrees to: a change of it is a new version."""


def define_service(
    *, uow: UnitOfWork, scheduling: Any, service_id: UUID, deal: dict[str, Any]
) -> dict[str, Any]:
    """Create a package or change it; scheduling learns first what it needs.

    What customers agree to is kept as a version of its own; bookings name theirs.

    Errors:  Invalid at terms that are not sound; BranchUnknown.
    """
    _check_terms(deal)
    needs = {name: deal[name] for name in NEEDS}
    defined = _require(scheduling, service_id, needs)
    values = {name: deal[name] for name in DEAL} | _shown(defined) | {"active": True}
    with uow.begin() as tx:
        tx.session.execute(
            insert(Service)
            .values(id=service_id, version=0, **values)
            .on_conflict_do_nothing(index_elements=[Service.id])
        )
        service = catalogue.lock_service(tx.session, service_id)
        assert service is not None, "it was just inserted, or was there"
        changed = [name for name in AGREED if getattr(service, name) != values[name]]
        for name, value in values.items():
            setattr(service, name, value)
        if changed or not service.version:
            _keep_version(tx, service)
        return views.package(service)


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


def _keep_version(tx: Transaction, service: Service) -> None:
    service.version += 1
    deal = {name: getattr(service, name) for name in AGREED}
    tx.session.add(CatalogueVersion(item_id=service.id, version=service.version, deal=deal))


def _check_terms(deal: dict[str, Any]) -> None:
    """Refuse terms that contradict themselves.

    Errors:  Invalid with one pointer per fault.
    """
    found = {
        "/deposit": check_deposit(terms.deposit_of(deal["deposit"]), deal["price_cents"]),
        "/policy": policy.check(terms.policy_of(deal["policy"])),
        "/schedule": check_plan(terms.schedule_of(deal["schedule"])),
    }
    errors = [
        {**fault, "pointer": f"{at}{fault['pointer']}"}
        for at, faults in found.items()
        for fault in faults
    ]
    if errors:
        raise Invalid(errors=errors)

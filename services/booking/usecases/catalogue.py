"""The catalogue: what is sold, and what it needs to be done."""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.booking import terms, views
from services.booking.domain import policy, words
from services.booking.domain.deposit import check_deposit
from services.booking.domain.schedule import check_plan
from services.booking.models import CatalogueVersion, Package, Service
from services.booking.queries import catalogue, forms
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.catalogue import Item, ServiceUnknown
from services.contracts.errors import Invalid
from services.contracts.scheduling import DEFINE_REQUIREMENT, DefineRequirement, RoleLine

Sold = TypeVar("Sold", Service, Package)

NEEDS = tuple(DefineRequirement(exclude=("service_id",)).fields)
"""What scheduling must know of a service."""

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
    "form_id",
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

AGREED_OF_PACKAGE = (
    "name",
    "summary",
    "items",
    "price_cents",
    "currency",
    "deposit",
    "policy",
    "schedule",
    "valid_days",
)

ITEMS = Item(many=True)


def define_service(
    *, uow: UnitOfWork, scheduling: Any, service_id: UUID, deal: dict[str, Any]
) -> dict[str, Any]:
    """Create a service or change it; scheduling learns first what it needs.

    What customers agree to is kept as a version of its own; bookings name theirs.

    Errors:  Invalid at terms that are not sound and at a form that is none; BranchUnknown.
    """
    _check_terms(deal)
    needs = {name: deal[name] for name in NEEDS}
    defined = _require(scheduling, service_id, needs)
    values = {name: deal[name] for name in DEAL} | _shown(defined) | {"active": True}
    with uow.begin() as tx:
        _check_form(tx.session, deal["form_id"])
        return views.service(_keep(tx, Service, service_id, values, AGREED))


def define_service_requirement(
    *, uow: UnitOfWork, scheduling: Any, service_id: UUID, **needs: Any
) -> dict[str, Any]:
    """Change what a service needs; return it as scheduling understood it.

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
        return {"items": [views.service(s) for s in catalogue.offered_services(session, branch_id)]}


def define_package(*, uow: UnitOfWork, package_id: UUID, **deal: Any) -> dict[str, Any]:
    """Create a package or change it; what customers agree to is kept as a version of its own.

    Errors:  Invalid at terms that are not sound, and at a package without an appointment;
             ServiceUnknown at an appointment of none.
    """
    _check_terms(deal)
    _check_items(deal["items"])
    values = deal | {"items": ITEMS.dump(deal["items"])}
    with uow.begin() as tx:
        _check_services(tx, deal["items"])
        return views.package(_keep(tx, Package, package_id, values, AGREED_OF_PACKAGE))


def list_packages(*, uow: UnitOfWork, branch_id: UUID | None, all: bool) -> dict[str, Any]:
    """Return the packages on offer: at a branch those of which it offers an appointment."""
    with uow.read() as session:
        found = catalogue.packages(session, all=all)
        if branch_id is not None:
            here = {str(s.id) for s in catalogue.offered_services(session, branch_id)}
            found = [p for p in found if here & {item["service_id"] for item in p.items}]
        return {"items": [views.package(package) for package in found]}


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


def _keep(
    tx: Transaction, kind: type[Sold], item_id: UUID, values: dict[str, Any], agreed: Sequence[str]
) -> Sold:
    """Create something of the catalogue or change it; what is agreed to makes a version."""
    tx.session.execute(
        insert(kind)
        .values(id=item_id, version=0, **values)
        .on_conflict_do_nothing(index_elements=["id"])
    )
    item = tx.session.get_one(kind, item_id, with_for_update=True)
    changed = [name for name in agreed if getattr(item, name) != values[name]]
    for name, value in values.items():
        setattr(item, name, value)
    if changed or not item.version:
        item.version += 1
        deal = {name: getattr(item, name) for name in agreed}
        tx.session.add(CatalogueVersion(item_id=item.id, version=item.version, deal=deal))
    return item


def _check_form(session: Session, form_id: UUID | None) -> None:
    """Refuse a form that is none, or not one that goes with a booking."""
    form = None if form_id is None else forms.form(session, form_id)
    if form_id is not None and (form is None or form.kind != "booking"):
        message = {"zh": "没有这个预约表单", "en": "There is no such form for bookings"}
        fault = {"pointer": "/form_id", "code": "field.invalid", "message": message}
        raise Invalid(errors=[fault])


def _check_items(items: Sequence[dict[str, Any]]) -> None:
    """Refuse a package that nobody could book: an appointment is of a service, the rest of none."""
    errors = [
        _item_fault(f"/items/{place}/service_id")
        for place, item in enumerate(items)
        if (item["kind"] == "session") != (item["service_id"] is not None)
    ]
    if not errors and not any(item["kind"] == "session" for item in items):
        errors = [_item_fault("/items")]
    if errors:
        raise Invalid(errors=errors)


def _item_fault(pointer: str) -> dict[str, Any]:
    message = {
        "zh": "套系至少含一次拍摄，且只有拍摄项指明服务",
        "en": "A package has a session at least, and only sessions name a service",
    }
    return {"pointer": pointer, "code": "field.invalid", "message": message}


def _check_services(tx: Transaction, items: Sequence[dict[str, Any]]) -> None:
    named = {item["service_id"] for item in items if item["service_id"] is not None}
    if named - set(catalogue.services(tx.session, named)):
        raise ServiceUnknown()


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

"""The catalogue: what is sold, and what it needs to be done."""

from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.booking import domain, queries, views
from services.booking.models import Service
from services.chassis.db import UnitOfWork
from services.contracts.errors import Invalid


def define_service(
    *, uow: UnitOfWork, scheduling: Any, service_id: UUID, deal: dict[str, Any]
) -> dict[str, Any]:
    """Create a package or change it; scheduling learns first what it needs.

    Errors:  Invalid when the deposit is above the price; BranchUnknown.
    """
    if deal["deposit_cents"] > deal["price_cents"]:
        raise _deposit_above_price()
    wish = ("branch_ids", "slot_step_minutes", "minimum_notice_minutes", "horizon_days", "roles")
    scheduling.define_requirement(service_id=service_id, **{name: deal[name] for name in wish})
    values = _columns(deal)
    with uow.begin() as tx:
        tx.session.execute(
            insert(Service)
            .values(id=service_id, **values)
            .on_conflict_do_update(index_elements=[Service.id], set_=values)
        )
        return views.package(tx.session.get_one(Service, service_id))


def list_services(*, uow: UnitOfWork, branch_id: UUID | None) -> dict[str, Any]:
    """Return what is on offer, at one branch or anywhere."""
    with uow.read() as session:
        return {"items": [views.package(s) for s in queries.offered_services(session, branch_id)]}


def _columns(deal: dict[str, Any]) -> dict[str, Any]:
    kept = (
        "name",
        "category",
        "summary",
        "content",
        "price_cents",
        "deposit_cents",
        "currency",
        "cover",
        "position",
        "branch_ids",
    )
    roles = deal["roles"]
    return {name: deal[name] for name in kept} | {
        "roles": [role | {"name": domain.ROLE_NAMES[role["resource_type"]]} for role in roles],
        "duration_minutes": domain.duration_minutes(
            [(role["offset_minutes"], role["length_minutes"]) for role in roles]
        ),
        "active": True,
    }


def _deposit_above_price() -> Invalid:
    fault = {
        "pointer": "/deposit_cents",
        "code": "field.invalid",
        "message": {"zh": "定金不能高于总价", "en": "The deposit is above the price"},
    }
    return Invalid(errors=[fault])

"""Add-ons and price rules: what else can be bought, and when a price is another."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.booking import terms
from services.booking.domain.pricing import check_rules
from services.booking.models import AddOn, PriceRule
from services.booking.queries import catalogue
from services.chassis.db import UnitOfWork
from services.contracts.catalogue import PriceMatch, PriceRuleUnknown
from services.contracts.errors import Invalid

MATCH = PriceMatch()


def define_add_on(*, uow: UnitOfWork, add_on_id: UUID, **values: Any) -> dict[str, Any]:
    """Create an add-on or change it; what was sold before keeps its price.

    Errors:  AddOnSoldOut when the stock would be less than what is taken.
    """
    with uow.begin() as tx:
        tx.session.execute(
            insert(AddOn)
            .values(id=add_on_id, **values)
            .on_conflict_do_update(
                index_elements=[AddOn.id], set_=values | {"version": AddOn.version + 1}
            )
        )
        return _add_on(tx.session.get_one(AddOn, add_on_id))


def list_add_ons(*, uow: UnitOfWork, service_id: UUID | None, all: bool) -> dict[str, Any]:
    """Return what can be bought with a service, or with any."""
    with uow.read() as session:
        found = catalogue.add_ons_with(session, service_id, all=all)
        return {"items": [_add_on(add_on) for add_on in found]}


def define_price_rule(*, uow: UnitOfWork, rule: dict[str, Any]) -> dict[str, Any]:
    """Create a price rule or change it.

    Errors:  Invalid at a rule that contradicts itself.
    """
    values = rule | {"match": MATCH.dump(rule["match"])}
    active = values.pop("active")
    faults = check_rules([terms.rule_of(**values)])
    if faults:
        raise Invalid(errors=[f | {"pointer": f["pointer"].removeprefix("/0")} for f in faults])
    with uow.begin() as tx:
        stored = values | {"active": active}
        tx.session.execute(
            insert(PriceRule)
            .values(**stored)
            .on_conflict_do_update(index_elements=[PriceRule.id], set_=stored)
        )
        return _rule(tx.session.get_one(PriceRule, rule["id"]))


def remove_price_rule(*, uow: UnitOfWork, rule_id: UUID) -> dict[str, Any]:
    """Remove a price rule; return those that are left.

    Errors:  PriceRuleUnknown.
    """
    with uow.begin() as tx:
        gone = tx.session.execute(sa.delete(PriceRule).where(PriceRule.id == rule_id))
        if not gone.rowcount:  # type: ignore[attr-defined]
            raise PriceRuleUnknown()
        return {"items": [_rule(row) for row in catalogue.price_rule_rows(tx.session)]}


def list_price_rules(*, uow: UnitOfWork) -> dict[str, Any]:
    """Return all price rules, the first to be asked first."""
    with uow.read() as session:
        return {"items": [_rule(row) for row in catalogue.price_rule_rows(session)]}


def _add_on(add_on: AddOn) -> dict[str, Any]:
    return {
        "id": add_on.id,
        "name": add_on.name,
        "summary": add_on.summary,
        "price_cents": add_on.price_cents,
        "currency": add_on.currency,
        "stock": add_on.stock,
        "left": None if add_on.stock is None else add_on.stock - add_on.taken,
        "max_quantity": add_on.max_quantity,
        "service_ids": add_on.service_ids,
        "position": add_on.position,
        "active": add_on.active,
    }


def _rule(row: PriceRule) -> dict[str, Any]:
    return {
        "id": row.id,
        "label": row.label,
        "effect": row.effect,
        "value": row.value,
        "match": MATCH.load(row.match),
        "priority": row.priority,
        "exclusive": row.exclusive,
        "active": row.active,
    }

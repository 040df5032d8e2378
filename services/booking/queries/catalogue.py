"""Reading what is sold, and taking of what there are only so many."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.booking import terms
from services.booking.domain import pricing
from services.booking.models import AddOn, OrderLine, Package, PriceRule, Service


def service(session: Session, service_id: UUID) -> Service | None:
    """Return a service, offered or not."""
    return session.get(Service, service_id)


def offered_services(session: Session, branch_id: UUID | None) -> list[Service]:
    """Return the services on offer, at one branch or anywhere, in the studio's order."""
    offered = sa.select(Service).where(Service.active).order_by(Service.position, Service.id)
    if branch_id is not None:
        offered = offered.where(Service.branch_ids.contains([branch_id]))
    return list(session.scalars(offered))


def services(session: Session, ids: Collection[UUID]) -> dict[UUID, Service]:
    """Return those of some services that exist, offered or not."""
    found = session.scalars(sa.select(Service).where(Service.id.in_(ids)))
    return {service.id: service for service in found}


def package(session: Session, package_id: UUID) -> Package | None:
    """Return a package, offered or not."""
    return session.get(Package, package_id)


def packages(session: Session, *, all: bool) -> list[Package]:
    """Return the packages on offer, or all of them, in the studio's order."""
    asked = sa.select(Package).order_by(Package.position, Package.id)
    return list(session.scalars(asked if all else asked.where(Package.active)))


def add_ons(session: Session, ids: Collection[UUID]) -> dict[UUID, AddOn]:
    """Return those of some add-ons that exist."""
    found = session.scalars(sa.select(AddOn).where(AddOn.id.in_(ids)))
    return {add_on.id: add_on for add_on in found}


def add_ons_with(session: Session, service_id: UUID | None, *, all: bool) -> list[AddOn]:
    """Return the add-ons, those of one service or any, in the studio's order."""
    asked = sa.select(AddOn).order_by(AddOn.position, AddOn.id)
    if not all:
        asked = asked.where(AddOn.active)
    if service_id is not None:
        with_all = sa.func.cardinality(AddOn.service_ids) == 0
        asked = asked.where(sa.or_(with_all, AddOn.service_ids.contains([service_id])))
    return list(session.scalars(asked))


def take_add_ons(session: Session, order_id: UUID) -> list[OrderLine]:
    """Take what an order bought out of stock; return the lines that are sold out."""
    wanted = [line for line in _bought(session, order_id) if not line.taken]
    for line in wanted:
        taken = AddOn.taken + line.quantity
        moved = session.execute(
            sa.update(AddOn)
            .where(AddOn.id == line.reference_id)
            .where(sa.or_(AddOn.stock.is_(None), taken <= AddOn.stock))
            .values(taken=taken)
        )
        line.taken = bool(moved.rowcount)  # type: ignore[attr-defined]
    return [line for line in wanted if not line.taken]


def put_back_add_ons(session: Session, order_id: UUID) -> None:
    """Put what an order bought back into stock."""
    for line in _bought(session, order_id):
        if line.taken:
            session.execute(
                sa.update(AddOn)
                .where(AddOn.id == line.reference_id)
                .values(taken=AddOn.taken - line.quantity)
            )
            line.taken = False


def _bought(session: Session, order_id: UUID) -> list[OrderLine]:
    """Return lines in the order of their add-ons: who takes several waits in that order."""
    return list(
        session.scalars(
            sa.select(OrderLine)
            .where(OrderLine.order_id == order_id, OrderLine.kind == "add_on")
            .order_by(OrderLine.reference_id, OrderLine.id)
        )
    )


def price_rule_rows(session: Session) -> list[PriceRule]:
    """Return all price rules, the first to be asked first."""
    return list(
        session.scalars(sa.select(PriceRule).order_by(PriceRule.priority.desc(), PriceRule.id))
    )


def price_rules(session: Session) -> list[pricing.PriceRule]:
    """Return the price rules that hold now."""
    return [
        terms.rule_of(
            id=row.id,
            label=row.label,
            effect=row.effect,
            value=row.value,
            match=row.match,
            priority=row.priority,
            exclusive=row.exclusive,
        )
        for row in price_rule_rows(session)
        if row.active
    ]

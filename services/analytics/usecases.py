"""What analytics does, one business verb and one transaction each."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.analytics import domain, queries
from services.analytics.models import BookingFact, CustomerFact, PaymentFact, UtilisationFact
from services.chassis.db import UnitOfWork
from services.chassis.inbox import Fact
from services.contracts.analytics import MetricUnknown, RangeInvalid

# --- following


def follow_booking(*, uow: UnitOfWork, fact: Fact) -> None:
    """Take over how a booking stands, if the fact is the newest, and the moment that it tells."""
    with uow.begin() as tx:
        _replicate(tx.session, fact.payload)
        if fact.type in domain.MOMENTS:
            _note_moment(tx.session, fact)


def follow_import(*, uow: UnitOfWork, fact: Fact) -> None:
    """Take over a booking of the past: its moments are those of then."""
    booking = fact.payload
    moments = {domain.IMPORTED_MOMENTS[booking["status"]]: booking["ended_at"]}
    if booking["status"] != "cancelled":  # of a cancelled one nobody knows whether it was confirmed
        moments["confirmed_at"] = booking["requested_at"]
    with uow.begin() as tx:
        _replicate(tx.session, booking)
        tx.session.execute(
            sa.update(BookingFact)
            .where(BookingFact.booking_id == booking["booking_id"])
            .values(moments)
        )


def forget_import(*, uow: UnitOfWork, fact: Fact) -> None:
    """Forget a booking that was imported by mistake.

    Errors:  BookingNotYetKnown when it was not heard of before.
    """
    booking_id = fact.payload["booking_id"]
    with uow.begin() as tx:
        forgotten = tx.session.execute(
            sa.delete(BookingFact)
            .where(BookingFact.booking_id == booking_id)
            .returning(BookingFact.booking_id)
        )
        if forgotten.first() is None:
            raise domain.BookingNotYetKnown(booking_id=str(booking_id))


def follow_payment(*, uow: UnitOfWork, fact: Fact) -> None:
    """Take over money that moved."""
    payment = fact.payload
    kind, sign = domain.MONEY[fact.type]
    told = insert(PaymentFact).values(
        movement_id=payment.get("refund_id") or payment["payment_id"],
        kind=kind,
        booking_id=payment["booking_id"],
        branch_id=payment["branch_id"],
        timezone=payment["timezone"],
        amount_cents=sign * payment["amount_cents"],
        currency=payment["currency"],
        occurred_at=payment["occurred_at"],
    )
    with uow.begin() as tx:
        tx.session.execute(told.on_conflict_do_nothing())


def follow_customer(*, uow: UnitOfWork, fact: Fact) -> None:
    """Take over that there is a new customer."""
    customer = fact.payload
    told = insert(CustomerFact).values(
        customer_id=customer["customer_id"],
        branch_id=customer["branch_id"],
        timezone=customer["timezone"],
        created_at=customer["created_at"],
    )
    with uow.begin() as tx:
        tx.session.execute(told.on_conflict_do_nothing())


def forget_customer(*, uow: UnitOfWork, fact: Fact) -> None:
    """Forget a customer of whom nothing tells any more."""
    gone = CustomerFact.customer_id == fact.payload["customer_id"]
    with uow.begin() as tx:
        tx.session.execute(sa.delete(CustomerFact).where(gone))


def follow_utilisation(*, uow: UnitOfWork, fact: Fact) -> None:
    """Take over how a resource's date was used; the latest word counts, whatever the order."""
    told = fact.payload
    key = {name: told[name] for name in ("resource_id", "branch_id", "day")}
    figures = {
        "resource_type": told["resource_type"],
        "ended": told["ended"],
        "rostered_minutes": told["rostered_minutes"],
        "allocated_minutes": told["allocated_minutes"],
        "served_minutes": told["served_minutes"],
        "idle_minutes": told["idle_minutes"],
        "measured_at": fact.occurred_at,
    }
    with uow.begin() as tx:
        tx.session.execute(
            insert(UtilisationFact)
            .values(**key, **figures)
            .on_conflict_do_update(
                constraint="fact_utilisation_pkey",
                set_=figures,
                where=UtilisationFact.measured_at < fact.occurred_at,
            )
        )


def _replicate(session: Session, booking: dict[str, Any]) -> None:
    state = {
        "version": booking["version"],
        "status": booking["status"],
        "branch_id": booking["branch_id"],
        "timezone": booking["timezone"],
        "service_id": booking["service_id"],
        "service_name": booking["service_name"],
        "channel": booking["channel"],
        "starts_at": booking["start"],
        "total_cents": booking["total_cents"],
        "currency": booking["currency"],
        "requested_at": booking["requested_at"],
    }
    session.execute(
        insert(BookingFact)
        .values(booking_id=booking["booking_id"], **state)
        .on_conflict_do_update(
            constraint="fact_booking_pkey",
            set_=state,
            where=BookingFact.version < booking["version"],
        )
    )


def _note_moment(session: Session, fact: Fact) -> None:
    """Keep when something happened first; the order in which it is told does not matter."""
    moment = domain.MOMENTS[fact.type]
    earliest = sa.func.least(getattr(BookingFact, moment), fact.occurred_at)  # ignores null
    session.execute(
        sa.update(BookingFact)
        .where(BookingFact.booking_id == fact.payload["booking_id"])
        .values({moment: earliest})
    )


# --- asking


def list_metrics() -> dict[str, Any]:
    """Return the metric dictionary."""
    return {
        "items": [
            {
                "name": metric.name,
                "title": metric.title,
                "description": metric.description,
                "unit": metric.unit,
            }
            for metric in domain.METRICS.values()
        ]
    }


def measure(
    *,
    uow: UnitOfWork,
    name: str,
    from_: date,
    to: date,
    branch_id: UUID | None,
    branch_ids: list[UUID] | None,
    by: str | None,
) -> dict[str, Any]:
    """Return the value of a metric over some days and, when asked by day, the value of each.

    Shapes:  `branch_ids` null means all branches; `branch_id` asks for one of them.
    Units:   inclusive local dates, each fact in the zone of its branch.
    Errors:  MetricUnknown; RangeInvalid.
    """
    metric = domain.METRICS.get(name)
    if metric is None:
        raise MetricUnknown()
    if not domain.is_measurable(from_, to):
        raise RangeInvalid(max_days=domain.MAX_RANGE_DAYS)
    with uow.read() as session:
        tallies = queries.tallies(
            session, metric, first=from_, last=to, branch_id=branch_id, branch_ids=branch_ids
        )
    days = domain.days_of(from_, to) if by == "day" else []
    return {
        "name": metric.name,
        "unit": metric.unit,
        "from_": from_,
        "to": to,
        "value": domain.value_of(metric, list(tallies.values())),
        "series": [
            {"on": day, "value": value} for day, value in domain.series_of(metric, days, tallies)
        ],
    }

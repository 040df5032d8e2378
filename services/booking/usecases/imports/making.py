"""Making orders: good rows become orders of the past, of which no customer hears."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import uuid6
from sqlalchemy.orm import Session

from services.booking import phones, views
from services.booking.domain import ledger, words
from services.booking.domain.imports import order_rows
from services.booking.domain.imports.order_rows import restored
from services.booking.domain.imports.rows import Fault
from services.booking.domain.imports.states import RowState
from services.booking.domain.lifecycle import Status
from services.booking.links import Links
from services.booking.models import (
    Booking,
    Import,
    ImportRow,
    LedgerEntry,
    Order,
    OrderLine,
    Payment,
    Service,
)
from services.booking.queries import imports
from services.booking.usecases.imports.noting import spoil
from services.chassis.db import Transaction

CHANNEL = "import"
"""How an imported booking came."""

UNTOUCHED = 1
"""The version of a booking to which nothing has happened since it was imported."""


@dataclass(frozen=True)
class Made:
    """What became of a row."""

    row: ImportRow
    told: order_rows.Order
    order: Order
    booking: Booking
    payment: Payment | None


def make(
    tx: Transaction, found: Import, rows: Sequence[ImportRow], now: datetime, links: Links
) -> None:
    """Make orders of good rows of a locked import."""
    fresh = _without_known(tx.session, found, rows)
    made = _make(tx.session, found, fresh, now)
    for one in made:
        one.row.state, one.row.booking_id = RowState.DONE, one.booking.id
        _tell(tx, one, links)


def account(told: order_rows.Order) -> ledger.Money:
    """Return how an imported order's account stands; of a cancelled one what was paid was kept."""
    charged = told.paid_cents if told.status == Status.CANCELLED else told.total_cents
    return ledger.Money(total=told.total_cents, charged=charged, paid=told.paid_cents)


def _without_known(session: Session, found: Import, rows: Sequence[ImportRow]) -> list[ImportRow]:
    """Return the rows whose order is not here; another import may have brought it meanwhile."""
    here = imports.known_keys(session, {row.key for row in rows if row.key})
    for row in rows:
        if row.key in here:
            told = restored(row.parsed or {})
            spoil(found, row, told, [Fault(told.key_field, "import.exists")])
    return [row for row in rows if row.state == RowState.GOOD]


def _make(session: Session, found: Import, rows: list[ImportRow], now: datetime) -> list[Made]:
    services = {str(service.id): service for service in imports.services(session)}
    made = []
    for row, numbers in zip(rows, imports.draw_numbers(session, len(rows)), strict=True):
        told = restored(row.parsed or {})
        service, branch = services[told.service_id], found.branches[told.branch_id]
        order = _order(told, service, branch, numbers[1])
        booking = _booking(told, service, branch, order, numbers[0])
        made.append(Made(row, told, order, booking, _payment(told, order, booking, found)))
    # In the order in which they refer to each other.
    for kind in (
        [one.order for one in made],
        [one.booking for one in made],
        [one.payment for one in made if one.payment],
        [_line(one, services[one.told.service_id]) for one in made],
        [entry for one in made for entry in _entries(one, now)],
    ):
        session.add_all(kind)
        session.flush()
    return made


def _order(
    told: order_rows.Order, service: Service, branch: dict[str, Any], sequence: int
) -> Order:
    return Order(
        id=uuid6.uuid7(),
        number=words.order_number(sequence, told.ordered_at, branch["timezone"]),
        branch_id=UUID(told.branch_id),
        timezone=branch["timezone"],
        title=service.name,
        contact_name=told.name,
        contact_phone=told.phone,
        currency=service.currency,
        deposit_cents=0,
        deposit_money="advance",
        policy=[],
        schedule=[],
        created_at=told.ordered_at,
    )


def _booking(
    told: order_rows.Order, service: Service, branch: dict[str, Any], order: Order, sequence: int
) -> Booking:
    number = words.booking_number(sequence, told.ordered_at, order.timezone)
    # Also found by the number that people know from the other system.
    text = words.haystack(
        number, told.name, told.phone, phones.national(told.phone), told.reference
    )
    cancelled = told.status == Status.CANCELLED
    return Booking(
        id=uuid6.uuid7(),
        order=order,
        number=number,
        version=UNTOUCHED,
        status=told.status,
        service_id=service.id,
        service_name=service.name,
        service_version=service.version,
        branch_id=order.branch_id,
        branch_name=branch["name"],
        branch_address=branch["address"],
        branch_phone=branch["phone"],
        timezone=order.timezone,
        starts_at=told.start,
        ends_at=told.end,
        schedule_revision=0,
        crew=[],
        contact_name=told.name,
        contact_phone=told.phone,
        search_text=text,
        search_terms=words.grams(text),
        note=told.note,
        answers={},
        channel=CHANNEL,
        requested_at=told.ordered_at,
        confirmed_at=None if cancelled else told.ordered_at,
        cancelled_at=told.start if cancelled else None,
    )


def _payment(
    told: order_rows.Order, order: Order, booking: Booking, found: Import
) -> Payment | None:
    if not told.paid_cents:
        return None
    return Payment(
        id=uuid6.uuid7(),
        order_id=order.id,
        booking_id=booking.id,
        kind="balance",
        provider=ledger.CASH_DESK,
        method=told.method,
        amount_cents=told.paid_cents,
        received_cents=told.paid_cents,
        refunded_cents=0,
        currency=order.currency,
        state="succeeded",
        taken_by=found.created_by,
        created_at=told.paid_at,
        paid_at=told.paid_at,
    )


def _line(one: Made, service: Service) -> OrderLine:
    return OrderLine(
        id=uuid6.uuid7(),
        order_id=one.order.id,
        position=0,
        kind="service",
        reference_id=service.id,
        version=service.version,
        label=service.name,
        quantity=1,
        unit_cents=one.told.total_cents,
        added_at=one.told.ordered_at,
    )


def _entries(one: Made, now: datetime) -> list[LedgerEntry]:
    money = account(one.told)
    found = [entry(one.order, "charge", money.total, now)]
    if one.payment is not None:
        found.append(entry(one.order, "payment", -money.paid, now, payment_id=one.payment.id))
    if money.charged != money.total:
        found.append(entry(one.order, "adjustment", money.charged - money.total, now))
    return found


def entry(order: Order, kind: str, amount_cents: int, now: datetime, **of: UUID) -> LedgerEntry:
    """Return a line of an order's ledger; `of` names the payment or refund that it is."""
    return LedgerEntry(
        order_id=order.id,
        kind=kind,
        amount_cents=amount_cents,
        currency=order.currency,
        entered_at=now,
        **of,
    )


def _tell(tx: Transaction, one: Made, links: Links) -> None:
    money = account(one.told)
    ended_at = one.told.end if one.told.status == Status.COMPLETED else one.told.start
    told = views.fact(one.booking, money, money, links) | {"ended_at": ended_at}
    tx.emit("booking.imported", told)
    if one.payment is not None:
        paid = views.payment_fact(one.booking, one.payment, money, money, one.told.paid_at)
        tx.emit("payment.imported", paid)

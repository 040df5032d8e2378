"""Following: what facts tell of customers, their bookings, their money and their benefits."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.chassis.context import new_id
from services.chassis.db import Transaction, UnitOfWork
from services.chassis.inbox import Fact
from services.contracts.crm import CustomerUnknown
from services.crm import domain, queries
from services.crm.models import (
    Customer,
    CustomerBooking,
    CustomerBranch,
    CustomerPayment,
    TimelineEntry,
)
from services.crm.usecases import accounts, coupons


def follow_booking(*, uow: UnitOfWork, fact: Fact) -> None:
    """Take over what a fact tells of a booking: who the customer is, how the booking stands.

    The customer is known by the phone number; facts may come in any order, the newest wins. Its
    coupon follows the booking, and a completed one earns points.
    """
    booking = fact.payload
    if fact.type == "booking.retracted":
        booking = booking | {"status": domain.RETRACTED}
    with uow.begin() as tx:
        customer_id, is_new = _meet(tx.session, booking)
        _replicate(tx.session, customer_id, booking)
        coupons.follow_use(tx.session, booking["booking_id"])
        if booking.get("credit"):
            coupons.grant(tx.session, booking, fact.occurred_at)
        if fact.type == "booking.completed":
            _settle_points(tx.session, fact)
        _tell(tx.session, customer_id, booking["booking_id"], fact)
        _conclude(tx, "customer.created" if is_new else "customer.updated", customer_id, booking)


def follow_payment(*, uow: UnitOfWork, fact: Fact) -> None:
    """Take over what a fact tells of a payment, refund or payout; points follow the money.

    Errors:  BookingNotYetKnown when it overtook its booking.
    """
    payment = fact.payload
    with uow.begin() as tx:
        booking = _known_booking(tx.session, payment["booking_id"])
        _enter(tx.session, booking.customer_id, fact)
        _update_money(tx.session, payment)
        if booking.status == "completed":
            _settle_points(tx.session, fact)
        _tell(tx.session, booking.customer_id, booking.booking_id, fact)
        _conclude(tx, "customer.updated", booking.customer_id, payment)


def follow_message(*, uow: UnitOfWork, fact: Fact) -> None:
    """Note that a message about a booking was sent; others are left alone.

    Errors:  BookingNotYetKnown when it overtook its booking.
    """
    with uow.begin() as tx:
        if fact.payload["template"] in domain.ABOUT_NO_BOOKING:
            return
        _note(tx, fact.payload["subject_id"], fact)


def follow_agreement(*, uow: UnitOfWork, fact: Fact) -> None:
    """Note that the customer of a booking has signed an agreement.

    Errors:  BookingNotYetKnown when it overtook its booking.
    """
    with uow.begin() as tx:
        _note(tx, fact.payload["booking_id"], fact)


def follow_top_up(*, uow: UnitOfWork, fact: Fact) -> None:
    """Credit a top-up that the cash desk has taken the money of, and note it.

    Booking asks for the credit itself; this is for the time when it could not.

    Errors:  CustomerUnknown.
    """
    told = fact.payload
    with uow.begin() as tx:
        customer = queries.lock_customer(tx.session, told["customer_id"])
        if customer is None:
            raise CustomerUnknown()
        accounts.enter_top_up(
            tx.session,
            customer,
            told["top_up_id"],
            told["amount_cents"],
            told["gift_cents"],
            fact.occurred_at,
        )
        _tell(tx.session, customer.id, None, fact)
        _conclude(tx, "customer.updated", customer.id, told)


def _meet(session: Session, booking: dict[str, Any]) -> tuple[UUID, bool]:
    """Return the customer with this phone, locked, and whether they are new, or new again."""
    contact, new = booking["contact"], UUID(new_id())
    stranger = insert(Customer).values(
        id=new,
        phone=contact["phone"],
        name=contact["name"],
        currency=booking["currency"],
        created_at=booking["requested_at"],
    )
    # Of a known customer the update changes nothing: it makes the row locked and returned.
    since = sa.case((Customer.removed, stranger.excluded.created_at), else_=Customer.created_at)
    met = stranger.on_conflict_do_update(
        constraint="customer_phone_key", set_={"created_at": since}
    )
    found = session.execute(met.returning(Customer.id, Customer.removed)).one()
    customer_id: UUID = found.id
    seen = insert(CustomerBranch).values(customer_id=customer_id, branch_id=booking["branch_id"])
    session.execute(seen.on_conflict_do_nothing())
    return customer_id, customer_id == new or found.removed


def _replicate(session: Session, customer_id: UUID, booking: dict[str, Any]) -> None:
    state = {
        "customer_id": customer_id,
        "version": booking["version"],
        "number": booking["number"],
        "status": booking["status"],
        "payment_status": booking["payment_status"],
        "service_name": booking["service_name"],
        "branch_id": booking["branch_id"],
        "timezone": booking["timezone"],
        "starts_at": booking["start"],
        "ends_at": booking["end"],
        "contact_name": booking["contact"]["name"],
        "contact_phone": booking["contact"]["phone"],
        "total_cents": booking["total_cents"],
        "paid_cents": booking["paid_cents"],
        "currency": booking["currency"],
        "channel": booking["channel"],
        "requested_at": booking["requested_at"],
    }
    session.execute(
        insert(CustomerBooking)
        .values(booking_id=booking["booking_id"], **state)
        .on_conflict_do_update(
            constraint="customer_booking_pkey",
            set_=state,
            where=CustomerBooking.version < booking["version"],
        )
    )


def _update_money(session: Session, payment: dict[str, Any]) -> None:
    session.execute(
        sa.update(CustomerBooking)
        .where(
            CustomerBooking.booking_id == payment["booking_id"],
            CustomerBooking.version < payment["version"],
        )
        .values({name: payment[name] for name in ("version", "payment_status", "paid_cents")})
    )


def _settle_points(session: Session, fact: Fact) -> None:
    id = fact.payload["booking_id"]
    booking = session.get_one(CustomerBooking, id, populate_existing=True)
    accounts.settle_points(session, booking, key=f"earn:{id}:{fact.id}", at=fact.occurred_at)


def _known_booking(session: Session, booking_id: UUID) -> CustomerBooking:
    booking = queries.lock_customer_of(session, booking_id)
    if booking is None:
        raise domain.BookingNotYetKnown(booking_id=str(booking_id))
    return booking


def _note(tx: Transaction, booking_id: UUID, fact: Fact) -> None:
    """Tell of something about a booking that changes neither the booking nor its money."""
    booking = _known_booking(tx.session, booking_id)
    place = {"branch_id": booking.branch_id, "timezone": booking.timezone}
    _tell(tx.session, booking.customer_id, booking.booking_id, fact)
    _conclude(tx, "customer.updated", booking.customer_id, place)


def _enter(session: Session, customer_id: UUID, fact: Fact) -> None:
    """Enter money that moved into the customer's ledger; other payment facts move none."""
    if fact.type not in domain.MONEY:
        return
    kind, sign = domain.MONEY[fact.type]
    moved = insert(CustomerPayment).values(
        movement_id=fact.payload.get("refund_id") or fact.payload["payment_id"],
        kind=kind,
        customer_id=customer_id,
        received_cents=sign * fact.payload["amount_cents"],
    )
    session.execute(moved.on_conflict_do_nothing())


def _tell(session: Session, customer_id: UUID, booking_id: UUID | None, fact: Fact) -> None:
    session.add(
        TimelineEntry(
            id=UUID(fact.id),
            customer_id=customer_id,
            at=domain.moment_of(fact.type, fact.payload, fact.occurred_at),
            type=fact.type,
            title=domain.title_of(fact.type, fact.payload),
            booking_id=booking_id,
            details=domain.details_of(fact.type, fact.payload),
        )
    )


def _conclude(tx: Transaction, event_type: str, customer_id: UUID, place: dict[str, Any]) -> None:
    """Recount the customer, whose row is locked, and say what happened.

    Counting anew, instead of adding up, is right whatever came before and however often.
    """
    customer = tx.session.execute(
        sa.update(Customer)
        .where(Customer.id == customer_id)
        .values(**queries.standing(tx.session, customer_id), version=Customer.version + 1)
        .returning(Customer.created_at, Customer.removed)
    ).one()
    tx.emit(
        "customer.retracted" if customer.removed else event_type,
        {
            "customer_id": customer_id,
            "branch_id": place["branch_id"],
            "timezone": place["timezone"],
            "created_at": customer.created_at,
        },
    )

"""Asking: the list of customers, and a customer's file."""

from typing import Any
from uuid import UUID

from services.chassis.db import UnitOfWork
from services.contracts.crm import CustomerUnknown
from services.crm import domain, queries
from services.crm.models import Customer, CustomerBooking, TimelineEntry


def list_customers(
    *,
    uow: UnitOfWork,
    q: str | None,
    branch_ids: list[UUID] | None,
    cursor: str | None,
    limit: int,
) -> dict[str, Any]:
    """Return one page of customers, the newest first.

    Shapes:  `q` is part of a name or, when it looks like one, of a phone number; `branch_ids`
             null means every branch.
    Errors:  Invalid for a cursor that is none.
    """
    search = domain.read_search(q)
    with uow.read() as session:
        page, next_cursor = queries.customers(
            session, search=search, branch_ids=branch_ids, cursor=cursor, limit=limit
        )
    return {"items": [_describe(customer) for customer in page], "next_cursor": next_cursor}


def get_customer(
    *, uow: UnitOfWork, customer_id: UUID, branch_ids: list[UUID] | None
) -> dict[str, Any]:
    """Return a customer's file: who may open it sees all of it, whichever branch wrote it.

    Errors:  CustomerUnknown, also for one who was never seen at these branches.
    """
    with uow.read() as session:
        customer = queries.customer(session, customer_id, branch_ids)
        if customer is None:
            raise CustomerUnknown()
        return {
            **_describe(customer),
            "timeline": [_describe_entry(e) for e in queries.timeline_of(session, customer_id)],
            "bookings": [_describe_booking(b) for b in queries.bookings_of(session, customer_id)],
        }


def _describe(customer: Customer) -> dict[str, Any]:
    return {
        "id": customer.id,
        "name": customer.name,
        "phone": customer.phone,
        "bookings_count": customer.bookings_count,
        "spent_cents": customer.spent_cents,
        "currency": customer.currency,
        "last_booking_at": customer.last_booking_at,
        "created_at": customer.created_at,
    }


def _describe_entry(entry: TimelineEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": entry.at,
        "type": entry.type,
        "title": entry.title,
        "booking_id": entry.booking_id,
        "details": entry.details,
    }


def _describe_booking(booking: CustomerBooking) -> dict[str, Any]:
    return {
        "id": booking.booking_id,
        "number": booking.number,
        "status": booking.status,
        "payment_status": booking.payment_status,
        "service_name": booking.service_name,
        "branch_id": booking.branch_id,
        "start": booking.starts_at,
        "end": booking.ends_at,
        "contact": {"name": booking.contact_name, "phone": booking.contact_phone},
        "total_cents": booking.total_cents,
        "paid_cents": booking.paid_cents,
        "currency": booking.currency,
        "channel": booking.channel,
        "requested_at": booking.requested_at,
    }

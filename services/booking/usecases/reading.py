"""Reading: one booking for whoever may see it, and the lists of the console."""

import base64
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.booking import ical, pdf, receipts, views
from services.booking.domain.ledger import Money
from services.booking.links import Links
from services.booking.queries import accounts, bookings
from services.booking.usecases import steps
from services.chassis.db import UnitOfWork
from services.contracts.payments import NothingReceived, PaymentUnknown


def get_booking(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: Links,
    booking_id: UUID,
    access: steps.Access,
) -> dict[str, Any]:
    """Return one booking.

    Errors:  BookingUnknown, ManageTokenInvalid.
    """
    with uow.read() as session:
        booking = steps.check_access(bookings.booking(session, booking_id), access, links)
        return steps.describe(session, booking, access=access, links=links, now=now)


def calendar_file(
    *, uow: UnitOfWork, now: datetime, links: Links, booking_id: UUID, access: steps.Access
) -> dict[str, Any]:
    """Return an appointment for the customer's own calendar.

    Errors:  BookingUnknown, ManageTokenInvalid.
    """
    with uow.read() as session:
        booking = steps.check_access(bookings.booking(session, booking_id), access, links)
        return {"text": ical.appointment(booking, links, now)}


def print_receipt(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: Links,
    booking_id: UUID,
    access: steps.Access,
    payment_id: UUID,
) -> dict[str, Any]:
    """Return the receipt of a payment as PDF.

    Errors:  BookingUnknown, ManageTokenInvalid; PaymentUnknown; NothingReceived.
    """
    with uow.read() as session:
        booking = steps.check_access(bookings.booking(session, booking_id), access, links)
        payment = accounts.payment(session, payment_id)
        if payment is None or payment.order_id != booking.order_id:
            raise PaymentUnknown()
        if payment.state != "succeeded":
            raise NothingReceived()
        balance = accounts.account(session, booking.order_id).balance
    facts = views.receipt(booking, payment, balance, links)
    paper = pdf.render(receipts.receipt(facts))
    return {
        "filename": f"receipt-{booking.number}.pdf",
        "content": base64.b64encode(paper).decode(),
    }


def list_bookings(
    *,
    uow: UnitOfWork,
    branch_id: UUID | None,
    branch_ids: list[UUID] | None,
    status: str | None,
    order_status: str | None,
    from_: date | None,
    to: date | None,
    q: str | None,
    cursor: str | None,
    limit: int,
) -> dict[str, Any]:
    """Return a page of bookings, the newest request first.

    Errors:  Invalid for a cursor that is none.
    """
    with uow.read() as session:
        page, next_cursor = bookings.bookings_page(
            session,
            branch_id=branch_id,
            branch_ids=branch_ids,
            status=status,
            order_status=order_status,
            from_=from_,
            to=to,
            q=q,
            cursor=cursor,
            limit=limit,
        )
        money = accounts.accounts(session, [booking.order_id for booking in page])
    items = [views.item(booking, money.get(booking.order_id, Money())) for booking in page]
    return {"items": items, "next_cursor": next_cursor}


def summarise(*, uow: UnitOfWork, booking_ids: list[UUID]) -> dict[str, Any]:
    """Return what the calendar shows of some bookings; unknown ones are left out."""
    with uow.read() as session:
        return {"items": [views.summary(b) for b in bookings.bookings(session, booking_ids)]}

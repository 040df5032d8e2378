"""Reading: one booking for whoever may see it, and the lists of the console."""

import base64
import binascii
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.booking import queries, views
from services.booking.domain import Money
from services.booking.links import Links
from services.booking.models import Booking
from services.booking.usecases import steps
from services.chassis.db import UnitOfWork
from services.contracts.errors import Invalid


def get_booking(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: Links,
    cutoff: timedelta,
    booking_id: UUID,
    access: steps.Access,
) -> dict[str, Any]:
    """Return one booking.

    Errors:  BookingUnknown, ManageTokenInvalid.
    """
    with uow.read() as session:
        booking = steps.check_access(queries.booking(session, booking_id), access, links)
        return steps.describe(session, booking, access=access, links=links, now=now, cutoff=cutoff)


def list_bookings(
    *,
    uow: UnitOfWork,
    branch_id: UUID | None,
    branch_ids: list[UUID] | None,
    status: str | None,
    from_: date | None,
    to: date | None,
    q: str | None,
    cursor: str | None,
    limit: int,
) -> dict[str, Any]:
    """Return a page of bookings, latest start first.

    Errors:  Invalid for a cursor that is none of ours.
    """
    with uow.read() as session:
        found = queries.bookings_page(
            session,
            branch_id=branch_id,
            branch_ids=branch_ids,
            status=status,
            from_=from_,
            to=to,
            q=q,
            before=None if cursor is None else _position(cursor),
            limit=limit + 1,  # one more tells whether there is a next page
        )
        page = found[:limit]
        accounts = queries.accounts(session, [booking.id for booking in page])
    items = [views.item(booking, accounts.get(booking.id, Money())) for booking in page]
    return {"items": items, "next_cursor": _cursor(page[-1]) if len(found) > limit else None}


def summarise(*, uow: UnitOfWork, booking_ids: list[UUID]) -> dict[str, Any]:
    """Return what the calendar shows of some bookings; unknown ones are left out."""
    with uow.read() as session:
        return {"items": [views.summary(b) for b in queries.bookings(session, booking_ids)]}


def _cursor(booking: Booking) -> str:
    position = f"{booking.starts_at.isoformat()} {booking.id}"
    return base64.urlsafe_b64encode(position.encode()).decode()


def _position(cursor: str) -> tuple[datetime, UUID]:
    try:
        start, booking_id = base64.urlsafe_b64decode(cursor).decode().split(" ")
        position = datetime.fromisoformat(start), UUID(booking_id)
    except (binascii.Error, ValueError) as error:
        fault = {
            "pointer": "/cursor",
            "code": "field.invalid",
            "message": {"zh": "此项无效", "en": "This is no cursor of this list"},
        }
        raise Invalid(errors=[fault]) from error
    return position

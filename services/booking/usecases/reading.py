"""Reading: one booking for whoever may see it, and the lists of the console."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.booking import views
from services.booking.domain.ledger import Money
from services.booking.links import Links
from services.booking.queries import accounts, bookings
from services.booking.usecases import steps
from services.chassis.db import UnitOfWork


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
        booking = steps.check_access(bookings.booking(session, booking_id), access, links)
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
    """Return a page of bookings, the newest request first.

    Errors:  Invalid for a cursor that is none.
    """
    with uow.read() as session:
        page, next_cursor = bookings.bookings_page(
            session,
            branch_id=branch_id,
            branch_ids=branch_ids,
            status=status,
            from_=from_,
            to=to,
            q=q,
            cursor=cursor,
            limit=limit,
        )
        money = accounts.accounts(session, [booking.id for booking in page])
    items = [views.item(booking, money.get(booking.id, Money())) for booking in page]
    return {"items": items, "next_cursor": next_cursor}


def summarise(*, uow: UnitOfWork, booking_ids: list[UUID]) -> dict[str, Any]:
    """Return what the calendar shows of some bookings; unknown ones are left out."""
    with uow.read() as session:
        return {"items": [views.summary(b) for b in bookings.bookings(session, booking_ids)]}

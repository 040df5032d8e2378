"""Packs: one order, several appointments. Each is booked when the customer wants it."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import uuid6
from sqlalchemy.orm import Session, object_session

from services.booking.domain import lifecycle
from services.booking.links import Links
from services.booking.models import Booking, Order, OrderSession, Package
from services.booking.queries import packs
from services.chassis.db import Transaction
from services.contracts.booking import ManageTokenInvalid
from services.contracts.catalogue import (
    PackageUnpaid,
    SessionExpired,
    SessionTaken,
    SessionUnknown,
)
from services.contracts.errors import Invalid

SPENT = {"used", "forfeited"}
"""States of a session that was had, whatever becomes of its package."""


def sessions_in(package: Package) -> list[dict[str, Any]]:
    """Return the appointments that a package holds, one by one."""
    return [
        item for item in package.items if item["kind"] == "session" for _ in range(item["quantity"])
    ]


def open_pack(tx: Transaction, booking: Booking, package: Package, now: datetime) -> None:
    """Give an order the sessions of its package; its first booking takes the one of its service.

    A package of one appointment has nothing to keep: its only booking is the whole deal.
    """
    bought = sessions_in(package)
    if len(bought) < 2:
        return
    booking.order.is_pack = True
    first = next(
        place for place, item in enumerate(bought) if UUID(item["service_id"]) == booking.service_id
    )
    expires_on = _expires_on(package, booking.order, now)
    for place, item in enumerate(bought):
        own = place == first
        tx.session.add(
            OrderSession(
                id=uuid6.uuid7(),
                order_id=booking.order_id,
                position=place,
                service_id=UUID(item["service_id"]),
                label=item["label"],
                state="booked" if own else "open",
                booking_id=booking.id if own else None,
                expires_on=expires_on,
            )
        )
    tx.session.flush()


def check_wish(session: Session, wish: dict[str, Any], links: Links, *, is_staff: bool) -> None:
    """Refuse a wish for a session that may not be booked so.

    Errors:  SessionUnknown; ManageTokenInvalid; Invalid at another service; those of _check_free.
    """
    found = packs.order_session(session, wish["session_id"])
    if found is None:
        raise SessionUnknown()
    if not is_staff:
        _check_token(session, found, wish["session_token"], links)
    if found.service_id != wish["service_id"]:
        raise Invalid(errors=[_another_service()])
    _check_free(session, found, is_staff=is_staff)


def told(session: Session, booking: Booking) -> list[dict[str, Any]]:
    """Return the sessions of a booking's order with what was made of them, as contracts have it."""
    if not booking.order.is_pack:
        return []
    made = {each.id: each for each in packs.bookings_of(session, booking.order_id)}
    return [
        _told(each, made.get(each.booking_id) if each.booking_id else None)
        for each in packs.sessions_of(session, booking.order_id)
    ]


def _told(session: OrderSession, booking: Booking | None) -> dict[str, Any]:
    return {
        "id": session.id,
        "service_id": session.service_id,
        "label": session.label,
        "state": session.state,
        "expires_on": session.expires_on,
        "booking_id": booking and booking.id,
        "number": booking and booking.number,
        "start": booking and booking.starts_at.astimezone(ZoneInfo(booking.timezone)),
    }


def take(
    tx: Transaction, session_id: UUID, start: datetime, *, branch_ids: list[UUID] | None
) -> tuple[Order, OrderSession]:
    """Return an open session with its order, locked, to be booked at a start.

    Staff may book one of an order that does not stand yet. That agrees on nothing: when the first
    booking comes to nothing the package is void, and what staff have booked is theirs to cancel.

    Shapes:  `branch_ids` where staff may write bookings, as of requesting.request.
    Errors:  those of _check_free, also by somebody quicker; SessionExpired.
    """
    order, found = packs.lock_order_session(tx.session, session_id)
    is_staff = branch_ids is None or order.branch_id in branch_ids
    _check_free(tx.session, found, is_staff=is_staff)
    day = start.astimezone(ZoneInfo(order.timezone)).date()
    if found.expires_on is not None and day > found.expires_on:
        raise SessionExpired(expires_on=found.expires_on.isoformat())
    return order, found


def check_day(session: Session, booking: Booking, start: datetime) -> None:
    """Refuse to move a session beyond the days in which its package may be used.

    Errors:  SessionExpired.
    """
    zone = ZoneInfo(booking.order.timezone)
    for each in _own(session, booking):
        if each.expires_on is not None and start.astimezone(zone).date() > each.expires_on:
            raise SessionExpired(expires_on=each.expires_on.isoformat())


def count(session: Session, order: Order) -> int:
    """Return how many appointments an order is for."""
    return len(packs.sessions_of(session, order.id)) if order.is_pack else 1


def opened_by(booking: Booking, token: str, links: Links) -> bool:
    """Tell whether a private link opens a booking; of a pack as long as any of it may be had."""
    ends_at = _ends_at(booking) if booking.order.is_pack else booking.ends_at
    return links.opens(token, booking.id, booking.manage_version, ends_at or links.now())


def goes_on(session: Session, booking: Booking) -> bool:
    """Tell whether a booking's order goes on without it.

    A pack does without any further booking, and without its first one once it was agreed on.
    """
    return booking.order.is_pack and (booking.follows or packs.stands(session, booking.order_id))


def follow(session: Session, booking: Booking, *, goes_on: bool, forfeits: bool) -> None:
    """Let the sessions of a locked booking's order follow what has become of the booking."""
    if not booking.order.is_pack:
        return
    if goes_on:
        _follow_one(session, booking, forfeits=forfeits)
        return
    closed = booking.status in lifecycle.CLOSED
    for each in packs.sessions_of(session, booking.order_id):
        if each.state not in SPENT:
            each.state = "void" if closed else "booked" if each.booking_id else "open"


def _follow_one(session: Session, booking: Booking, *, forfeits: bool) -> None:
    for each in _own(session, booking):
        if booking.status in lifecycle.SERVED:
            each.state = "used"
        elif booking.status in lifecycle.CLOSED and forfeits:
            each.state = "forfeited"
        elif booking.status in lifecycle.CLOSED:
            each.booking_id = None
            each.state = "void" if each.state == "void" else "open"


def _own(session: Session, booking: Booking) -> list[OrderSession]:
    return [s for s in packs.sessions_of(session, booking.order_id) if s.booking_id == booking.id]


def _ends_at(booking: Booking) -> datetime | None:
    """Return when the last of a pack is over; None while some of it may be had at any time."""
    session = object_session(booking)
    assert session is not None, "asked of a booking as it stands"
    order = booking.order
    left = [s.expires_on for s in packs.sessions_of(session, order.id) if s.state == "open"]
    days = [day for day in left if day is not None]
    if len(days) < len(left):
        return None
    zone = ZoneInfo(order.timezone)
    made = [each.ends_at for each in packs.bookings_of(session, order.id)]
    return max(
        made + [datetime.combine(day + timedelta(days=1), time(), tzinfo=zone) for day in days]
    )


def _check_token(session: Session, found: OrderSession, token: str | None, links: Links) -> None:
    """Whoever has the link of one booking of an order may book the rest of it."""
    if not any(
        opened_by(booking, token or "", links)
        for booking in packs.bookings_of(session, found.order_id)
    ):
        raise ManageTokenInvalid()


def _check_free(session: Session, found: OrderSession, *, is_staff: bool) -> None:
    """Refuse a session that is not to be had.

    Errors:  SessionTaken; PackageUnpaid for customers of an order that does not stand yet.
    """
    if found.state != "open":
        raise SessionTaken(state=found.state)
    if not is_staff and not packs.stands(session, found.order_id):
        raise PackageUnpaid()


def _expires_on(package: Package, order: Order, now: datetime) -> date | None:
    if package.valid_days is None:
        return None
    return now.astimezone(ZoneInfo(order.timezone)).date() + timedelta(days=package.valid_days)


def _another_service() -> dict[str, Any]:
    message = {"zh": "这一次拍摄是另一项服务", "en": "This session is of another service"}
    return {"pointer": "/service_id", "code": "field.invalid", "message": message}

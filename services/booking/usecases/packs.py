"""Packs: one order, several appointments. Each is booked when the customer wants it."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import uuid6
from sqlalchemy.orm import Session

from services.booking.domain import lifecycle
from services.booking.links import Links
from services.booking.models import Booking, Order, OrderSession, Package
from services.booking.queries import packs
from services.chassis.db import Transaction
from services.contracts.booking import ManageTokenInvalid
from services.contracts.catalogue import SessionExpired, SessionTaken, SessionUnknown
from services.contracts.errors import Invalid


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

    Errors:  SessionUnknown; ManageTokenInvalid; SessionTaken; Invalid at another service.
    """
    found = packs.order_session(session, wish["session_id"])
    if found is None:
        raise SessionUnknown()
    if not is_staff:
        _check_token(session, found, wish["session_token"], links)
    if found.service_id != wish["service_id"]:
        raise Invalid(errors=[_another_service()])
    _check_open(found)


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


def take(tx: Transaction, session_id: UUID, start: datetime) -> tuple[Order, OrderSession]:
    """Return an open session with its order, locked, to be booked at a start.

    Errors:  SessionTaken by somebody quicker; SessionExpired.
    """
    order, found = packs.lock_order_session(tx.session, session_id)
    _check_open(found)
    day = start.astimezone(ZoneInfo(order.timezone)).date()
    if found.expires_on is not None and day > found.expires_on:
        raise SessionExpired(expires_on=found.expires_on.isoformat())
    return order, found


def opened_by(booking: Booking, token: str, links: Links) -> bool:
    """Tell whether a private link opens a booking; of a pack it lasts until it is replaced."""
    ends_at = links.now() if booking.order.is_pack else booking.ends_at
    return links.opens(token, booking.id, booking.manage_version, ends_at)


def goes_on(session: Session, booking: Booking) -> bool:
    """Tell whether a booking's order goes on without it: a pack that was agreed on once."""
    return booking.order.is_pack and packs.stands(session, booking.order_id)


def follow(session: Session, booking: Booking, *, goes_on: bool, forfeits: bool) -> None:
    """Let the sessions of a locked booking's order follow what has become of the booking."""
    if not booking.order.is_pack:
        return
    if goes_on:
        _follow_one(session, booking, forfeits=forfeits)
        return
    closed = booking.status in lifecycle.CLOSED
    for each in packs.sessions_of(session, booking.order_id):
        each.state = "void" if closed else "booked" if each.booking_id else "open"


def _follow_one(session: Session, booking: Booking, *, forfeits: bool) -> None:
    own = [s for s in packs.sessions_of(session, booking.order_id) if s.booking_id == booking.id]
    for each in own:
        if booking.status in lifecycle.SERVED:
            each.state = "used"
        elif booking.status in lifecycle.CLOSED and forfeits:
            each.state = "forfeited"
        elif booking.status in lifecycle.CLOSED:
            each.state, each.booking_id = "open", None


def _check_token(session: Session, found: OrderSession, token: str | None, links: Links) -> None:
    """Whoever has the link of one booking of an order may book the rest of it."""
    if not any(
        opened_by(booking, token or "", links)
        for booking in packs.bookings_of(session, found.order_id)
    ):
        raise ManageTokenInvalid()


def _check_open(found: OrderSession) -> None:
    if found.state != "open":
        raise SessionTaken(state=found.state)


def _expires_on(package: Package, order: Order, now: datetime) -> date | None:
    if package.valid_days is None:
        return None
    return now.astimezone(ZoneInfo(order.timezone)).date() + timedelta(days=package.valid_days)


def _another_service() -> dict[str, Any]:
    message = {"zh": "这一次拍摄是另一项服务", "en": "This session is of another service"}
    return {"pointer": "/service_id", "code": "field.invalid", "message": message}

"""Changing: a booking is moved, cancelled or served, here or because scheduling says so."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.booking.domain import ledger, lifecycle
from services.booking.domain.lifecycle import Action, Status
from services.booking.domain.policy import Cause, Change
from services.booking.links import Links
from services.booking.models import Booking
from services.booking.queries import accounts, bookings, catalogue
from services.booking.queries import packs as order_sessions
from services.booking.usecases import (
    credits,
    dunning,
    moving,
    owing,
    packs,
    reading,
    settling,
    steps,
)
from services.chassis.db import Transaction, UnitOfWork
from services.contracts import scheduling as schedule
from services.contracts.booking import (
    CancelTooLate,
    HoldExpired,
    RescheduleTooLate,
    TooEarly,
    TransitionRefused,
)
from services.contracts.catalogue import OrderBusy
from services.contracts.errors import Conflict, Forbidden, Invalid, NotFound, YingqiError

logger = logging.getLogger(__name__)

SERVED = {
    Action.CHECK_IN: "booking.checked_in",
    Action.START: "booking.started",
    Action.COMPLETE: "booking.completed",
    Action.NO_SHOW: "booking.no_show",
}

REFUSALS = (Conflict, Invalid, NotFound)
"""What scheduling has not done. After any other error nobody knows: its news will tell."""


def cancel(
    *,
    uow: UnitOfWork,
    now: datetime,
    scheduling: Any,
    links: Links,
    booking_id: UUID,
    access: steps.Access,
    reason: str,
    cause: str = Cause.CUSTOMER,
) -> dict[str, Any]:
    """Cancel a booking, give its time free and back what of its money the policy does not keep.

    Errors:  BookingUnknown, ManageTokenInvalid; TransitionRefused; CancelTooLate for customers.
    """
    with uow.begin() as tx:
        found = bookings.lock_booking(tx.session, booking_id)
        booking = steps.check_access(found, access, links)
        steps.check_transition(booking, Action.CANCEL)
        blamed = steps.blamed(access, cause)
        payments = accounts.payments_of(tx.session, booking.order_id)
        decision = steps.outlook(tx.session, booking, payments, now)(Change.CANCEL, blamed)
        if not (decision.allowed or steps.is_staff(access)):
            raise CancelTooLate()
        booking.cancelled_at = now
        booking.cancel_reason = reason
        _end(
            tx,
            booking,
            Action.CANCEL,
            now,
            kept_cents=decision.fee_cents + decision.forfeited_cents,
            forfeits=decision.session == "forfeited",
        )
        owing.owe(tx, booking, decision.compensation_cents, now)
        steps.tell(
            tx,
            "booking.cancelled",
            booking,
            links,
            reason=reason,
            cause=blamed,
            compensation_cents=decision.compensation_cents,
            credit=credits.credit_of(decision, now),
        )
        owing.tell_due(tx, booking, links)
        answer = steps.describe(tx.session, booking, access=access, links=links, now=now)
    _release(scheduling, booking_id)
    return answer


def reschedule(
    *,
    uow: UnitOfWork,
    now: datetime,
    scheduling: Any,
    links: Links,
    booking_id: UUID,
    access: steps.Access,
    start: datetime,
    cause: str = Cause.CUSTOMER,
    keep_price: bool = False,
) -> dict[str, Any]:
    """Move a booking to another start; the old time stays its own until the new one is sure.

    What the policy asks for the move is charged to the order, and what the new day costs more;
    what it costs less is given back. Staff may leave the price as it is (`keep_price`).

    Errors:  BookingUnknown, ManageTokenInvalid; TransitionRefused; RescheduleTooLate and
             SessionExpired for customers; HoldExpired; HoldReleased, SlotTaken and scheduling's
             other refusals.
    """
    telling: dict[str, Any] = {"uow": uow, "now": now, "links": links}
    asking: dict[str, Any] = {"booking_id": booking_id, "access": access}
    terms: dict[str, Any] = {
        "start": start,
        "cause": steps.blamed(access, cause),
        "keep_price": keep_price and steps.is_staff(access),
    }
    while not _ask_move(**telling, scheduling=scheduling, **asking, **terms):
        pass  # moved meanwhile: what it costs from there is another question
    try:
        moved = scheduling.reschedule(booking_id=booking_id, start=start)
    except REFUSALS as error:
        moving.take_back(uow=uow, booking_id=booking_id, start=start)
        if isinstance(error, schedule.HoldExpired):
            raise HoldExpired() from error
        raise
    hold = schedule.RESCHEDULE.response.load(moved)
    with uow.begin() as tx:
        found = bookings.lock_booking(tx.session, booking_id)
        locked = steps.check_access(found, access, links)
        steps.check_transition(locked, Action.RESCHEDULE)
        # False when the news of the move was quicker than this answer: it is applied already.
        moving.apply_move(tx, locked, hold, links, now)
        answer = steps.describe(tx.session, locked, access=access, links=links, now=now)
    if answer["status"] != Status.HELD:
        return answer
    # A cheaper day may leave nothing to wait for.
    settling.settle_booking(**telling, scheduling=scheduling, booking_id=booking_id)
    return reading.get_booking(**telling, **asking)


def approve(
    *, uow: UnitOfWork, now: datetime, links: Links, booking_id: UUID, access: steps.Access
) -> dict[str, Any]:
    """Say yes to a booking that waits for the studio; its time is its own already.

    Errors:  Forbidden for customers; BookingUnknown; TransitionRefused.
    """
    with uow.begin() as tx:
        booking = _lock_for_staff(tx.session, booking_id, access, links)
        steps.advance(tx, booking, Action.APPROVE, now)
        booking.confirmed_at = now
        steps.tell(tx, "booking.confirmed", booking, links)
        return steps.describe(tx.session, booking, access=access, links=links, now=now)


def reject(
    *,
    uow: UnitOfWork,
    now: datetime,
    scheduling: Any,
    links: Links,
    booking_id: UUID,
    access: steps.Access,
    reason: str,
) -> dict[str, Any]:
    """Say no to a booking that waits for the studio; its time and all its money go back.

    Errors:  Forbidden for customers; BookingUnknown; TransitionRefused.
    """
    with uow.begin() as tx:
        booking = _lock_for_staff(tx.session, booking_id, access, links)
        booking.cancel_reason = reason
        _end(tx, booking, Action.REJECT, now)
        steps.tell(tx, "booking.rejected", booking, links, reason=reason)
        owing.tell_due(tx, booking, links)
        answer = steps.describe(tx.session, booking, access=access, links=links, now=now)
    _release(scheduling, booking_id)
    return answer


def serve(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: Links,
    booking_id: UUID,
    access: steps.Access,
    action: Action,
) -> dict[str, Any]:
    """Note what became of the appointment: checked in, completed, or nobody came.

    Errors:  Forbidden for customers; BookingUnknown; TransitionRefused; TooEarly.
    """
    with uow.begin() as tx:
        booking = _lock_for_staff(tx.session, booking_id, access, links)
        steps.check_transition(booking, action)
        if lifecycle.too_early(
            action=action, starts_at=booking.starts_at, timezone=booking.timezone, now=now
        ):
            raise TooEarly()
        steps.advance(tx, booking, action, now)
        steps.tell(tx, SERVED[action], booking, links)
        dunning.follow_service(tx, booking, action, links, now)
        return steps.describe(tx.session, booking, access=access, links=links, now=now)


def renew_link(
    *, uow: UnitOfWork, now: datetime, links: Links, booking_id: UUID, access: steps.Access
) -> dict[str, Any]:
    """Give a booking a new private link; every older one opens nothing any more.

    Errors:  Forbidden for customers; BookingUnknown.
    """
    with uow.begin() as tx:
        booking = _lock_for_staff(tx.session, booking_id, access, links)
        booking.manage_version += 1
        booking.version += 1
        return steps.describe(tx.session, booking, access=access, links=links, now=now)


def end_order(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: Links,
    booking_id: UUID,
    access: steps.Access,
    kept_cents: int,
    reason: str,
) -> dict[str, Any]:
    """Call the rest of a pack off: its open sessions are void, what is not kept goes back.

    Errors:  Forbidden for customers; BookingUnknown; TransitionRefused when nothing is left of it;
             OrderBusy while an appointment is to come; Invalid at more than is owed.
    """
    with uow.begin() as tx:
        booking = _lock_for_staff(tx.session, booking_id, access, links)
        of_order = order_sessions.sessions_of(tx.session, booking.order_id)
        left = [session for session in of_order if session.state == "open"]
        if not left:
            raise TransitionRefused(booking_status=booking.status, action="end_order")
        if order_sessions.is_busy(tx.session, booking.order_id):
            raise OrderBusy()
        charged = accounts.account(tx.session, booking.order_id).charged
        if kept_cents > charged:
            raise Invalid(errors=[_above(charged)])
        for session in left:
            session.state = "void"
        if charged > kept_cents:
            steps.enter(tx, booking.order, "adjustment", kept_cents - charged, now)
        catalogue.put_back_add_ons(tx.session, booking.order_id)
        booking.cancel_reason = reason or booking.cancel_reason
        booking.version += 1
        steps.give_back_surplus(tx, booking, now, reason="cancelled")
        steps.tell(tx, "order.ended", booking, links, reason=reason, kept_cents=kept_cents)
        owing.tell_due(tx, booking, links)
        return steps.describe(tx.session, booking, access=access, links=links, now=now)


def reschedule_many(
    *,
    uow: UnitOfWork,
    now: datetime,
    scheduling: Any,
    links: Links,
    access: steps.Access,
    moves: Sequence[dict[str, Any]],
    cause: str,
) -> dict[str, Any]:
    """Move several bookings, each on its own: one that cannot move keeps the others from nothing.

    Shapes:  [{"booking_id", "start"}] → {"items": [{"booking_id", "moved", "error"}]}, the error
             as problems say it, with its alternatives.
    Errors:  Forbidden for customers.
    """
    if not steps.is_staff(access):
        raise Forbidden()
    tell = {"uow": uow, "now": now, "scheduling": scheduling, "links": links, "access": access}
    items: list[dict[str, Any]] = []
    for move in moves:
        item = {"booking_id": move["booking_id"], "moved": True, "error": None}
        try:
            reschedule(**tell, booking_id=move["booking_id"], start=move["start"], cause=cause)
        except YingqiError as error:
            item |= {"moved": False, "error": {"code": error.code, "details": error.details}}
        items.append(item)
    return {"items": items}


def expire(
    *, uow: UnitOfWork, now: datetime, links: Links, booking_id: UUID, revision: int
) -> bool:
    """End a booking whose hold has expired; return false when it is not, or no longer, held.

    Shapes:  `revision` is that of the time which expired; one older than ours was moved since.
    """
    with uow.begin() as tx:
        booking = bookings.lock_booking(tx.session, booking_id)
        if booking is None or booking.status != Status.HELD:
            return False
        if revision < booking.schedule_revision:
            return False
        steps.advance(tx, booking, Action.EXPIRE, now)
        steps.tell(tx, "booking.expired", booking, links)
        # A part of what was asked goes back. The whole may take the time again: see settling.
        payments = accounts.payments_of(tx.session, booking.order_id)
        if not steps.awaits_confirmation(booking, payments):
            steps.give_back_surplus(tx, booking, now, reason="expired")
            owing.tell_due(tx, booking, links)
        return True


def follow_move(
    *, uow: UnitOfWork, now: datetime, links: Links, booking_id: UUID, hold: dict[str, Any]
) -> bool:
    """Follow a move that scheduling made; return false when it was followed before.

    One that was asked for here, and whose answer was lost, is counted and charged by it.
    """
    with uow.begin() as tx:
        booking = bookings.lock_booking(tx.session, booking_id)
        return booking is not None and moving.apply_move(tx, booking, hold, links, now)


def note_conflict(*, uow: UnitOfWork, links: Links, booking_id: UUID, cause: str) -> bool:
    """Note that a booking lost somebody of its crew; false when that is known, or it is over."""
    with uow.begin() as tx:
        booking = bookings.lock_booking(tx.session, booking_id)
        if booking is None or booking.in_conflict or not lifecycle.has_time(booking.status):
            return False
        booking.in_conflict = True
        booking.version += 1
        steps.tell(tx, "booking.conflict_detected", booking, links, cause=cause)
        return True


def _above(charged_cents: int) -> dict[str, Any]:
    message = {"zh": "不能超过订单应收金额", "en": "This is more than the order asks for"}
    details = {"maximum": charged_cents}
    return {"pointer": "/kept_cents", "code": "field.invalid", "message": message} | details


def _lock_for_staff(
    session: Session, booking_id: UUID, access: steps.Access, links: Links
) -> Booking:
    if not steps.is_staff(access):
        raise Forbidden()
    return steps.check_access(bookings.lock_booking(session, booking_id), access, links)


def _ask_move(
    *,
    uow: UnitOfWork,
    now: datetime,
    scheduling: Any,
    links: Links,
    booking_id: UUID,
    access: steps.Access,
    start: datetime,
    cause: Cause,
    keep_price: bool,
) -> bool:
    """Note what scheduling is about to be asked; false when the booking was moved meanwhile.

    Errors:  as of reschedule, but scheduling's.
    """
    with uow.read() as session:
        booking = steps.check_access(bookings.booking(session, booking_id), access, links)
        moving.check(session, booking, access, start)
    repriced = moving.reprice(uow, scheduling, booking, start)
    with uow.begin() as tx:
        found = bookings.lock_booking(tx.session, booking_id)
        locked = steps.check_access(found, access, links)
        moving.check(tx.session, locked, access, start)
        decision = moving.decide(tx.session, locked, cause, now)
        if not (decision.allowed or steps.is_staff(access)):
            raise RescheduleTooLate()
        if locked.starts_at != booking.starts_at:
            return False
        if start != locked.starts_at:
            moving.ask(
                tx,
                locked,
                start=start,
                cause=cause,
                repriced=repriced,
                keep_price=keep_price,
                now=now,
            )
        return True


def _end(
    tx: Transaction,
    booking: Booking,
    action: Action,
    now: datetime,
    *,
    kept_cents: int = 0,
    forfeits: bool = False,
) -> None:
    """Close a booking, keep what is kept, and ask for the refund of the rest."""
    if packs.goes_on(tx.session, booking):
        steps.advance(tx, booking, action, now, forfeits=forfeits)
        return
    payments = accounts.lock_payments_of(tx.session, booking.order_id)
    back = ledger.secured_cents(payments) - kept_cents
    steps.advance(tx, booking, action, now, kept_cents=kept_cents)
    by_provider = [p for p in payments if p.provider != ledger.CASH_DESK]
    shares = ledger.shares_of(by_provider, back)
    steps.give_back(tx, booking, shares, now, reason="cancelled")


def _release(scheduling: Any, booking_id: UUID) -> None:
    try:
        scheduling.release(booking_id=booking_id)
    except YingqiError as error:
        # Scheduling hears booking.cancelled as well and releases then.
        logger.warning("a cancelled booking keeps its time a little", extra={"code": error.code})

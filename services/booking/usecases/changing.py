"""Changing: a booking is moved, cancelled or served, here or because scheduling says so."""

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.booking.domain import lifecycle
from services.booking.domain.lifecycle import Action, Status
from services.booking.links import Links
from services.booking.models import Booking
from services.booking.queries import bookings
from services.booking.usecases import steps
from services.chassis.db import UnitOfWork
from services.contracts import scheduling as schedule
from services.contracts.booking import CancelTooLate, HoldExpired, RescheduleTooLate, TooEarly
from services.contracts.errors import Conflict, Forbidden, YingqiError

logger = logging.getLogger(__name__)

SERVED = {
    Action.CHECK_IN: "booking.checked_in",
    Action.COMPLETE: "booking.completed",
    Action.NO_SHOW: "booking.no_show",
}


def cancel(
    *,
    uow: UnitOfWork,
    now: datetime,
    scheduling: Any,
    links: Links,
    cutoff: timedelta,
    booking_id: UUID,
    access: steps.Access,
    reason: str,
) -> dict[str, Any]:
    """Cancel a booking, give its time free and its money back.

    Errors:  BookingUnknown, ManageTokenInvalid; TransitionRefused; CancelTooLate for customers.
    """
    with uow.begin() as tx:
        found = bookings.lock_booking(tx.session, booking_id)
        booking = steps.check_access(found, access, links)
        steps.check_transition(booking, Action.CANCEL)
        _check_in_time(booking, access, now, cutoff, CancelTooLate)
        booking.cancelled_at = now
        booking.cancel_reason = reason
        steps.advance(tx, booking, Action.CANCEL, now)
        steps.give_back_surplus(tx, booking, now)
        steps.tell(tx, "booking.cancelled", booking, links, reason=reason)
        answer = steps.describe(
            tx.session, booking, access=access, links=links, now=now, cutoff=cutoff
        )
    _release(scheduling, booking_id)
    return answer


def reschedule(
    *,
    uow: UnitOfWork,
    now: datetime,
    scheduling: Any,
    links: Links,
    cutoff: timedelta,
    booking_id: UUID,
    access: steps.Access,
    start: datetime,
) -> dict[str, Any]:
    """Move a booking to another start; the old time stays its own until the new one is sure.

    Errors:  BookingUnknown, ManageTokenInvalid; TransitionRefused; RescheduleTooLate for
             customers; HoldExpired; HoldReleased, SlotTaken and scheduling's other refusals.
    """
    with uow.read() as session:
        booking = steps.check_access(bookings.booking(session, booking_id), access, links)
    steps.check_transition(booking, Action.RESCHEDULE)
    _check_in_time(booking, access, now, cutoff, RescheduleTooLate)
    try:
        moved = scheduling.reschedule(booking_id=booking_id, start=start)
    except schedule.HoldExpired as error:
        raise HoldExpired() from error
    hold = schedule.RESCHEDULE.response.load(moved)
    with uow.begin() as tx:
        found = bookings.lock_booking(tx.session, booking_id)
        locked = steps.check_access(found, access, links)
        steps.check_transition(locked, Action.RESCHEDULE)
        # False when the news of the move was quicker than this answer: it is applied already.
        steps.apply_move(tx, locked, hold, links)
        return steps.describe(
            tx.session, locked, access=access, links=links, now=now, cutoff=cutoff
        )


def serve(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: Links,
    cutoff: timedelta,
    booking_id: UUID,
    access: steps.Access,
    action: Action,
) -> dict[str, Any]:
    """Note what became of the appointment: checked in, completed, or nobody came.

    Errors:  Forbidden for customers; BookingUnknown; TransitionRefused; TooEarly.
    """
    if not steps.is_staff(access):
        raise Forbidden()
    with uow.begin() as tx:
        found = bookings.lock_booking(tx.session, booking_id)
        booking = steps.check_access(found, access, links)
        steps.check_transition(booking, action)
        if lifecycle.too_early(
            action=action, starts_at=booking.starts_at, timezone=booking.timezone, now=now
        ):
            raise TooEarly()
        steps.advance(tx, booking, action, now)
        steps.tell(tx, SERVED[action], booking, links)
        return steps.describe(
            tx.session, booking, access=access, links=links, now=now, cutoff=cutoff
        )


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
        return True


def follow_move(*, uow: UnitOfWork, links: Links, booking_id: UUID, hold: dict[str, Any]) -> bool:
    """Follow a move that scheduling made; return false when it was followed before."""
    with uow.begin() as tx:
        booking = bookings.lock_booking(tx.session, booking_id)
        return booking is not None and steps.apply_move(tx, booking, hold, links)


def _check_in_time(
    booking: Booking,
    access: steps.Access,
    now: datetime,
    cutoff: timedelta,
    refusal: type[Conflict],
) -> None:
    late = lifecycle.too_late(
        status=booking.status, starts_at=booking.starts_at, now=now, cutoff=cutoff
    )
    if late and not steps.is_staff(access):
        raise refusal()


def _release(scheduling: Any, booking_id: UUID) -> None:
    try:
        scheduling.release(booking_id=booking_id)
    except YingqiError as error:
        # Scheduling hears booking.cancelled as well and releases then.
        logger.warning("a cancelled booking keeps its time a little", extra={"code": error.code})

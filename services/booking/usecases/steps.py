"""What several verbs do inside their transactions: move a booking, tell of it, give money back."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.booking import views
from services.booking.domain import ledger, lifecycle
from services.booking.domain.lifecycle import Action, Status
from services.booking.links import Links
from services.booking.models import Booking, LedgerEntry, Payment
from services.booking.queries import accounts
from services.chassis.db import Transaction
from services.contracts.booking import BookingUnknown, ManageTokenInvalid, TransitionRefused

Access = dict[str, Any]
"""By what right somebody asks, as contracts.booking.Access says."""


def is_staff(access: Access) -> bool:
    """Tell whether staff ask; whoever shows a link is the customer."""
    return access["manage_token"] is None


def check_access(booking: Booking | None, access: Access, links: Links) -> Booking:
    """Return the booking to who may see it.

    Errors:  BookingUnknown, also for staff of other branches; ManageTokenInvalid.
    """
    if booking is None:
        raise BookingUnknown()
    token = access["manage_token"]
    if token is not None:
        if not links.accepts(token, booking.id, booking.manage_version):
            raise ManageTokenInvalid()
    elif access["staff_id"] is None:
        raise ManageTokenInvalid()
    elif access["branch_ids"] is not None and booking.branch_id not in access["branch_ids"]:
        raise BookingUnknown()
    return booking


def describe(
    session: Session,
    booking: Booking,
    *,
    access: Access,
    links: Links,
    now: datetime,
    cutoff: timedelta,
) -> dict[str, Any]:
    """Return the whole booking as its asker sees it."""
    return views.whole(
        booking,
        accounts.payments_of(session, booking.id),
        accounts.account(session, booking.id),
        links=links,
        is_staff=is_staff(access),
        now=now,
        cutoff=cutoff,
    )


def check_transition(booking: Booking, action: str) -> Status:
    """Return the status that an action leads to.

    Errors:  TransitionRefused.
    """
    status = lifecycle.after(booking.status, action)
    if status is None:
        raise TransitionRefused(booking_status=str(booking.status), action=str(action))
    return status


def advance(tx: Transaction, booking: Booking, action: Action, now: datetime) -> None:
    """Move a locked booking on, and its debt with it: a closed one owes nothing.

    Errors:  TransitionRefused.
    """
    booking.status = check_transition(booking, action)
    booking.version += 1
    if booking.status != Status.HELD:
        booking.hold_expires_at = None
    owed = 0 if booking.status in lifecycle.CLOSED else booking.price_cents
    difference = owed - accounts.account(tx.session, booking.id).charged
    if difference:
        enter(tx, booking, "adjustment", difference, now)


def enter(
    tx: Transaction,
    booking: Booking,
    kind: str,
    amount_cents: int,
    now: datetime,
    payment_id: UUID | None = None,
) -> None:
    """Write a line of the ledger; the sign of the amount is what it does to the debt."""
    tx.session.add(
        LedgerEntry(
            booking_id=booking.id,
            payment_id=payment_id,
            kind=kind,
            amount_cents=amount_cents,
            currency=booking.currency,
            entered_at=now,
        )
    )
    tx.session.flush()


def tell(tx: Transaction, event_type: str, booking: Booking, links: Links, **more: Any) -> None:
    """Emit a fact about a booking as it stands now."""
    money = accounts.account(tx.session, booking.id)
    tx.emit(event_type, views.fact(booking, money, links) | more)


def tell_payment(
    tx: Transaction, event_type: str, booking: Booking, payment: Payment, now: datetime
) -> None:
    """Emit a fact about a payment, which is a change of its (locked) booking too."""
    booking.version += 1
    tx.session.flush()
    money = accounts.account(tx.session, booking.id)
    tx.emit(event_type, views.payment_fact(booking, payment, money, now))


def give_back_surplus(
    tx: Transaction, booking: Booking, now: datetime, *, late: bool = False
) -> None:
    """Ask for the refund of every payment that has no use; `late` ones lost their time."""
    for payment in ledger.surplus(
        booking.status, accounts.lock_payments_of(tx.session, booking.id)
    ):
        payment.state = "refunding"
        if late:
            payment.late = True
            tell_payment(tx, "payment.late", booking, payment, now)
        tell_payment(tx, "refund.requested", booking, payment, now)


def take_time(booking: Booking, hold: dict[str, Any]) -> None:
    """Copy the time and crew that scheduling gives a booking.

    Shapes:  `hold` is a loaded contracts.scheduling.Hold or HoldFact.
    """
    booking.starts_at = hold["start"]
    booking.ends_at = hold["end"]
    booking.day_part = hold["day_part"]
    booking.schedule_revision = hold["revision"]
    booking.crew = views.CREW.dump(hold["crew"])


def apply_move(tx: Transaction, booking: Booking, hold: dict[str, Any], links: Links) -> bool:
    """Follow scheduling to a new time or crew; return false when there is nothing to follow.

    Only another start counts as a move of the booking: who else serves it is the studio's affair.
    """
    if hold["revision"] <= booking.schedule_revision or not lifecycle.has_time(booking.status):
        return False
    previous_start = booking.starts_at
    take_time(booking, hold)
    booking.version += 1
    booking.reschedule_count += booking.starts_at != previous_start
    tell(tx, "booking.rescheduled", booking, links, previous_start=previous_start)
    return True

"""What verbs do inside their transactions: move a booking, write its account, tell of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import uuid6
from sqlalchemy.orm import Session, object_session

from services.booking import terms, views
from services.booking.domain import ledger, lifecycle, visits
from services.booking.domain.deposit import DepositMoney
from services.booking.domain.lifecycle import Action, Status
from services.booking.domain.policy import Cause, Change, Decision, decide, of_session
from services.booking.links import Links
from services.booking.models import Booking, LedgerEntry, Order, OrderLine, Payment, Refund
from services.booking.queries import accounts, cash, catalogue
from services.booking.usecases import packs
from services.chassis.db import Transaction
from services.contracts.booking import BookingUnknown, ManageTokenInvalid, TransitionRefused

Access = dict[str, Any]
"""By what right somebody asks, as contracts.booking.Access says."""


def is_staff(access: Access) -> bool:
    """Tell whether staff ask; whoever shows a link is the customer."""
    return access["manage_token"] is None


def blamed(access: Access, cause: str) -> Cause:
    """Return by whose cause something changes: whoever has the link is the customer."""
    return Cause(cause) if is_staff(access) else Cause.CUSTOMER


def check_access(booking: Booking | None, access: Access, links: Links) -> Booking:
    """Return the booking to who may see it.

    Errors:  BookingUnknown, also for staff of other branches; ManageTokenInvalid.
    """
    if booking is None:
        raise BookingUnknown()
    token = access["manage_token"]
    if token is not None:
        if not packs.opened_by(booking, token, links):
            raise ManageTokenInvalid()
    elif access["staff_id"] is None:
        raise ManageTokenInvalid()
    elif access["branch_ids"] is not None and booking.branch_id not in access["branch_ids"]:
        raise BookingUnknown()
    return booking


def describe(
    session: Session, booking: Booking, *, access: Access, links: Links, now: datetime
) -> dict[str, Any]:
    """Return the whole booking as its asker sees it."""
    order_id = booking.order_id
    payments = accounts.payments_of(session, order_id)
    money = accounts.account(session, order_id)
    causes = tuple(Cause) if is_staff(access) else (Cause.CUSTOMER,)
    decided = outlook(session, booking, payments, now)
    return views.whole(
        booking,
        lines=accounts.lines_of(session, order_id),
        sessions=packs.told(session, booking),
        forms=forms_of(session, booking),
        payments=payments,
        refunds=accounts.refunds_of(session, order_id),
        money=money,
        decisions={
            cause: {change: decided(change, cause) for change in Change} for cause in causes
        },
        links=links,
        is_staff=is_staff(access),
        now=now,
    )


def forms_of(session: Session, booking: Booking) -> list[UUID | None]:
    """Return the forms that the services of a booking ask now, as visits.forms_asked does."""
    ids = [booking.service_id, *(UUID(each["id"]) for each in booking.also)]
    known = catalogue.services(session, ids)
    return visits.forms_asked(known[each].form_id if each in known else None for each in ids)


def outlook(
    session: Session,
    booking: Booking,
    payments: list[Payment],
    now: datetime,
) -> Callable[[Change, Cause], Decision]:
    """Return what says of a change what it would mean by the policy of the booking's sale.

    Before the studio has agreed the customer is free to leave or to move. Of a pack that goes on
    without the booking only a session is at stake. Fees are no part of the price that later ones
    are a part of, and a move is that of one appointment of a pack.
    """
    unbound = booking.status in lifecycle.UNBOUND
    order = booking.order
    deposits = ledger.secured_cents(p for p in payments if p.kind == "deposit")
    is_earnest = order.deposit_money == DepositMoney.EARNEST
    price = accounts.price(session, order.id)
    alone = partial(
        decide,
        terms.UNBOUND_POLICY if unbound else terms.policy_of(order.policy),
        hours_before=(booking.starts_at - now) / timedelta(hours=1),
        moves_used=booking.moves_used,
        paid_cents=ledger.secured_cents(payments),
        earnest_cents=deposits if is_earnest else 0,
    )
    share = price // packs.count(session, order)
    goes_on = packs.goes_on(session, booking)
    has_earnest = is_earnest and order.deposit_cents > 0

    def of(change: Change, cause: Cause) -> Decision:
        if change is Change.MOVE:
            return alone(change, cause, price_cents=share)
        decision = alone(change, cause, price_cents=price)
        return of_session(decision, has_earnest=has_earnest) if goes_on else decision

    return of


def check_transition(booking: Booking, action: str) -> Status:
    """Return the status that an action leads to.

    Errors:  TransitionRefused.
    """
    status = lifecycle.after(booking.status, action)
    if status is None:
        raise TransitionRefused(booking_status=str(booking.status), action=str(action))
    return status


def advance(
    tx: Transaction,
    booking: Booking,
    action: Action,
    now: datetime,
    *,
    kept_cents: int = 0,
    forfeits: bool = False,
) -> None:
    """Move a locked booking on, and the debt of its order with it.

    Of a closed booking nothing is owed but what the policy keeps. A pack that goes on without it
    owes what it owed; the session comes back, unless the customer forfeits it.

    Errors:  TransitionRefused.
    """
    goes_on = packs.goes_on(tx.session, booking)
    was_closed = booking.status in lifecycle.CLOSED
    booking.status = check_transition(booking, action)
    closed = booking.status in lifecycle.CLOSED
    booking.version += 1
    if booking.status != Status.HELD:
        booking.hold_expires_at = None
    packs.follow(tx.session, booking, goes_on=goes_on, forfeits=forfeits)
    if goes_on:
        return
    if closed and not was_closed:
        catalogue.put_back_add_ons(tx.session, booking.order_id)
    if was_closed and not closed:
        _take_again(tx, booking.order, now)
    money = accounts.account(tx.session, booking.order_id)
    difference = (kept_cents if closed else money.total) - money.charged
    if difference:
        enter(tx, booking.order, "adjustment", difference, now)


def _take_again(tx: Transaction, order: Order, now: datetime) -> None:
    """Take what was bought beside a booking that has come back; what is sold out is not charged."""
    for line in catalogue.take_add_ons(tx.session, order.id):
        label = {"zh": f"已售完：{line.label['zh']}", "en": f"Sold out: {line.label['en']}"}
        charge(tx, order, "discount", label, -line.unit_cents, now, quantity=line.quantity)


def charge(
    tx: Transaction,
    order: Order,
    kind: str,
    label: dict[str, str],
    unit_cents: int,
    now: datetime,
    *,
    quantity: int = 1,
    reference_id: UUID | None = None,
    version: int | None = None,
    position: int = 0,
) -> None:
    """Add a line to an order, and what it costs to its account."""
    tx.session.add(
        OrderLine(
            id=uuid6.uuid7(),
            order_id=order.id,
            position=position,
            kind=kind,
            reference_id=reference_id,
            version=version,
            label=label,
            quantity=quantity,
            unit_cents=unit_cents,
            added_at=now,
        )
    )
    cents = quantity * unit_cents
    enter(tx, order, "charge" if cents >= 0 else "discount", cents, now)


def enter(
    tx: Transaction,
    order: Order,
    kind: str,
    amount_cents: int,
    now: datetime,
    *,
    payment_id: UUID | None = None,
    refund_id: UUID | None = None,
    payout_id: UUID | None = None,
) -> None:
    """Write a line of the ledger; the sign of the amount is what it does to the debt.

    Money that moved is the cash desk's too, whichever way it came.
    """
    tx.session.add(
        LedgerEntry(
            order_id=order.id,
            payment_id=payment_id,
            refund_id=refund_id,
            payout_id=payout_id,
            kind=kind,
            amount_cents=amount_cents,
            currency=order.currency,
            entered_at=now,
        )
    )
    tx.session.flush()
    moved_id = payment_id or refund_id or payout_id
    if moved_id is not None:
        cash.note(tx.session, kind, moved_id)


def tell(tx: Transaction, event_type: str, booking: Booking, links: Links, **more: Any) -> None:
    """Emit a fact about a booking as it stands now."""
    ask_again(booking)
    money = accounts.account(tx.session, booking.order_id)
    tx.emit(event_type, views.fact(booking, money, _part(tx, booking, money), links) | more)


def tell_payment(
    tx: Transaction, event_type: str, booking: Booking, payment: Payment, now: datetime, **more: Any
) -> None:
    """Emit a fact about a payment, which is a change of its (locked) booking too."""
    ask_again(booking)
    booking.version += 1
    tx.session.flush()
    money = accounts.account(tx.session, booking.order_id)
    part = _part(tx, booking, money)
    tx.emit(event_type, views.payment_fact(booking, payment, money, part, now) | more)


def _part(tx: Transaction, booking: Booking, money: ledger.Money) -> ledger.Money:
    """Return what of an order's money is told with one booking: added up it is all of it."""
    if not booking.order.is_pack:
        return money
    paid = accounts.paid_by(tx.session, booking.id)
    return ledger.Money(paid=paid) if booking.follows else replace(money, paid=paid)


def ask_again(booking: Booking) -> None:
    """Let dunning look at a booking's order soon: what is asked for when may be other now."""
    if booking.status in lifecycle.STANDING:
        booking.order.remind_at = booking.order.created_at  # a time that has come


def tell_refund(
    tx: Transaction,
    event_type: str,
    booking: Booking,
    payment: Payment,
    refund: Refund,
    now: datetime,
) -> None:
    """Emit a fact about a refund."""
    more = {
        "refund_id": refund.id,
        "amount_cents": refund.amount_cents,
        "reason": refund.reason,
    }
    tell_payment(tx, event_type, booking, payment, now, **more)


def give_back(
    tx: Transaction,
    booking: Booking,
    shares: list[tuple[Payment, int]],
    now: datetime,
    *,
    reason: str,
) -> None:
    """Ask for the refund of parts of some locked payments."""
    for payment, cents in shares:
        refund = new_refund(tx, payment, cents, now, reason=reason)
        tell_refund(tx, "refund.requested", booking, payment, refund, now)


def new_refund(
    tx: Transaction, payment: Payment, amount_cents: int, now: datetime, *, reason: str
) -> Refund:
    """Add a refund of a part of a locked payment; what is on its way back is there no more."""
    refund = Refund(
        id=uuid6.uuid7(),
        payment_id=payment.id,
        amount_cents=amount_cents,
        reason=reason,
        state="pending",
        requested_at=now,
    )
    payment.refunded_cents += amount_cents
    tx.session.add(refund)
    tx.session.flush()
    return refund


def settle_refund(
    tx: Transaction, booking: Booking, payment: Payment, refund: Refund, now: datetime
) -> None:
    """Write and tell that a refund has reached the payer."""
    refund.state, refund.settled_at = "succeeded", refund.settled_at or now
    enter(tx, booking.order, "refund", refund.amount_cents, now, refund_id=refund.id)
    tell_refund(tx, "refund.succeeded", booking, payment, refund, now)


def give_back_surplus(
    tx: Transaction, booking: Booking, now: datetime, *, reason: str = "surplus"
) -> None:
    """Ask for the refund of money that has no use: not owed, or a deposit paid twice."""
    payments = accounts.lock_payments_of(tx.session, booking.order_id)
    give_back(tx, booking, surplus(tx.session, booking, payments), now, reason=reason)


def awaits_confirmation(booking: Booking, payments: list[Payment]) -> bool:
    """Tell whether all that secures a booking's time is paid, and only the time is not sure.

    A further booking of a pack asks for nothing; one that has expired gave its session back.
    """
    if booking.follows:
        return booking.status == Status.HELD
    session = object_session(booking)
    assert session is not None, "asked of a booking as it stands"
    return ledger.awaits_confirmation(
        status=booking.status,
        deposit_cents=booking.order.deposit_cents,
        total_cents=accounts.account(session, booking.order_id).total,
        payments=payments,
    )


def surplus(
    session: Session, booking: Booking, payments: list[Payment]
) -> list[tuple[Payment, int]]:
    """Return what of the payments of a booking's order has no use."""
    return ledger.surplus(
        payments,
        deposit_cents=booking.order.deposit_cents,
        charged_cents=accounts.account(session, booking.order_id).charged,
    )


def take_time(booking: Booking, hold: dict[str, Any]) -> None:
    """Copy the time and crew that scheduling gives a booking.

    Shapes:  `hold` is a loaded contracts.scheduling.Hold or HoldFact.
    """
    booking.starts_at = hold["start"]
    booking.ends_at = hold["end"]
    booking.day_part = hold["day_part"]
    booking.schedule_revision = hold["revision"]
    booking.crew = views.CREW.dump(hold["crew"])

"""Paying: a payment is started with a provider, and the provider's word on it is taken."""

import logging
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import uuid6
from sqlalchemy.orm import Session

from services.booking import views
from services.booking.domain import ledger
from services.booking.domain.lifecycle import Action, Status
from services.booking.links import Links
from services.booking.models import Booking, Payment
from services.booking.payers import Payer
from services.booking.payments import Bill, Outcome, Provider, RefundOutcome, Scene, find
from services.booking.queries import accounts, bookings
from services.booking.usecases import settling, steps
from services.chassis.db import Transaction, UnitOfWork
from services.contracts import scheduling as schedule
from services.contracts.booking import HoldExpired
from services.contracts.payments import (
    NothingToPay,
    NotificationInvalid,
    PaymentUnknown,
    PaymentUnsupported,
    ProviderUnavailable,
)

logger = logging.getLogger(__name__)

PAY = {"deposit": Action.PAY_DEPOSIT, "balance": Action.PAY_BALANCE}


def list_providers(*, providers: Mapping[str, Provider]) -> dict[str, Any]:
    """Return the ways in which customers can pay."""
    payable = [provider for provider in providers.values() if provider.scenes]
    return {"items": [{"name": p.name, "title": p.title} for p in payable]}


def start_payment(
    *,
    uow: UnitOfWork,
    now: datetime,
    scheduling: Any,
    links: Links,
    providers: Mapping[str, Provider],
    booking_id: UUID,
    access: steps.Access,
    kind: str,
    provider: str,
    scene: Scene | None = None,
    payer: Payer | None = None,
    client_ip: str | None = None,
) -> dict[str, Any]:
    """Start to collect the deposit or the balance; a hold is kept longer meanwhile.

    The attempt before, if it was made otherwise, can be paid no more.

    Shapes:  `scene` where the payer is, by default where the provider is usually paid; `payer`
             is who pays within WeChat, proved.
    Errors:  BookingUnknown, ManageTokenInvalid; ProviderUnknown; HoldExpired; NothingToPay;
             TransitionRefused; PaymentUnsupported, ProviderRefused, ProviderUnavailable.
    """
    chosen = find(providers, provider)
    usual: Scene = next(iter(chosen.scenes), "page")
    user = payer if scene == "jsapi" else None
    if scene == "jsapi" and scene in chosen.scenes and user is None:
        raise PaymentUnsupported(reason="openid")
    place = {"scene": scene or usual, "openid": user.openid if user else None}
    with uow.read() as session:
        booking = steps.check_access(bookings.booking(session, booking_id), access, links)
        amount = _check_due(session, booking, kind, now)
        payments = accounts.payments_of(session, booking.order_id)
        other = _other_pending(payments, booking_id, kind, provider, amount, place)
    if other is not None and other.provider in providers:
        bill = views.bill(booking, other, links)
        _close(uow, now, scheduling, links, providers[other.provider], bill)
    expires_at = _extend(scheduling, booking) if booking.status == Status.HELD else None
    with uow.begin() as tx:
        locked = bookings.lock_booking(tx.session, booking_id)
        assert locked is not None, "bookings are never deleted"
        if expires_at is not None and locked.status == Status.HELD:
            locked.hold_expires_at = expires_at
        amount = _check_due(tx.session, locked, kind, now)
        payments = accounts.payments_of(tx.session, locked.order_id)
        payment = _pending(payments, kind, provider, amount, place)
        if payment is None:
            payment = _new_payment(locked, kind, provider, amount, place, now)
            tx.session.add(payment)
    bill = views.bill(locked, payment, links)
    bill = replace(bill, client_ip=client_ip, appid=user.appid if user else None)
    checkout = chosen.create(bill, now=now)
    return {
        "payment_id": payment.id,
        "kind": checkout.kind,
        "pay_url": checkout.url,
        "params": dict(checkout.params),
    }


def take_notification(
    *,
    uow: UnitOfWork,
    now: datetime,
    scheduling: Any,
    links: Links,
    providers: Mapping[str, Provider],
    provider: str,
    headers: Mapping[str, str],
    body: str,
) -> dict[str, Any]:
    """Take a provider's word on a payment; what it says again changes nothing.

    Errors:  ProviderUnknown, SignatureInvalid, NotificationInvalid, PaymentUnknown. When
             scheduling is away the money is recorded and the error goes to the provider, which
             will notify again; payment.succeeded does the rest in any case.
    """
    chosen = find(providers, provider)
    outcome = chosen.verify(headers=headers, body=body, now=now)
    if isinstance(outcome, RefundOutcome):
        settling.record_refund(uow=uow, now=now, provider=provider, outcome=outcome)
    elif outcome is not None:
        booking_id = record_outcome(uow=uow, now=now, provider=provider, outcome=outcome)
        if outcome.succeeded:
            settling.settle_booking(
                uow=uow, now=now, scheduling=scheduling, links=links, booking_id=booking_id
            )
    return asdict(chosen.acknowledgement)


def record_outcome(*, uow: UnitOfWork, now: datetime, provider: str, outcome: Outcome) -> UUID:
    """Record what became of a payment, once; return the booking it is for.

    Another amount than was asked for has come nevertheless: it counts as what it is.

    Errors:  PaymentUnknown; NotificationInvalid when the currency is not the one asked for.
    """
    with uow.begin() as tx:
        booking = bookings.lock_booking_of(tx.session, outcome.payment_id)
        payment = accounts.lock_payment(tx.session, outcome.payment_id)
        if booking is None or payment is None or payment.provider != provider:
            raise PaymentUnknown()
        if payment.currency != outcome.currency or outcome.amount_cents <= 0:
            raise NotificationInvalid(errors=[])
        state = "succeeded" if outcome.succeeded else "failed"
        if (payment.state, state) in ledger.PAYMENT_OUTCOMES:
            _record(tx, booking, payment, state, outcome, now)
        return payment.booking_id


def _record(
    tx: Transaction,
    booking: Booking,
    payment: Payment,
    state: str,
    outcome: Outcome,
    now: datetime,
) -> None:
    payment.state = state
    if outcome.succeeded:
        payment.provider_reference = outcome.reference
        payment.received_cents = outcome.amount_cents
        payment.paid_at = outcome.paid_at
        steps.enter(tx, booking.order, "payment", -outcome.amount_cents, now, payment_id=payment.id)
    steps.tell_payment(tx, f"payment.{state}", booking, payment, now)


def _check_due(session: Session, booking: Booking, kind: str, now: datetime) -> int:
    """Return the amount to collect."""
    expires_at = booking.hold_expires_at
    if booking.status == Status.EXPIRED or (expires_at is not None and expires_at <= now):
        raise HoldExpired()
    steps.check_transition(booking, PAY[kind])
    amount = ledger.amount_due(
        kind=kind,
        charged_cents=accounts.account(session, booking.order_id).charged,
        deposit_cents=booking.order.deposit_cents,
        payments=accounts.payments_of(session, booking.order_id),
    )
    if amount <= 0:
        raise NothingToPay()
    return amount


def _extend(scheduling: Any, booking: Booking) -> datetime | None:
    try:
        answer = scheduling.extend_hold(booking_id=booking.id)
    except (schedule.HoldExpired, schedule.HoldReleased, schedule.HoldUnknown) as error:
        raise HoldExpired() from error
    expires_at: datetime | None = schedule.EXTEND_HOLD.response.load(answer)["expires_at"]
    return expires_at


def _pending(
    payments: list[Payment], kind: str, provider: str, amount_cents: int, place: dict[str, Any]
) -> Payment | None:
    """Return a payment that was started and can still be paid, so that nobody pays two.

    Providers refuse the same payment under other conditions, so those must be the same too.
    """
    wanted = {
        "state": "pending",
        "kind": kind,
        "provider": provider,
        "amount_cents": amount_cents,
        **place,
    }
    return next(
        (p for p in payments if all(getattr(p, name) == value for name, value in wanted.items())),
        None,
    )


def _other_pending(
    payments: list[Payment],
    booking_id: UUID,
    kind: str,
    provider: str,
    amount_cents: int,
    place: dict[str, Any],
) -> Payment | None:
    """Return the latest attempt that was made otherwise and can still be paid.

    One is enough: those before it were closed when it was made, and each may wait for a provider.
    """
    same = _pending(payments, kind, provider, amount_cents, place)
    pending = [
        p
        for p in payments
        if p is not same and (p.booking_id, p.kind, p.state) == (booking_id, kind, "pending")
    ]
    return max(pending, key=lambda p: (p.created_at, p.id), default=None)


def _close(
    uow: UnitOfWork, now: datetime, scheduling: Any, links: Links, provider: Provider, bill: Bill
) -> None:
    """Let nobody pay a bill any more; what was paid meanwhile is recorded.

    A provider that says nothing leaves it open: should it be paid too, the money counts.
    """
    try:
        is_closed = provider.close(bill, now=now)
        outcome = _failed(bill, now) if is_closed else provider.query(bill, now=now)
    except ProviderUnavailable as error:
        logger.info("an earlier payment stays open", extra={"code": error.code})
        return
    if outcome is None:
        return
    booking_id = record_outcome(uow=uow, now=now, provider=provider.name, outcome=outcome)
    if outcome.succeeded:
        settling.settle_booking(
            uow=uow, now=now, scheduling=scheduling, links=links, booking_id=booking_id
        )


def _failed(bill: Bill, now: datetime) -> Outcome:
    return Outcome(
        payment_id=bill.payment_id,
        reference="",
        succeeded=False,
        amount_cents=bill.amount_cents,
        currency=bill.currency,
        paid_at=now,
    )


def _new_payment(
    booking: Booking,
    kind: str,
    provider: str,
    amount_cents: int,
    place: dict[str, Any],
    now: datetime,
) -> Payment:
    return Payment(
        id=uuid6.uuid7(),
        order_id=booking.order_id,
        booking_id=booking.id,
        kind=kind,
        provider=provider,
        amount_cents=amount_cents,
        currency=booking.order.currency,
        state="pending",
        created_at=now,
        **place,
    )

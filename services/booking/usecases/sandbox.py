"""The cashier's page of the sandbox provider: what it shows, and what its buttons do."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.booking import views
from services.booking.links import Links
from services.booking.models import Booking, Payment
from services.booking.payments import Outcome, Provider
from services.booking.payments.sandbox import NAME, Sandbox
from services.booking.queries import accounts
from services.chassis.db import UnitOfWork
from services.contracts.payments import PaymentUnknown, ProviderUnknown


def checkout(
    *, uow: UnitOfWork, links: Links, providers: Mapping[str, Provider], payment_id: UUID
) -> dict[str, Any]:
    """Return what there is to pay.

    Errors:  PaymentUnknown; ProviderUnknown where the sandbox is off.
    """
    _sandbox(providers)
    payment, booking = _payment(uow, payment_id)
    bill = views.bill(booking, payment, links)
    return {
        "payment_id": bill.payment_id,
        "number": bill.number,
        "description": bill.title,
        "amount_cents": bill.amount_cents,
        "currency": bill.currency,
        "state": payment.state,
        "return_url": bill.return_url,
    }


def decide(
    *,
    uow: UnitOfWork,
    now: datetime,
    scheduling: Any,
    links: Links,
    providers: Mapping[str, Provider],
    payment_id: UUID,
    outcome: str,
) -> dict[str, Any]:
    """Return the signed notification of an outcome; `late` lets the hold expire before it.

    Errors:  PaymentUnknown; ProviderUnknown where the sandbox is off.
    """
    sandbox = _sandbox(providers)
    payment, booking = _payment(uow, payment_id)
    if outcome == "late":
        scheduling.expire_hold(booking_id=booking.id)
    result = Outcome(
        payment_id=payment.id,
        reference=f"sandbox-{payment.id.hex}",
        succeeded=outcome != "fail",
        amount_cents=payment.amount_cents,
        currency=payment.currency,
        paid_at=now,
    )
    return_url = views.bill(booking, payment, links).return_url
    return sandbox.sign(result, now) | {"return_url": return_url}


def _sandbox(providers: Mapping[str, Provider]) -> Sandbox:
    provider = providers.get(NAME)
    if not isinstance(provider, Sandbox):
        raise ProviderUnknown()
    return provider


def _payment(uow: UnitOfWork, payment_id: UUID) -> tuple[Payment, Booking]:
    with uow.read() as session:
        payment = accounts.payment(session, payment_id)
        if payment is None or payment.provider != NAME:
            raise PaymentUnknown()
        return payment, session.get_one(Booking, payment.booking_id)

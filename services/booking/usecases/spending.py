"""Spending: the cash desk takes a payment from a customer's stored value or points.

It is an ordinary payment of the provider `member`: begun, taken by crm under the payment's id,
recorded. What crm has taken is recorded whatever happened meanwhile; settling gives back what has
no use. A process may die between any two steps: the same command, or the next look for silent
payments, goes on from there.
"""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from services.booking import views
from services.booking.links import Links
from services.booking.models import Booking, Payment
from services.booking.payments import member_account
from services.booking.payments.member_account import MemberAccount
from services.booking.usecases import cash, paying, settling, steps
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.member_accounts import ACCOUNTS, BalanceTooLow

SPENDS = UUID("2b0c6a3e-86f5-5d0a-8a62-1f5c0b8e94d7")
"""Namespace of payments from accounts; another value would let a retry across a release take the
money twice."""


def take(
    *,
    uow: UnitOfWork,
    now: datetime,
    scheduling: Any,
    links: Links,
    member: MemberAccount,
    booking_id: UUID,
    access: steps.Access,
    method: str,
    idempotency_key: str,
    **payment: Any,
) -> dict[str, Any]:
    """Take money at the cash desk, by hand or from the customer's account.

    Shapes:  `payment` = {"kind", "amount_cents", "note"}.
    Errors:  those of cash.take_cash; BalanceTooLow; ProviderUnavailable when crm does not answer:
             the same command may then be sent again.
    """
    reaching: dict[str, Any] = {
        "uow": uow,
        "now": now,
        "scheduling": scheduling,
        "links": links,
        "booking_id": booking_id,
    }
    if method not in ACCOUNTS:
        by_hand: dict[str, Any] = {
            "access": access,
            "method": method,
            "idempotency_key": idempotency_key,
        }
        return cash.take_cash(**reaching, **by_hand, **payment)
    payment_id = uuid5(SPENDS, f"{booking_id}:{idempotency_key}")

    def begin(tx: Transaction, booking: Booking) -> None:
        cash.check_owed(tx, booking, payment["amount_cents"])
        begun = Payment(
            id=payment_id,
            order_id=booking.order_id,
            booking_id=booking.id,
            provider=member.name,
            method=method,
            currency=booking.order.currency,
            state="pending",
            taken_by=access["staff_id"],
            created_at=now,
            **payment,
        )
        tx.session.add(begun)

    key, command = f"cash:{idempotency_key}", {"method": method, **payment}
    cash.once_by_staff(uow, links, booking_id, access, key, command, begin)
    _collect(uow, now, links, member, payment_id)
    settling.settle_booking(**reaching)
    return cash.seen(uow, now, links, booking_id, access)


def _collect(
    uow: UnitOfWork, now: datetime, links: Links, member: MemberAccount, payment_id: UUID
) -> None:
    """Let crm take a payment that was begun, and record what became of it."""
    with uow.read() as session:
        payment = session.get_one(Payment, payment_id)
        booking = session.get_one(Booking, payment.booking_id)
    if payment.state == "succeeded":
        return
    bill = views.bill(booking, payment, links)
    try:
        outcome = member.spend(
            bill, booking_id=booking.id, phone=booking.contact_phone, account=payment.method or ""
        )
    except BalanceTooLow:
        refusal = member_account.refusal(bill, now)
        paying.record_outcome(uow=uow, now=now, provider=member.name, outcome=refusal)
        raise
    paying.record_outcome(uow=uow, now=now, provider=member.name, outcome=outcome)

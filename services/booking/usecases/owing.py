"""What the studio owes a customer and no provider gives back: entered, and told to its staff."""

from datetime import datetime

from services.booking.domain import ledger
from services.booking.links import Links
from services.booking.models import Booking
from services.booking.queries import accounts
from services.booking.usecases import steps
from services.chassis.db import Transaction
from services.contracts.cash import PAYOUT_DUE


def owe(tx: Transaction, booking: Booking, cents: int, now: datetime) -> None:
    """Enter what the studio owes for a (locked) booking beyond what was paid; nothing for nothing.

    Units:   integer cents ≥ 0.
    """
    if cents:
        steps.enter(tx, booking.order, "compensation", -cents, now)


def tell_due(tx: Transaction, booking: Booking, links: Links) -> None:
    """Tell what the studio owes the customer of a (locked) booking and no provider gives back.

    That is a compensation, and money taken by hand above what is owed; nothing is told of nothing.
    """
    money = accounts.account(tx.session, booking.order_id)
    payments = accounts.lock_payments_of(tx.session, booking.order_id)
    by_hand = ledger.secured_cents(p for p in payments if p.provider == ledger.CASH_DESK)
    refund_cents = min(by_hand, max(0, ledger.secured_cents(payments) - money.charged))
    if refund_cents + money.owed > 0:
        booking.version += 1
        steps.tell(
            tx,
            PAYOUT_DUE.type,
            booking,
            links,
            amount_cents=refund_cents + money.owed,
            refund_cents=refund_cents,
            compensation_cents=money.owed,
        )

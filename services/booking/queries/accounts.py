"""Reading and locking payments and refunds, and adding up the ledger."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.booking.domain import reconciliation
from services.booking.domain.ledger import Money
from services.booking.models import LedgerEntry, OrderLine, Payment, Payout, Refund
from services.booking.queries.locking import KEEP_KEYS

PAYABLE = timedelta(days=1)
"""How long a payment that was started may still be paid; then nobody asks about it any more."""

QUIET = timedelta(minutes=1)
"""A callback usually comes within seconds; asking sooner would be asking for nothing."""


def payment(session: Session, payment_id: UUID) -> Payment | None:
    """Return a payment as it stands."""
    return session.get(Payment, payment_id)


def lock_payment(session: Session, payment_id: UUID) -> Payment | None:
    """Return a payment that nobody else changes until the transaction ends."""
    return session.get(Payment, payment_id, with_for_update=KEEP_KEYS)


def payments_of(session: Session, order_id: UUID) -> list[Payment]:
    """Return the payments of an order, oldest first."""
    return list(session.scalars(_payments_of(order_id)))


def lock_payments_of(session: Session, order_id: UUID) -> list[Payment]:
    """Return the payments of an order, oldest first, locked in that order."""
    return list(session.scalars(_payments_of(order_id).with_for_update(key_share=True)))


def refund(session: Session, refund_id: UUID) -> Refund | None:
    """Return a refund as it stands."""
    return session.get(Refund, refund_id)


def lock_refund(session: Session, refund_id: UUID) -> Refund | None:
    """Return a refund that nobody else changes until the transaction ends."""
    return session.get(Refund, refund_id, with_for_update=KEEP_KEYS)


def refunds_of(session: Session, order_id: UUID) -> list[Refund]:
    """Return the refunds of an order, oldest first."""
    return list(
        session.scalars(
            sa.select(Refund)
            .join(Payment, Payment.id == Refund.payment_id)
            .where(Payment.order_id == order_id)
            .order_by(Refund.requested_at, Refund.id)
        )
    )


def payouts_of(session: Session, order_id: UUID) -> list[Payout]:
    """Return what was paid out of an order, oldest first."""
    return list(
        session.scalars(
            sa.select(Payout).where(Payout.order_id == order_id).order_by(Payout.paid_at, Payout.id)
        )
    )


def take_silent_payments(
    session: Session, providers: Sequence[str], now: datetime, limit: int
) -> list[Payment]:
    """Return payments to ask about now, marked so that no replica asks about them meanwhile."""
    return _take(
        session,
        sa.select(Payment).where(
            Payment.state == "pending",
            Payment.provider.in_(providers),
            Payment.created_at > now - PAYABLE,
            _is_due(Payment.created_at, Payment.checked_at, now),
        ),
        Payment.created_at,
        now,
        limit,
    )


def take_silent_refunds(
    session: Session, providers: Sequence[str], now: datetime, limit: int
) -> list[Refund]:
    """Return refunds to ask about now, marked so that no replica asks about them meanwhile."""
    return _take(
        session,
        sa.select(Refund)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(
            Refund.state == "pending",
            Payment.provider.in_(providers),
            _is_due(Refund.requested_at, Refund.checked_at, now),
        ),
        Refund.requested_at,
        now,
        limit,
    )


def movements(
    session: Session, provider: str, start: datetime, end: datetime
) -> list[reconciliation.Entry]:
    """Return the payments and refunds of a provider that were settled in [start, end)."""
    payments = session.scalars(
        sa.select(Payment).where(
            Payment.provider == provider, Payment.paid_at >= start, Payment.paid_at < end
        )
    )
    refunds = session.execute(
        sa.select(Refund, Payment.currency)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(
            Payment.provider == provider,
            Refund.state == "succeeded",
            Refund.settled_at >= start,
            Refund.settled_at < end,
        )
    )
    return [
        *(
            _entry(
                "payment",
                each.id,
                each.provider_reference,
                each.received_cents,
                each.currency,
                each.paid_at,
            )
            for each in payments
        ),
        *(
            _entry(
                "refund",
                row.Refund.id,
                row.Refund.provider_reference,
                row.Refund.amount_cents,
                row.currency,
                row.Refund.settled_at,
            )
            for row in refunds
        ),
    ]


def lines_of(session: Session, order_id: UUID) -> list[OrderLine]:
    """Return the lines of an order, in order."""
    return list(
        session.scalars(
            sa.select(OrderLine)
            .where(OrderLine.order_id == order_id)
            .order_by(OrderLine.position, OrderLine.id)
        )
    )


def accounts(session: Session, order_ids: Iterable[UUID]) -> dict[UUID, Money]:
    """Return what the ledger says of each order, in one query for all of them."""
    amount, kind = LedgerEntry.amount_cents, LedgerEntry.kind
    refunding = sa.exists().where(
        Payment.order_id == LedgerEntry.order_id,
        Refund.payment_id == Payment.id,
        Refund.state == "pending",
    )

    def total(*kinds: str) -> sa.ColumnElement[int]:
        entries = sa.func.sum(amount).filter(kind.in_(kinds))
        return sa.cast(sa.func.coalesce(entries, 0), sa.BigInteger)

    rows = session.execute(
        sa.select(
            LedgerEntry.order_id,
            total("charge", "discount").label("total"),
            total("charge", "discount", "adjustment").label("charged"),
            (-total("payment", "refund")).label("paid"),
            total("refund").label("refunded"),
            (-total("compensation", "payout")).label("owed"),
            refunding.label("refunding"),
        )
        .where(LedgerEntry.order_id.in_(list(order_ids)))
        .group_by(LedgerEntry.order_id)
    )
    return {
        row.order_id: Money(
            total=row.total,
            charged=row.charged,
            paid=row.paid,
            refunded=row.refunded,
            refunding=row.refunding,
            owed=row.owed,
        )
        for row in rows
    }


def account(session: Session, order_id: UUID) -> Money:
    """Return what the ledger says of one order."""
    return accounts(session, [order_id]).get(order_id, Money())


def price(session: Session, order_id: UUID) -> int:
    """Return the price of what an order holds: its lines without fees, never below zero."""
    cents = sa.func.coalesce(sa.func.sum(OrderLine.quantity * OrderLine.unit_cents), 0)
    lines = sa.select(sa.cast(cents, sa.BigInteger)).where(
        OrderLine.order_id == order_id, OrderLine.kind != "fee"
    )
    return max(session.scalars(lines).one(), 0)


def paid_by(session: Session, booking_id: UUID) -> int:
    """Return the money that came with one of an order's bookings, net of what went back."""
    own = sa.select(Payment.id).where(Payment.booking_id == booking_id)
    returned = sa.select(Refund.id).where(Refund.payment_id.in_(own))
    moved = sa.or_(LedgerEntry.payment_id.in_(own), LedgerEntry.refund_id.in_(returned))
    paid = -sa.func.coalesce(sa.func.sum(LedgerEntry.amount_cents), 0)
    return session.scalars(sa.select(sa.cast(paid, sa.BigInteger)).where(moved)).one()


def _is_due(since: Any, checked: Any, now: datetime) -> sa.ColumnElement[bool]:
    """A quarter of its age after the last question, and never sooner than a minute."""
    pause = sa.func.greatest(sa.literal(QUIET), (sa.literal(now) - since) / 4)
    return sa.func.coalesce(checked, since) + pause <= now


def _take(
    session: Session, asked: sa.Select[Any], oldest: Any, now: datetime, limit: int
) -> list[Any]:
    entity = asked.column_descriptions[0]["entity"]
    found = session.scalars(
        asked.order_by(oldest).limit(limit).with_for_update(of=entity, skip_locked=True)
    ).all()
    for each in found:
        each.checked_at = now
    return list(found)


def _entry(
    kind: str,
    id: UUID,
    reference: str | None,
    cents: int | None,
    currency: str,
    settled_at: datetime | None,
) -> reconciliation.Entry:
    assert settled_at is not None, "only what was settled is a movement"
    return reconciliation.Entry(kind, id.hex, reference or "", cents or 0, currency, settled_at)


def _payments_of(order_id: UUID) -> sa.Select[tuple[Payment]]:
    return (
        sa.select(Payment)
        .where(Payment.order_id == order_id)
        .order_by(Payment.created_at, Payment.id)
    )

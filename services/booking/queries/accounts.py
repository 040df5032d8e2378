"""Reading and locking payments, and adding up the ledger."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.booking.domain.ledger import Money
from services.booking.models import LedgerEntry, Payment
from services.booking.queries.locking import KEEP_KEYS


def payment(session: Session, payment_id: UUID) -> Payment | None:
    """Return a payment as it stands."""
    return session.get(Payment, payment_id)


def lock_payment(session: Session, payment_id: UUID) -> Payment | None:
    """Return a payment that nobody else changes until the transaction ends."""
    return session.get(Payment, payment_id, with_for_update=KEEP_KEYS)


def payments_of(session: Session, booking_id: UUID) -> list[Payment]:
    """Return the payments of a booking, oldest first."""
    return list(session.scalars(_payments_of(booking_id)))


def lock_payments_of(session: Session, booking_id: UUID) -> list[Payment]:
    """Return the payments of a booking, oldest first, locked in that order."""
    return list(session.scalars(_payments_of(booking_id).with_for_update(key_share=True)))


def accounts(session: Session, booking_ids: Iterable[UUID]) -> dict[UUID, Money]:
    """Return what the ledger says of each booking, in one query for all of them."""
    amount, kind = LedgerEntry.amount_cents, LedgerEntry.kind
    refunding = sa.exists().where(
        Payment.booking_id == LedgerEntry.booking_id, Payment.state == "refunding"
    )

    def total(*kinds: str) -> sa.ColumnElement[int]:
        entries = sa.func.sum(amount).filter(kind.in_(kinds))
        return sa.cast(sa.func.coalesce(entries, 0), sa.BigInteger)

    rows = session.execute(
        sa.select(
            LedgerEntry.booking_id,
            total("charge", "adjustment").label("charged"),
            (-total("payment", "refund")).label("paid"),
            total("refund").label("refunded"),
            refunding.label("refunding"),
        )
        .where(LedgerEntry.booking_id.in_(list(booking_ids)))
        .group_by(LedgerEntry.booking_id)
    )
    return {r.booking_id: Money(r.charged, r.paid, r.refunded, r.refunding) for r in rows}


def account(session: Session, booking_id: UUID) -> Money:
    """Return what the ledger says of one booking."""
    return accounts(session, [booking_id]).get(booking_id, Money())


def _payments_of(booking_id: UUID) -> sa.Select[tuple[Payment]]:
    return (
        sa.select(Payment)
        .where(Payment.booking_id == booking_id)
        .order_by(Payment.created_at, Payment.id)
    )

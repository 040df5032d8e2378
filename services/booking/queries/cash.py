"""What came to a branch's desk and left it: by day, since the last close, by close."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from services.booking.models import CashClose, CashMovement

# A day is that of the branch's own clock, which every order and top-up keeps.
NOTE = sa.text(
    """
    INSERT INTO cash_movement (
        source, id, branch_id, day, provider, method, kind, currency, received_cents,
        refunded_cents
    )
    SELECT
        :source, moved.id, moved.branch_id, CAST(moved.at AT TIME ZONE moved.timezone AS date),
        moved.provider, moved.method, moved.kind, moved.currency, moved.received_cents,
        moved.refunded_cents
    FROM (
        SELECT
            payment.id, "order".branch_id, "order".timezone, payment.paid_at AS at,
            payment.provider, payment.method, payment.kind, payment.currency,
            payment.received_cents, 0 AS refunded_cents
        FROM payment
        JOIN "order" ON "order".id = payment.order_id
        WHERE :source = 'payment' AND payment.id = :id
        UNION ALL
        SELECT
            refund.id, "order".branch_id, "order".timezone, refund.settled_at,
            payment.provider, payment.method, payment.kind, payment.currency,
            0, refund.amount_cents
        FROM refund
        JOIN payment ON payment.id = refund.payment_id
        JOIN "order" ON "order".id = payment.order_id
        WHERE :source = 'refund' AND refund.id = :id
        UNION ALL
        SELECT
            payout.id, "order".branch_id, "order".timezone, payout.paid_at,
            'offline', payout.method, 'payout', payout.currency, 0, payout.amount_cents
        FROM payout
        JOIN "order" ON "order".id = payout.order_id
        WHERE :source = 'payout' AND payout.id = :id
        UNION ALL
        SELECT
            top_up.id, top_up.branch_id, top_up.timezone, top_up.received_at,
            'offline', top_up.method, 'top_up', top_up.currency, top_up.amount_cents, 0
        FROM top_up
        WHERE :source = 'top_up' AND top_up.id = :id
    ) AS moved
    """
)

LOCK = sa.text(
    "SELECT pg_advisory_xact_lock(hashtextextended('cash:' || :branch_id || :currency, 0))"
)
WAYS = (CashMovement.provider, CashMovement.method, CashMovement.kind, CashMovement.currency)


def note(session: Session, source: str, moved_id: UUID) -> None:
    """Write that a payment, refund, payout or top-up, which is written already, has moved.

    Shapes:  `source` is one of models.money.MOVED.
    """
    session.execute(NOTE, {"source": source, "id": moved_id})


def totals_of_day(session: Session, branch_id: UUID, day: date) -> list[dict[str, Any]]:
    """Return what was received and given back at a branch on one of its days, by way and kind."""
    return _totals(session, CashMovement.branch_id == branch_id, CashMovement.day == day)


def open_totals(session: Session, branch_id: UUID) -> list[dict[str, Any]]:
    """Return what has moved at a branch and is in no close yet, by way and kind."""
    return _totals(
        session, CashMovement.branch_id == branch_id, CashMovement.cash_close_id.is_(None)
    )


def lock_desk(session: Session, branch_id: UUID, currency: str) -> None:
    """Let nobody else close the same desk until the transaction ends; money does not wait."""
    session.execute(LOCK, {"branch_id": str(branch_id), "currency": currency})


def take_open(
    session: Session, branch_id: UUID, currency: str, close_id: UUID
) -> list[dict[str, Any]]:
    """Give a close all that has moved in a currency and is in none yet; return what that is.

    What another transaction has not committed yet is left to the next close.
    """
    session.execute(
        sa.update(CashMovement)
        .where(
            CashMovement.branch_id == branch_id,
            CashMovement.currency == currency,
            CashMovement.cash_close_id.is_(None),
        )
        .values(cash_close_id=close_id)
        .execution_options(synchronize_session=False)
    )
    return _totals(session, CashMovement.cash_close_id == close_id)


def closings_of(session: Session, branch_id: UUID, day: date) -> Sequence[CashClose]:
    """Return how a branch's desk was closed for a day, the first close first."""
    return session.scalars(
        sa.select(CashClose)
        .where(CashClose.branch_id == branch_id, CashClose.day == day)
        .order_by(CashClose.closed_at, CashClose.id)
    ).all()


def last_closings(session: Session, branch_id: UUID) -> dict[str, CashClose]:
    """Return the last close of a branch's desk in each currency."""
    following = aliased(CashClose)
    last = sa.select(CashClose).where(
        CashClose.branch_id == branch_id,
        ~sa.exists().where(
            following.branch_id == branch_id,
            following.currency == CashClose.currency,
            following.previous_id == CashClose.id,
        ),
    )
    return {each.currency: each for each in session.scalars(last)}


def closing(session: Session, close_id: UUID) -> CashClose:
    """Return a close that is known to be there."""
    return session.get_one(CashClose, close_id)


def _totals(session: Session, *where: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    received = sa.func.sum(CashMovement.received_cents)
    refunded = sa.func.sum(CashMovement.refunded_cents)
    found = session.execute(
        sa.select(
            *WAYS,
            sa.cast(sa.func.count(), sa.Integer).label("count"),
            sa.cast(received, sa.BigInteger).label("received_cents"),
            sa.cast(refunded, sa.BigInteger).label("refunded_cents"),
        )
        .where(*where)
        .group_by(*WAYS)
        .order_by(*WAYS)
    )
    return [dict(row._mapping) for row in found]

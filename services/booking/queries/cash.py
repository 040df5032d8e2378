"""Adding up what moved at a branch on a day."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.booking.models import CashClose

# A day is that of the branch's own clock, which every order and top-up keeps.
TOTALS = sa.text(
    """
    SELECT
        moved.provider,
        moved.method,
        moved.kind,
        moved.currency,
        CAST(count(*) AS integer) AS count,
        CAST(sum(moved.received_cents) AS bigint) AS received_cents,
        CAST(sum(moved.refunded_cents) AS bigint) AS refunded_cents
    FROM (
        SELECT
            "order".branch_id, "order".timezone, of_orders.provider, of_orders.method,
            of_orders.kind, of_orders.currency, of_orders.at, of_orders.received_cents,
            of_orders.refunded_cents
        FROM (
            SELECT
                payment.order_id, payment.provider, payment.method, payment.kind, payment.currency,
                payment.paid_at AS at, payment.received_cents, 0 AS refunded_cents
            FROM payment
            WHERE payment.paid_at >= :from AND payment.paid_at < :to
            UNION ALL
            SELECT
                payment.order_id, payment.provider, payment.method, payment.kind, payment.currency,
                refund.settled_at, 0, refund.amount_cents
            FROM refund
            JOIN payment ON payment.id = refund.payment_id
            WHERE refund.state = 'succeeded'
                AND refund.settled_at >= :from AND refund.settled_at < :to
            UNION ALL
            SELECT
                payout.order_id, 'offline', payout.method, 'payout', payout.currency,
                payout.paid_at, 0, payout.amount_cents
            FROM payout
            WHERE payout.paid_at >= :from AND payout.paid_at < :to
        ) AS of_orders
        JOIN "order" ON "order".id = of_orders.order_id
        UNION ALL
        SELECT
            top_up.branch_id, top_up.timezone, 'offline', top_up.method, 'top_up', top_up.currency,
            top_up.received_at, top_up.amount_cents, 0
        FROM top_up
        WHERE top_up.received_at >= :from AND top_up.received_at < :to
    ) AS moved
    WHERE moved.branch_id = :branch_id
        AND CAST(moved.at AT TIME ZONE moved.timezone AS date) = :day
    GROUP BY moved.provider, moved.method, moved.kind, moved.currency
    ORDER BY moved.provider, moved.method, moved.kind, moved.currency
    """
)
LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('cash:' || :branch_id || :day, 0))")


def totals(session: Session, branch_id: UUID, day: date) -> list[dict[str, Any]]:
    """Return what was received and given back at a branch on one of its days, by way and kind."""
    # No zone is farther from UTC than fourteen hours: wider bounds let the indexes do the work.
    window = {"from": f"{day} 00:00+14", "to": f"{day} 23:59:59.999999-14"}
    asked = {"branch_id": branch_id, "day": day, **window}
    return [dict(row._mapping) for row in session.execute(TOTALS, asked)]


def closing(session: Session, branch_id: UUID, day: date) -> CashClose | None:
    """Return how a branch's desk was closed for a day, if it was."""
    return session.scalars(
        sa.select(CashClose).where(CashClose.branch_id == branch_id, CashClose.day == day)
    ).first()


def lock_day(session: Session, branch_id: UUID, day: date) -> None:
    """Let nobody else close the same desk for the same day until the transaction ends."""
    session.execute(LOCK, {"branch_id": str(branch_id), "day": str(day)})

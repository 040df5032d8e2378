"""Payments, refunds and the ledger."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.models.base import Base, Cents, Json

PAYMENT_KINDS = ("deposit", "balance", "extra", "product")
MOVED = ("payment", "refund", "payout", "top_up")
PAYOUT_METHODS = ("cash", "card", "transfer", "wechat", "alipay", "other")
METHODS = (*PAYOUT_METHODS, "stored_value", "points")


class Payment(Base):
    """One attempt to collect money: through a provider, or by staff at the cash desk.

    `amount_cents` was asked for, `received_cents` came, `refunded_cents` of that went back or is
    on its way. `late` says that it came when the hold had already expired. `scene` and `openid`
    say where and as whom it was to be paid; `checked_at` when its provider was asked last.
    """

    __tablename__ = "payment"
    __table_args__ = (
        sa.CheckConstraint("amount_cents > 0", name="amount"),
        sa.CheckConstraint(sa.column("kind").in_(PAYMENT_KINDS), name="kind"),
        sa.CheckConstraint("state IN ('pending', 'succeeded', 'failed')", name="state"),
        sa.CheckConstraint(
            "(state = 'succeeded') = (paid_at IS NOT NULL AND received_cents IS NOT NULL)",
            name="paid_at",
        ),
        sa.CheckConstraint(
            "refunded_cents BETWEEN 0 AND coalesce(received_cents, 0)", name="refunded"
        ),
        sa.CheckConstraint(
            sa.or_(sa.column("method").is_(None), sa.column("method").in_(METHODS)), name="method"
        ),
        sa.UniqueConstraint("provider", "provider_reference"),
        sa.Index("payment_paid_at_idx", "paid_at"),
        sa.Index(
            "payment_pending_idx", "created_at", postgresql_where=sa.text("state = 'pending'")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(sa.ForeignKey("order.id"), index=True)
    booking_id: Mapped[UUID] = mapped_column(sa.ForeignKey("booking.id"), index=True)
    kind: Mapped[str]
    provider: Mapped[str]
    method: Mapped[str | None]
    amount_cents: Mapped[Cents]
    received_cents: Mapped[Cents | None]
    refunded_cents: Mapped[Cents] = mapped_column(default=0, server_default="0")
    currency: Mapped[str]
    state: Mapped[str]
    provider_reference: Mapped[str | None]
    late: Mapped[bool] = mapped_column(default=False)
    scene: Mapped[str | None]
    openid: Mapped[str | None]
    checked_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="", server_default="")
    taken_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]


class Refund(Base):
    """Money that goes back to who paid it: all of a payment, or a part."""

    __tablename__ = "refund"
    __table_args__ = (
        sa.CheckConstraint("amount_cents > 0", name="amount"),
        sa.CheckConstraint("state IN ('pending', 'succeeded', 'failed')", name="state"),
        sa.CheckConstraint("(state = 'pending') = (settled_at IS NULL)", name="settled_at"),
        sa.Index("refund_settled_at_idx", "settled_at"),
        sa.Index(
            "refund_pending_idx", "requested_at", postgresql_where=sa.text("state = 'pending'")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    payment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payment.id"), index=True)
    amount_cents: Mapped[Cents]
    reason: Mapped[str]
    state: Mapped[str]
    provider_reference: Mapped[str | None]
    requested_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class Payout(Base):
    """Money that the studio has paid a customer beyond what was paid: a compensation, by hand."""

    __tablename__ = "payout"
    __table_args__ = (
        sa.CheckConstraint("amount_cents > 0", name="amount"),
        sa.CheckConstraint(sa.column("method").in_(PAYOUT_METHODS), name="method"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(sa.ForeignKey("order.id"), index=True)
    booking_id: Mapped[UUID] = mapped_column(sa.ForeignKey("booking.id"))
    method: Mapped[str]
    amount_cents: Mapped[Cents]
    currency: Mapped[str]
    note: Mapped[str]
    paid_by: Mapped[UUID]
    paid_at: Mapped[datetime]


class LedgerEntry(Base):
    """One line of an order's account; a trigger refuses to change or delete it.

    The sign says what it does to the customer's debt, so the balance is the plain sum. A payment
    counts once, and so do a refund and a payout. A compensation is what the studio owes.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        sa.CheckConstraint(
            "CASE kind WHEN 'charge' THEN amount_cents >= 0 WHEN 'discount' THEN amount_cents <= 0"
            " WHEN 'payment' THEN amount_cents < 0 WHEN 'refund' THEN amount_cents > 0"
            " WHEN 'compensation' THEN amount_cents < 0 WHEN 'payout' THEN amount_cents > 0"
            " ELSE kind = 'adjustment' END",
            name="sign",
        ),
        sa.CheckConstraint("(kind = 'payment') = (payment_id IS NOT NULL)", name="payment"),
        sa.CheckConstraint("(kind = 'refund') = (refund_id IS NOT NULL)", name="refund"),
        sa.CheckConstraint("(kind = 'payout') = (payout_id IS NOT NULL)", name="payout"),
        sa.UniqueConstraint("payment_id"),
        sa.UniqueConstraint("refund_id"),
        sa.UniqueConstraint("payout_id"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    order_id: Mapped[UUID] = mapped_column(sa.ForeignKey("order.id"), index=True)
    payment_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("payment.id"))
    refund_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("refund.id"))
    payout_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("payout.id"))
    kind: Mapped[str]
    amount_cents: Mapped[Cents]
    currency: Mapped[str]
    entered_at: Mapped[datetime]


class CashMovement(Base):
    """Money that came to a branch or left it: a payment, refund, payout or top-up, by its id.

    Refunds from before there were orders have the id of their payment: only with `source` is it
    one movement.

    Written when the books learn of it, which may be later than it moved; `day` is that of the
    branch's clock on which it moved. The next close takes it; from then on a trigger refuses to
    change it. What was imported moved elsewhere and is not here.
    """

    __tablename__ = "cash_movement"
    __table_args__ = (
        sa.CheckConstraint("received_cents >= 0 AND refunded_cents >= 0", name="amount"),
        sa.CheckConstraint(sa.column("source").in_(MOVED), name="source"),
        sa.Index("cash_movement_branch_id_day_idx", "branch_id", "day"),
        sa.Index(
            "cash_movement_open_idx",
            "branch_id",
            "currency",
            postgresql_where=sa.text("cash_close_id IS NULL"),
        ),
    )

    source: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    branch_id: Mapped[UUID]
    day: Mapped[date]
    provider: Mapped[str]
    method: Mapped[str | None]
    kind: Mapped[str]
    currency: Mapped[str]
    received_cents: Mapped[Cents]
    refunded_cents: Mapped[Cents]
    # Deferred: the close says what it has taken, so it is written after.
    cash_close_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("cash_close.id", deferrable=True, initially="DEFERRED"), index=True
    )


class CashClose(Base):
    """A branch's cash desk, counted and closed in one currency; a trigger refuses to change it.

    It takes all that moved since the close before it, which no other one follows. `day` is the
    day of business that it was called.

    Shapes:  `totals` = [{"provider", "method", "kind", "received_cents", "refunded_cents"}].
    """

    __tablename__ = "cash_close"
    __table_args__ = (
        sa.UniqueConstraint("id", "branch_id", "currency"),
        sa.UniqueConstraint(
            "branch_id", "currency", "previous_id", postgresql_nulls_not_distinct=True
        ),
        sa.ForeignKeyConstraint(
            ["previous_id", "branch_id", "currency"],
            ["cash_close.id", "cash_close.branch_id", "cash_close.currency"],
        ),
        sa.Index("cash_close_branch_id_day_idx", "branch_id", "day"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    branch_id: Mapped[UUID]
    day: Mapped[date]
    currency: Mapped[str]
    previous_id: Mapped[UUID | None]
    expected_cents: Mapped[Cents]
    counted_cents: Mapped[Cents]
    totals: Mapped[list[Json]]
    note: Mapped[str]
    closed_by: Mapped[UUID]
    closed_at: Mapped[datetime]

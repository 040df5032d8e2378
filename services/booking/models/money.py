"""Payments and the ledger."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.models.base import Base, Cents


class Payment(Base):
    """One attempt to collect money through a provider.

    `late` says that it came when the hold had already expired.
    """

    __tablename__ = "payment"
    __table_args__ = (
        sa.CheckConstraint("amount_cents > 0", name="amount"),
        sa.CheckConstraint("kind IN ('deposit', 'balance')", name="kind"),
        sa.CheckConstraint(
            "state IN ('pending', 'succeeded', 'failed', 'refunding', 'refunded')", name="state"
        ),
        sa.CheckConstraint("(state IN ('pending', 'failed')) = (paid_at IS NULL)", name="paid_at"),
        sa.UniqueConstraint("provider", "provider_reference"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    booking_id: Mapped[UUID] = mapped_column(sa.ForeignKey("booking.id"), index=True)
    kind: Mapped[str]
    provider: Mapped[str]
    amount_cents: Mapped[Cents]
    currency: Mapped[str]
    state: Mapped[str]
    provider_reference: Mapped[str | None]
    late: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]


class LedgerEntry(Base):
    """One line of a booking's account; a trigger refuses to change or delete it.

    The sign says what it does to the customer's debt, so the balance is the plain sum. A payment
    counts once, and so does its refund: the pair (payment, kind) is unique.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        sa.CheckConstraint(
            "CASE kind WHEN 'charge' THEN amount_cents >= 0 WHEN 'payment' THEN amount_cents < 0"
            " WHEN 'refund' THEN amount_cents > 0 ELSE kind = 'adjustment' END",
            name="sign",
        ),
        sa.CheckConstraint(
            "(kind IN ('payment', 'refund')) = (payment_id IS NOT NULL)", name="payment"
        ),
        sa.UniqueConstraint("payment_id", "kind"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    booking_id: Mapped[UUID] = mapped_column(sa.ForeignKey("booking.id"), index=True)
    payment_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("payment.id"))
    kind: Mapped[str]
    amount_cents: Mapped[Cents]
    currency: Mapped[str]
    entered_at: Mapped[datetime]

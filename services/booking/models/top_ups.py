"""Top-ups: money that the cash desk took for stored value, which crm keeps."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.models.base import Base, Cents
from services.booking.models.money import PAYOUT_METHODS


class TopUp(Base):
    """Money taken at a branch for a customer's stored value; a trigger refuses to change it."""

    __tablename__ = "top_up"
    __table_args__ = (
        sa.CheckConstraint("amount_cents > 0", name="amount"),
        sa.CheckConstraint("gift_cents >= 0", name="gift"),
        sa.CheckConstraint(sa.column("method").in_(PAYOUT_METHODS), name="method"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID]
    branch_id: Mapped[UUID]
    timezone: Mapped[str]
    method: Mapped[str]
    amount_cents: Mapped[Cents]
    gift_cents: Mapped[Cents]
    currency: Mapped[str]
    note: Mapped[str]
    taken_by: Mapped[UUID]
    received_at: Mapped[datetime]

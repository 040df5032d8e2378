"""What came of comparing the providers' statements with our books."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.models.base import Base, Json


class Reconciliation(Base):
    """One provider's statement of one day, and how it agrees with our books.

    Shapes:  `found` as contracts.cash.Reconciliation has it, null until the statement was there;
             `error` why it was not, the last time; `ask_at` when to ask (again), null once it is
             compared or nobody asks any more.
    """

    __tablename__ = "reconciliation"
    __table_args__ = (
        sa.UniqueConstraint("day", "provider"),
        sa.CheckConstraint("found IS NULL OR (ask_at IS NULL AND error IS NULL)", name="found"),
        sa.Index(
            "reconciliation_ask_at_idx",
            "ask_at",
            postgresql_where=sa.text("ask_at IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    provider: Mapped[str]
    day: Mapped[date]
    found: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    error: Mapped[str | None]
    checked_at: Mapped[datetime | None]
    ask_at: Mapped[datetime | None]

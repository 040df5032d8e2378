"""What customers were reminded of."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.domain.schedule import Stage
from services.booking.models.base import Base, Cents


class Reminder(Base):
    """One stage of one line of an order's payment schedule, told once.

    A line is known by its kind and its day: an appointment that moves gives it another day, and
    with that reminders of its own.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        sa.CheckConstraint("open_cents > 0", name="open"),
        sa.CheckConstraint(sa.column("stage").in_([str(s) for s in Stage]), name="stage"),
    )

    order_id: Mapped[UUID] = mapped_column(sa.ForeignKey("order.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    due_on: Mapped[date] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(primary_key=True)
    open_cents: Mapped[Cents]
    told_at: Mapped[datetime]

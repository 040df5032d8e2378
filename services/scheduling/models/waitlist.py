"""The tables of who waits for time, and of time that has become free."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, Range
from sqlalchemy.orm import Mapped, mapped_column

from services.scheduling.models.base import Base, half_open


class WaitlistEntry(Base):
    """Somebody who wants a service on some days, if need be with these people.

    An offer is a hold of its own under `offer_booking_id`; whoever accepts it books under that id.
    `service_name` is what the service was called then, for the messages.
    """

    __tablename__ = "waitlist_entry"
    __table_args__ = (
        sa.CheckConstraint(
            "state IN ('waiting', 'offered', 'accepted', 'expired', 'left')", name="state"
        ),
        sa.CheckConstraint(half_open("days"), name="days"),
        sa.CheckConstraint(
            "state <> 'offered' OR (offer_booking_id IS NOT NULL AND offer_start_at IS NOT NULL"
            " AND offer_expires_at IS NOT NULL)",
            name="offer",
        ),
        sa.UniqueConstraint("offer_booking_id"),
        sa.Index(
            "waitlist_entry_waiting_idx",
            "branch_id",
            "service_id",
            postgresql_where=sa.text("state = 'waiting'"),
        ),
        sa.Index(
            "waitlist_entry_days_idx",
            sa.text("upper(days)"),
            postgresql_where=sa.text("state = 'waiting'"),
        ),
        sa.Index(
            "waitlist_entry_offer_expires_at_idx",
            "offer_expires_at",
            postgresql_where=sa.text("state = 'offered'"),
        ),
        sa.Index("waitlist_entry_joined_at_idx", "joined_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    service_id: Mapped[UUID] = mapped_column(sa.ForeignKey("requirement.service_id"))
    branch_id: Mapped[UUID] = mapped_column(sa.ForeignKey("branch.id"))
    days: Mapped[Range[date]]
    weekdays: Mapped[list[int] | None]
    earliest: Mapped[time | None]
    latest: Mapped[time | None]
    resource_ids: Mapped[list[UUID]] = mapped_column(server_default="{}")
    options: Mapped[list[str]] = mapped_column(server_default="{}")
    contact: Mapped[dict[str, Any]]
    customer_key: Mapped[str | None]
    service_name: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    priority: Mapped[int] = mapped_column(server_default="0")
    state: Mapped[str] = mapped_column(server_default="waiting")
    joined_at: Mapped[datetime]
    offers: Mapped[int] = mapped_column(server_default="0")
    offer_booking_id: Mapped[UUID | None]
    offer_start_at: Mapped[datetime | None]
    offer_expires_at: Mapped[datetime | None]
    notified_at: Mapped[datetime | None]


class FreedTime(Base):
    """Time at a branch that has become free and that nobody on the waitlist was asked about."""

    __tablename__ = "freed_time"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    branch_id: Mapped[UUID] = mapped_column(sa.ForeignKey("branch.id", ondelete="CASCADE"))
    during: Mapped[Range[datetime]]

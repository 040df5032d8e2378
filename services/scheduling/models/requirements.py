"""The tables of how services may be booked: whom they need, when they may start, and quotas."""

from datetime import time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.scheduling.models.base import DAY_CODES, Base


class Requirement(Base):
    """How a service may be booked; whom it needs is in its lines.

    `places` customers share one session (a class): its `shared` lines serve all of them.
    `weekdays` are the kinds of days on which it may start (null: all).
    """

    __tablename__ = "requirement"
    __table_args__ = (
        sa.CheckConstraint("slot_step_minutes > 0", name="slot_step_minutes"),
        sa.CheckConstraint("minimum_notice_minutes >= 0", name="minimum_notice_minutes"),
        sa.CheckConstraint("horizon_days > 0", name="horizon_days"),
        sa.CheckConstraint("duration_minutes > 0", name="duration_minutes"),
        sa.CheckConstraint("places BETWEEN 1 AND 200", name="places"),
        sa.CheckConstraint(
            f"cardinality(weekdays) > 0 AND weekdays <@ {DAY_CODES}", name="weekdays"
        ),
        sa.CheckConstraint("waitlist_mode IN ('off', 'offer', 'notify')", name="waitlist_mode"),
        sa.CheckConstraint("waitlist_offer_minutes > 0", name="waitlist_offer_minutes"),
    )

    service_id: Mapped[UUID] = mapped_column(primary_key=True)
    slot_step_minutes: Mapped[int]
    minimum_notice_minutes: Mapped[int]
    horizon_days: Mapped[int]
    duration_minutes: Mapped[int]
    places: Mapped[int] = mapped_column(server_default="1")
    weekdays: Mapped[list[int] | None]
    waitlist_mode: Mapped[str] = mapped_column(server_default="offer")
    waitlist_offer_minutes: Mapped[int] = mapped_column(server_default="30")


class RequirementBranch(Base):
    """A branch that offers a service."""

    __tablename__ = "requirement_branch"

    service_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("requirement.service_id", ondelete="CASCADE"), primary_key=True
    )
    branch_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("branch.id", ondelete="CASCADE"), primary_key=True
    )


class RequirementLine(Base):
    """How many of one type of resource a service needs, which of them, and for which part of it.

    `offset_minutes` counts from the booking's start and may be negative: a dress leaves the rack
    the day before. A line of `whole_days` locks the local days that its time touches. Who serves
    must have all `skills` (skill → least level) and `attributes`, and be in the pool if there is
    one. `optional` lines are served when the customer asks for them by `key`.
    """

    __tablename__ = "requirement_line"
    __table_args__ = (
        sa.CheckConstraint("quantity BETWEEN 1 AND 20", name="quantity"),
        sa.CheckConstraint("offset_minutes BETWEEN -10080 AND 10080", name="offset_minutes"),
        sa.CheckConstraint("length_minutes BETWEEN 1 AND 14400", name="length_minutes"),
        sa.CheckConstraint(
            "buffer_before_minutes BETWEEN 0 AND 480 AND buffer_after_minutes BETWEEN 0 AND 480",
            name="buffers",
        ),
        sa.Index("requirement_line_pool_id_idx", "pool_id"),
    )

    service_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("requirement.service_id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    position: Mapped[int]
    resource_type: Mapped[str] = mapped_column(sa.ForeignKey("resource_type.id"))
    quantity: Mapped[int]
    offset_minutes: Mapped[int]
    length_minutes: Mapped[int]
    buffer_before_minutes: Mapped[int]
    buffer_after_minutes: Mapped[int]
    whole_days: Mapped[bool] = mapped_column(server_default=sa.false())
    optional: Mapped[bool] = mapped_column(server_default=sa.false())
    shared: Mapped[bool] = mapped_column(server_default=sa.false())
    pool_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("pool.id"))
    skills: Mapped[dict[str, int]] = mapped_column(JSONB, server_default="{}")
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")


class DayPart(Base):
    """A part of the day that can be booked before the hour is agreed."""

    __tablename__ = "day_part"
    __table_args__ = (sa.CheckConstraint("closes > opens", name="span"),)

    service_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("requirement.service_id", ondelete="CASCADE"), primary_key=True
    )
    part: Mapped[str] = mapped_column(primary_key=True)
    opens: Mapped[time]
    closes: Mapped[time]


class Quota(Base):
    """The most that may start in a period: bookings, or minutes of them.

    `per` says whose bookings are counted: each resource's, each service's, each branch's or each
    customer's. The other columns narrow what it applies to; null means any. On other `weekdays`
    the quota says nothing (they count for a period of one day only).
    """

    __tablename__ = "quota"
    __table_args__ = (
        sa.CheckConstraint("per IN ('resource', 'service', 'branch', 'customer')", name="per"),
        sa.CheckConstraint("unit IN ('count', 'minutes')", name="unit"),
        sa.CheckConstraint("period IN ('day', 'week', 'month')", name="period"),
        sa.CheckConstraint("maximum >= 0", name="maximum"),
        sa.CheckConstraint(
            "weekdays IS NULL OR"
            f" (cardinality(weekdays) > 0 AND weekdays <@ {DAY_CODES} AND period = 'day')",
            name="weekdays",
        ),
        sa.CheckConstraint(
            "per = 'resource' OR (resource_id IS NULL AND resource_type IS NULL)",
            name="resource",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    per: Mapped[str]
    unit: Mapped[str]
    period: Mapped[str]
    maximum: Mapped[int]
    weekdays: Mapped[list[int] | None]
    resource_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("resource.id", ondelete="CASCADE")
    )
    resource_type: Mapped[str | None] = mapped_column(sa.ForeignKey("resource_type.id"))
    service_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("requirement.service_id", ondelete="CASCADE")
    )
    branch_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("branch.id", ondelete="CASCADE"))

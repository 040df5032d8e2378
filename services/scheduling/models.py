"""The tables of scheduling."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import (
    ARRAY,
    DATERANGE,
    JSONB,
    TSTZRANGE,
    ExcludeConstraint,
    Range,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.chassis.db import new_metadata
from services.contracts.errors import YingqiError
from services.contracts.scheduling import BranchUnknown, SlotTaken

MAX_ALLOCATION_HOURS = 72
"""Hours that one allocation may lock: a garment from the day before to the day after. Whoever is
away for longer is on leave. Without a limit the index on `lower(during)` could not tell where to
begin to look for what is still going on."""


def _half_open(column: str) -> str:
    """Return the condition that a range is [start, end), bounded and not empty."""
    return (
        f"NOT isempty({column}) AND lower_inc({column}) AND NOT upper_inc({column})"
        f" AND NOT lower_inf({column}) AND NOT upper_inf({column})"
    )


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map = {
        datetime: sa.DateTime(timezone=True),
        str: sa.Text,
        dict[str, Any]: JSONB,
        Range[datetime]: TSTZRANGE,
        Range[date]: DATERANGE,
        list[UUID]: ARRAY(sa.Uuid),
    }


class Branch(Base):
    """A studio at one address. Its wall clock is `timezone`, an IANA name."""

    __tablename__ = "branch"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[dict[str, Any]]
    address: Mapped[dict[str, Any]]
    phone: Mapped[str]
    timezone: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())


class BranchHours(Base):
    """When a branch is open on one weekday (1 = Monday); `closes` ≤ `opens` means the next day."""

    __tablename__ = "branch_hours"
    __table_args__ = (sa.CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),)

    branch_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("branch.id", ondelete="CASCADE"), primary_key=True
    )
    weekday: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True)
    opens: Mapped[time] = mapped_column(primary_key=True)
    closes: Mapped[time] = mapped_column(primary_key=True)


class Closure(Base):
    """Local dates on which a branch is closed whatever its hours say."""

    __tablename__ = "closure"
    __table_args__ = (
        sa.CheckConstraint(_half_open("days"), name="days"),
        sa.Index("closure_branch_id_idx", "branch_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    branch_id: Mapped[UUID] = mapped_column(sa.ForeignKey("branch.id", ondelete="CASCADE"))
    days: Mapped[Range[date]]
    reason: Mapped[str]


class Resource(Base):
    """A person, room or thing that serves one booking at a time."""

    __tablename__ = "resource"
    __table_args__ = (
        sa.Index("resource_branch_id_resource_type_idx", "branch_id", "resource_type"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    branch_id: Mapped[UUID] = mapped_column(sa.ForeignKey("branch.id"))
    resource_type: Mapped[str]
    name: Mapped[dict[str, Any]]
    level: Mapped[dict[str, Any] | None]
    bookable_by_name: Mapped[bool]
    active: Mapped[bool] = mapped_column(server_default=sa.true())


class Roster(Base):
    """When a resource works on one weekday; `closes` ≤ `opens` means the next day."""

    __tablename__ = "roster"
    __table_args__ = (sa.CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),)

    resource_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True
    )
    weekday: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True)
    opens: Mapped[time] = mapped_column(primary_key=True)
    closes: Mapped[time] = mapped_column(primary_key=True)


class Leave(Base):
    """Time in which a resource is away whatever its roster says."""

    __tablename__ = "leave"
    __table_args__ = (
        sa.CheckConstraint(_half_open("during"), name="during"),
        sa.Index("leave_resource_id_during_idx", "resource_id", "during", postgresql_using="gist"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    resource_id: Mapped[UUID] = mapped_column(sa.ForeignKey("resource.id", ondelete="CASCADE"))
    during: Mapped[Range[datetime]]
    reason: Mapped[str]


class Requirement(Base):
    """How a service may be booked; who it needs is in its roles."""

    __tablename__ = "requirement"
    __table_args__ = (
        sa.CheckConstraint("slot_step_minutes > 0", name="slot_step_minutes"),
        sa.CheckConstraint("minimum_notice_minutes >= 0", name="minimum_notice_minutes"),
        sa.CheckConstraint("horizon_days > 0", name="horizon_days"),
        sa.CheckConstraint("duration_minutes > 0", name="duration_minutes"),
    )

    service_id: Mapped[UUID] = mapped_column(primary_key=True)
    slot_step_minutes: Mapped[int]
    minimum_notice_minutes: Mapped[int]
    horizon_days: Mapped[int]
    duration_minutes: Mapped[int]


class RequirementBranch(Base):
    """A branch that offers a service."""

    __tablename__ = "requirement_branch"

    service_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("requirement.service_id", ondelete="CASCADE"), primary_key=True
    )
    branch_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("branch.id", ondelete="CASCADE"), primary_key=True
    )


class RequirementRole(Base):
    """How many of one type of resource a service needs, and for which part of it."""

    __tablename__ = "requirement_role"
    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.CheckConstraint("offset_minutes >= 0", name="offset_minutes"),
        sa.CheckConstraint("length_minutes > 0", name="length_minutes"),
        sa.CheckConstraint(
            "buffer_before_minutes >= 0 AND buffer_after_minutes >= 0", name="buffers"
        ),
    )

    service_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("requirement.service_id", ondelete="CASCADE"), primary_key=True
    )
    resource_type: Mapped[str] = mapped_column(primary_key=True)
    quantity: Mapped[int]
    offset_minutes: Mapped[int]
    length_minutes: Mapped[int]
    buffer_before_minutes: Mapped[int]
    buffer_after_minutes: Mapped[int]


class Hold(Base):
    """The time of one booking. `resource_ids` is whom the customer asked for by name."""

    __tablename__ = "hold"
    __table_args__ = (
        sa.CheckConstraint("state IN ('held', 'confirmed', 'expired', 'released')", name="state"),
        sa.CheckConstraint("end_at > start_at", name="span"),
        sa.CheckConstraint("state <> 'held' OR expires_at IS NOT NULL", name="expires_at"),
        sa.Index("hold_expires_at_idx", "expires_at", postgresql_where=sa.text("state = 'held'")),
    )

    booking_id: Mapped[UUID] = mapped_column(primary_key=True)
    service_id: Mapped[UUID] = mapped_column(sa.ForeignKey("requirement.service_id"))
    branch_id: Mapped[UUID] = mapped_column(sa.ForeignKey("branch.id"))
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    state: Mapped[str]
    expires_at: Mapped[datetime | None]
    extended: Mapped[bool] = mapped_column(server_default=sa.false())
    revision: Mapped[int] = mapped_column(server_default="0")
    resource_ids: Mapped[list[UUID]]
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())


class Allocation(Base):
    """One resource's time that nobody else can have.

    `during` is what is locked, buffers included; `serving` is the work itself. A block has no
    booking. The exclusion constraint is the guarantee of this service: whatever the code does,
    two active allocations of one resource never overlap.
    """

    __tablename__ = "allocation"
    __table_args__ = (
        ExcludeConstraint(
            ("resource_id", "="),
            ("during", "&&"),
            name="allocation_no_overlap",
            using="gist",
            where=sa.text("state <> 'released'"),
        ),
        sa.CheckConstraint("state IN ('held', 'confirmed', 'blocked', 'released')", name="state"),
        sa.CheckConstraint(_half_open("during"), name="during"),
        sa.CheckConstraint(
            f"upper(during) - lower(during) <= interval '{MAX_ALLOCATION_HOURS} hours'",
            name="length",
        ),
        sa.CheckConstraint(f"{_half_open('serving')} AND serving <@ during", name="serving"),
        sa.CheckConstraint("state <> 'held' OR expires_at IS NOT NULL", name="expires_at"),
        sa.CheckConstraint("state = 'blocked' OR booking_id IS NOT NULL", name="booking_id"),
        sa.Index("allocation_booking_id_idx", "booking_id"),
        # Covers the question after free time: a month of thirty resources is read from it alone.
        sa.Index(
            "allocation_window_idx",
            "resource_id",
            sa.text("lower(during)"),
            postgresql_include=["during", "serving", "state", "expires_at"],
            postgresql_where=sa.text("state <> 'released'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    booking_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("hold.booking_id"))
    resource_id: Mapped[UUID] = mapped_column(sa.ForeignKey("resource.id"))
    resource_type: Mapped[str]
    during: Mapped[Range[datetime]]
    serving: Mapped[Range[datetime]]
    state: Mapped[str]
    expires_at: Mapped[datetime | None]


CONSTRAINT_ERRORS: dict[str, type[YingqiError]] = {
    "allocation_no_overlap": SlotTaken,
    "resource_branch_id_fkey": BranchUnknown,
    "requirement_branch_branch_id_fkey": BranchUnknown,
}

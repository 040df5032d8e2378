"""The tables of what a studio has: branches, their days, resources, skills and pools."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Mapped, mapped_column

from services.scheduling.models.base import Base, half_open

MAX_CAPACITY = 200
"""Units of one resource; free time is worked out for each of them."""


class Branch(Base):
    """A studio at one address. Its wall clock is `timezone`, an IANA name.

    `holiday_calendar` names the public holidays that count here (CN, HK, US-CA); none when null.
    `travel_minutes` is how far it lies: from here to another place a person needs both places'
    minutes together.
    """

    __tablename__ = "branch"
    __table_args__ = (
        sa.CheckConstraint("travel_minutes BETWEEN 0 AND 720", name="travel_minutes"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[dict[str, Any]]
    address: Mapped[dict[str, Any]]
    phone: Mapped[str]
    timezone: Mapped[str]
    holiday_calendar: Mapped[str | None]
    open_on_holidays: Mapped[bool] = mapped_column(server_default=sa.true())
    travel_minutes: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())


class BranchHours(Base):
    """When a branch is open on one kind of day; `closes` ≤ `opens` means the next day.

    `weekday` is ISO (1 = Monday), 8 for public holidays, 9 for make-up work days (调休上班).
    """

    __tablename__ = "branch_hours"
    __table_args__ = (sa.CheckConstraint("weekday BETWEEN 1 AND 9", name="weekday"),)

    branch_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("branch.id", ondelete="CASCADE"), primary_key=True
    )
    weekday: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True)
    opens: Mapped[time] = mapped_column(primary_key=True)
    closes: Mapped[time] = mapped_column(primary_key=True)


class BranchDay(Base):
    """Hours of one local date, in place of the weekly ones: extra-open days, short days."""

    __tablename__ = "branch_day"

    branch_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("branch.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    opens: Mapped[time] = mapped_column(primary_key=True)
    closes: Mapped[time] = mapped_column(primary_key=True)
    reason: Mapped[str]


class Closure(Base):
    """Local dates on which a branch is closed whatever its hours say."""

    __tablename__ = "closure"
    __table_args__ = (
        sa.CheckConstraint(half_open("days"), name="days"),
        sa.Index("closure_branch_id_idx", "branch_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    branch_id: Mapped[UUID] = mapped_column(sa.ForeignKey("branch.id", ondelete="CASCADE"))
    days: Mapped[Range[date]]
    reason: Mapped[str]


class SpecialDay(Base):
    """A public holiday, or a day off that has to be worked in exchange (调休).

    `edited` rows are the studio's own word: reading the official calendar again leaves them.
    `ordinary` is how a studio strikes an official day out.
    """

    __tablename__ = "special_day"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('holiday', 'work_day', 'ordinary')", name="kind"),
    )

    calendar: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[dict[str, Any]]
    edited: Mapped[bool] = mapped_column(server_default=sa.false())


class ResourceType(Base):
    """A kind of resource; those that are `built_in` come with the product, a studio adds others.

    `kind` says how it is rostered: a person works only when rostered; a space or thing without a
    roster can always be used.
    """

    __tablename__ = "resource_type"
    __table_args__ = (sa.CheckConstraint("kind IN ('person', 'space', 'thing')", name="kind"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[dict[str, Any]]
    kind: Mapped[str]
    position: Mapped[int]
    built_in: Mapped[bool] = mapped_column(server_default=sa.false())


class Skill(Base):
    """Something that a resource may be able to do, or be fit for."""

    __tablename__ = "skill"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[dict[str, Any]]


class Resource(Base):
    """A person, room or thing that serves bookings.

    `branch_id` is its home; where a person works on a day is in the roster. `capacity` counts
    equal units (ten chairs, three dresses of one size). `mobile` people work at several places,
    and need time to get from one to the other; `travel_minutes` is how far a location lies.
    """

    __tablename__ = "resource"
    __table_args__ = (
        sa.CheckConstraint(f"capacity BETWEEN 1 AND {MAX_CAPACITY}", name="capacity"),
        sa.CheckConstraint("travel_minutes BETWEEN 0 AND 720", name="travel_minutes"),
        sa.Index("resource_branch_id_resource_type_idx", "branch_id", "resource_type"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    branch_id: Mapped[UUID] = mapped_column(sa.ForeignKey("branch.id"))
    resource_type: Mapped[str] = mapped_column(sa.ForeignKey("resource_type.id"))
    name: Mapped[dict[str, Any]]
    level: Mapped[dict[str, Any] | None]
    bookable_by_name: Mapped[bool]
    capacity: Mapped[int] = mapped_column(server_default="1")
    attributes: Mapped[dict[str, str]] = mapped_column(server_default="{}")
    mobile: Mapped[bool] = mapped_column(server_default=sa.false())
    travel_minutes: Mapped[int] = mapped_column(server_default="0")
    active: Mapped[bool] = mapped_column(server_default=sa.true())


class ResourceSkill(Base):
    """How well a resource does something: 1 learns it, 5 teaches it."""

    __tablename__ = "resource_skill"
    __table_args__ = (sa.CheckConstraint("level BETWEEN 1 AND 5", name="level"),)

    resource_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True
    )
    skill_id: Mapped[str] = mapped_column(sa.ForeignKey("skill.id"), primary_key=True)
    level: Mapped[int] = mapped_column(sa.SmallInteger)


class Pool(Base):
    """A named set of resources and of other pools, from which a service may be served."""

    __tablename__ = "pool"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[dict[str, Any]]


class PoolMember(Base):
    """A resource that was put into a pool."""

    __tablename__ = "pool_member"

    pool_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("pool.id", ondelete="CASCADE"), primary_key=True
    )
    resource_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True
    )


class PoolChild(Base):
    """A pool that was put into a pool; never in a circle."""

    __tablename__ = "pool_child"
    __table_args__ = (sa.CheckConstraint("child_id <> pool_id", name="child_id"),)

    pool_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("pool.id", ondelete="CASCADE"), primary_key=True
    )
    child_id: Mapped[UUID] = mapped_column(sa.ForeignKey("pool.id"), primary_key=True)


class PoolResource(Base):
    """Every resource that a pool contains, those of its pools included; worked out on writing."""

    __tablename__ = "pool_resource"

    pool_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("pool.id", ondelete="CASCADE"), primary_key=True
    )
    resource_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True
    )

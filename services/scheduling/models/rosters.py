"""The tables of who works when: rosters, leave, busy times from elsewhere, calendar links."""

from datetime import date, datetime, time
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Mapped, mapped_column

from services.scheduling.models.base import DAY_CODES, Base, half_open

CYCLE_ORIGIN = "2000-01-03"
"""A Monday: weeks of a rotation are counted from here unless a rule says from when."""


class RosterRule(Base):
    """When and where a resource works on some days.

    On a date the rules decide that match it with the highest `priority`; of equal ones those that
    name the kind of day (8 public holiday, 9 make-up work day) before those that name its weekday.
    `extra` rules add to that. A rule without spans is a day off. `cycle_week` counts from 0.
    """

    __tablename__ = "roster_rule"
    __table_args__ = (
        sa.CheckConstraint("state IN ('draft', 'published')", name="state"),
        sa.CheckConstraint(
            f"cardinality(weekdays) > 0 AND weekdays <@ {DAY_CODES}", name="weekdays"
        ),
        sa.CheckConstraint("NOT isempty(days)", name="days"),
        sa.CheckConstraint(
            "cycle_weeks BETWEEN 1 AND 52 AND cycle_week >= 0 AND cycle_week < cycle_weeks",
            name="cycle",
        ),
        sa.Index("roster_rule_resource_id_idx", "resource_id", "state"),
        sa.Index("roster_rule_branch_id_idx", "branch_id", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    resource_id: Mapped[UUID] = mapped_column(sa.ForeignKey("resource.id", ondelete="CASCADE"))
    branch_id: Mapped[UUID] = mapped_column(sa.ForeignKey("branch.id"))
    state: Mapped[str]
    priority: Mapped[int] = mapped_column(server_default="0")
    extra: Mapped[bool] = mapped_column(server_default=sa.false())
    weekdays: Mapped[list[int]]
    days: Mapped[Range[date]] = mapped_column(server_default="(,)")
    cycle_weeks: Mapped[int] = mapped_column(sa.SmallInteger, server_default="1")
    cycle_week: Mapped[int] = mapped_column(sa.SmallInteger, server_default="0")
    cycle_from: Mapped[date] = mapped_column(server_default=CYCLE_ORIGIN)


class RosterSpan(Base):
    """Hours of a rule, or a break that cuts them; `closes` ≤ `opens` means the next day."""

    __tablename__ = "roster_span"
    __table_args__ = (sa.CheckConstraint("kind IN ('work', 'break')", name="kind"),)

    rule_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("roster_rule.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True, server_default="work")
    opens: Mapped[time] = mapped_column(primary_key=True)
    closes: Mapped[time] = mapped_column(primary_key=True)


class Leave(Base):
    """Time in which a resource is away whatever its roster says, once it is approved."""

    __tablename__ = "leave"
    __table_args__ = (
        sa.CheckConstraint(half_open("during"), name="during"),
        sa.CheckConstraint(
            "state IN ('pending', 'approved', 'rejected', 'cancelled')", name="state"
        ),
        sa.Index("leave_resource_id_during_idx", "resource_id", "during", postgresql_using="gist"),
        sa.Index("leave_requested_at_idx", "requested_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    resource_id: Mapped[UUID] = mapped_column(sa.ForeignKey("resource.id", ondelete="CASCADE"))
    during: Mapped[Range[datetime]]
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="pending")
    requested_by: Mapped[str] = mapped_column(server_default="")
    requested_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(server_default="")


class BusyFeed(Base):
    """A calendar elsewhere (an iCal address) whose busy times a resource brings along.

    `failures` in a row make the pauses between readings longer.
    """

    __tablename__ = "busy_feed"
    __table_args__ = (
        sa.Index("busy_feed_resource_id_idx", "resource_id"),
        sa.Index("busy_feed_due_at_idx", "due_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    resource_id: Mapped[UUID] = mapped_column(sa.ForeignKey("resource.id", ondelete="CASCADE"))
    url: Mapped[str]
    due_at: Mapped[datetime]
    fetched_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(server_default="")
    etag: Mapped[str] = mapped_column(server_default="")
    failures: Mapped[int] = mapped_column(server_default="0")


class BusyTime(Base):
    """One busy time that a feed told of."""

    __tablename__ = "busy_time"
    __table_args__ = (
        sa.CheckConstraint(half_open("during"), name="during"),
        sa.Index(
            "busy_time_resource_id_during_idx", "resource_id", "during", postgresql_using="gist"
        ),
        sa.Index("busy_time_feed_id_idx", "feed_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    feed_id: Mapped[UUID] = mapped_column(sa.ForeignKey("busy_feed.id", ondelete="CASCADE"))
    resource_id: Mapped[UUID] = mapped_column(sa.ForeignKey("resource.id", ondelete="CASCADE"))
    during: Mapped[Range[datetime]]


class CalendarLink(Base):
    """A secret address under which a calendar program reads a branch or a resource.

    The address is signed, not stored; `resource_id` is null for a whole branch. Each has one that
    is not revoked.
    """

    __tablename__ = "calendar_link"
    __table_args__ = (
        sa.CheckConstraint("(branch_id IS NULL) <> (resource_id IS NULL)", name="target"),
        sa.Index(
            "calendar_link_branch_id_idx",
            "branch_id",
            unique=True,
            postgresql_where=sa.text("revoked_at IS NULL"),
        ),
        sa.Index(
            "calendar_link_resource_id_idx",
            "resource_id",
            unique=True,
            postgresql_where=sa.text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    branch_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("branch.id", ondelete="CASCADE"))
    resource_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("resource.id", ondelete="CASCADE")
    )
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    revoked_at: Mapped[datetime | None]

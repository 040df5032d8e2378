"""The tables of time that somebody has: holds of bookings, allocations, and told conflicts."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.scheduling.models.base import Base, half_open
from services.scheduling.models.studio import Branch

MAX_ALLOCATION_HOURS = 16 * 24
"""Hours that one allocation may lock: a dress for a journey and back. Whoever is away for longer
is on leave. Without a limit the index on `lower(during)` could not tell where to begin to look
for what is still going on."""

ACTIVE = "state <> 'released' AND NOT forced"


class Hold(Base):
    """The time of one booking.

    `also` are the services that follow the first one, each when the one before has ended; in their
    allocations `1.dress` is the line dress of the first of them. `resource_ids` is whom the
    customer asked for by name, `options` the optional lines. A booking of a `day_part` has a start
    that is still to be agreed. `customer_key` tells one customer's bookings from another's for
    quotas; scheduling does not know who that is. `outcome` is what came of it.
    """

    __tablename__ = "hold"
    __table_args__ = (
        sa.CheckConstraint("state IN ('held', 'confirmed', 'expired', 'released')", name="state"),
        sa.CheckConstraint("end_at > start_at", name="span"),
        sa.CheckConstraint("state <> 'held' OR expires_at IS NOT NULL", name="expires_at"),
        sa.CheckConstraint("outcome IN ('served', 'no_show')", name="outcome"),
        sa.Index("hold_expires_at_idx", "expires_at", postgresql_where=sa.text("state = 'held'")),
        sa.Index(
            "hold_branch_id_start_at_idx",
            "branch_id",
            "start_at",
            postgresql_include=["service_id", "end_at", "state", "expires_at", "customer_key"],
            postgresql_where=sa.text("state IN ('held', 'confirmed')"),
        ),
        sa.Index(
            "hold_service_id_start_at_idx",
            "service_id",
            "start_at",
            postgresql_where=sa.text("state IN ('held', 'confirmed')"),
        ),
        sa.Index(
            "hold_customer_key_start_at_idx",
            "customer_key",
            "start_at",
            postgresql_where=sa.text("state IN ('held', 'confirmed') AND customer_key IS NOT NULL"),
        ),
    )

    booking_id: Mapped[UUID] = mapped_column(primary_key=True)
    service_id: Mapped[UUID] = mapped_column(sa.ForeignKey("requirement.service_id"))
    also: Mapped[list[UUID]] = mapped_column(server_default="{}")
    branch_id: Mapped[UUID] = mapped_column(sa.ForeignKey("branch.id"))
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    state: Mapped[str]
    expires_at: Mapped[datetime | None]
    extended: Mapped[bool] = mapped_column(server_default=sa.false())
    revision: Mapped[int] = mapped_column(server_default="0")
    resource_ids: Mapped[list[UUID]]
    options: Mapped[list[str]] = mapped_column(server_default="{}")
    day_part: Mapped[str | None]
    customer_key: Mapped[str | None]
    outcome: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())

    branch: Mapped[Branch] = relationship()


class Allocation(Base):
    """One resource's time that nobody else can have.

    `during` is what is locked, buffers included; `serving` is the work itself. `units` are those
    of the resource that are locked: all of them ([1,∞)) for a booking that has it to itself, one
    for a counted thing or a place in a `session` that several customers share. A block has no
    booking. `reach` is `during` with the way from and to `place_id`, for people who move about.

    The exclusion constraints are the guarantee of this service: whatever the code does, two active
    allocations never lock the same unit at the same time, two sessions never share a resource, and
    nobody is at two places sooner than they can get there. Only a `forced` one is exempt; it has a
    `reason`, and still counts as taken for everybody else. `changes` counts how often a block has
    changed: calendar programs take the entry with the higher number for the newer.
    """

    __tablename__ = "allocation"
    __table_args__ = (
        ExcludeConstraint(
            ("resource_id", "="),
            ("during", "&&"),
            ("units", "&&"),
            name="allocation_no_overlap",
            using="gist",
            where=sa.text(ACTIVE),
        ),
        ExcludeConstraint(
            ("resource_id", "="),
            ("during", "&&"),
            ("session", "<>"),
            name="allocation_one_session",
            using="gist",
            where=sa.text(f"{ACTIVE} AND session IS NOT NULL"),
        ),
        ExcludeConstraint(
            ("resource_id", "="),
            ("reach", "&&"),
            ("place_id", "<>"),
            name="allocation_one_place",
            using="gist",
            where=sa.text(f"{ACTIVE} AND reach IS NOT NULL"),
        ),
        sa.CheckConstraint("state IN ('held', 'confirmed', 'blocked', 'released')", name="state"),
        sa.CheckConstraint(half_open("during"), name="during"),
        sa.CheckConstraint(
            f"upper(during) - lower(during) <= interval '{MAX_ALLOCATION_HOURS} hours'",
            name="length",
        ),
        sa.CheckConstraint(f"{half_open('serving')} AND serving <@ during", name="serving"),
        sa.CheckConstraint("NOT isempty(units) AND lower(units) >= 1", name="units"),
        sa.CheckConstraint(
            "reach IS NULL OR (reach @> during AND place_id IS NOT NULL)", name="reach"
        ),
        sa.CheckConstraint("NOT forced OR reason <> ''", name="forced"),
        sa.CheckConstraint("state <> 'held' OR expires_at IS NOT NULL", name="expires_at"),
        sa.CheckConstraint("state = 'blocked' OR booking_id IS NOT NULL", name="booking_id"),
        sa.Index("allocation_booking_id_idx", "booking_id"),
        # Covers the question after free time: a month of thirty resources is read from it alone.
        sa.Index(
            "allocation_window_idx",
            "resource_id",
            sa.text("lower(during)"),
            postgresql_include=[
                "during",
                "units",
                "session",
                "reach",
                "place_id",
                "booking_id",
                "state",
                "expires_at",
            ],
            postgresql_where=sa.text("state <> 'released'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    booking_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("hold.booking_id"))
    resource_id: Mapped[UUID] = mapped_column(sa.ForeignKey("resource.id"))
    resource_type: Mapped[str]
    line: Mapped[str | None]
    during: Mapped[Range[datetime]]
    serving: Mapped[Range[datetime]]
    units: Mapped[Range[int]] = mapped_column(server_default="[1,)")
    session: Mapped[UUID | None]
    place_id: Mapped[UUID | None]
    reach: Mapped[Range[datetime] | None]
    state: Mapped[str]
    expires_at: Mapped[datetime | None]
    forced: Mapped[bool] = mapped_column(server_default=sa.false())
    reason: Mapped[str] = mapped_column(server_default="")
    chosen_by: Mapped[str] = mapped_column(server_default="")
    changes: Mapped[int] = mapped_column(server_default="0")


class ToldConflict(Base):
    """An allocation of which was told that its resource is not there, as long as that is so."""

    __tablename__ = "told_conflict"
    __table_args__ = (sa.Index("told_conflict_resource_id_idx", "resource_id"),)

    allocation_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("allocation.id", ondelete="CASCADE"), primary_key=True
    )
    resource_id: Mapped[UUID] = mapped_column(sa.ForeignKey("resource.id", ondelete="CASCADE"))
    told_at: Mapped[datetime]

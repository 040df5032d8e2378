"""Branches, resources, requirements, holds and allocations, so that time can be booked once."""

from datetime import time

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import (
    ARRAY,
    DATERANGE,
    JSONB,
    TSTZRANGE,
    ExcludeConstraint,
)

from services.chassis.migrations import create_message_tables

revision = "0001"
down_revision = None

STAMP = sa.DateTime(timezone=True)


def upgrade() -> None:
    # The exclusion constraint compares ids in a GiST index. Where only a superuser may create
    # extensions, one has done so before.
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    create_message_tables()
    _create_branches()
    _create_resources()
    _create_requirements()
    _create_holds()
    _create_allocations()


def _create_branches() -> None:
    op.create_table(
        "branch",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", JSONB, nullable=False),
        sa.Column("address", JSONB, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("created_at", STAMP, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("id", name="branch_pkey"),
    )
    op.create_table(
        "branch_hours",
        sa.Column("branch_id", sa.Uuid, nullable=False),
        *_weekly_columns(),
        sa.PrimaryKeyConstraint(
            "branch_id", "weekday", "opens", "closes", name="branch_hours_pkey"
        ),
        _reference("branch_hours", "branch_id", "branch.id", ondelete="CASCADE"),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
    )
    op.create_table(
        "closure",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("branch_id", sa.Uuid, nullable=False),
        sa.Column("days", DATERANGE, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="closure_pkey"),
        _reference("closure", "branch_id", "branch.id", ondelete="CASCADE"),
        sa.CheckConstraint(_half_open("days"), name="days"),
    )
    op.create_index("closure_branch_id_idx", "closure", ["branch_id"])


def _create_resources() -> None:
    op.create_table(
        "resource",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("branch_id", sa.Uuid, nullable=False),
        sa.Column("resource_type", sa.Text, nullable=False),
        sa.Column("name", JSONB, nullable=False),
        sa.Column("level", JSONB),
        sa.Column("bookable_by_name", sa.Boolean, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.PrimaryKeyConstraint("id", name="resource_pkey"),
        _reference("resource", "branch_id", "branch.id"),
    )
    op.create_index(
        "resource_branch_id_resource_type_idx", "resource", ["branch_id", "resource_type"]
    )
    op.create_table(
        "roster",
        sa.Column("resource_id", sa.Uuid, nullable=False),
        *_weekly_columns(),
        sa.PrimaryKeyConstraint("resource_id", "weekday", "opens", "closes", name="roster_pkey"),
        _reference("roster", "resource_id", "resource.id", ondelete="CASCADE"),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
    )
    op.create_table(
        "leave",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("resource_id", sa.Uuid, nullable=False),
        sa.Column("during", TSTZRANGE, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="leave_pkey"),
        _reference("leave", "resource_id", "resource.id", ondelete="CASCADE"),
        sa.CheckConstraint(_half_open("during"), name="during"),
    )
    op.create_index(
        "leave_resource_id_during_idx",
        "leave",
        ["resource_id", "during"],
        postgresql_using="gist",
    )


def _create_requirements() -> None:
    op.create_table(
        "requirement",
        sa.Column("service_id", sa.Uuid, nullable=False),
        sa.Column("slot_step_minutes", sa.Integer, nullable=False),
        sa.Column("minimum_notice_minutes", sa.Integer, nullable=False),
        sa.Column("horizon_days", sa.Integer, nullable=False),
        sa.Column("duration_minutes", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("service_id", name="requirement_pkey"),
        sa.CheckConstraint("slot_step_minutes > 0", name="slot_step_minutes"),
        sa.CheckConstraint("minimum_notice_minutes >= 0", name="minimum_notice_minutes"),
        sa.CheckConstraint("horizon_days > 0", name="horizon_days"),
        sa.CheckConstraint("duration_minutes > 0", name="duration_minutes"),
    )
    op.create_table(
        "requirement_branch",
        sa.Column("service_id", sa.Uuid, nullable=False),
        sa.Column("branch_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("service_id", "branch_id", name="requirement_branch_pkey"),
        _reference(
            "requirement_branch", "service_id", "requirement.service_id", ondelete="CASCADE"
        ),
        _reference("requirement_branch", "branch_id", "branch.id", ondelete="CASCADE"),
    )
    op.create_table(
        "requirement_role",
        sa.Column("service_id", sa.Uuid, nullable=False),
        sa.Column("resource_type", sa.Text, nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("offset_minutes", sa.Integer, nullable=False),
        sa.Column("length_minutes", sa.Integer, nullable=False),
        sa.Column("buffer_before_minutes", sa.Integer, nullable=False),
        sa.Column("buffer_after_minutes", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("service_id", "resource_type", name="requirement_role_pkey"),
        _reference("requirement_role", "service_id", "requirement.service_id", ondelete="CASCADE"),
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.CheckConstraint("offset_minutes >= 0", name="offset_minutes"),
        sa.CheckConstraint("length_minutes > 0", name="length_minutes"),
        sa.CheckConstraint(
            "buffer_before_minutes >= 0 AND buffer_after_minutes >= 0", name="buffers"
        ),
    )


def _create_holds() -> None:
    op.create_table(
        "hold",
        sa.Column("booking_id", sa.Uuid, nullable=False),
        sa.Column("service_id", sa.Uuid, nullable=False),
        sa.Column("branch_id", sa.Uuid, nullable=False),
        sa.Column("start_at", STAMP, nullable=False),
        sa.Column("end_at", STAMP, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("expires_at", STAMP),
        sa.Column("extended", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
        sa.Column("resource_ids", ARRAY(sa.Uuid), nullable=False),
        sa.Column("created_at", STAMP, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("booking_id", name="hold_pkey"),
        _reference("hold", "service_id", "requirement.service_id"),
        _reference("hold", "branch_id", "branch.id"),
        sa.CheckConstraint("state IN ('held', 'confirmed', 'expired', 'released')", name="state"),
        sa.CheckConstraint("end_at > start_at", name="span"),
        sa.CheckConstraint("state <> 'held' OR expires_at IS NOT NULL", name="expires_at"),
    )
    op.create_index(
        "hold_expires_at_idx",
        "hold",
        ["expires_at"],
        postgresql_where=sa.text("state = 'held'"),
    )


def _create_allocations() -> None:
    op.create_table(
        "allocation",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("booking_id", sa.Uuid),
        sa.Column("resource_id", sa.Uuid, nullable=False),
        sa.Column("resource_type", sa.Text, nullable=False),
        sa.Column("during", TSTZRANGE, nullable=False),
        sa.Column("serving", TSTZRANGE, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("expires_at", STAMP),
        sa.PrimaryKeyConstraint("id", name="allocation_pkey"),
        _reference("allocation", "booking_id", "hold.booking_id"),
        _reference("allocation", "resource_id", "resource.id"),
        ExcludeConstraint(
            (sa.column("resource_id"), "="),
            (sa.column("during"), "&&"),
            name="allocation_no_overlap",
            using="gist",
            where=sa.text("state <> 'released'"),
        ),
        sa.CheckConstraint("state IN ('held', 'confirmed', 'blocked', 'released')", name="state"),
        sa.CheckConstraint(_half_open("during"), name="during"),
        sa.CheckConstraint("upper(during) - lower(during) <= interval '72 hours'", name="length"),
        sa.CheckConstraint(f"{_half_open('serving')} AND serving <@ during", name="serving"),
        sa.CheckConstraint("state <> 'held' OR expires_at IS NOT NULL", name="expires_at"),
        sa.CheckConstraint("state = 'blocked' OR booking_id IS NOT NULL", name="booking_id"),
    )
    op.create_index("allocation_booking_id_idx", "allocation", ["booking_id"])
    op.create_index(
        "allocation_window_idx",
        "allocation",
        ["resource_id", sa.text("lower(during)")],
        postgresql_include=["during", "serving", "state", "expires_at"],
        postgresql_where=sa.text("state <> 'released'"),
    )


def _weekly_columns() -> tuple[sa.Column[int], sa.Column[time], sa.Column[time]]:
    return (
        sa.Column("weekday", sa.SmallInteger, nullable=False),
        sa.Column("opens", sa.Time, nullable=False),
        sa.Column("closes", sa.Time, nullable=False),
    )


def _reference(
    table: str, column: str, target: str, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [target], name=f"{table}_{column}_fkey", ondelete=ondelete
    )


def _half_open(column: str) -> str:
    return (
        f"NOT isempty({column}) AND lower_inc({column}) AND NOT upper_inc({column})"
        f" AND NOT lower_inf({column}) AND NOT upper_inf({column})"
    )

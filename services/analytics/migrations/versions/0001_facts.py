"""Facts about bookings, payments and customers with their local dates, so that days are counted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from services.chassis.migrations import create_message_tables

revision = "0001"
down_revision = None

STAMP = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_message_tables()
    _create_bookings()
    _create_payments()
    _create_customers()


def _local_date(instant: str) -> sa.Computed:
    return sa.Computed(f"({instant} AT TIME ZONE timezone)::date", persisted=True)


def _create_bookings() -> None:
    op.create_table(
        "fact_booking",
        sa.Column("booking_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("branch_id", sa.Uuid, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("service_id", sa.Uuid, nullable=False),
        sa.Column("service_name", JSONB, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("starts_at", STAMP, nullable=False),
        sa.Column("total_cents", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("requested_at", STAMP, nullable=False),
        sa.Column("confirmed_at", STAMP),
        sa.Column("cancelled_at", STAMP),
        sa.Column("completed_at", STAMP),
        sa.Column("no_show_at", STAMP),
        sa.Column("expired_at", STAMP),
        sa.Column("requested_on", sa.Date, _local_date("requested_at"), nullable=False),
        sa.Column("confirmed_on", sa.Date, _local_date("confirmed_at")),
        sa.Column("cancelled_on", sa.Date, _local_date("cancelled_at")),
        sa.Column("completed_on", sa.Date, _local_date("completed_at")),
        sa.Column("no_show_on", sa.Date, _local_date("no_show_at")),
        sa.Column("expired_on", sa.Date, _local_date("expired_at")),
        sa.PrimaryKeyConstraint("booking_id", name="fact_booking_pkey"),
    )
    op.create_index(
        "fact_booking_requested_on_branch_id_idx",
        "fact_booking",
        ["requested_on", "branch_id"],
        postgresql_include=["confirmed_on"],
    )
    op.create_index(
        "fact_booking_confirmed_on_branch_id_idx",
        "fact_booking",
        ["confirmed_on", "branch_id"],
        postgresql_include=["cancelled_on"],
    )
    op.create_index(
        "fact_booking_cancelled_on_branch_id_idx", "fact_booking", ["cancelled_on", "branch_id"]
    )


def _create_payments() -> None:
    op.create_table(
        "fact_payment",
        sa.Column("payment_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("booking_id", sa.Uuid, nullable=False),
        sa.Column("branch_id", sa.Uuid, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("amount_cents", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("occurred_at", STAMP, nullable=False),
        sa.Column("occurred_on", sa.Date, _local_date("occurred_at"), nullable=False),
        sa.PrimaryKeyConstraint("payment_id", "kind", name="fact_payment_pkey"),
    )
    op.create_index(
        "fact_payment_occurred_on_branch_id_idx",
        "fact_payment",
        ["occurred_on", "branch_id"],
        postgresql_include=["amount_cents"],
    )


def _create_customers() -> None:
    op.create_table(
        "fact_customer",
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("branch_id", sa.Uuid, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("created_at", STAMP, nullable=False),
        sa.Column("created_on", sa.Date, _local_date("created_at"), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name="fact_customer_pkey"),
    )
    op.create_index(
        "fact_customer_created_on_branch_id_idx", "fact_customer", ["created_on", "branch_id"]
    )

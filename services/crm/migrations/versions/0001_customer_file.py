"""Customers, where they were seen, what they booked and paid, and their timelines."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from services.chassis.migrations import create_message_tables

revision = "0001"
down_revision = None

STAMP = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")  # searching parts of names and phones
    create_message_tables()
    _create_customers()
    _create_replicas()
    _create_timeline()


def _create_customers() -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("spent_cents", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("bookings_count", sa.Integer, nullable=False, server_default="0"),
        sa.Column("last_booking_at", STAMP),
        sa.Column("created_at", STAMP, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="customer_pkey"),
        sa.UniqueConstraint("phone", name="customer_phone_key"),
        sa.CheckConstraint(
            r"phone ~ '^\+[1-9][0-9]{4,14}$'", name=op.f("customer_phone_e164_check")
        ),
    )
    op.create_index("customer_created_at_id_idx", "customer", ["created_at", "id"])
    op.create_index(
        "customer_name_phone_idx",
        "customer",
        ["name", "phone"],
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops", "phone": "gin_trgm_ops"},
    )
    op.create_table(
        "customer_branch",
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("branch_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "branch_id", name="customer_branch_pkey"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name="customer_branch_customer_id_fkey"
        ),
    )
    op.create_index(
        "customer_branch_branch_id_customer_id_idx", "customer_branch", ["branch_id", "customer_id"]
    )


def _create_replicas() -> None:
    op.create_table(
        "customer_booking",
        sa.Column("booking_id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("payment_status", sa.Text, nullable=False),
        sa.Column("service_name", JSONB, nullable=False),
        sa.Column("branch_id", sa.Uuid, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("starts_at", STAMP, nullable=False),
        sa.Column("ends_at", STAMP, nullable=False),
        sa.Column("contact_name", sa.Text, nullable=False),
        sa.Column("contact_phone", sa.Text, nullable=False),
        sa.Column("total_cents", sa.BigInteger, nullable=False),
        sa.Column("paid_cents", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("requested_at", STAMP, nullable=False),
        sa.PrimaryKeyConstraint("booking_id", name="customer_booking_pkey"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name="customer_booking_customer_id_fkey"
        ),
    )
    op.create_index(
        "customer_booking_customer_id_requested_at_booking_id_idx",
        "customer_booking",
        ["customer_id", "requested_at", "booking_id"],
    )
    op.create_table(
        "customer_payment",
        sa.Column("payment_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("received_cents", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("payment_id", "kind", name="customer_payment_pkey"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name="customer_payment_customer_id_fkey"
        ),
    )
    op.create_index("customer_payment_customer_id_idx", "customer_payment", ["customer_id"])


def _create_timeline() -> None:
    op.create_table(
        "timeline_entry",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("at", STAMP, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("title", JSONB, nullable=False),
        sa.Column("booking_id", sa.Uuid, nullable=False),
        sa.Column("details", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("id", name="timeline_entry_pkey"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name="timeline_entry_customer_id_fkey"
        ),
    )
    op.create_index(
        "timeline_entry_customer_id_at_id_idx", "timeline_entry", ["customer_id", "at", "id"]
    )

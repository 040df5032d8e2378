"""Catalogue, bookings, payments and the append-only ledger, so that studios can be booked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.chassis.migrations import create_message_tables

revision = "0001"
down_revision = None

STAMP = sa.DateTime(timezone=True)
STATUSES = (
    "'held', 'pending', 'confirmed', 'checked_in', 'in_service', 'completed', 'cancelled', "
    "'expired', 'rejected', 'no_show'"
)


def upgrade() -> None:
    create_message_tables()
    op.execute(sa.schema.CreateSequence(sa.Sequence("booking_number_seq")))
    create_service()
    create_booking()
    create_payment()
    create_ledger()


def create_service() -> None:
    op.create_table(
        "service",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", JSONB, nullable=False),
        sa.Column("category", JSONB, nullable=False),
        sa.Column("summary", JSONB, nullable=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("duration_minutes", sa.Integer, nullable=False),
        sa.Column("price_cents", sa.BigInteger, nullable=False),
        sa.Column("deposit_cents", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("cover", sa.Text),
        sa.Column("roles", JSONB, nullable=False),
        sa.Column("branch_ids", ARRAY(sa.Uuid), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.PrimaryKeyConstraint("id", name="service_pkey"),
        sa.CheckConstraint(
            "deposit_cents BETWEEN 0 AND price_cents", name=op.f("service_deposit_check")
        ),
        sa.CheckConstraint("duration_minutes > 0", name=op.f("service_duration_check")),
    )


def create_booking() -> None:
    op.create_table(
        "booking",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("service_id", sa.Uuid, nullable=False),
        sa.Column("service_name", JSONB, nullable=False),
        sa.Column("price_cents", sa.BigInteger, nullable=False),
        sa.Column("deposit_cents", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("branch_id", sa.Uuid, nullable=False),
        sa.Column("branch_name", JSONB, nullable=False),
        sa.Column("branch_address", JSONB, nullable=False),
        sa.Column("branch_phone", sa.Text, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("starts_at", STAMP, nullable=False),
        sa.Column("ends_at", STAMP, nullable=False),
        sa.Column("schedule_revision", sa.Integer, nullable=False),
        sa.Column("crew", JSONB, nullable=False),
        sa.Column("contact_name", sa.Text, nullable=False),
        sa.Column("contact_phone", sa.Text, nullable=False),
        sa.Column("search_text", sa.Text, nullable=False),
        sa.Column("search_terms", ARRAY(sa.Text), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("answers", JSONB, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("hold_expires_at", STAMP),
        sa.Column("requested_at", STAMP, nullable=False),
        sa.Column("confirmed_at", STAMP),
        sa.Column("cancelled_at", STAMP),
        sa.Column("cancel_reason", sa.Text, nullable=False),
        sa.Column("reschedule_count", sa.Integer, nullable=False),
        sa.Column("manage_version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="booking_pkey"),
        sa.UniqueConstraint("number", name="booking_number_key"),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("booking_time_check")),
        sa.CheckConstraint(
            "deposit_cents BETWEEN 0 AND price_cents", name=op.f("booking_deposit_check")
        ),
        sa.CheckConstraint(
            "(status = 'held') = (hold_expires_at IS NOT NULL)",
            name=op.f("booking_hold_expires_at_check"),
        ),
        sa.CheckConstraint(f"status IN ({STATUSES})", name=op.f("booking_status_check")),
    )
    op.create_index("booking_starts_at_idx", "booking", ["starts_at"])
    op.create_index("booking_requested_at_id_idx", "booking", ["requested_at", "id"])
    op.create_index(
        "booking_branch_id_requested_at_id_idx", "booking", ["branch_id", "requested_at", "id"]
    )
    op.create_index(
        "booking_status_requested_at_id_idx", "booking", ["status", "requested_at", "id"]
    )
    op.create_index("booking_search_terms_idx", "booking", ["search_terms"], postgresql_using="gin")


def create_payment() -> None:
    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("booking_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("amount_cents", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("provider_reference", sa.Text),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("created_at", STAMP, nullable=False),
        sa.Column("paid_at", STAMP),
        sa.PrimaryKeyConstraint("id", name="payment_pkey"),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="payment_booking_id_fkey"),
        sa.UniqueConstraint(
            "provider", "provider_reference", name="payment_provider_provider_reference_key"
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("payment_amount_check")),
        sa.CheckConstraint("kind IN ('deposit', 'balance')", name=op.f("payment_kind_check")),
        sa.CheckConstraint(
            "state IN ('pending', 'succeeded', 'failed', 'refunding', 'refunded')",
            name=op.f("payment_state_check"),
        ),
        sa.CheckConstraint(
            "(state IN ('pending', 'failed')) = (paid_at IS NULL)",
            name=op.f("payment_paid_at_check"),
        ),
    )
    op.create_index("payment_booking_id_idx", "payment", ["booking_id"])


def create_ledger() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("booking_id", sa.Uuid, nullable=False),
        sa.Column("payment_id", sa.Uuid),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("amount_cents", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("entered_at", STAMP, nullable=False),
        sa.PrimaryKeyConstraint("id", name="ledger_entry_pkey"),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name="ledger_entry_booking_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name="ledger_entry_payment_id_fkey"
        ),
        sa.UniqueConstraint("payment_id", "kind", name="ledger_entry_payment_id_kind_key"),
        sa.CheckConstraint(
            "CASE kind WHEN 'charge' THEN amount_cents >= 0 WHEN 'payment' THEN amount_cents < 0"
            " WHEN 'refund' THEN amount_cents > 0 ELSE kind = 'adjustment' END",
            name=op.f("ledger_entry_sign_check"),
        ),
        sa.CheckConstraint(
            "(kind IN ('payment', 'refund')) = (payment_id IS NOT NULL)",
            name=op.f("ledger_entry_payment_check"),
        ),
    )
    op.create_index("ledger_entry_booking_id_idx", "ledger_entry", ["booking_id"])
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';"
        " END $$"
    )
    op.execute(
        "CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
        " ON ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )

# ruff: noqa: E501  (statements as PostgreSQL shows them)
"""Payments that are asked for when they are due, what the studio pays out, and a daily comparison
of the providers' statements with our books.

Dunning looks once at every order that stands; what was due more than a week ago it leaves alone.
"""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute("SET LOCAL statement_timeout = '15min'")
    for statement in (*NEW_TABLES, *LEDGER, *ORDERS):
        op.execute(statement)


NEW_TABLES = (
    """
    CREATE TABLE payout (
        id UUID NOT NULL,
        order_id UUID NOT NULL,
        booking_id UUID NOT NULL,
        method TEXT NOT NULL,
        amount_cents BIGINT NOT NULL,
        currency TEXT NOT NULL,
        note TEXT NOT NULL,
        paid_by UUID NOT NULL,
        paid_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT payout_pkey PRIMARY KEY (id),
        CONSTRAINT payout_amount_check CHECK (amount_cents > 0),
        CONSTRAINT payout_method_check CHECK (method IN ('cash', 'card', 'transfer', 'wechat', 'alipay', 'other')),
        CONSTRAINT payout_order_id_fkey FOREIGN KEY(order_id) REFERENCES "order" (id),
        CONSTRAINT payout_booking_id_fkey FOREIGN KEY(booking_id) REFERENCES booking (id)
    )
    """,
    "CREATE INDEX payout_order_id_idx ON payout (order_id)",
    "CREATE INDEX payout_paid_at_idx ON payout (paid_at)",
    """
    CREATE TABLE reminder (
        order_id UUID NOT NULL,
        kind TEXT NOT NULL,
        due_on DATE NOT NULL,
        stage TEXT NOT NULL,
        open_cents BIGINT NOT NULL,
        told_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT reminder_pkey PRIMARY KEY (order_id, kind, due_on, stage),
        CONSTRAINT reminder_open_check CHECK (open_cents > 0),
        CONSTRAINT reminder_stage_check CHECK (stage IN ('before', 'due', 'overdue')),
        CONSTRAINT reminder_order_id_fkey FOREIGN KEY(order_id) REFERENCES "order" (id)
    )
    """,
    """
    CREATE TABLE reconciliation (
        id UUID NOT NULL,
        provider TEXT NOT NULL,
        day DATE NOT NULL,
        found JSONB,
        error TEXT,
        checked_at TIMESTAMP WITH TIME ZONE,
        ask_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT reconciliation_pkey PRIMARY KEY (id),
        CONSTRAINT reconciliation_day_provider_key UNIQUE (day, provider),
        CONSTRAINT reconciliation_found_check CHECK (found IS NULL OR (ask_at IS NULL AND error IS NULL))
    )
    """,
    "CREATE INDEX reconciliation_ask_at_idx ON reconciliation (ask_at) WHERE ask_at IS NOT NULL",
)

LEDGER = (
    """
    ALTER TABLE ledger_entry
        ADD COLUMN payout_id uuid,
        DROP CONSTRAINT ledger_entry_sign_check
    """,
    """
    ALTER TABLE ledger_entry
        ADD CONSTRAINT ledger_entry_payout_id_fkey FOREIGN KEY (payout_id) REFERENCES payout (id),
        ADD CONSTRAINT ledger_entry_payout_id_key UNIQUE (payout_id),
        ADD CONSTRAINT ledger_entry_sign_check CHECK (
            CASE kind WHEN 'charge' THEN amount_cents >= 0 WHEN 'discount' THEN amount_cents <= 0
            WHEN 'payment' THEN amount_cents < 0 WHEN 'refund' THEN amount_cents > 0
            WHEN 'compensation' THEN amount_cents < 0 WHEN 'payout' THEN amount_cents > 0
            ELSE kind = 'adjustment' END
        ),
        ADD CONSTRAINT ledger_entry_payout_check CHECK ((kind = 'payout') = (payout_id IS NOT NULL))
    """,
)

ORDERS = (
    'ALTER TABLE "order" ADD COLUMN remind_at timestamptz',
    """
    UPDATE "order" SET remind_at = created_at
    WHERE EXISTS (
        SELECT FROM booking
        WHERE booking.order_id = "order".id
            AND booking.status IN ('confirmed', 'checked_in', 'in_service', 'completed')
    )
    """,
    'CREATE INDEX order_remind_at_idx ON "order" (remind_at) WHERE remind_at IS NOT NULL',
)

# ruff: noqa: E501  (statements as PostgreSQL shows them)
"""The cash desk is closed by what moved since the last close, not by the calendar's day; who was
served is told at once what is open, and payments may wait for the check-in and the end of it.

What moved on a day that was closed, up to the moment of that close, is that close's. All the rest
is in none, and the next one takes it: also what came after a close of the same day, which until now
no close would ever have held. What was imported moved elsewhere and is in none.
"""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute("SET LOCAL statement_timeout = '15min'")
    for statement in (*CLOSES, *MOVEMENTS, *DUNNING):
        op.execute(statement)


CLOSES = (
    "ALTER TABLE cash_close DISABLE TRIGGER cash_close_append_only",
    """
    ALTER TABLE cash_close
        ADD COLUMN id UUID DEFAULT gen_random_uuid() NOT NULL,
        ADD COLUMN previous_id UUID,
        DROP CONSTRAINT cash_close_pkey
    """,
    """
    UPDATE cash_close SET previous_id = chain.previous_id
    FROM (
        SELECT id, lag(id) OVER (PARTITION BY branch_id, currency ORDER BY closed_at, day) AS previous_id
        FROM cash_close
    ) AS chain
    WHERE chain.id = cash_close.id
    """,
    """
    ALTER TABLE cash_close
        ALTER COLUMN id DROP DEFAULT,
        ADD CONSTRAINT cash_close_pkey PRIMARY KEY (id),
        ADD CONSTRAINT cash_close_id_branch_id_currency_key UNIQUE (id, branch_id, currency),
        ADD CONSTRAINT cash_close_branch_id_currency_previous_id_key UNIQUE NULLS NOT DISTINCT (branch_id, currency, previous_id)
    """,
    """
    ALTER TABLE cash_close
        ADD CONSTRAINT cash_close_previous_id_branch_id_currency_fkey FOREIGN KEY (previous_id, branch_id, currency) REFERENCES cash_close (id, branch_id, currency)
    """,
    "CREATE INDEX cash_close_branch_id_day_idx ON cash_close (branch_id, day)",
    "ALTER TABLE cash_close ENABLE TRIGGER cash_close_append_only",
)

MOVEMENTS = (
    """
    CREATE TABLE cash_movement (
        source TEXT NOT NULL,
        id UUID NOT NULL,
        branch_id UUID NOT NULL,
        day DATE NOT NULL,
        provider TEXT NOT NULL,
        method TEXT,
        kind TEXT NOT NULL,
        currency TEXT NOT NULL,
        received_cents BIGINT NOT NULL,
        refunded_cents BIGINT NOT NULL,
        cash_close_id UUID,
        CONSTRAINT cash_movement_pkey PRIMARY KEY (source, id),
        CONSTRAINT cash_movement_source_check CHECK (source IN ('payment', 'refund', 'payout', 'top_up')),
        CONSTRAINT cash_movement_amount_check CHECK (received_cents >= 0 AND refunded_cents >= 0)
    )
    """,
    # An imported payment was written into the books at another moment than it was paid.
    """
    WITH imported AS (
        SELECT payment.id, payment.paid_at
        FROM payment
        JOIN booking ON booking.id = payment.booking_id AND booking.channel = 'import'
        JOIN ledger_entry ON ledger_entry.payment_id = payment.id
        WHERE payment.provider = 'offline' AND ledger_entry.entered_at <> payment.paid_at
    ), moved AS (
        SELECT
            'payment' AS source, payment.id, payment.order_id, payment.provider, payment.method, payment.kind,
            payment.currency, payment.paid_at AS at, payment.received_cents, 0 AS refunded_cents
        FROM payment
        WHERE payment.state = 'succeeded' AND payment.id NOT IN (SELECT id FROM imported)
        UNION ALL
        SELECT
            'refund' AS source, refund.id, payment.order_id, payment.provider, payment.method, payment.kind,
            payment.currency, refund.settled_at, 0, refund.amount_cents
        FROM refund
        JOIN payment ON payment.id = refund.payment_id
        WHERE refund.state = 'succeeded'
            AND NOT EXISTS (
                SELECT FROM imported
                WHERE imported.id = payment.id AND imported.paid_at = refund.settled_at
            )
        UNION ALL
        SELECT
            'payout' AS source, payout.id, payout.order_id, 'offline', payout.method, 'payout', payout.currency,
            payout.paid_at, 0, payout.amount_cents
        FROM payout
    ), told AS (
        SELECT
            moved.source, moved.id, "order".branch_id, "order".timezone, moved.provider, moved.method, moved.kind,
            moved.currency, moved.at, moved.received_cents, moved.refunded_cents
        FROM moved
        JOIN "order" ON "order".id = moved.order_id
        UNION ALL
        SELECT
            'top_up' AS source, top_up.id, top_up.branch_id, top_up.timezone, 'offline', top_up.method, 'top_up',
            top_up.currency, top_up.received_at, top_up.amount_cents, 0
        FROM top_up
    )
    INSERT INTO cash_movement (
        source, id, branch_id, day, provider, method, kind, currency, received_cents, refunded_cents,
        cash_close_id
    )
    SELECT
        told.source, told.id, told.branch_id, CAST(told.at AT TIME ZONE told.timezone AS date), told.provider,
        told.method, told.kind, told.currency, told.received_cents, told.refunded_cents,
        cash_close.id
    FROM told
    LEFT JOIN cash_close ON cash_close.branch_id = told.branch_id
        AND cash_close.currency = told.currency
        AND cash_close.day = CAST(told.at AT TIME ZONE told.timezone AS date)
        AND cash_close.closed_at >= told.at
    """,
    "CREATE INDEX cash_movement_branch_id_day_idx ON cash_movement (branch_id, day)",
    "CREATE INDEX cash_movement_cash_close_id_idx ON cash_movement (cash_close_id)",
    "CREATE INDEX cash_movement_open_idx ON cash_movement (branch_id, currency) WHERE cash_close_id IS NULL",
    "ALTER TABLE cash_movement ADD CONSTRAINT cash_movement_cash_close_id_fkey FOREIGN KEY (cash_close_id) REFERENCES cash_close (id) DEFERRABLE INITIALLY DEFERRED",
    "CREATE TRIGGER cash_movement_closed_once BEFORE UPDATE OR DELETE ON cash_movement FOR EACH ROW WHEN (OLD.cash_close_id IS NOT NULL) EXECUTE FUNCTION refuse_change()",
    # No query by the moment is left but that of the providers' statements.
    "DROP INDEX payout_paid_at_idx",
    "DROP INDEX top_up_received_at_idx",
)

DUNNING = (
    """
    ALTER TABLE booking
        ADD COLUMN checked_in_at TIMESTAMP WITH TIME ZONE,
        ADD COLUMN completed_at TIMESTAMP WITH TIME ZONE
    """,
    "ALTER TABLE reminder DROP CONSTRAINT reminder_stage_check",
    "ALTER TABLE reminder ADD CONSTRAINT reminder_stage_check CHECK (stage IN ('before', 'due', 'overdue', 'served'))",
    # The moment itself was not kept: that of the appointment stands for it.
    """
    UPDATE booking SET
        checked_in_at = starts_at,
        completed_at = CASE status WHEN 'completed' THEN ends_at END
    WHERE status IN ('checked_in', 'in_service', 'completed')
    """,
)

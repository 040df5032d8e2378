"""Imports of customers beside those of orders; rows that came to nothing are dated, and forgotten.

The dates of what ended before this are not made up: those rows are counted from today.
"""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute("SET LOCAL statement_timeout = '15min'")
    for statement in (*IMPORTS, *ROWS, *ENDED):
        op.execute(statement)


IMPORTS = (
    """
    ALTER TABLE import_batch
        ADD COLUMN kind TEXT DEFAULT 'orders' NOT NULL,
        ADD COLUMN levels JSONB DEFAULT '{}'::jsonb NOT NULL,
        ADD COLUMN known INTEGER DEFAULT 0 NOT NULL,
        ADD COLUMN points BIGINT DEFAULT 0 NOT NULL,
        ADD CONSTRAINT import_batch_kind_check CHECK (kind IN ('orders', 'customers'))
    """,
)

ROWS = (
    """
    ALTER TABLE import_row
        ADD COLUMN known BOOLEAN DEFAULT false NOT NULL,
        ADD COLUMN customer_id UUID,
        ADD COLUMN ended_at TIMESTAMP WITH TIME ZONE,
        DROP CONSTRAINT import_row_booking_id_check,
        ADD CONSTRAINT import_row_outcome_check CHECK (
            CASE WHEN state IN ('new', 'good', 'bad') THEN num_nonnulls(booking_id, customer_id) = 0
            WHEN state = 'undone' THEN num_nonnulls(booking_id, customer_id) <= 1
            ELSE num_nonnulls(booking_id, customer_id) = 1 END
        )
    """,
    "CREATE INDEX import_row_ended_at_idx ON import_row (ended_at) WHERE ended_at IS NOT NULL",
    "DROP INDEX import_row_key_key",
    """
    CREATE UNIQUE INDEX import_row_key_key ON import_row (key)
    WHERE state IN ('done', 'kept') AND booking_id IS NOT NULL
    """,
)

ENDED = (
    """
    UPDATE import_row SET ended_at = now()
    FROM import_batch
    WHERE import_batch.id = import_row.import_id AND import_batch.state IN ('done', 'undone')
        AND import_row.state IN ('bad', 'undone')
    """,
)

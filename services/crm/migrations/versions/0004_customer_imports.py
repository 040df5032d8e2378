"""Customers that an import brought, with the balances they had elsewhere, and the way back."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute("SET LOCAL statement_timeout = '15min'")
    for statement in (*CUSTOMERS, *ENTRIES):
        op.execute(statement)


CUSTOMERS = (
    "ALTER TABLE customer ADD COLUMN removed BOOLEAN DEFAULT false NOT NULL",
    """
    CREATE TABLE imported_customer (
        row_id UUID NOT NULL,
        customer_id UUID,
        state TEXT NOT NULL,
        made BOOLEAN DEFAULT false NOT NULL,
        branch_id UUID,
        timezone TEXT,
        seen BOOLEAN DEFAULT false NOT NULL,
        level_id UUID,
        imported_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT imported_customer_pkey PRIMARY KEY (row_id),
        CONSTRAINT imported_customer_state_check CHECK (state IN ('here', 'kept', 'undone')),
        CONSTRAINT imported_customer_customer_id_check CHECK (
            customer_id IS NULL OR (branch_id IS NOT NULL AND timezone IS NOT NULL)
        ),
        CONSTRAINT imported_customer_absent_check
            CHECK (customer_id IS NOT NULL OR state = 'undone'),
        CONSTRAINT imported_customer_customer_id_fkey
            FOREIGN KEY (customer_id) REFERENCES customer (id)
    )
    """,
    "CREATE INDEX imported_customer_customer_id_idx ON imported_customer (customer_id)",
)

ENTRIES = (
    """
    ALTER TABLE account_entry
        DROP CONSTRAINT account_entry_kind_check,
        DROP CONSTRAINT account_entry_sign_check,
        ADD CONSTRAINT account_entry_kind_check CHECK (
            kind IN ('top_up', 'gift', 'spend', 'return', 'adjust', 'earn', 'opening')
        ),
        ADD CONSTRAINT account_entry_sign_check CHECK (
            CASE WHEN kind = 'spend' THEN amount < 0
            WHEN kind IN ('adjust', 'opening') THEN amount <> 0
            WHEN kind = 'return' THEN amount >= 0 ELSE amount > 0 END
        )
    """,
)

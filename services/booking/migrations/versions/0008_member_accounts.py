"""Payments from stored value and points, and the money that the cash desk takes for it."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    for statement in (*METHODS, *TOP_UPS):
        op.execute(statement)


METHODS = (
    "ALTER TABLE payment DROP CONSTRAINT payment_method_check",
    """
    ALTER TABLE payment ADD CONSTRAINT payment_method_check CHECK (
        method IS NULL OR method IN (
            'cash', 'card', 'transfer', 'wechat', 'alipay', 'other', 'stored_value', 'points'
        )
    )
    """,
)

TOP_UPS = (
    """
    CREATE TABLE top_up (
        id UUID NOT NULL,
        customer_id UUID NOT NULL,
        branch_id UUID NOT NULL,
        timezone TEXT NOT NULL,
        method TEXT NOT NULL,
        amount_cents BIGINT NOT NULL,
        gift_cents BIGINT NOT NULL,
        currency TEXT NOT NULL,
        note TEXT NOT NULL,
        taken_by UUID NOT NULL,
        received_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT top_up_pkey PRIMARY KEY (id),
        CONSTRAINT top_up_amount_check CHECK (amount_cents > 0),
        CONSTRAINT top_up_gift_check CHECK (gift_cents >= 0),
        CONSTRAINT top_up_method_check CHECK (
            method IN ('cash', 'card', 'transfer', 'wechat', 'alipay', 'other')
        )
    )
    """,
    "CREATE INDEX top_up_received_at_idx ON top_up (received_at)",
    """
    CREATE TRIGGER top_up_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON top_up
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
)

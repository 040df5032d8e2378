"""A payment may go back in parts: a row is of one movement of money, a payment's or a refund's."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.alter_column("customer_payment", "payment_id", new_column_name="movement_id")

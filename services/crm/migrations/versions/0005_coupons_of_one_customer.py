"""A coupon may be one customer's own: what was kept of a cancelled booking can be used again."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute("ALTER TABLE coupon ADD COLUMN phone TEXT")

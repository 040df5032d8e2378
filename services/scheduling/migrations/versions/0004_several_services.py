"""A booking of several services, one after the other.

Only adds: processes of the release before run on while this is applied.
"""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # Adding a column with a constant default rewrites nothing, but waits for whoever books.
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.execute("ALTER TABLE hold ADD also uuid[] NOT NULL DEFAULT '{}'")

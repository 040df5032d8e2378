"""Moves that scheduling is asked for are noted first, and counted by whoever hears of them.

`counted_revision` could not tell a move whose answer was overtaken from one that was counted. Stop
the processes of the release before, migrate, start this one.
"""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute(
        """
        ALTER TABLE booking
            ADD COLUMN asked_moves JSONB DEFAULT '[]'::jsonb NOT NULL,
            DROP COLUMN counted_revision
        """
    )

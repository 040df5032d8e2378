"""Messages, so that what was said to a person is kept and sent once."""

import sqlalchemy as sa
from alembic import op

from services.chassis.migrations import create_message_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_message_tables()
    stamp = sa.DateTime(timezone=True)
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try_at", stamp),
        sa.Column("created_at", stamp, nullable=False),
        sa.Column("sent_at", stamp),
        sa.PrimaryKeyConstraint("id", name="message_pkey"),
        sa.CheckConstraint(
            "state IN ('queued', 'sent', 'failed')", name=op.f("message_state_check")
        ),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("message_sent_at_check")
        ),
        sa.CheckConstraint(
            "(state = 'queued') = (next_try_at IS NOT NULL)",
            name=op.f("message_next_try_at_check"),
        ),
    )
    op.create_index(
        "message_subject_id_created_at_id_idx", "message", ["subject_id", "created_at", "id"]
    )
    op.create_index(
        "message_due_idx",
        "message",
        ["next_try_at"],
        postgresql_where=sa.text("state = 'queued'"),
    )

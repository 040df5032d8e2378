"""Accounts, sessions and failed logins, so that staff can sign in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from services.chassis.migrations import create_message_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_message_tables()
    stamp = sa.DateTime(timezone=True)
    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("branch_ids", ARRAY(sa.Uuid)),
        sa.Column("created_at", stamp, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("id", name="staff_pkey"),
        sa.UniqueConstraint("login", name="staff_login_key"),
    )
    op.create_table(
        "staff_session",
        sa.Column("token_digest", sa.Text, nullable=False),
        sa.Column("staff_id", sa.Uuid, nullable=False),
        sa.Column("opened_at", stamp, nullable=False),
        sa.Column("expires_at", stamp, nullable=False),
        sa.PrimaryKeyConstraint("token_digest", name="staff_session_pkey"),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name="staff_session_staff_id_fkey", ondelete="CASCADE"
        ),
    )
    op.create_index("staff_session_expires_at_idx", "staff_session", ["expires_at"])
    op.create_table(
        "login_failure",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("failed_at", stamp, nullable=False),
        sa.PrimaryKeyConstraint("id", name="login_failure_pkey"),
    )
    op.create_index("login_failure_login_failed_at_idx", "login_failure", ["login", "failed_at"])

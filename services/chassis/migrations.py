"""Forward-only migrations: one Alembic history per service, run under a lock at start.

python -m services.chassis.migrations services.booking     upgrade DATABASE_URL to head
"""

import services.chassis.green  # noqa: F401  (first: makes the driver cooperative)

import importlib
import logging
import os
import sys
from pathlib import Path

import sqlalchemy as sa
from alembic import command, context, op
from alembic.config import Config
from sqlalchemy.dialects.postgresql import JSONB, UUID

logger = logging.getLogger(__name__)

LOCK = 0x59696E67  # any constant will do, the same for every replica
LOCK_TIMEOUT_MS = 4_000
STATEMENT_TIMEOUT_MS = 60_000
"""A migration that cannot get its lock gives up: waiting would block every query behind it."""


def config(package: str, url: str) -> Config:
    """Return the Alembic configuration of one service."""
    module = importlib.import_module(package)
    assert module.__file__ is not None
    result = Config()
    result.set_main_option("script_location", str(Path(module.__file__).parent / "migrations"))
    result.attributes["url"] = url
    return result


def upgrade(package: str, url: str, revision: str = "head") -> None:
    """Bring one service's database to a revision; replicas that start together wait their turn."""
    command.upgrade(config(package, url), revision)


def run(metadata: sa.MetaData) -> None:
    """Run the migrations in Alembic's environment (each service's env.py is this one call)."""
    engine = sa.create_engine(
        context.config.attributes["url"],
        poolclass=sa.NullPool,
        connect_args={
            "options": f"-c lock_timeout={LOCK_TIMEOUT_MS} "
            f"-c statement_timeout={STATEMENT_TIMEOUT_MS}"
        },
    )
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata, compare_type=True)
        with context.begin_transaction():
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            context.run_migrations()


def create_message_tables() -> None:
    """Create the chassis' tables as they were in the first release (never change this function)."""
    stamp = sa.DateTime(timezone=True)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("message_id", UUID(as_uuid=False), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("envelope", JSONB, nullable=False),
        sa.Column("created_at", stamp, nullable=False, server_default=sa.func.now()),
        sa.Column("published_at", stamp),
        sa.PrimaryKeyConstraint("id", name="outbox_pkey"),
        sa.UniqueConstraint("message_id", name="outbox_message_id_key"),
    )
    op.create_index(
        "outbox_pending_idx",
        "outbox",
        ["subject", "id"],
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.create_index(
        "outbox_published_at_idx",
        "outbox",
        ["published_at"],
        postgresql_where=sa.text("published_at IS NOT NULL"),
    )
    op.create_table(
        "inbox",
        sa.Column("message_id", UUID(as_uuid=False), nullable=False),
        sa.Column("handler", sa.Text, nullable=False),
        sa.Column("handled_at", stamp, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("message_id", "handler", name="inbox_pkey"),
    )
    op.create_index("inbox_handled_at_idx", "inbox", ["handled_at"])
    op.create_table(
        "dead_letter",
        sa.Column("message_id", UUID(as_uuid=False), nullable=False),
        sa.Column("handler", sa.Text, nullable=False),
        sa.Column("envelope", JSONB, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("died_at", stamp, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("message_id", "handler", name="dead_letter_pkey"),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("answer", JSONB),
        sa.Column("created_at", stamp, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("key", name="idempotency_key_pkey"),
    )
    op.create_index("idempotency_key_created_at_idx", "idempotency_key", ["created_at"])


if __name__ == "__main__":
    from services.chassis import logs

    logs.configure(os.environ.get("LOG_LEVEL") or "INFO")
    upgrade(sys.argv[1], os.environ["DATABASE_URL"])

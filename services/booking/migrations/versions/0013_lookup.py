"""Finding a booking by phone and code: the index that finds it, and the tries that failed."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute("SET LOCAL statement_timeout = '15min'")
    for statement in STATEMENTS:
        op.execute(statement)


STATEMENTS = (
    """
    CREATE INDEX booking_contact_phone_requested_at_id_idx
    ON booking (contact_phone, requested_at, id)
    """,
    """
    CREATE TABLE lookup_failure (
        id UUID NOT NULL,
        phone_key BYTEA NOT NULL,
        failed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT lookup_failure_pkey PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX lookup_failure_phone_key_failed_at_idx
    ON lookup_failure (phone_key, failed_at)
    """,
    "CREATE INDEX lookup_failure_failed_at_idx ON lookup_failure (failed_at)",
)

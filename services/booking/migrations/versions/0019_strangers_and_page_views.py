"""What strangers send is counted for their address, and the views of pages for their channel."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    for statement in STATEMENTS:
        op.execute(statement)


STATEMENTS = (
    "ALTER TABLE upload ADD COLUMN sender BYTEA",
    """
    CREATE TABLE upload_sender (
        sender BYTEA NOT NULL,
        received BIGINT NOT NULL,
        began_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT upload_sender_pkey PRIMARY KEY (sender),
        CONSTRAINT upload_sender_received_check CHECK (received >= 0)
    )
    """,
    "CREATE INDEX upload_sender_began_at_idx ON upload_sender (began_at)",
    """
    CREATE TABLE page_count (
        day DATE NOT NULL,
        page TEXT NOT NULL,
        channel TEXT NOT NULL,
        views INTEGER NOT NULL,
        starts INTEGER NOT NULL,
        CONSTRAINT page_count_pkey PRIMARY KEY (day, page, channel),
        CONSTRAINT page_count_counts_check CHECK (views >= 0 AND starts >= 0)
    )
    """,
    """
    CREATE TABLE page_visitor (
        day DATE NOT NULL,
        page TEXT NOT NULL,
        channel TEXT NOT NULL,
        step TEXT NOT NULL,
        visitor TEXT NOT NULL,
        CONSTRAINT page_visitor_pkey PRIMARY KEY (day, page, channel, step, visitor),
        CONSTRAINT page_visitor_step_check
            CHECK (step = ANY (ARRAY['view'::text, 'start'::text]))
    )
    """,
)

"""What keeps told things from being told again: conflicts, changes of blocks, names of services.

Only adds: processes of the release before run on while this is applied.
"""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # Adding a column with a constant default rewrites nothing, but waits for whoever books.
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.execute("ALTER TABLE allocation ADD changes integer NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE waitlist_entry ADD service_name jsonb")
    op.execute(
        """
        CREATE TABLE told_conflict (
            allocation_id uuid NOT NULL,
            resource_id uuid NOT NULL,
            told_at timestamptz NOT NULL,
            CONSTRAINT told_conflict_pkey PRIMARY KEY (allocation_id),
            CONSTRAINT told_conflict_allocation_id_fkey
                FOREIGN KEY (allocation_id) REFERENCES allocation (id) ON DELETE CASCADE,
            CONSTRAINT told_conflict_resource_id_fkey
                FOREIGN KEY (resource_id) REFERENCES resource (id) ON DELETE CASCADE
        )
        """
    )
    op.execute("CREATE INDEX told_conflict_resource_id_idx ON told_conflict (resource_id)")

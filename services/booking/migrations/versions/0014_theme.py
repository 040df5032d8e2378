"""The theme of the studio's pages: its drafts, its publications, and pictures that are its own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"

STAMP = sa.DateTime(timezone=True)
PURPOSES = "'reference', 'attachment', 'form_image', 'form_file', 'theme_image'"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute("SET LOCAL statement_timeout = '15min'")
    create_theme()
    create_theme_version()
    for statement in (*APPEND_ONLY, *UPLOADS):
        op.execute(statement)


def create_theme() -> None:
    op.create_table(
        "theme",
        sa.Column("revision", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("saved_by", sa.Uuid),
        sa.Column("saved_at", STAMP, nullable=False),
        sa.PrimaryKeyConstraint("revision", name="theme_pkey"),
        sa.CheckConstraint("revision > 0", name=op.f("theme_revision_check")),
    )


def create_theme_version() -> None:
    op.create_table(
        "theme_version",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("restored", sa.Integer),
        sa.Column("published_by", sa.Uuid),
        sa.Column("published_at", STAMP, nullable=False),
        sa.PrimaryKeyConstraint("id", name="theme_version_pkey"),
        sa.ForeignKeyConstraint(
            ["revision"], ["theme.revision"], name="theme_version_revision_fkey"
        ),
        sa.UniqueConstraint("version", name="theme_version_version_key"),
        sa.UniqueConstraint("revision", name="theme_version_revision_key"),
        sa.CheckConstraint("version > 0", name=op.f("theme_version_version_check")),
    )
    op.create_index("theme_version_published_at_id_idx", "theme_version", ["published_at", "id"])


APPEND_ONLY = tuple(
    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    for table in ("theme", "theme_version")
)

UPLOADS = (
    "ALTER TABLE upload DROP CONSTRAINT upload_purpose_check, DROP CONSTRAINT upload_owner_check",
    f"""
    ALTER TABLE upload
        ADD CONSTRAINT upload_purpose_check CHECK (purpose IN ({PURPOSES})),
        ADD CONSTRAINT upload_owner_check CHECK (
            num_nonnulls(booking_id, form_id) = (purpose <> 'theme_image')::int
        )
    """,
)

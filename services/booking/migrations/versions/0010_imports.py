"""Orders and history from another system: its files are kept until they have become orders."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0010"
down_revision = "0009"

STAMP = sa.DateTime(timezone=True)
NOTHING = sa.text("'{}'::jsonb")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    create_import_batch()
    create_import_row()


def create_import_batch() -> None:
    op.create_table(
        "import_batch",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("columns", ARRAY(sa.Text), nullable=False),
        sa.Column("mapping", JSONB),
        sa.Column("branches", JSONB, nullable=False, server_default=NOTHING),
        *(
            sa.Column(name, sa.Integer, nullable=False, server_default="0")
            for name in ("rows", "good", "bad", "done", "undone", "kept")
        ),
        sa.Column("total_cents", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("paid_cents", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("currency", sa.Text, nullable=False, server_default="CNY"),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", STAMP, nullable=False),
        sa.Column("finished_at", STAMP),
        sa.PrimaryKeyConstraint("id", name="import_batch_pkey"),
        sa.CheckConstraint(
            "state IN ('receiving', 'received', 'checking', 'checked', 'running', 'done',"
            " 'undoing', 'undone')",
            name=op.f("import_batch_state_check"),
        ),
    )
    op.create_index("import_batch_created_at_id_idx", "import_batch", ["created_at", "id"])


def create_import_row() -> None:
    op.create_table(
        "import_row",
        sa.Column("import_id", sa.Uuid, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("cells", ARRAY(sa.Text), nullable=False),
        sa.Column("faults", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
        sa.Column("key", sa.Text),
        sa.Column("parsed", JSONB),
        sa.Column("booking_id", sa.Uuid),
        sa.PrimaryKeyConstraint("import_id", "line", name="import_row_pkey"),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import_batch.id"], name="import_row_import_id_fkey"
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="import_row_booking_id_fkey"),
        sa.UniqueConstraint("booking_id", name="import_row_booking_id_key"),
        sa.CheckConstraint(
            "state IN ('new', 'good', 'bad', 'done', 'undone', 'kept')",
            name=op.f("import_row_state_check"),
        ),
        sa.CheckConstraint(
            "(parsed IS NULL) = (state IN ('new', 'bad'))", name=op.f("import_row_parsed_check")
        ),
        sa.CheckConstraint(
            "(booking_id IS NULL) = (state IN ('new', 'good', 'bad'))",
            name=op.f("import_row_booking_id_check"),
        ),
    )
    op.create_index(
        "import_row_import_id_state_line_idx", "import_row", ["import_id", "state", "line"]
    )
    op.create_index("import_row_import_id_key_idx", "import_row", ["import_id", "key"])
    op.create_index(
        "import_row_key_key",
        "import_row",
        ["key"],
        unique=True,
        postgresql_where=sa.text("state IN ('done', 'kept')"),
    )

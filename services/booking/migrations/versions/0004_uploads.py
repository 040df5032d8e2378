"""Files that people send, and the pieces in which they arrive."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"

STAMP = sa.DateTime(timezone=True)
PURPOSES = "'reference', 'attachment', 'form_image', 'form_file'"
STATES = "'receiving', 'checking', 'ready', 'refused', 'expired'"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    create_upload()
    create_upload_piece()


def create_upload() -> None:
    op.create_table(
        "upload",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("booking_id", sa.Uuid),
        sa.Column("form_id", sa.Uuid),
        sa.Column("taken_by", sa.Uuid),
        sa.Column("permit_id", sa.Uuid),
        sa.Column("staff_id", sa.Uuid),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("declared_type", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("refusal", sa.Text),
        sa.Column("content_type", sa.Text),
        sa.Column("sha256", sa.Text),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("files", JSONB, nullable=False),
        sa.Column("checks", sa.Integer, nullable=False),
        sa.Column("check_started_at", STAMP),
        sa.Column("created_at", STAMP, nullable=False),
        sa.Column("expires_at", STAMP),
        sa.PrimaryKeyConstraint("id", name="upload_pkey"),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="upload_booking_id_fkey"),
        sa.ForeignKeyConstraint(["form_id"], ["form.id"], name="upload_form_id_fkey"),
        sa.CheckConstraint(
            "(booking_id IS NULL) <> (form_id IS NULL)", name=op.f("upload_owner_check")
        ),
        sa.CheckConstraint(f"purpose IN ({PURPOSES})", name=op.f("upload_purpose_check")),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("upload_state_check")),
        sa.CheckConstraint(
            "received >= 0 AND received <= size", name=op.f("upload_received_check")
        ),
        sa.CheckConstraint(
            "state <> 'ready' OR content_type IS NOT NULL", name=op.f("upload_ready_check")
        ),
        sa.CheckConstraint(
            "state <> 'refused' OR refusal IS NOT NULL", name=op.f("upload_refusal_check")
        ),
    )
    op.create_index("upload_booking_id_created_at_idx", "upload", ["booking_id", "created_at"])
    op.create_index("upload_taken_by_idx", "upload", ["taken_by"])
    op.create_index("upload_permit_id_idx", "upload", ["permit_id"])
    op.create_index(
        "upload_expires_at_idx",
        "upload",
        ["expires_at"],
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index(
        "upload_checking_idx",
        "upload",
        ["created_at"],
        postgresql_where=sa.text("state = 'checking'"),
    )


def create_upload_piece() -> None:
    op.create_table(
        "upload_piece",
        sa.Column("upload_id", sa.Uuid, nullable=False),
        sa.Column("start", sa.BigInteger, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("upload_id", "start", name="upload_piece_pkey"),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["upload.id"], name="upload_piece_upload_id_fkey", ondelete="CASCADE"
        ),
        sa.CheckConstraint("size > 0", name=op.f("upload_piece_size_check")),
    )

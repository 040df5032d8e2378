"""Forms, their versions, links and submissions, and the tables that a studio makes itself."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0003"
down_revision = "0002"

STAMP = sa.DateTime(timezone=True)
VERSION_KEY = ["form_version.form_id", "form_version.number"]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    create_form()
    create_form_link()
    create_counts()
    create_submission()
    create_table_row()


def create_form() -> None:
    op.create_table(
        "form",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", JSONB, nullable=False),
        sa.Column("definition", JSONB, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("published_version", sa.Integer),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_at", STAMP, nullable=False),
        sa.Column("changed_at", STAMP, nullable=False),
        sa.PrimaryKeyConstraint("id", name="form_pkey"),
        sa.CheckConstraint(
            "kind IN ('booking', 'survey', 'table', 'other')", name=op.f("form_kind_check")
        ),
        sa.CheckConstraint("revision > 0", name=op.f("form_revision_check")),
    )
    op.create_index("form_created_at_id_idx", "form", ["created_at", "id"])
    op.create_index("form_kind_created_at_id_idx", "form", ["kind", "created_at", "id"])
    op.create_table(
        "form_version",
        sa.Column("form_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("name", JSONB, nullable=False),
        sa.Column("definition", JSONB, nullable=False),
        sa.Column("published_at", STAMP, nullable=False),
        sa.PrimaryKeyConstraint("form_id", "number", name="form_version_pkey"),
        sa.UniqueConstraint("form_id", "revision", name="form_version_form_id_revision_key"),
        sa.ForeignKeyConstraint(["form_id"], ["form.id"], name="form_version_form_id_fkey"),
        sa.CheckConstraint("number > 0", name=op.f("form_version_number_check")),
    )
    op.create_foreign_key(
        "form_published_version_fkey",
        "form",
        "form_version",
        ["id", "published_version"],
        ["form_id", "number"],
    )
    op.execute(
        "CREATE TRIGGER form_version_append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
        " ON form_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def create_form_link() -> None:
    op.create_table(
        "form_link",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("form_id", sa.Uuid, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("expires_at", STAMP),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("created_at", STAMP, nullable=False),
        sa.PrimaryKeyConstraint("id", name="form_link_pkey"),
        sa.UniqueConstraint("code", name="form_link_code_key"),
        sa.ForeignKeyConstraint(["form_id"], ["form.id"], name="form_link_form_id_fkey"),
    )
    op.create_index("form_link_form_id_idx", "form_link", ["form_id"])


def create_counts() -> None:
    op.create_table(
        "form_count",
        sa.Column("link_id", sa.Uuid, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("form_id", sa.Uuid, nullable=False),
        sa.Column("views", sa.Integer, nullable=False),
        sa.Column("starts", sa.Integer, nullable=False),
        sa.Column("submits", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("link_id", "day", name="form_count_pkey"),
        sa.ForeignKeyConstraint(["link_id"], ["form_link.id"], name="form_count_link_id_fkey"),
        sa.ForeignKeyConstraint(["form_id"], ["form.id"], name="form_count_form_id_fkey"),
        sa.CheckConstraint(
            "views >= 0 AND starts >= 0 AND submits >= 0", name=op.f("form_count_counts_check")
        ),
    )
    op.create_index("form_count_form_id_day_idx", "form_count", ["form_id", "day"])
    op.create_table(
        "form_visit",
        sa.Column("link_id", sa.Uuid, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("visitor", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("link_id", "day", "step", "visitor", name="form_visit_pkey"),
        sa.ForeignKeyConstraint(["link_id"], ["form_link.id"], name="form_visit_link_id_fkey"),
        sa.CheckConstraint("step IN ('view', 'start')", name=op.f("form_visit_step_check")),
    )
    op.create_index("form_visit_day_idx", "form_visit", ["day"])


def create_submission() -> None:
    op.create_table(
        "submission",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("form_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("link_id", sa.Uuid, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("booking_id", sa.Uuid),
        sa.Column("contact_name", sa.Text),
        sa.Column("contact_phone", sa.Text),
        sa.Column("answers", JSONB, nullable=False),
        sa.Column("labels", JSONB, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("search_text", sa.Text, nullable=False),
        sa.Column("search_terms", ARRAY(sa.Text), nullable=False),
        sa.Column("submitted_at", STAMP, nullable=False),
        sa.PrimaryKeyConstraint("id", name="submission_pkey"),
        sa.UniqueConstraint("booking_id", "form_id", name="submission_booking_id_form_id_key"),
        sa.ForeignKeyConstraint(
            ["form_id", "version"], VERSION_KEY, name="submission_version_fkey"
        ),
        sa.ForeignKeyConstraint(["link_id"], ["form_link.id"], name="submission_link_id_fkey"),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="submission_booking_id_fkey"),
        sa.CheckConstraint(
            "status IN ('new', 'handled', 'discarded')", name=op.f("submission_status_check")
        ),
    )
    op.create_index(
        "submission_form_id_submitted_at_id_idx", "submission", ["form_id", "submitted_at", "id"]
    )
    op.create_index("submission_form_id_version_idx", "submission", ["form_id", "version"])
    op.create_index(
        "submission_form_id_status_submitted_at_id_idx",
        "submission",
        ["form_id", "status", "submitted_at", "id"],
    )
    create_searches("submission")


def create_table_row() -> None:
    op.create_table(
        "table_row",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("form_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("answers", JSONB, nullable=False),
        sa.Column("labels", JSONB, nullable=False),
        sa.Column("search_text", sa.Text, nullable=False),
        sa.Column("search_terms", ARRAY(sa.Text), nullable=False),
        sa.Column("created_at", STAMP, nullable=False),
        sa.Column("changed_at", STAMP, nullable=False),
        sa.Column("deleted_at", STAMP),
        sa.PrimaryKeyConstraint("id", name="table_row_pkey"),
        sa.ForeignKeyConstraint(["form_id", "version"], VERSION_KEY, name="table_row_version_fkey"),
        sa.CheckConstraint("revision > 0", name=op.f("table_row_revision_check")),
    )
    op.create_index(
        "table_row_form_id_created_at_id_idx", "table_row", ["form_id", "created_at", "id"]
    )
    op.create_index(
        "table_row_deleted_idx",
        "table_row",
        ["form_id", "created_at", "id"],
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )
    create_searches("table_row")


def create_searches(table: str) -> None:
    """Equality of one answer, and text in all of them."""
    op.create_index(
        f"{table}_answers_idx",
        table,
        ["answers"],
        postgresql_using="gin",
        postgresql_ops={"answers": "jsonb_path_ops"},
    )
    op.create_index(f"{table}_search_terms_idx", table, ["search_terms"], postgresql_using="gin")

"""Contracts that customers sign: what was signed can never be changed, not even by mistake."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0005"
down_revision = "0004"

STAMP = sa.DateTime(timezone=True)

# What may still change in a row, by its state before; of the rest every letter stays.
KEEP_AGREEMENT = """
CREATE FUNCTION keep_agreement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    voiding CONSTANT text[] := ARRAY['state', 'voided_at', 'void_reason'];
    signing CONSTANT text[] := ARRAY['shown_at', 'signed_at', 'signer_name', 'ip', 'user_agent',
                                     'strokes', 'sha256'];
    free text[];
BEGIN
    free := CASE OLD.state WHEN 'void' THEN ARRAY[]::text[]
                           WHEN 'signed' THEN voiding ELSE voiding || signing END;
    IF to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free
       OR (OLD.state = 'signed' AND NEW.state NOT IN ('signed', 'void')) THEN
        RAISE EXCEPTION 'agreement % is kept as it is', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    create_templates()
    create_agreement()
    keep()


def create_templates() -> None:
    op.create_table(
        "agreement_template",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", JSONB, nullable=False),
        sa.Column("service_ids", ARRAY(sa.Uuid), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", STAMP, nullable=False),
        sa.PrimaryKeyConstraint("id", name="agreement_template_pkey"),
    )
    op.create_table(
        "agreement_template_version",
        sa.Column("template_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("title", JSONB, nullable=False),
        sa.Column("text", JSONB, nullable=False),
        sa.Column("created_at", STAMP, nullable=False),
        sa.PrimaryKeyConstraint("template_id", "version", name="agreement_template_version_pkey"),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["agreement_template.id"],
            name="agreement_template_version_template_id_fkey",
        ),
    )


def create_agreement() -> None:
    op.create_table(
        "agreement",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("booking_id", sa.Uuid),
        sa.Column("order_id", sa.Uuid),
        sa.Column("template_id", sa.Uuid, nullable=False),
        sa.Column("template_version", sa.Integer, nullable=False),
        sa.Column("title", JSONB, nullable=False),
        sa.Column("text", JSONB, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("created_at", STAMP, nullable=False),
        sa.Column("shown_at", STAMP),
        sa.Column("signed_at", STAMP),
        sa.Column("signer_name", sa.Text),
        sa.Column("ip", sa.Text),
        sa.Column("user_agent", sa.Text),
        sa.Column("strokes", JSONB),
        sa.Column("sha256", sa.Text),
        sa.Column("voided_at", STAMP),
        sa.Column("void_reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="agreement_pkey"),
        sa.ForeignKeyConstraint(
            ["template_id", "template_version"],
            ["agreement_template_version.template_id", "agreement_template_version.version"],
            name="agreement_template_id_template_version_fkey",
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'shown', 'signed', 'void')", name=op.f("agreement_state_check")
        ),
        sa.CheckConstraint(
            "num_nonnulls(booking_id, order_id) > 0", name=op.f("agreement_subject_check")
        ),
        sa.CheckConstraint(
            "state <> 'shown' OR shown_at IS NOT NULL", name=op.f("agreement_shown_check")
        ),
        sa.CheckConstraint(
            "num_nonnulls(signed_at, signer_name, ip, user_agent, strokes, sha256) IN (0, 6)",
            name=op.f("agreement_signature_check"),
        ),
        sa.CheckConstraint(
            "(state <> 'signed' OR signed_at IS NOT NULL)"
            " AND (state NOT IN ('draft', 'shown') OR signed_at IS NULL)",
            name=op.f("agreement_signed_check"),
        ),
        sa.CheckConstraint(
            "(state = 'void') = (voided_at IS NOT NULL)", name=op.f("agreement_void_check")
        ),
    )
    op.create_index(
        "agreement_booking_id_template_id_idx",
        "agreement",
        ["booking_id", "template_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'void'"),
    )
    op.create_index(
        "agreement_booking_id_created_at_idx", "agreement", ["booking_id", "created_at"]
    )
    op.create_index("agreement_order_id_idx", "agreement", ["order_id"])


def keep() -> None:
    op.execute(KEEP_AGREEMENT)
    op.execute(
        "CREATE TRIGGER agreement_kept BEFORE UPDATE ON agreement"
        " FOR EACH ROW EXECUTE FUNCTION keep_agreement()"
    )
    op.execute(
        "CREATE TRIGGER agreement_never_deleted BEFORE DELETE OR TRUNCATE ON agreement"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER agreement_template_version_append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
        " ON agreement_template_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )

"""A contract's template is for services, for packages, or for all; a signed one keeps its PDF."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute("ALTER TABLE agreement_template ADD COLUMN package_ids UUID[] DEFAULT '{}' NOT NULL")
    op.execute(
        """
        CREATE TABLE agreement_paper (
            agreement_id UUID NOT NULL,
            content BYTEA NOT NULL,
            kept_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT agreement_paper_pkey PRIMARY KEY (agreement_id),
            CONSTRAINT agreement_paper_agreement_id_fkey
                FOREIGN KEY (agreement_id) REFERENCES agreement (id)
        )
        """
    )
    op.execute(
        "CREATE TRIGGER agreement_paper_append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
        " ON agreement_paper FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )

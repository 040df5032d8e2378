"""Submissions know their branch, and a data table says whether customers may choose of its rows.

What customers can choose of today stays open to them: the studio closes it with one switch.
"""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute("SET LOCAL statement_timeout = '15min'")
    for statement in (*TABLES, *BRANCHES):
        op.execute(statement)


TABLES = (
    "ALTER TABLE form ADD COLUMN public BOOLEAN DEFAULT false NOT NULL",
    """
    UPDATE form SET public = true WHERE kind = 'table' AND id::text IN (
        SELECT field -> 'source' ->> 'table_id'
        FROM form AS asking
        JOIN form_version AS live
          ON live.form_id = asking.id AND live.number = asking.published_version
        CROSS JOIN LATERAL jsonb_array_elements(live.definition -> 'fields') AS field
        WHERE asking.kind <> 'table'
    )
    """,
    "ALTER TABLE form ADD CONSTRAINT form_public_check CHECK (kind = 'table' OR NOT public)",
)

BRANCHES = (
    "ALTER TABLE form_link ADD COLUMN branch_id UUID",
    "ALTER TABLE submission ADD COLUMN branch_id UUID",
    """
    UPDATE submission SET branch_id = booking.branch_id
    FROM booking WHERE booking.id = submission.booking_id
    """,
    """
    CREATE INDEX submission_form_id_branch_id_submitted_at_id_idx
    ON submission (form_id, branch_id, submitted_at, id)
    """,
)

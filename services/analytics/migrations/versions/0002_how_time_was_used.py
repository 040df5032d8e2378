"""Facts about how resources' dates were used, so that utilisation can be measured."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MINUTES = ("rostered_minutes", "allocated_minutes", "served_minutes", "idle_minutes")


def upgrade() -> None:
    op.create_table(
        "fact_utilisation",
        sa.Column("resource_id", sa.Uuid, nullable=False),
        sa.Column("branch_id", sa.Uuid, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("resource_type", sa.Text, nullable=False),
        sa.Column("ended", sa.Boolean, nullable=False),
        *[sa.Column(name, sa.Integer, nullable=False) for name in MINUTES],
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("resource_id", "branch_id", "day", name="fact_utilisation_pkey"),
    )
    op.create_index(
        "fact_utilisation_day_branch_id_idx",
        "fact_utilisation",
        ["day", "branch_id"],
        postgresql_include=["ended", *MINUTES],
    )

"""Which resource an account is, so that a photographer finds their own calendar and leave."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("staff", sa.Column("resource_id", sa.Uuid))

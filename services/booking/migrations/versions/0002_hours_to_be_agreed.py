"""Bookings of a part of the day, whose hour is still to be agreed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.add_column("booking", sa.Column("day_part", sa.Text))

"""Files of another system's orders: each import, and the rows of its file."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.domain.imports.states import LIVE, RowState, State
from services.booking.models.base import Base, Cents, Json


class Import(Base):
    """One file, from its arrival to its orders, and back.

    Shapes:  `mapping` as contracts.imports.Mapping, null until staff have mapped it; `branches` =
             {id: a branch as scheduling told it then}. The counts as contracts.imports.ImportItem.
    """

    __tablename__ = "import_batch"
    __table_args__ = (
        sa.CheckConstraint(sa.column("state").in_([str(s) for s in State]), name="state"),
        sa.Index("import_batch_created_at_id_idx", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    state: Mapped[str]
    columns: Mapped[list[str]]
    mapping: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    branches: Mapped[Json] = mapped_column(default=dict, server_default=sa.text("'{}'::jsonb"))
    rows: Mapped[int] = mapped_column(default=0, server_default="0")
    good: Mapped[int] = mapped_column(default=0, server_default="0")
    bad: Mapped[int] = mapped_column(default=0, server_default="0")
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    undone: Mapped[int] = mapped_column(default=0, server_default="0")
    kept: Mapped[int] = mapped_column(default=0, server_default="0")
    total_cents: Mapped[Cents] = mapped_column(default=0, server_default="0")
    paid_cents: Mapped[Cents] = mapped_column(default=0, server_default="0")
    currency: Mapped[str] = mapped_column(default="CNY", server_default="CNY")
    created_by: Mapped[UUID]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ImportRow(Base):
    """A row of an import's file, and the booking that was made of it.

    Shapes:  `line` is the file's own; `faults` = [{"field", "code"}]; `parsed` is
             domain.imports.rows.Order of a good row, `key` its name among all orders that came
             from elsewhere.
    """

    __tablename__ = "import_row"
    __table_args__ = (
        sa.CheckConstraint(sa.column("state").in_([str(s) for s in RowState]), name="state"),
        sa.CheckConstraint("(parsed IS NULL) = (state IN ('new', 'bad'))", name="parsed"),
        sa.CheckConstraint(
            "(booking_id IS NULL) = (state IN ('new', 'good', 'bad'))", name="booking_id"
        ),
        sa.Index("import_row_import_id_state_line_idx", "import_id", "state", "line"),
        sa.Index("import_row_import_id_key_idx", "import_id", "key"),
        # What was taken back may come again.
        sa.Index(
            "import_row_key_key",
            "key",
            unique=True,
            postgresql_where=sa.column("state").in_([str(s) for s in LIVE]),
        ),
    )

    import_id: Mapped[UUID] = mapped_column(sa.ForeignKey("import_batch.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    cells: Mapped[list[str]]
    faults: Mapped[list[Json]] = mapped_column(default=list, server_default=sa.text("'[]'::jsonb"))
    key: Mapped[str | None]
    parsed: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    booking_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("booking.id"), unique=True)

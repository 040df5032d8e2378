"""Files of another system's orders or customers: each import, and the rows of its file."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.domain.imports.states import LIVE, RowState, State
from services.booking.models.base import Base, Cents, Json
from services.contracts.imports import FILE_KINDS


class Import(Base):
    """One file, from its arrival to what comes of it, and back.

    Shapes:  `mapping` as contracts.imports.Mapping, null until staff have mapped it; `branches` =
             {id: a branch as scheduling told it then}, `levels` = {id: the name of a member level
             as crm told it then}. The counts and sums as contracts.imports.ImportItem.
    """

    __tablename__ = "import_batch"
    __table_args__ = (
        sa.CheckConstraint(sa.column("state").in_([str(s) for s in State]), name="state"),
        sa.CheckConstraint(sa.column("kind").in_(FILE_KINDS), name="kind"),
        sa.Index("import_batch_created_at_id_idx", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default="orders")
    state: Mapped[str]
    columns: Mapped[list[str]]
    mapping: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    branches: Mapped[Json] = mapped_column(default=dict, server_default=sa.text("'{}'::jsonb"))
    levels: Mapped[Json] = mapped_column(default=dict, server_default=sa.text("'{}'::jsonb"))
    rows: Mapped[int] = mapped_column(default=0, server_default="0")
    good: Mapped[int] = mapped_column(default=0, server_default="0")
    bad: Mapped[int] = mapped_column(default=0, server_default="0")
    known: Mapped[int] = mapped_column(default=0, server_default="0")
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    undone: Mapped[int] = mapped_column(default=0, server_default="0")
    kept: Mapped[int] = mapped_column(default=0, server_default="0")
    total_cents: Mapped[Cents] = mapped_column(default=0, server_default="0")
    paid_cents: Mapped[Cents] = mapped_column(default=0, server_default="0")
    points: Mapped[Cents] = mapped_column(default=0, server_default="0")
    currency: Mapped[str] = mapped_column(default="CNY", server_default="CNY")
    created_by: Mapped[UUID]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ImportRow(Base):
    """A row of an import's file, and what came of it: a booking here, or a customer of crm's.

    `known` says that the customer was here before. A row that came to nothing is dated by
    `ended_at` when its import has ended, and is forgotten some time later.

    Shapes:  `line` is the file's own; `faults` = [{"field", "code"}]; `parsed` is the order or the
             customer of a good row, `key` its name among all orders that came from elsewhere, or
             among the customers of the file.
    """

    __tablename__ = "import_row"
    __table_args__ = (
        sa.CheckConstraint(sa.column("state").in_([str(s) for s in RowState]), name="state"),
        sa.CheckConstraint("(parsed IS NULL) = (state IN ('new', 'bad'))", name="parsed"),
        # A customer who was taken back before they came is undone, and nobody.
        sa.CheckConstraint(
            "CASE WHEN state IN ('new', 'good', 'bad')"
            " THEN num_nonnulls(booking_id, customer_id) = 0"
            " WHEN state = 'undone' THEN num_nonnulls(booking_id, customer_id) <= 1"
            " ELSE num_nonnulls(booking_id, customer_id) = 1 END",
            name="outcome",
        ),
        sa.Index("import_row_import_id_state_line_idx", "import_id", "state", "line"),
        sa.Index("import_row_import_id_key_idx", "import_id", "key"),
        sa.Index(
            "import_row_ended_at_idx",
            "ended_at",
            postgresql_where=sa.text("ended_at IS NOT NULL"),
        ),
        # What was taken back may come again; customers may come with every file.
        sa.Index(
            "import_row_key_key",
            "key",
            unique=True,
            postgresql_where=sa.column("state").in_([str(s) for s in LIVE])
            & sa.column("booking_id").is_not(None),
        ),
    )

    import_id: Mapped[UUID] = mapped_column(sa.ForeignKey("import_batch.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    cells: Mapped[list[str]]
    faults: Mapped[list[Json]] = mapped_column(default=list, server_default=sa.text("'[]'::jsonb"))
    key: Mapped[str | None]
    parsed: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    known: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    booking_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("booking.id"), unique=True)
    customer_id: Mapped[UUID | None]
    ended_at: Mapped[datetime | None]


KEPT = timedelta(days=180)
"""How long a row that came to nothing can be looked at and mended: it holds names and phones. What
came of the others is known by their rows, which undoing needs and `key` finds; they stay."""

PRUNED = ((ImportRow.__tablename__, "ended_at", KEPT),)

"""The bookings that staff have begun to write down."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.models.base import Base, Json


class Draft(Base):
    """A wish that is not a booking yet: it locks no time and nothing is charged for it.

    `wish` is what is known so far, as contracts.drafts.Wish writes it. `version` counts the
    changes, so that of two people who write at once one is told.
    """

    __tablename__ = "draft"
    __table_args__ = (
        sa.Index("draft_created_at_id_idx", "created_at", "id"),
        sa.Index("draft_branch_id_created_at_id_idx", "branch_id", "created_at", "id"),
        sa.Index("draft_search_terms_idx", "search_terms", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    branch_id: Mapped[UUID]
    wish: Mapped[Json]
    note: Mapped[str]
    version: Mapped[int]
    search_text: Mapped[str]
    search_terms: Mapped[list[str]]
    created_by: Mapped[UUID]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

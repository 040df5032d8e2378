"""The tables of notification."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.chassis.db import new_metadata
from services.contracts.errors import YingqiError


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: sa.DateTime(timezone=True),
        str: sa.Text,
    }


class Message(Base):
    """What was said to a person, and what became of it.

    Shapes:  `id` is the sender's; `next_try_at` is when a queued message may be taken: now, after
             a pause, or when the lease of the process that has it ends.
    """

    __tablename__ = "message"
    __table_args__ = (
        sa.CheckConstraint("state IN ('queued', 'sent', 'failed')", name="state"),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
        sa.CheckConstraint("(state = 'queued') = (next_try_at IS NOT NULL)", name="next_try_at"),
        sa.Index("message_subject_id_created_at_id_idx", "subject_id", "created_at", "id"),
        sa.Index("message_due_idx", "next_try_at", postgresql_where=sa.text("state = 'queued'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    template: Mapped[str]
    language: Mapped[str]
    channel: Mapped[str]
    recipient: Mapped[str]
    subject_id: Mapped[UUID]
    subject: Mapped[str]
    body: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    next_try_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


CONSTRAINT_ERRORS: dict[str, type[YingqiError]] = {}

"""How the public pages look: the drafts that were saved, and which of them was published when."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.models.base import Base, Json


class Theme(Base):
    """One saved draft; the newest is the draft. A trigger refuses to change or delete it."""

    __tablename__ = "theme"
    __table_args__ = (sa.CheckConstraint("revision > 0", name="revision"),)

    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[Json]
    saved_by: Mapped[UUID | None]
    saved_at: Mapped[datetime]


class ThemeVersion(Base):
    """A publication, each draft's once; the newest is what visitors see. Nor does this change.

    `restored` is the earlier version whose content it brought back.
    """

    __tablename__ = "theme_version"
    __table_args__ = (
        sa.CheckConstraint("version > 0", name="version"),
        sa.UniqueConstraint("version"),
        sa.UniqueConstraint("revision"),
        sa.Index("theme_version_published_at_id_idx", "published_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    revision: Mapped[int] = mapped_column(sa.ForeignKey("theme.revision"))
    restored: Mapped[int | None]
    published_by: Mapped[UUID | None]
    published_at: Mapped[datetime]

"""The table of how resources' days were used, as far as it has been told."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.scheduling.models.base import Base


class UtilisationDay(Base):
    """Minutes of one resource at one branch on one local date, as they were last told.

    `ended` the date was over then; before that the figures are what is planned.
    """

    __tablename__ = "utilisation_day"

    branch_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("branch.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    resource_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True
    )
    ended: Mapped[bool]
    rostered_minutes: Mapped[int]
    allocated_minutes: Mapped[int]
    served_minutes: Mapped[int]
    idle_minutes: Mapped[int]
    measured_at: Mapped[datetime]

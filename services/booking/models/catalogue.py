"""What is sold."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.models.base import Base, Cents, Json


class Service(Base):
    """A package as it is sold now; a booking keeps its own copy of what it was sold as."""

    __tablename__ = "service"
    __table_args__ = (
        sa.CheckConstraint("deposit_cents BETWEEN 0 AND price_cents", name="deposit"),
        sa.CheckConstraint("duration_minutes > 0", name="duration"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[Json]
    category: Mapped[Json]
    summary: Mapped[Json]
    content: Mapped[list[Json]]
    duration_minutes: Mapped[int]
    price_cents: Mapped[Cents]
    deposit_cents: Mapped[Cents]
    currency: Mapped[str]
    cover: Mapped[str | None]
    roles: Mapped[list[Json]]
    branch_ids: Mapped[list[UUID]]
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())

"""How often somebody named a phone and a code that do not belong together."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.models.base import Base


class LookupFailure(Base):
    """One wrong code for one phone, of which only a keyed hash is stored. Pruned when old."""

    __tablename__ = "lookup_failure"
    __table_args__ = (
        sa.Index("lookup_failure_phone_key_failed_at_idx", "phone_key", "failed_at"),
        sa.Index("lookup_failure_failed_at_idx", "failed_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    phone_key: Mapped[bytes]
    failed_at: Mapped[datetime]


KEPT = timedelta(days=1)
"""Longer than any failure counts: pruned sooner, it would give a guesser more tries."""

PRUNED = ((LookupFailure.__tablename__, "failed_at", KEPT),)

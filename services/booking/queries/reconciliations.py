"""Days of providers that are to be compared, and those that were."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.booking.models import Reconciliation


def newest_day(session: Session, provider: str) -> date | None:
    """Return the last day of a provider that is known here."""
    return session.scalars(
        sa.select(sa.func.max(Reconciliation.day)).where(Reconciliation.provider == provider)
    ).one()


def add_day(session: Session, id: UUID, provider: str, day: date, ask_at: datetime) -> None:
    """Add a day of a provider that is to be compared, unless another replica has added it."""
    session.execute(
        insert(Reconciliation)
        .values(id=id, provider=provider, day=day, ask_at=ask_at)
        .on_conflict_do_nothing(index_elements=[Reconciliation.day, Reconciliation.provider])
    )


def lock_due(session: Session, now: datetime, limit: int) -> Sequence[Reconciliation]:
    """Return and lock the days to compare now, the oldest first; others' are left."""
    return session.scalars(
        sa.select(Reconciliation)
        .where(Reconciliation.ask_at <= now)
        .order_by(Reconciliation.ask_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def lock_one(session: Session, id: UUID) -> Reconciliation:
    """Return a day that nobody else changes until the transaction ends."""
    return session.get_one(Reconciliation, id, with_for_update=True)


def since(session: Session, day: date) -> Sequence[Reconciliation]:
    """Return the days from one on, the newest first."""
    return session.scalars(
        sa.select(Reconciliation)
        .where(Reconciliation.day >= day)
        .order_by(Reconciliation.day.desc(), Reconciliation.provider)
    ).all()

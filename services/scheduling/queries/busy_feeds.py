"""Reading and writing which calendars elsewhere are followed, and the busy times they told of."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.orm import Session

from services.chassis.context import new_id
from services.scheduling.domain.spans import Span
from services.scheduling.models import Branch, BusyFeed, BusyTime, Resource


def feed(session: Session, id: UUID) -> BusyFeed | None:
    """Return a feed as it was last committed."""
    return session.get(BusyFeed, id, populate_existing=True)


def lock_same_feed(session: Session, known: BusyFeed) -> BusyFeed | None:
    """Lock a feed, unless it was removed or became another one since it was read."""
    return session.scalars(
        sa.select(BusyFeed)
        .where(
            BusyFeed.id == known.id,
            BusyFeed.resource_id == known.resource_id,
            BusyFeed.url == known.url,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def lock_due_feed(session: Session, now: datetime) -> BusyFeed | None:
    """Lock the feed that is due for longest; those that another replica has are left."""
    return session.scalars(
        sa.select(BusyFeed)
        .where(BusyFeed.due_at <= now)
        .order_by(BusyFeed.due_at, BusyFeed.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()


def define(session: Session, *, id: UUID, resource_id: UUID, url: str, due_at: datetime) -> None:
    """Add a feed, or have it read anew as if it had never failed."""
    anew = {"due_at": due_at, "etag": "", "error": "", "failures": 0}
    session.execute(
        insert(BusyFeed)
        .values(id=id, resource_id=resource_id, url=url, **anew)
        .on_conflict_do_update(index_elements=["id"], set_=anew)
    )


def delete(session: Session, id: UUID) -> None:
    """Delete a feed and its busy times."""
    session.execute(sa.delete(BusyFeed).where(BusyFeed.id == id))


def zone(session: Session, resource_id: UUID) -> str:
    """Return the time zone of a resource's home."""
    home = sa.select(Branch.timezone).join(Resource, Resource.branch_id == Branch.id)
    return session.scalars(home.where(Resource.id == resource_id)).one()


def busy_times(session: Session, feed_id: UUID) -> list[Span]:
    """Return the busy times that a feed told of, earliest first."""
    rows = session.scalars(
        sa.select(BusyTime.during)
        .where(BusyTime.feed_id == feed_id)
        .order_by(sa.func.lower(BusyTime.during))
    )
    return [Span(during.lower, during.upper) for during in rows]  # type: ignore[arg-type]


def replace_busy_times(session: Session, known: BusyFeed, spans: Iterable[Span]) -> None:
    """Put busy times in place of all that a feed told of before."""
    session.execute(sa.delete(BusyTime).where(BusyTime.feed_id == known.id))
    rows = [
        {
            "id": UUID(new_id()),
            "feed_id": known.id,
            "resource_id": known.resource_id,
            "during": Range(span.start, span.end, bounds="[)"),
        }
        for span in spans
    ]
    if rows:
        session.execute(insert(BusyTime), rows)


def shown(session: Session, *conditions: sa.ColumnElement[bool]) -> Sequence[dict[str, Any]]:
    """Return feeds as the contract shows them, in the order in which they are made."""
    counted = (
        sa.select(sa.func.count())
        .where(BusyTime.feed_id == BusyFeed.id)
        .scalar_subquery()
        .label("busy_times")
    )
    columns = (
        BusyFeed.id,
        BusyFeed.resource_id,
        BusyFeed.url,
        BusyFeed.fetched_at,
        BusyFeed.error,
        counted,
    )
    rows = session.execute(sa.select(*columns).where(*conditions).order_by(BusyFeed.id))
    return [row._asdict() for row in rows]


def feeds_of(session: Session, resource_id: UUID) -> Sequence[dict[str, Any]]:
    """Return a resource's feeds as the contract shows them."""
    return shown(session, BusyFeed.resource_id == resource_id)

"""Deleting what a service's messages and keys leave behind, once nobody can ask for it any more.

Every replica does it: rows are locked, not owned. Dead letters are never deleted: each is an
effect that is still missing.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import eventlet
import sqlalchemy as sa

from services.contracts.errors import Unavailable

if TYPE_CHECKING:  # the database starts the pruning, and cannot be imported by it
    from services.chassis.db import UnitOfWork

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 3600.0
"""Often enough that a pass is short; a process that ends sooner leaves its rows to the next."""

BATCH = 5_000
"""Rows of one statement: well below a second. Larger ones come near the statement timeout, after
which nothing at all would be deleted."""

OUTBOX_KEPT = timedelta(days=7)
"""How long a published event can still be sent again by hand: when a broker has lost its disk, or a
backup was restored. Whoever notices later has lost what was on its way then."""

INBOX_KEPT = timedelta(days=30)
"""Longer than any message may come again: from the outbox within OUTBOX_KEPT, from a queue as long
as its consumer stands still. A message that comes later takes effect a second time."""

KEYS_KEPT = timedelta(days=30)
"""Longer than any client repeats a command. A repetition that comes later is taken for a new
command, and no longer gets the first one's answer."""

# Table, the column that dates a row, how long it is kept. An undated row, an event that was not
# yet published, stays.
Pruned = tuple[str, str, timedelta]
PRUNED: tuple[Pruned, ...] = (
    ("outbox", "published_at", OUTBOX_KEPT),
    ("inbox", "handled_at", INBOX_KEPT),
    ("idempotency_key", "created_at", KEYS_KEPT),
)


def run(unit_of_work: Callable[[], "UnitOfWork"], own: Sequence[Pruned] = ()) -> None:
    """Prune a database for ever. To end this at any point loses nothing.

    Shapes:  `own` are tables of the service itself, as PRUNED names those that all have.
    """
    while True:
        eventlet.sleep(PAUSE_SECONDS)
        try:
            prune(unit_of_work, own)
        except Unavailable as error:
            logger.warning("pruning waits", extra={"code": error.code})
        except Exception:  # the rows stay where they are; pruning must not end the service
            logger.exception("pruning failed and goes on")


def prune(unit_of_work: Callable[[], "UnitOfWork"], own: Sequence[Pruned] = ()) -> None:
    """Delete all that is too old, oldest first, one batch a transaction."""
    for table, dated_by, kept in (*PRUNED, *own):
        deleted = BATCH
        while deleted == BATCH:
            with unit_of_work().begin() as tx:
                batch = tx.session.execute(_batch(table, dated_by, kept))
                deleted = batch.rowcount  # type: ignore[attr-defined]
            if deleted:
                logger.info("pruned %d rows of %s", deleted, table)


def _batch(name: str, dated_by: str, kept: timedelta) -> sa.Delete:
    place: sa.ColumnClause[Any] = sa.column("ctid")
    table = sa.table(name, sa.column(dated_by))
    date = table.c[dated_by]
    old = (
        sa.select(place)
        .select_from(table)
        .where(date < sa.func.now() - kept)
        .order_by(date)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .correlate(None)
    )
    # As an array the rows are found and locked once; as a plain subquery it may be run per row.
    return sa.delete(table).where(place == sa.any_(sa.func.array(old.scalar_subquery())))

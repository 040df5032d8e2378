"""Sweeping: uploads whose time is over end, and objects that nothing refers to are deleted."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby, islice
from uuid import UUID

from services.booking.domain.uploads import State
from services.booking.queries import uploads
from services.booking.usecases.checking import remove_objects
from services.chassis.db import UnitOfWork
from services.chassis.storage import Kept, Store

BATCH = 100
"""Uploads of one pass; their objects are deleted one by one."""

ORPHAN_AGE = timedelta(days=1)
"""Younger objects may be about to be written down; older ones were left by a crash."""

# Which objects an upload has in which states.
WANTED = {
    "pieces/": (State.RECEIVING, State.CHECKING),
    "uploads/": (State.CHECKING, State.READY),
}


def sweep_uploads(*, uow: UnitOfWork, store: Store, now: datetime) -> int:
    """End what is overdue, up to a batch, and delete it; return how many.

    An upload is marked before its objects go and forgotten after them: one that was swept halfway
    is swept again.
    """
    with uow.begin() as tx:
        overdue = uploads.lock_overdue(tx.session, now, BATCH)
        for upload in overdue:
            upload.state = State.EXPIRED
        upload_ids = [upload.id for upload in overdue]
    for upload_id in upload_ids:
        for prefix in WANTED:
            remove_objects(store, f"{prefix}{upload_id}/")
    if upload_ids:
        with uow.begin() as tx:
            uploads.delete_expired(tx.session, upload_ids)
    return len(upload_ids)


def sweep_orphans(*, uow: UnitOfWork, store: Store, now: datetime) -> int:
    """Delete old objects that belong to no upload which wants them; return how many."""
    deleted = 0
    for prefix, states in WANTED.items():
        old = (kept for kept in store.kept(prefix) if kept.modified_at <= now - ORPHAN_AGE)
        for batch in _batches(_by_upload(old)):
            with uow.read() as session:
                wanted = uploads.in_state(session, list(batch), states)
            for upload_id in batch.keys() - wanted:
                for key in batch[upload_id]:
                    store.delete(key)
                    deleted += 1
    return deleted


def _by_upload(kept: Iterable[Kept]) -> Iterator[tuple[UUID, list[str]]]:
    """Join the objects of one upload, which follow each other; foreign keys are left alone."""
    for name, group in groupby(kept, lambda one: one.key.split("/")[1]):
        try:
            upload_id = UUID(name)
        except ValueError:
            continue
        yield upload_id, [one.key for one in group]


def _batches(found: Iterator[tuple[UUID, list[str]]]) -> Iterator[dict[UUID, list[str]]]:
    while batch := list(islice(found, BATCH)):
        joined: dict[UUID, list[str]] = {}
        for upload_id, keys in batch:
            joined.setdefault(upload_id, []).extend(keys)
        yield joined

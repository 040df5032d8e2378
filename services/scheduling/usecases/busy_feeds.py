"""Following calendars elsewhere: their busy times make a resource unavailable."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import eventlet.tpool
from sqlalchemy.dialects.postgresql import Range

from services.chassis.db import Transaction, UnitOfWork
from services.contracts.scheduling import FeedAddressRefused, FeedUnknown, ResourceUnknown
from services.scheduling import fetching, ical
from services.scheduling.domain import feeds
from services.scheduling.domain.faults import pointed
from services.scheduling.domain.feeds import FeedUnreadable
from services.scheduling.domain.spans import Span
from services.scheduling.models import BusyFeed, Resource
from services.scheduling.queries import busy_feeds, conflicts, rosters
from services.scheduling.usecases.conflicts import forget_ended, told_once


def define_busy_feed(
    *,
    uow: UnitOfWork,
    now: datetime,
    id: UUID,
    resource_id: UUID,
    url: str,
    private_addresses: bool,
) -> dict[str, Any]:
    """Follow a calendar, which is read soon after; defined again, it is read again.

    Errors:  FeedAddressRefused at /url; ResourceUnknown.
    """
    try:
        fetching.check(url, private_addresses=private_addresses)
    except fetching.AddressRefused as refused:
        raise pointed(FeedAddressRefused, "/url") from refused
    with uow.begin() as tx:
        known = busy_feeds.feed(tx.session, id)
        if known is not None and (known.resource_id, known.url) != (resource_id, url):
            _forget(tx, known, now)  # its busy times are another calendar's
        busy_feeds.define(tx.session, id=id, resource_id=resource_id, url=url, due_at=now)
        (defined,) = busy_feeds.shown(tx.session, BusyFeed.id == id)
    return defined


def remove_busy_feed(*, uow: UnitOfWork, now: datetime, id: UUID) -> dict[str, Any]:
    """Follow a calendar no longer, and forget its busy times.

    Errors:  FeedUnknown.
    """
    with uow.begin() as tx:
        known = busy_feeds.feed(tx.session, id)
        if known is None:
            raise FeedUnknown(id=str(id))
        _forget(tx, known, now)
    return {"removed": True}


def list_busy_feeds(*, uow: UnitOfWork, resource_id: UUID) -> dict[str, Any]:
    """Return the calendars that a resource brings along, and how reading them went.

    Errors:  ResourceUnknown.
    """
    with uow.read() as session:
        if session.get(Resource, resource_id) is None:
            raise ResourceUnknown(resource_id=str(resource_id))
        return {"items": busy_feeds.feeds_of(session, resource_id)}


def read_next(
    *, uow: UnitOfWork, now: datetime, timeout_seconds: float, private_addresses: bool
) -> bool:
    """Read the calendar that is due for longest; return False when none is due.

    The network has its time between two transactions. Meanwhile `due_at`, moved ahead, keeps other
    replicas away, and has the calendar read again should this process end.
    """
    with uow.begin() as tx:
        feed = busy_feeds.lock_due_feed(tx.session, now)
        if feed is None:
            return False
        zone = busy_feeds.zone(tx.session, feed.resource_id)
        feed.due_at = now + feeds.LEASE
    try:
        etag = feed.etag if feeds.may_be_unchanged(now, feed.fetched_at) else ""
        file = fetching.fetch(
            feed.url,
            etag=etag,
            timeout_seconds=timeout_seconds,
            private_addresses=private_addresses,
        )
        spans = None if file is None else _busy_times(file.content, zone, now)
    except FeedUnreadable as error:
        _note_failure(uow, feed, now, str(error))
    else:
        _keep(uow, feed, now, spans=spans, etag=feed.etag if file is None else file.etag)
    return True


def _busy_times(content: bytes, zone: str, now: datetime) -> list[Span]:
    """Parse in a thread: a large file takes seconds, in which everybody else would wait."""
    spans: list[Span] = eventlet.tpool.execute(
        ical.busy_times, content, zone=zone, within=feeds.window(now)
    )
    return spans


def _note_failure(uow: UnitOfWork, feed: BusyFeed, now: datetime, error: str) -> None:
    """Write down why a reading failed; the busy times of the last good one stay."""
    with uow.begin() as tx:
        known = busy_feeds.lock_same_feed(tx.session, feed)
        if known is not None:
            known.error = error
            known.failures += 1
            known.due_at = feeds.next_reading(now, known.failures)


def _keep(
    uow: UnitOfWork, feed: BusyFeed, now: datetime, *, spans: list[Span] | None, etag: str
) -> None:
    """Write down what a reading brought; no spans at all means nothing new."""
    with uow.begin() as tx:
        before = busy_feeds.busy_times(tx.session, feed.id)
        is_new = spans is not None and spans != before
        if is_new:
            rosters.lock_supply(tx.session, [feed.resource_id])
        known = busy_feeds.lock_same_feed(tx.session, feed)
        if known is None:
            return  # removed or defined anew meanwhile; what was read is of no use
        known.fetched_at, known.etag, known.error, known.failures = now, etag, "", 0
        known.due_at = feeds.next_reading(now, 0)
        if is_new:
            assert spans is not None
            busy_feeds.replace_busy_times(tx.session, known, spans)
            _tell_freed(tx, feed.resource_id, set(before) - set(spans), now)
            forget_ended(tx, now=now, resource_ids=[feed.resource_id])
            told_once(tx, conflicts.during_busy_times(tx.session, feed.id, now), "busy", now)


def _forget(tx: Transaction, known: BusyFeed, now: datetime) -> None:
    rosters.lock_supply(tx.session, [known.resource_id])
    before = busy_feeds.busy_times(tx.session, known.id)
    busy_feeds.delete(tx.session, known.id)
    _tell_freed(tx, known.resource_id, before, now)
    forget_ended(tx, now=now, resource_ids=[known.resource_id])


def _tell_freed(tx: Transaction, resource_id: UUID, spans: Iterable[Span], now: datetime) -> None:
    """Have the waitlist asked about time in which a resource is not busy any more, as it seems."""
    home = tx.session.get_one(Resource, resource_id).branch_id
    branches = rosters.workplaces(tx.session, [resource_id]) or [home]
    for span in spans:
        if span.end > now:
            during = Range(max(span.start, now), span.end, bounds="[)")
            rosters.note_freed(tx.session, branches, during)

"""Viewing: who sees the pages of the portal, counted once a day and remembered by nobody."""

import hashlib
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.booking.domain.faults import fault
from services.booking.queries import page_views
from services.chassis.db import UnitOfWork
from services.contracts.errors import Invalid

MOST_CHANNELS = 50
"""Of one day: anybody can write any channel into an address, and each has a row for every page."""

OTHER = "other"
"""What further channels of a day are counted as."""

LONGEST_RANGE = timedelta(days=92)
"""Days of counts in one answer: below 50 000 rows, whatever strangers write into addresses."""


def count_page_visits(
    *, uow: UnitOfWork, now: datetime, zone: ZoneInfo, visits: list[dict[str, Any]]
) -> dict[str, Any]:
    """Count visits, each visitor once a day for a page, channel and step; say how many were new.

    Shapes:  `visits` as in contracts.page_views; the day is the studio's, at this moment.
    """
    day = now.astimezone(zone).date()
    with uow.begin() as tx:
        known = page_views.channels(tx.session, day)
        different = {_counted(visit, day, known) for visit in visits}
        if not different:
            return {"counted": 0}
        new = page_views.note_visitors(tx.session, day, different)
        page_views.count(tx.session, day, new)
    return {"counted": new.total()}


def list_page_counts(*, uow: UnitOfWork, from_: date, to: date) -> dict[str, Any]:
    """Return what was counted on each day.

    Errors:  Invalid for days in the wrong order or too many of them.
    """
    if not timedelta(0) <= to - from_ < LONGEST_RANGE:
        wrong = fault("/to", zh="日期范围应为 1 到 92 天", en="Ask for 1 to 92 days")
        raise Invalid(errors=[wrong])
    with uow.read() as session:
        return {"items": page_views.counts(session, from_, to)}


def _counted(visit: dict[str, Any], day: date, known: set[str]) -> tuple[str, str, str, str]:
    """Return as what a visit is counted; a channel that it is the first of comes to be known."""
    page, channel = visit["page"], visit["channel"]
    if channel not in known and len(known) >= MOST_CHANNELS:
        channel = OTHER
    known.add(channel)
    digest = hashlib.sha256(f"{page}:{channel}:{day}:{visit['visitor']}".encode()).hexdigest()
    return page, channel, visit["step"], digest

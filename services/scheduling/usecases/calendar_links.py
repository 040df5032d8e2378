"""Calendars for other programs: secret addresses, and the iCalendar text under them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import eventlet.tpool
from sqlalchemy.orm import Session

from services.chassis.db import UnitOfWork
from services.contracts.scheduling import CalendarLinkUnknown
from services.scheduling import ical
from services.scheduling.domain.faults import invalid
from services.scheduling.domain.spans import Span
from services.scheduling.ical import Entry
from services.scheduling.links import CALENDAR, Links
from services.scheduling.models import Branch, CalendarLink, Resource
from services.scheduling.queries import calendar_links

DAYS_BACK = 30
DAYS_AHEAD = 400
"""Days around now that a feed shows: as far ahead as bookings go, and a month to look back on."""


def define_calendar_link(
    *, uow: UnitOfWork, links: Links, branch_id: UUID | None, resource_id: UUID | None
) -> dict[str, Any]:
    """Return the calendar link of a branch or of a resource, made when it has none.

    Errors:  Invalid at /branch_id unless exactly one is given; BranchUnknown; ResourceUnknown.
    """
    if (branch_id is None) == (resource_id is None):
        raise invalid(
            "/branch_id",
            zh="请指定门店或资源其中之一",
            en="Name either a branch or a resource",
        )
    with uow.begin() as tx:
        link = calendar_links.link_of(tx.session, branch_id=branch_id, resource_id=resource_id)
        return _shown(link, links)


def revoke_calendar_link(*, uow: UnitOfWork, now: datetime, id: UUID) -> dict[str, Any]:
    """Make an address worthless for ever; the next link that is defined has another.

    Errors:  CalendarLinkUnknown, also when it was revoked before.
    """
    with uow.begin() as tx:
        link = calendar_links.link(tx.session, id)
        if link is None:
            raise CalendarLinkUnknown(id=str(id))
        link.revoked_at = now
    return {"removed": True}


def list_calendar_links(*, uow: UnitOfWork, links: Links, **target: UUID | None) -> dict[str, Any]:
    """Return the links of a branch, of a resource, or all."""
    with uow.read() as session:
        found = calendar_links.links(session, **target)
        return {"items": [_shown(link, links) for link in found]}


def calendar_feed(*, uow: UnitOfWork, now: datetime, links: Links, token: str) -> dict[str, Any]:
    """Return the calendar under a secret address as iCalendar text.

    Errors:  CalendarLinkUnknown when the token is forged or revoked.
    """
    id = links.read(CALENDAR, token)
    if id is None:
        raise CalendarLinkUnknown()
    within = Span(now - timedelta(days=DAYS_BACK), now + timedelta(days=DAYS_AHEAD))
    with uow.read() as session:
        link = calendar_links.link(session, id)
        if link is None:
            raise CalendarLinkUnknown()
        name, entries = _contents(session, link, within, now, links.public_url)
    # In a thread: a long calendar takes a second to write, in which everybody else would wait.
    return {"text": eventlet.tpool.execute(ical.write_feed, name, entries, now=now)}


def _shown(link: CalendarLink, links: Links) -> dict[str, Any]:
    return {
        "id": link.id,
        "branch_id": link.branch_id,
        "resource_id": link.resource_id,
        "created_at": link.created_at,
        "token": links.token(CALENDAR, link.id),
    }


# --- what a calendar program shows; scheduling knows no customer, so there is nothing to hide


def _contents(
    session: Session, link: CalendarLink, within: Span, now: datetime, public_url: str
) -> tuple[str, list[Entry]]:
    if link.resource_id is not None:
        of = session.get_one(Resource, link.resource_id)
        bookings = calendar_links.bookings_of(session, of.id, within, now)
        blocks = calendar_links.blocks_of(session, of.id, within)
        return f"影期 · {of.name['zh']}", [
            *_bookings(bookings, public_url, apart=f".{of.id}"),
            *(_block(row, whose="") for row in blocks),
        ]
    at = session.get_one(Branch, link.branch_id)
    bookings = calendar_links.bookings_at(session, at.id, within, now)
    blocks = calendar_links.blocks_at(session, at.id, within)
    return f"影期 · {at.name['zh']}", [
        *_bookings(bookings, public_url, apart=""),
        *(_block(row, whose=f"{row.resource} ") for row in blocks),
    ]


def _bookings(rows: calendar_links.Rows, public_url: str, *, apart: str) -> Iterator[Entry]:
    """Yield the entries of bookings; `apart` tells those of one resource from the branch's."""
    for row in rows:
        yield Entry(
            uid=f"{row.booking_id}{apart}{ical.OWN_UIDS}",
            sequence=row.revision,
            start=row.start,
            end=row.end,
            summary=_summary(row),
            location=row.place,
            url=f"{public_url}/console/bookings?booking={row.booking_id}",
            tentative=row.state == "held",
            created_at=row.created_at,
        )


def _summary(row: Any) -> str:
    zh, en = ("预约", "Booking") if row.state == "confirmed" else ("预占", "Held")
    if row.day_part is not None:
        zh, en = f"{zh} · 时间待定", f"{en}, time to be agreed"
    crew = row._mapping.get("crew")
    whom = f"：{'、'.join(crew)}" if crew else ""
    return f"{zh}{whom} ({en})"


def _block(row: Any, *, whose: str) -> Entry:
    return Entry(
        uid=f"{row.id}{ical.OWN_UIDS}",
        sequence=row.changes,
        start=row.start,
        end=row.end,
        summary=f"停用：{whose}{row.reason} (Blocked)",
    )

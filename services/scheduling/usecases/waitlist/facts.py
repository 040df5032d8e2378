"""What is told about a place on the waitlist: to who asks, and to everybody in an event."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from services.scheduling.domain.waitlist import WaitState, Window
from services.scheduling.links import WAITLIST, Links
from services.scheduling.models import Branch, WaitlistEntry
from services.scheduling.queries import waitlist

WITH_OFFER = (WaitState.OFFERED, WaitState.ACCEPTED)


def describe(session: Session, entry: WaitlistEntry) -> dict[str, Any]:
    """Return a place on the list as its contract shows it."""
    return describe_all(session, [entry])[0]


def describe_all(session: Session, entries: list[WaitlistEntry]) -> list[dict[str, Any]]:
    """Return places on the list as their contract shows them."""
    ahead = waitlist.ahead(session, [entry.id for entry in entries])
    return [_described(entry, ahead.get(entry.id, 0)) for entry in entries]


def _described(entry: WaitlistEntry, ahead: int) -> dict[str, Any]:
    window = window_of(entry)
    return {
        "id": entry.id,
        "service_id": entry.service_id,
        "branch_id": entry.branch_id,
        "from_": window.first,
        "to": window.last,
        "weekdays": entry.weekdays,
        "earliest": entry.earliest,
        "latest": entry.latest,
        "resource_ids": entry.resource_ids,
        "options": entry.options,
        "contact": entry.contact,
        "priority": entry.priority,
        "state": entry.state,
        "joined_at": entry.joined_at,
        "ahead": ahead,
        "offer": _offer(entry) if entry.state in WITH_OFFER else None,
    }


def _offer(entry: WaitlistEntry) -> dict[str, Any]:
    return {
        "booking_id": entry.offer_booking_id,
        "start": entry.offer_start_at,
        "expires_at": entry.offer_expires_at,
    }


def window_of(entry: WaitlistEntry) -> Window:
    """Return when a start would do for somebody who waits."""
    first, end = entry.days.lower, entry.days.upper
    assert first is not None, "a CHECK says so"
    assert end is not None, "a CHECK says so"
    return Window(
        first=first,
        last=end - timedelta(days=1),
        weekdays=entry.weekdays,
        earliest=entry.earliest,
        latest=entry.latest,
    )


def fact(session: Session, entry: WaitlistEntry) -> dict[str, Any]:
    """Return what every event about a place on the list says."""
    branch = session.get_one(Branch, entry.branch_id)
    return {
        "entry_id": entry.id,
        "service_id": entry.service_id,
        "branch_id": entry.branch_id,
        "branch_name": branch.name,
        "branch_phone": branch.phone,
        "timezone": branch.timezone,
        "state": entry.state,
        "contact": entry.contact,
        "service_name": entry.service_name,
    }


def private_page(links: Links, entry: WaitlistEntry) -> str:
    """Return the address at which a customer sees, accepts and leaves; whoever has it may."""
    token = links.token(WAITLIST, entry.id)
    return f"{links.public_url}/portal/#/pages/waitlist/waitlist?token={token}"

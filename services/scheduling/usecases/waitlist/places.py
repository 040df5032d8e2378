"""Joining the waitlist, looking after one's place on it, accepting an offer, and leaving."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from services.chassis.db import Transaction, UnitOfWork
from services.contracts.scheduling import (
    BranchUnknown,
    OfferExpired,
    RangeInvalid,
    WaitlistClosed,
    WaitlistDiffers,
    WaitlistUnknown,
)
from services.contracts.scheduling import customer_key as key_of
from services.scheduling import phones
from services.scheduling.domain.faults import invalid, pointed
from services.scheduling.domain.holds import HoldState, has_expired
from services.scheduling.domain.spans import local_date, midnight
from services.scheduling.domain.waitlist import WaitState, Window, advance, may_become
from services.scheduling.links import WAITLIST, Links
from services.scheduling.models import Branch, Hold, Requirement, WaitlistEntry
from services.scheduling.queries import holds, waitlist
from services.scheduling.usecases import facts as hold_facts
from services.scheduling.usecases import offers
from services.scheduling.usecases.holds import let_go
from services.scheduling.usecases.waitlist.facts import describe, describe_all, fact


def join_waitlist(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: Links,
    id: UUID,
    service_id: UUID,
    branch_id: UUID,
    from_: date,
    to: date,
    contact: Mapping[str, str],
    resource_ids: Sequence[UUID] = (),
    options: Sequence[str] = (),
    weekdays: Sequence[int] | None = None,
    earliest: time | None = None,
    latest: time | None = None,
    priority: int = 0,
    customer_key: str | None = None,
    service_name: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Wait for a service on some days; asked again, answer the same place.

    If there is time already it is offered at once. Quotas per customer bind whoever has the phone.

    Errors:  PhoneInvalid; WaitlistDiffers when the id was used for something else; those of
             offers.of_request; RangeInvalid, WaitlistClosed.
    """
    phone = phones.normalise(contact["phone"])
    window = Window(first=from_, last=to, weekdays=weekdays, earliest=earliest, latest=latest)
    request = {
        "service_id": service_id,
        "branch_id": branch_id,
        **_dates(window),
        "resource_ids": sorted(set(resource_ids)),
        "options": sorted(set(options)),
        "contact": {**contact, "phone": phone},
        "priority": priority,
        "customer_key": customer_key or key_of(phone),
    }
    with uow.begin() as tx:
        known = waitlist.entry(tx.session, id)
        if known is None:
            _check(tx.session, request, window, now)
            known = _join(tx, id, {**request, "service_name": service_name}, window, now)
        if any(getattr(known, name) != value for name, value in request.items()):
            raise WaitlistDiffers(id=str(id))
        return {**describe(tx.session, known), "token": links.token(WAITLIST, id)}


def get_waitlist_entry(*, uow: UnitOfWork, links: Links, token: str) -> dict[str, Any]:
    """Return one's own place on the list.

    Errors:  WaitlistUnknown.
    """
    with uow.read() as session:
        entry = waitlist.entry(session, _named(links, token))
        if entry is None:
            raise WaitlistUnknown()
        return describe(session, entry)


def list_waitlist(
    *,
    uow: UnitOfWork,
    branch_id: UUID | None = None,
    service_id: UUID | None = None,
    state: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> dict[str, Any]:
    """Return one page of the list, those who joined last first.

    Errors:  BranchUnknown; Invalid for a cursor that is none.
    """
    with uow.read() as session:
        if branch_id is not None and session.get(Branch, branch_id) is None:
            raise BranchUnknown(branch_id=str(branch_id))
        page, next_cursor = waitlist.page(
            session,
            branch_id=branch_id,
            service_id=service_id,
            state=state,
            cursor=cursor,
            limit=limit,
        )
        return {"items": describe_all(session, page), "next_cursor": next_cursor}


def accept_offer(
    *, uow: UnitOfWork, now: datetime, links: Links, ttl_seconds: int, token: str
) -> dict[str, Any]:
    """Take the time that is offered, and keep it until it is paid for; asked again, the same.

    Errors:  WaitlistUnknown; OfferExpired when nothing is offered, or no longer.
    """
    with uow.begin() as tx:
        entry = _lock(tx.session, _named(links, token))
        hold = _lock_offered(tx.session, entry, now)
        if entry.state == WaitState.OFFERED:
            entry.state = advance(entry.state, WaitState.ACCEPTED)
            if hold.state == HoldState.HELD:
                hold.expires_at = entry.offer_expires_at = now + timedelta(seconds=ttl_seconds)
                holds.mark(tx.session, hold.booking_id, HoldState.HELD, hold.expires_at)
            tx.emit("waitlist.accepted", fact(tx.session, entry))
        return {
            "entry": describe(tx.session, entry),
            "hold": hold_facts.describe(tx.session, hold),
        }


def leave_waitlist(*, uow: UnitOfWork, links: Links, token: str) -> dict[str, Any]:
    """Leave the list; what was offered is let go, and so is offered to the next.

    Errors:  WaitlistUnknown.
    """
    return remove_waitlist_entry(uow=uow, id=_named(links, token))


def remove_waitlist_entry(*, uow: UnitOfWork, id: UUID) -> dict[str, Any]:
    """Take somebody off the list; `removed` is false when they no longer waited.

    Errors:  WaitlistUnknown.
    """
    with uow.begin() as tx:
        entry = _lock(tx.session, id)
        if not may_become(entry.state, WaitState.LEFT):
            return {"removed": False}
        entry.state = advance(was := entry.state, WaitState.LEFT)
        if was == WaitState.OFFERED:
            assert entry.offer_booking_id is not None, "a CHECK says so"
            let_go(tx, entry.offer_booking_id)
        tx.emit("waitlist.left", fact(tx.session, entry))
        return {"removed": True}


def _dates(window: Window) -> dict[str, Any]:
    """Return a window as the columns of a place on the list."""
    try:
        end = window.last + timedelta(days=1)
    except OverflowError:
        raise pointed(RangeInvalid, "/to") from None
    return {
        "days": Range(window.first, end, bounds="[)"),
        "weekdays": None if window.weekdays is None else sorted(set(window.weekdays)),
        "earliest": window.earliest,
        "latest": window.latest,
    }


def _check(session: Session, request: Mapping[str, Any], window: Window, now: datetime) -> None:
    offer = offers.of_request(
        session,
        service_id=request["service_id"],
        branch_id=request["branch_id"],
        resource_ids=request["resource_ids"],
        options=request["options"],
        customer_key=request["customer_key"],
        now=now,
    )
    if session.get_one(Requirement, offer.service_id).waitlist_mode == "off":
        raise WaitlistClosed(service_id=str(offer.service_id))
    if not window.is_possible(local_date(now, offer.zone)):
        raise pointed(RangeInvalid, "/to")
    if window.earliest and window.latest and window.latest < window.earliest:
        raise invalid(
            "/latest", zh="最晚不能早于最早", en="The latest start is before the earliest"
        )


def _join(
    tx: Transaction, id: UUID, request: Mapping[str, Any], window: Window, now: datetime
) -> WaitlistEntry:
    added = waitlist.add_entry(tx.session, {**request, "id": id, "joined_at": now})
    if added is None:  # the same request, a moment earlier
        return tx.session.get_one(WaitlistEntry, id, populate_existing=True)
    tx.emit("waitlist.joined", fact(tx.session, added))
    zone = tx.session.get_one(Branch, added.branch_id).timezone
    begin = max(window.first, local_date(now, zone))
    end = window.last + timedelta(days=1)
    holds.tell_freed(tx.session, added.branch_id, midnight(begin, zone), midnight(end, zone))
    return added


def _named(links: Links, token: str) -> UUID:
    id = links.read(WAITLIST, token)
    if id is None:
        raise WaitlistUnknown()
    return id


def _lock(session: Session, id: UUID) -> WaitlistEntry:
    entry = waitlist.lock_entry(session, id)
    if entry is None:
        raise WaitlistUnknown()
    return entry


def _lock_offered(session: Session, entry: WaitlistEntry, now: datetime) -> Hold:
    """Return the living hold of an offer that is open or was accepted.

    Errors:  OfferExpired.
    """
    if entry.state not in (WaitState.OFFERED, WaitState.ACCEPTED):
        raise OfferExpired()
    assert entry.offer_booking_id is not None, "no offer without a hold"
    hold = holds.lock_hold(session, entry.offer_booking_id)
    if (
        hold is None
        or hold.state == HoldState.RELEASED
        or has_expired(hold.state, hold.expires_at, now)
    ):
        raise OfferExpired()
    return hold

"""Offering time that has become free to those who wait for it, one at a time or all at once.

Each is offered time in a transaction of its own, so that a process that dies has asked some of them
whole and the rest not at all; who is only told is told together with others. The freed time is
forgotten last, and asked about again after a crash. What was freed only says where and when to
look: what there is to offer is asked of find_slots, and whether it can be had is decided by the
hold, as for every customer.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.chassis.context import new_id
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.scheduling import START_ERRORS, WISH_ERRORS
from services.scheduling.domain.spans import Span, local_date
from services.scheduling.domain.waitlist import (
    WaitState,
    advance,
    dates_of_starts,
    may_notify,
    offer_end,
)
from services.scheduling.links import Links
from services.scheduling.models import FreedTime, Requirement, WaitlistEntry
from services.scheduling.queries import availability, waitlist
from services.scheduling.usecases import holds, offers
from services.scheduling.usecases.acquire import with_time
from services.scheduling.usecases.offers import Offer
from services.scheduling.usecases.waitlist.facts import fact, private_page, window_of

BATCH = 200
"""Notes of freed time that one turn reads; a day that is cancelled as a whole makes more."""

TOLD_AT_ONCE = 200
"""Who is told in one transaction; more would keep their rows locked while some want to leave."""

TOO_LATE = (*START_ERRORS, *WISH_ERRORS)
"""Somebody was quicker, or what is offered has changed since it was looked at."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Somebody who waits, and the free starts that would do.

    Shapes:  `wish` is what they have in common with whom the same time is free for.
    """

    entry: WaitlistEntry
    terms: Requirement
    wish: Hashable
    starts: list[datetime]


def offer_freed_time(*, uow: UnitOfWork, now: datetime, links: Links) -> int:
    """Ask those who wait about time that has become free; return how many were asked."""
    with uow.read() as session:
        freed = waitlist.freed(session, BATCH)
    return sum(_ask_at(uow, now, links, branch_id, notes) for branch_id, notes in freed.items())


def _ask_at(
    uow: UnitOfWork, now: datetime, links: Links, branch_id: UUID, notes: list[FreedTime]
) -> int:
    """Ask those who wait at one branch, each in turn, as long as there is time that suits them."""
    with uow.read() as session:
        candidates = _candidates(session, branch_id, notes, now)
    told = [each for each in candidates if each.terms.waitlist_mode == "notify"]
    offered = [each for each in candidates if each.terms.waitlist_mode != "notify"]
    asked = _offer_in_turn(uow, now, links, offered)
    for at in range(0, len(told), TOLD_AT_ONCE):
        asked += _notify(uow, now, links, told[at : at + TOLD_AT_ONCE])
    with uow.begin() as tx:
        waitlist.forget_freed(tx.session, [note.id for note in notes])
    return asked


def _offer_in_turn(
    uow: UnitOfWork, now: datetime, links: Links, candidates: Sequence[Candidate]
) -> int:
    """Offer each the first start that can still be had; return how many were asked."""
    gone: set[tuple[Hashable, datetime]] = set()
    asked = 0
    for candidate in candidates:
        for start in candidate.starts:
            if (candidate.wish, start) in gone:
                continue
            try:
                asked += _offer(uow, now, links, candidate, start)
                break
            except TOO_LATE:
                gone.add((candidate.wish, start))
    return asked


def _offer(
    uow: UnitOfWork, now: datetime, links: Links, candidate: Candidate, start: datetime
) -> bool:
    """Keep a start for somebody alone: their state, the hold and the events are one transaction.

    Return false when they do not wait any more.

    Errors:  TOO_LATE when the start cannot be had.
    """

    def effect(tx: Transaction) -> bool:
        waitlist.take_turn(tx.session, candidate.entry.branch_id)
        entry = waitlist.lock_waiting(tx.session, candidate.entry.id)
        if entry is None:
            return False
        offer = _offer_of(tx.session, entry, now, booking_id=UUID(new_id()))
        request = holds.wanted(
            service_id=entry.service_id,
            branch_id=entry.branch_id,
            start=start.astimezone(UTC),
            resource_ids=entry.resource_ids,
            options=entry.options,
        )
        expires_at = offer_end(now, start, candidate.terms.waitlist_offer_minutes)
        kept = holds.keep(tx, now, offer, request, expires_at=expires_at)
        assert kept is not None, "its id is new"
        entry.state = advance(entry.state, WaitState.OFFERED)
        entry.offers += 1
        entry.offer_booking_id = kept[0].booking_id
        entry.offer_start_at, entry.offer_expires_at = kept[0].start_at, expires_at
        told = {
            "booking_id": entry.offer_booking_id,
            "offer_url": private_page(links, entry),
            "start": entry.offer_start_at,
            "expires_at": expires_at,
        }
        tx.emit("waitlist.offered", fact(tx.session, entry) | told)
        return True

    return with_time(uow=uow, now=now, effect=effect)


def _notify(uow: UnitOfWork, now: datetime, links: Links, candidates: Sequence[Candidate]) -> int:
    """Tell some that there is time, but those who were told a short while ago; return how many."""
    asked = 0
    with uow.begin() as tx:
        waiting = waitlist.lock_all_waiting(tx.session, [each.entry.id for each in candidates])
        for candidate in candidates:
            entry = waiting.get(candidate.entry.id)
            if entry is None or not may_notify(entry.notified_at, now):
                continue
            entry.notified_at = now
            told = {"entry_url": private_page(links, entry), "start": candidate.starts[0]}
            tx.emit("waitlist.notified", fact(tx.session, entry) | told)
            asked += 1
    return asked


# --- what there is for whom


def _candidates(
    session: Session, branch_id: UUID, notes: list[FreedTime], now: datetime
) -> list[Candidate]:
    """Return those who wait at a branch and whom free starts suit, in the order of asking."""
    search = Search(session, branch_id, [_span(note) for note in notes], now)
    return [
        Candidate(entry=entry, terms=terms, wish=search.wish_of(entry), starts=starts)
        for entry, terms in waitlist.waiting(session, branch_id)
        if (starts := search.starts_for(entry))
    ]


class Search:
    """What is free at a branch near some freed time; what many want is asked once."""

    def __init__(self, session: Session, branch_id: UUID, freed: list[Span], now: datetime) -> None:
        self._session = session
        self._branch_id = branch_id
        self._freed = freed
        self._now = now
        self._offers: dict[Hashable, Offer | None] = {}
        self._free: dict[Hashable, list[tuple[datetime, int | None]]] = {}

    def starts_for(self, entry: WaitlistEntry) -> list[datetime]:
        """Return the free starts that would do, earliest first, by the branch's wall clock.

        Whoever let an offer pass is not offered the very same start again.
        """
        offer = self._offer(entry)
        if offer is None:
            return []
        first, last = dates_of_starts(self._freed, offer.lines, offer.zone)
        first = max(first, local_date(self._now, offer.zone))
        window = window_of(entry)
        if first > last or not window.touches(first, last):
            return []
        return [
            start
            for start, special in self._starts(self.wish_of(entry), offer, first, last)
            if window.admits(start, special) and start not in (self._now, entry.offer_start_at)
        ]

    def wish_of(self, entry: WaitlistEntry) -> Hashable:
        """Return what two who wait have in common if the same time is free for both.

        Only where a quota counts the bookings of each customer does it matter who they are.
        """
        offer = self._offer(entry)
        counted = offer is not None and any(each["per"] == "customer" for each in offer.quotas)
        return _wish(entry), entry.customer_key if counted else None

    def _offer(self, entry: WaitlistEntry) -> Offer | None:
        """Return what is offered of a wish; None when it cannot be granted any more."""
        wish = _wish(entry)
        if wish not in self._offers:
            try:
                self._offers[wish] = _offer_of(self._session, entry, self._now)
            except WISH_ERRORS:
                self._offers[wish] = None
        offer = self._offers[wish]
        return offer and replace(offer, customer_key=entry.customer_key)

    def _starts(
        self, wish: Hashable, offer: Offer, first: date, last: date
    ) -> list[tuple[datetime, int | None]]:
        """Return every free start, with the special code of its day."""
        if wish not in self._free:
            answer = availability.find_slots(self._session, offer.question(first, last), self._now)
            starts = [datetime.fromisoformat(slot["start"]) for slot in answer["slots"]]
            codes = waitlist.special_codes(self._session, self._branch_id, first, last)
            self._free[wish] = [(start, codes.get(start.date())) for start in starts]
        return self._free[wish]


def _offer_of(
    session: Session, entry: WaitlistEntry, now: datetime, booking_id: UUID | None = None
) -> Offer:
    return offers.of_request(
        session,
        service_id=entry.service_id,
        branch_id=entry.branch_id,
        resource_ids=entry.resource_ids,
        options=entry.options,
        customer_key=entry.customer_key,
        booking_id=booking_id,
        now=now,
    )


def _wish(entry: WaitlistEntry) -> Hashable:
    return entry.service_id, tuple(entry.resource_ids), tuple(entry.options)


def _span(note: FreedTime) -> Span:
    begin, end = note.during.lower, note.during.upper
    assert begin is not None, "freed time is bounded"
    assert end is not None, "freed time is bounded"
    return Span(begin, end)

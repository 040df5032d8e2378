"""The one way to take time: portal, staff, late payments, waitlist and moves all come through here.

Nobody checks first and then writes. The exclusion constraints decide, and whoever was too slow
queues up and looks again at what is still free. Nothing here can wait in a circle: a crew is
inserted in one statement in the order of resource ids, and only where nothing active is visible;
who queues has let go of what it had inserted; quotas are settled last, in one order; holds that
have expired are swept away in a transaction of their own beforehand.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from services.chassis.context import new_id
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.scheduling import QuotaReached, SlotTaken, StartNotOffered
from services.scheduling.domain import assignment
from services.scheduling.domain.assignment import Candidate, Pick
from services.scheduling.domain.faults import pointed
from services.scheduling.domain.lines import locking
from services.scheduling.domain.spans import Span
from services.scheduling.queries import holds, locks, quotas
from services.scheduling.queries.look import Look, OpenSession, look_at, open_sessions
from services.scheduling.usecases import expiry, slots
from services.scheduling.usecases.offers import Offer

T = TypeVar("T")

MAX_ATTEMPTS = 50
"""Each attempt that fails means that somebody else took one of the chosen: there cannot be more
of them than resources in a branch that could serve one booking."""

ALL_UNITS: Range[int] = Range(1, None, bounds="[)")
"""What a booking locks that has a resource to itself."""


class NotFreeError(Exception):
    """Somebody has the wanted time."""

    def __init__(self, offer: Offer, start: datetime) -> None:
        super().__init__()
        self.offer = offer
        self.start = start


class NotSweptError(NotFreeError, expiry.OverdueError):
    """The wanted time would be free if holds that have expired were swept away."""

    def __init__(self, offer: Offer, start: datetime, booking_ids: Collection[UUID]) -> None:
        super().__init__(offer, start)
        self.booking_ids = booking_ids


class UsedUpError(NotFreeError):
    """A quota refuses the wanted time."""

    def __init__(self, offer: Offer, start: datetime, quota: dict[str, Any] | None = None) -> None:
        super().__init__(offer, start)
        self.quota = quota or {}


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Time for one booking, in the state that its allocations shall have.

    Shapes:  `promised` time was offered before: notice, grid and horizon no longer matter.
    """

    booking_id: UUID
    offer: Offer
    start: datetime
    state: str
    expires_at: datetime | None
    preferred: Collection[UUID] = ()
    promised: bool = False


@dataclass(frozen=True, kw_only=True)
class Crew:
    """Who shall serve: picks, and for a class the session and the place in it."""

    picks: Sequence[Pick]
    session: UUID | None = None
    seat: int = 1


def with_time(*, uow: UnitOfWork, now: datetime, effect: Callable[[Transaction], T]) -> T:
    """Run a transaction that takes time, and tell what else is free when it cannot.

    Errors:  SlotTaken or QuotaReached with the nearest alternatives; nothing is written then.
    """
    try:
        return expiry.sweeping(uow=uow, now=now, effect=effect)
    except NotFreeError as error:
        taken = error
    others = slots.alternatives(uow=uow, now=now, offer=taken.offer, start=taken.start)
    if isinstance(taken, UsedUpError):
        raise QuotaReached(**taken.quota, alternatives=others)
    raise SlotTaken(alternatives=others)


def acquire(session: Session, claim: Claim, now: datetime) -> holds.Crew:
    """Allocate a whole crew to a booking, and return it.

    Errors:  NotFreeError, NotSweptError, UsedUpError; StartNotOffered when the start is not on
             offer, or too few work at that time at all.
    """
    offer = claim.offer
    for _ in range(MAX_ATTEMPTS):
        look = look_at(session, offer.question_at(claim.start), claim.start, now)
        crew = _choose(session, claim, look, now)
        taken = holds.take(session, _allocations(claim, crew))
        if taken is not None:
            _settle(session, claim, look, crew, now)
            return taken[claim.booking_id]
        locks.queue_up(session, offer.branch.id)
    raise NotFreeError(offer, claim.start)


def _choose(session: Session, claim: Claim, look: Look, now: datetime) -> Crew:
    offer, start = claim.offer, claim.start
    if look.used_up and not claim.promised:
        raise UsedUpError(offer, start)
    if not (look.offered or claim.promised):
        raise pointed(StartNotOffered, "/start")
    rostered = [c for c in look.candidates if c.rostered]
    free = [c for c in rostered if c.free]
    if offer.terms.places > 1:
        joined = _join_session(session, claim, [c for c in free if not c.overdue], now)
        if joined is not None:
            return joined
    picks = _pick(claim, [c for c in free if not c.overdue])
    if picks is not None:
        return Crew(picks=picks, session=UUID(new_id()) if offer.terms.places > 1 else None)
    if _pick(claim, free) is not None:
        raise NotSweptError(offer, start, {booking for c in free for booking in c.overdue})
    if _pick(claim, rostered) is not None:
        raise NotFreeError(offer, start)
    raise pointed(StartNotOffered, "/start")


def _pick(claim: Claim, able: Sequence[Candidate]) -> list[Pick] | None:
    return assignment.choose(
        claim.offer.lines, able, wished=claim.offer.wished, preferred=claim.preferred
    )


def _join_session(
    session: Session, claim: Claim, free: Sequence[Candidate], now: datetime
) -> Crew | None:
    """Return a place in a session that has begun to fill, the fullest first, or None."""
    offer = claim.offer
    question = offer.question_at(claim.start)
    places = offer.terms.places
    for begun in open_sessions(session, question, claim.start, places, now):
        own = [line for line in offer.lines if not line.shared]
        picks = assignment.choose(
            own, free, wished=offer.wished - begun.resource_ids, preferred=claim.preferred
        )
        if picks is not None:
            if begun.overdue:
                raise NotSweptError(offer, claim.start, begun.overdue)
            seat = next(n for n in range(1, places + 1) if n not in begun.seats)
            return Crew(picks=[*picks, *_fellows(session, begun)], session=begun.id, seat=seat)
    return None


def _fellows(session: Session, begun: OpenSession) -> list[Pick]:
    """Return who serves a session already, as picks of the one who joins it."""
    return [
        Pick(
            candidate=Candidate(
                line=row.line,
                resource_id=row.resource_id,
                resource_type=row.resource_type,
                name="",
                mobile=row.mobile,
                travel_minutes=row.travel_minutes,
            ),
            chosen_by="only",
        )
        for row in holds.session_crew(session, begun.id)
    ]


def _settle(session: Session, claim: Claim, look: Look, crew: Crew, now: datetime) -> None:
    """Settle the quotas of what was taken, or give it back: the caller may try another start."""
    try:
        settle_quotas(
            session,
            claim.offer,
            start=claim.start,
            day_codes=look.day_codes,
            resource_ids={pick.candidate.resource_id for pick in crew.picks},
            now=now,
        )
    except UsedUpError:
        holds.put_back(session)
        raise


def settle_quotas(
    session: Session,
    offer: Offer,
    *,
    start: datetime,
    day_codes: Collection[int],
    resource_ids: Collection[UUID],
    now: datetime,
) -> None:
    """Count again what quotas allow, now that nobody else can count at the same time.

    Shapes:  `day_codes` what kinds of day the start falls on; `resource_ids` who serves.
    Errors:  UsedUpError.
    """
    applying = [
        quota
        for quota in offer.quotas
        if not quota["weekdays"] or set(day_codes).intersection(quota["weekdays"])
    ]
    if not applying:
        return
    locks.settle_quota(session, [quota["id"] for quota in applying])
    broken = quotas.broken(
        session,
        quotas=applying,
        service_id=offer.service_id,
        branch_id=offer.branch.id,
        zone=offer.zone,
        customer_key=offer.customer_key,
        resource_ids=resource_ids,
        start=start,
        now=now,
    )
    if broken is not None:
        broken["quota_id"] = str(broken.pop("id"))
        raise UsedUpError(offer, start, broken)


def _allocations(claim: Claim, crew: Crew) -> list[dict[str, Any]]:
    lines = {line.key: line for line in claim.offer.lines}
    place_id, travel = _place(claim.offer, crew)
    works = []
    for pick in crew.picks:
        one, line = pick.candidate, lines[pick.candidate.line]
        work = line.serving(claim.start, claim.offer.zone)
        works.append(((one.resource_id, one.unit), line, work))
    rows: list[dict[str, Any]] = []
    for pick, (_, line, work), during in zip(crew.picks, works, locking(works), strict=True):
        one = pick.candidate
        shared = crew.session is not None and line.shared
        rows.append(
            {
                "id": new_id(),
                "booking_id": claim.booking_id,
                "resource_id": one.resource_id,
                "resource_type": one.resource_type,
                "line": one.line,
                "during": as_range(during),
                "serving": as_range(work),
                "units": _units(one, crew.seat if shared else None),
                "session": crew.session if shared else None,
                "place_id": place_id,
                "reach": as_range(during.widened(travel)) if one.mobile else None,
                "state": claim.state,
                "expires_at": claim.expires_at,
                "chosen_by": pick.chosen_by,
            }
        )
    rows.sort(key=lambda row: (row["resource_id"], row["units"].lower, row["during"].lower))
    return rows


def _place(offer: Offer, crew: Crew) -> tuple[UUID, int]:
    """Return where a booking takes place, and how many minutes away that lies."""
    for pick in crew.picks:
        if pick.candidate.resource_type == "location":
            return pick.candidate.resource_id, pick.candidate.travel_minutes
    return offer.branch.id, offer.branch.travel_minutes


def _units(candidate: Candidate, seat: int | None) -> Range[int]:
    if seat is not None:
        return Range(seat, seat + 1, bounds="[)")
    if candidate.capacity > 1:
        return Range(candidate.unit, candidate.unit + 1, bounds="[)")
    return ALL_UNITS


def as_range(span: Span) -> Range[datetime]:
    """Return a span as PostgreSQL stores it."""
    return Range(span.start, span.end, bounds="[)")

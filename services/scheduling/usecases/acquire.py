"""The one way to take time: portal, staff, late payments and moves all come through here.

Nobody checks first and then writes. The exclusion constraint decides, and whoever was too slow
queues up and looks again at what is still free. Nothing here can wait in a circle: a crew is
inserted in one statement in the order of resource ids, and only where nothing active is visible;
who queues has let go of what it had inserted; holds that have expired are swept away in a
transaction of their own beforehand.
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
from services.contracts.scheduling import SlotTaken, StartNotOffered
from services.scheduling import domain
from services.scheduling.domain import Candidate, Span
from services.scheduling.queries import availability, holds
from services.scheduling.usecases import expiry, offers, slots
from services.scheduling.usecases.offers import Offer

T = TypeVar("T")

MAX_ATTEMPTS = 50
"""Each attempt that fails means that somebody else took one of the chosen: there cannot be more
of them than resources in a branch that could serve one booking."""

MAX_SWEEPS = 3
"""Holds that expire between two looks; more than a few in a row are a storm on a dying slot."""


class NotFreeError(Exception):
    """Somebody has the wanted time."""

    def __init__(self, offer: Offer, start: datetime) -> None:
        super().__init__()
        self.offer = offer
        self.start = start


class OverdueError(NotFreeError):
    """The wanted time would be free if holds that have expired were swept away."""

    def __init__(self, offer: Offer, start: datetime, booking_ids: Collection[UUID]) -> None:
        super().__init__(offer, start)
        self.booking_ids = booking_ids


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


def with_time(*, uow: UnitOfWork, now: datetime, effect: Callable[[Transaction], T]) -> T:
    """Run a transaction that takes time, and tell what else is free when it cannot.

    Errors:  SlotTaken with the nearest alternatives; nothing is written then.
    """
    taken: NotFreeError
    for _ in range(MAX_SWEEPS):
        try:
            with uow.begin() as tx:
                return effect(tx)
        except OverdueError as error:
            expiry.expire_among(uow=uow, now=now, booking_ids=error.booking_ids)
            taken = error
        except NotFreeError as error:
            taken = error
            break
    raise SlotTaken(
        alternatives=slots.alternatives(uow=uow, now=now, offer=taken.offer, start=taken.start)
    )


def acquire(session: Session, claim: Claim, now: datetime) -> None:
    """Allocate a whole crew to a booking.

    Errors:  NotFreeError, OverdueError; StartNotOffered when the start is not on offer, or too few
             work at that time at all.
    """
    for _ in range(MAX_ATTEMPTS):
        crew = _choose(session, claim, now)
        if holds.take(session, _allocations(claim, crew)):
            return
        holds.queue_up(session, claim.offer.branch.id)
    raise NotFreeError(claim.offer, claim.start)


def _choose(session: Session, claim: Claim, now: datetime) -> list[Candidate]:
    offer, start = claim.offer, claim.start
    look = availability.look_at(session, offer.question_at(start), start, now)
    if not (look.offered or claim.promised):
        raise offers.at_start(StartNotOffered)

    def crew_of(able: Sequence[Candidate]) -> list[Candidate] | None:
        return domain.choose(offer.roles, able, wished=offer.wished, preferred=claim.preferred)

    rostered = [c for c in look.candidates if c.rostered]
    free = [c for c in rostered if c.free]
    crew = crew_of([c for c in free if not c.overdue])
    if crew is not None:
        return crew
    if crew_of(free) is not None:
        raise OverdueError(offer, start, {booking for c in free for booking in c.overdue})
    if crew_of(rostered) is not None:
        raise NotFreeError(offer, start)
    raise offers.at_start(StartNotOffered)


def _allocations(claim: Claim, crew: Sequence[Candidate]) -> list[dict[str, Any]]:
    roles = {role.resource_type: role for role in claim.offer.roles}
    return [
        {
            "id": new_id(),
            "booking_id": claim.booking_id,
            "resource_id": member.resource_id,
            "resource_type": member.resource_type,
            "during": _range(roles[member.resource_type].during(claim.start)),
            "serving": _range(roles[member.resource_type].serving(claim.start)),
            "state": claim.state,
            "expires_at": claim.expires_at,
        }
        for member in crew
    ]


def _range(span: Span) -> Range[datetime]:
    return Range(span.start, span.end, bounds="[)")

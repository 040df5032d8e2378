"""Putting allocations exactly where somebody wants them: nobody is replaced, nobody pushed aside.

As in acquire the exclusion constraints decide, and nothing here can wait in a circle: the old
allocations give way only after a look has found nothing active where the new ones shall be, and
the new ones are inserted in one statement in the order of resource ids.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from services.chassis.db import Transaction, UnitOfWork
from services.contracts.scheduling import QuotaReached, ReasonMissing, SlotTaken, StartNotOffered
from services.scheduling.domain.explain import Obstacle
from services.scheduling.domain.faults import pointed
from services.scheduling.domain.moves import Found, Units, free_unit, stated
from services.scheduling.domain.spans import Span
from services.scheduling.models import Branch, Resource
from services.scheduling.queries import conflicts, holds, locks, moves
from services.scheduling.queries.moves import Row, Surroundings
from services.scheduling.usecases import expiry, slots
from services.scheduling.usecases.acquire import MAX_ATTEMPTS, UsedUpError
from services.scheduling.usecases.conflicts import told
from services.scheduling.usecases.offers import Offer

T = TypeVar("T")


class ObstructedError(Exception):
    """Something lies in the way.

    Shapes:  `offer` and `start` are those of the booking that was to be moved; a block has none.
    """

    def __init__(self, ground: "Ground", obstacles: Sequence[Obstacle]) -> None:
        super().__init__()
        self.offer = ground.offer
        self.start = ground.booked.start
        self.obstacles = obstacles


class ObstructionNotSweptError(ObstructedError, expiry.OverdueError):
    """Only holds that have expired obstruct it."""

    def __init__(self, ground: "Ground", found: Sequence[Found]) -> None:
        super().__init__(ground, [each.obstacle for each in found])
        self.booking_ids = {id for each in found if (id := each.obstacle.booking_id)}


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Where allocations are put, and what counts there.

    Shapes:  `booked` the time of the whole booking; `starts` it shall start there, so the branch
             must be open; `own` the ids of what is being moved, all of it; `stay` what of it does
             not move; `rostered` they must work then; `heed` others count at all (what only
             shrinks is in nobody's way); `reason` why others may be overlapped by force, empty if
             they may not.
    """

    branch: Branch
    booked: Span
    offer: Offer | None = None
    starts: bool = False
    own: Collection[UUID] = ()
    stay: Sequence[Row] = ()
    rostered: bool = True
    heed: bool = True
    reason: str = ""

    def heeds(self, found: Found) -> bool:
        """Tell whether something that lies in the way counts."""
        return self.rostered or not found.is_absence


@dataclass(frozen=True, kw_only=True)
class Placed:
    """What has come of it.

    Shapes:  `day_codes` the kinds of day on which it starts; `overlapped` the allocations of others
             that it lies upon by force.
    """

    rows: Sequence[Row]
    day_codes: frozenset[int]
    overlapped: Sequence[UUID] = ()


def clearing(*, uow: UnitOfWork, now: datetime, effect: Callable[[Transaction], T]) -> T:
    """Run a transaction that places something, and tell what lies in the way when it cannot.

    Errors:  SlotTaken with obstacles and the nearest alternatives, QuotaReached with alternatives;
             nothing is written then.
    """
    try:
        return expiry.sweeping(uow=uow, now=now, effect=effect)
    except UsedUpError as error:
        others = slots.alternatives(uow=uow, now=now, offer=error.offer, start=error.start)
        raise QuotaReached(**error.quota, alternatives=others) from None
    except ObstructedError as error:
        refused = error
    raise SlotTaken(
        alternatives=_alternatives(uow, now, refused),
        obstacles=[_shown(each) for each in refused.obstacles],
    )


def reason_for(tx: Transaction, *, force: bool, reason: str) -> str:
    """Return what is written down about an overlap by force; empty without force.

    Errors:  ReasonMissing.
    """
    if not force:
        return ""
    if not reason:
        raise pointed(ReasonMissing, "/reason")
    return stated(reason, tx.context.actor)


def place(
    session: Session, arrange: Callable[[], Sequence[Row]], *, ground: Ground, now: datetime
) -> Placed:
    """Put allocations where they are wanted, in place of those with the same ids.

    Shapes:  `arrange` returns them, with their ids; it is asked again when somebody was quicker.
    Errors:  ObstructedError; ObstructionNotSweptError; StartNotOffered.
    """
    for _ in range(MAX_ATTEMPTS):
        wanted = [dict(row) for row in arrange()]
        seen = moves.around(
            session,
            wanted,
            branch=ground.branch,
            booked=ground.booked,
            weekdays=None if ground.offer is None else ground.offer.terms.weekdays,
            ignored=ground.own,
            now=now,
        )
        if ground.starts and not (seen.open or ground.reason):
            raise pointed(StartNotOffered, "/start")
        overlapped = _settle(session, wanted, seen, ground) if ground.heed else []
        moves.remove(session, {row["id"] for row in wanted}.intersection(ground.own))
        if _insert(session, wanted):
            return Placed(rows=wanted, day_codes=seen.day_codes, overlapped=overlapped)
        locks.queue_up(session, ground.branch.id)
    raise ObstructedError(ground, [])


def tell_overlapped(tx: Transaction, placed: Placed, now: datetime) -> None:
    """Tell of the bookings that something was laid upon."""
    told(tx, conflicts.among(tx.session, placed.overlapped, now), "forced")


def span_of(during: Range[datetime]) -> Span:
    """Return a span as the domain knows it."""
    assert during.lower is not None, "a CHECK says so"
    assert during.upper is not None, "a CHECK says so"
    return Span(during.lower, during.upper)


def _insert(session: Session, rows: Sequence[Row]) -> bool:
    """Insert allocations, those that overlap by force last: no constraint holds them back."""
    bound = [row for row in rows if not row["forced"]]
    bound.sort(key=lambda row: (row["resource_id"], row["units"].lower, row["during"].lower))
    if bound and not holds.take(session, bound):
        return False
    moves.lay_over(session, [row for row in rows if row["forced"]])
    return True


def _settle(
    session: Session, rows: Sequence[Row], seen: Surroundings, ground: Ground
) -> list[UUID]:
    """Give each allocation its units, and find out which must be forced.

    Return the allocations of others that are overlapped then.

    Errors:  ObstructedError; ObstructionNotSweptError.
    """
    known = moves.resources(session, {row["resource_id"] for row in rows})
    hindered: list[Found] = []
    settled = list(ground.stay)
    for number, row in enumerate(rows):
        found = [each for each in seen.found if each.number == number and ground.heeds(each)]
        found += _fellows(number, row, settled, known)
        _take_unit(row, known[row["resource_id"]], found)
        hinders = [each for each in found if each.hinders(units_of(row), row["session"])]
        row["forced"] = any(not each.overdue for each in hinders)
        row["reason"] = _reason(row, ground)
        hindered += hinders
        settled.append(row)
    firm = [each for each in hindered if not each.overdue]
    if firm and not ground.reason:
        raise ObstructedError(ground, [each.obstacle for each in firm])
    if len(firm) < len(hindered):
        raise ObstructionNotSweptError(ground, [each for each in hindered if each.overdue])
    ids = {each.obstacle.allocation_id for each in firm if each.obstacle.booking_id}
    return sorted(id for id in ids if id is not None and id not in ground.own)


def _reason(row: Row, ground: Ground) -> str:
    """Return what is written down: why it was forced, and for a block what it is for."""
    own = str(row["reason"]) if row["state"] == "blocked" else ""
    why = ground.reason if row["forced"] else ""
    return why if why.startswith(own) else "; ".join(filter(None, [own, why]))


def _fellows(
    number: int, row: Row, others: Sequence[Row], known: Mapping[UUID, Resource]
) -> list[Found]:
    """Return those of the same booking who would have the same resource at the same time."""
    name = known[row["resource_id"]].name
    return [
        Found(
            number=number,
            obstacle=Obstacle(
                line=other["line"] or "",
                resource_id=other["resource_id"],
                name=name,
                kind="booked",
                start=other["during"].lower,
                end=other["during"].upper,
                allocation_id=other["id"],
                booking_id=other["booking_id"],
            ),
            units=units_of(other),
            session=other["session"],
        )
        for other in others
        if other["resource_id"] == row["resource_id"] and other["during"].overlaps(row["during"])
    ]


def _take_unit(row: Row, resource: Resource, found: Sequence[Found]) -> None:
    """Take a free unit of a counted thing, where one is wanted and not all or a certain one."""
    first, last = units_of(row)
    if resource.capacity > 1 and row["session"] is None and last is not None:
        unit = free_unit(min(first, resource.capacity), resource.capacity, found)
        row["units"] = Range(unit, unit + 1, bounds="[)")


def units_of(row: Row) -> Units:
    """Return the units that an allocation locks."""
    units: Range[int] = row["units"]
    assert units.lower is not None, "a CHECK says so"
    return units.lower, units.upper


def _alternatives(uow: UnitOfWork, now: datetime, refused: ObstructedError) -> list[dict[str, Any]]:
    if refused.offer is None:
        return []
    return slots.alternatives(uow=uow, now=now, offer=refused.offer, start=refused.start)


def _shown(obstacle: Obstacle) -> dict[str, Any]:
    """Return an obstacle as JSON."""
    ids = (obstacle.resource_id, obstacle.allocation_id, obstacle.booking_id)
    resource_id, allocation_id, booking_id = (id and str(id) for id in ids)
    return {
        "resource_id": resource_id,
        "name": dict(obstacle.name),
        "kind": obstacle.kind,
        "allocation_id": allocation_id,
        "booking_id": booking_id,
        "start": obstacle.start and obstacle.start.isoformat(),
        "end": obstacle.end and obstacle.end.isoformat(),
    }

"""Dragging on the calendar: a booking moves as a whole, and everybody stays who they are."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from services.chassis.context import new_id
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.scheduling import AllocationUnknown, StartNotOffered, StartPast
from services.scheduling.domain.faults import pointed
from services.scheduling.domain.moves import is_near
from services.scheduling.queries import holds, moves
from services.scheduling.queries.look import open_sessions
from services.scheduling.queries.moves import Row
from services.scheduling.usecases import blocks, dragged
from services.scheduling.usecases.acquire import settle_quotas
from services.scheduling.usecases.dragged import Booking, Wanted
from services.scheduling.usecases.facts import describe, fact
from services.scheduling.usecases.placing import (
    Ground,
    Placed,
    clearing,
    place,
    reason_for,
    span_of,
    tell_overlapped,
)


def move_allocation(
    *,
    uow: UnitOfWork,
    now: datetime,
    id: UUID,
    start: datetime,
    resource_id: UUID | None = None,
    force: bool = False,
    reason: str = "",
) -> dict[str, Any]:
    """Let one allocation begin at another time or be served by another resource.

    A booking moves with it as a whole: everybody else serves it as much earlier or later, or the
    move is refused. Neither grid nor notice matter; rosters, hours and quotas do, without force.

    Errors:  AllocationUnknown, HoldExpired, HoldReleased; StartPast, StartNotOffered;
             ResourceUnknown, ResourceUnsuitable; ReasonMissing; SlotTaken with obstacles and
             alternatives, QuotaReached with alternatives.
    """
    _check_near(start, now)

    def effect(tx: Transaction) -> dict[str, Any]:
        why = reason_for(tx, force=force, reason=reason)
        known = _known(tx.session, id)
        if known["booking_id"] is None:
            block = blocks.move(
                tx, now=now, id=id, start=start.astimezone(UTC), resource_id=resource_id, reason=why
            )
            return {"hold": None, "block": block}
        booking = dragged.lock(tx.session, known, now)
        wanted = dragged.moved(tx.session, booking, start.astimezone(UTC), resource_id, now)
        return {"hold": _rearrange(tx, booking, wanted, why, now), "block": None}

    return clearing(uow=uow, now=now, effect=effect)


def resize_allocation(
    *,
    uow: UnitOfWork,
    now: datetime,
    id: UUID,
    start: datetime,
    end: datetime,
    force: bool = False,
    reason: str = "",
) -> dict[str, Any]:
    """Let one allocation serve from start to end; all others stay.

    So does the time that the customer was told, unless nobody else serves the booking: then its
    end follows.

    Errors:  SpanInvalid; AllocationUnknown, HoldExpired, HoldReleased; ReasonMissing; SlotTaken
             with obstacles and alternatives.
    """
    span = blocks.checked_span(start, end, now)

    def effect(tx: Transaction) -> dict[str, Any]:
        why = reason_for(tx, force=force, reason=reason)
        known = _known(tx.session, id)
        if known["booking_id"] is None:
            block = blocks.resize(tx, now=now, id=id, span=span, reason=why)
            return {"hold": None, "block": block}
        booking = dragged.lock(tx.session, known, now)
        wanted = dragged.resized(tx.session, booking, span)
        return {"hold": _rearrange(tx, booking, wanted, why, now), "block": None}

    return clearing(uow=uow, now=now, effect=effect)


def _check_near(start: datetime, now: datetime) -> None:
    if not is_near(start, now):
        raise pointed(StartPast if start < now else StartNotOffered, "/start")


def _known(session: Session, id: UUID) -> Row:
    known = moves.allocation(session, id)
    if known is None:
        raise AllocationUnknown(id=str(id))
    return known


# --- carrying it out


def _rearrange(
    tx: Transaction, booking: Booking, wanted: Wanted, why: str, now: datetime
) -> dict[str, Any]:
    """Write what a booking shall become, in place of what it was, and tell."""
    hold = booking.hold
    if not wanted.rows:
        return describe(tx.session, hold)
    placed = _place(tx.session, booking, wanted, why, now)
    hold.start_at, hold.end_at = wanted.span.start, wanted.span.end
    if hold.start_at != booking.span.start:
        hold.day_part = None
    hold.resource_ids = _wishes(booking, wanted)
    hold.revision += 1
    tx.session.flush()
    if not (why or _stays(booking, wanted)):
        settle_quotas(
            tx.session,
            booking.offer,
            start=wanted.span.start,
            day_codes=placed.day_codes,
            resource_ids={row["resource_id"] for row in placed.rows},
            now=now,
        )
    _free(tx.session, booking, wanted)
    crew = holds.crew(tx.session, hold.booking_id)
    tx.emit("allocation.moved", fact(hold, crew))
    tell_overlapped(tx, placed, now)
    return describe(tx.session, hold, crew)


def _place(session: Session, booking: Booking, wanted: Wanted, why: str, now: datetime) -> Placed:
    ids = {row["id"] for row in wanted.rows}
    stay = [row for row in booking.rows if row["id"] not in ids]
    # What is near is only of use with the same people.
    crew = frozenset(row["resource_id"] for row in [*wanted.rows, *stay])
    ground = Ground(
        branch=booking.offer.branch,
        booked=wanted.span,
        offer=replace(booking.offer, wished=crew),
        starts=wanted.span.start != booking.span.start,
        own=[row["id"] for row in booking.rows],
        stay=stay,
        heed=wanted.heed,
        reason=why,
    )

    def arrange() -> Sequence[Row]:
        return _seated(session, booking, wanted, now)

    return place(session, arrange, ground=ground, now=now)


def _seated(session: Session, booking: Booking, wanted: Wanted, now: datetime) -> Sequence[Row]:
    """Return allocations with a place in a session of the new start, if it is a class.

    It joins the one that the same resources serve then, or begins its own.
    """
    shared = {row["resource_id"] for row in wanted.rows if row["session"]}
    if not shared or _stays(booking, wanted):
        return wanted.rows
    id, place = UUID(new_id()), 1
    question = booking.offer.question_at(wanted.span.start)
    places = booking.offer.terms.places
    for begun in open_sessions(session, question, wanted.span.start, places, now):
        if begun.resource_ids == shared:
            id = begun.id
            place = next(n for n in range(1, places + 1) if n not in begun.seats)
            break
    seat = {"session": id, "units": Range(place, place + 1, bounds="[)")}
    return [{**row, **seat} if row["session"] else row for row in wanted.rows]


def _stays(booking: Booking, wanted: Wanted) -> bool:
    """Tell whether the same resources serve from the same start, if longer or shorter."""
    before = {(row["id"], row["resource_id"]) for row in booking.rows}
    return wanted.span.start == booking.span.start and all(
        (row["id"], row["resource_id"]) in before for row in wanted.rows
    )


def _free(session: Session, booking: Booking, wanted: Wanted) -> None:
    ids = {row["id"] for row in wanted.rows}
    old = [span_of(row["during"]) for row in booking.rows if row["id"] in ids]
    start, end = min(span.start for span in old), max(span.end for span in old)
    holds.tell_freed(session, booking.hold.branch_id, start, end)


def _wishes(booking: Booking, wanted: Wanted) -> list[UUID]:
    """Return whom the customer asked for; who takes over for one of them is asked for instead."""
    before = {row["id"]: row["resource_id"] for row in booking.rows}
    instead = {before[row["id"]]: row["resource_id"] for row in wanted.rows}
    return sorted({instead.get(id, id) for id in booking.hold.resource_ids})

"""Time that staff block without a booking: out of office, maintenance."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from services.chassis.db import Transaction, UnitOfWork
from services.contracts.scheduling import (
    AllocationUnknown,
    BlockDiffers,
    ResourceUnknown,
    ResourceUnsuitable,
    SpanInvalid,
)
from services.scheduling.domain.faults import pointed
from services.scheduling.domain.moves import covers, is_near
from services.scheduling.domain.spans import Span
from services.scheduling.models import MAX_ALLOCATION_HOURS, Branch, Resource
from services.scheduling.queries import calendar_links, holds, moves
from services.scheduling.queries.moves import Row
from services.scheduling.usecases.acquire import ALL_UNITS, as_range
from services.scheduling.usecases.placing import (
    Ground,
    clearing,
    place,
    reason_for,
    span_of,
    tell_overlapped,
)

FIRST_UNIT: Range[int] = Range(1, 2, bounds="[)")
LONGEST = timedelta(hours=MAX_ALLOCATION_HOURS)


def block(
    *,
    uow: UnitOfWork,
    now: datetime,
    id: UUID,
    resource_id: UUID,
    start: datetime,
    end: datetime,
    reason: str,
    all_units: bool = True,
    force: bool = False,
) -> dict[str, Any]:
    """Block a resource's time; asked again, answer the same. Rosters do not matter.

    Errors:  SpanInvalid; ResourceUnknown; BlockDiffers; SlotTaken with obstacles.
    """
    span = checked_span(start, end, now)

    def effect(tx: Transaction) -> dict[str, Any]:
        moves.one_at_a_time(tx.session, id)
        row = _new(tx.session, id, resource_id, span, reason, all_units)
        known = moves.allocation(tx.session, id)
        if known is not None:
            return _same(tx.session, known, row)
        why = reason_for(tx, force=force, reason=reason)
        placed = _place(tx, row, span, reason=why, now=now)
        _tell(tx, "block.created", placed)
        return describe(tx.session, placed)

    return clearing(uow=uow, now=now, effect=effect)


def unblock(*, uow: UnitOfWork, id: UUID) -> dict[str, Any]:
    """Give blocked time free.

    Errors:  AllocationUnknown, also for what is not a block.
    """
    with uow.begin() as tx:
        known = _lock(tx.session, id)
        moves.remove(tx.session, [id])
        _free(tx.session, known)
        _tell(tx, "block.removed", known)
    return {"removed": True}


def move(
    tx: Transaction,
    *,
    now: datetime,
    id: UUID,
    start: datetime,
    resource_id: UUID | None,
    reason: str,
) -> dict[str, Any]:
    """Move a block to another start, or to another resource of its type.

    Shapes:  `reason` why others may be overlapped by force, empty if they may not.
    Errors:  AllocationUnknown; ResourceUnknown; ResourceUnsuitable; those of placing.place.
    """
    known = _lock(tx.session, id)
    before = span_of(known["during"])
    span = Span(start, start + (before.end - before.start))
    wanted = {**known, "resource_id": resource_id or known["resource_id"]}
    _check_stand_in(tx.session, known, wanted["resource_id"])
    return _rearrange(tx, known, wanted, span, reason=reason, now=now)


def resize(tx: Transaction, *, now: datetime, id: UUID, span: Span, reason: str) -> dict[str, Any]:
    """Let a block begin or end at another time.

    Errors:  AllocationUnknown; those of placing.place.
    """
    known = _lock(tx.session, id)
    return _rearrange(tx, known, dict(known), span, reason=reason, now=now)


def checked_span(start: datetime, end: datetime, now: datetime) -> Span:
    """Return a span that an allocation can have.

    Errors:  SpanInvalid.
    """
    if not (is_near(start, now) and start < end <= start + LONGEST):
        raise pointed(SpanInvalid, "/end")
    return Span(start.astimezone(UTC), end.astimezone(UTC))


def describe(session: Session, row: Row) -> dict[str, Any]:
    """Return a block as its contract shows it."""
    return {
        "id": row["id"],
        "resource_id": row["resource_id"],
        "branch_id": _home(session, row).id,
        "start": row["during"].lower,
        "end": row["during"].upper,
        "reason": row["reason"],
        "forced": row["forced"],
    }


def _new(
    session: Session, id: UUID, resource_id: UUID, span: Span, reason: str, all_units: bool
) -> Row:
    resource = session.get(Resource, resource_id)
    if resource is None:
        raise ResourceUnknown(resource_id=str(resource_id))
    counted = resource.capacity > 1 and not all_units
    return {
        "id": id,
        "booking_id": None,
        "resource_id": resource_id,
        "resource_type": resource.resource_type,
        "line": None,
        "during": as_range(span),
        "serving": as_range(span),
        "units": FIRST_UNIT if counted else ALL_UNITS,
        "session": None,
        "place_id": None,
        "reach": None,
        "state": "blocked",
        "expires_at": None,
        "forced": False,
        "reason": reason,
        "chosen_by": "",
    }


def _same(session: Session, known: Row, wanted: Row) -> dict[str, Any]:
    """Return a block that is there already, if it is what is asked for."""
    alike = all(known[name] == wanted[name] for name in ("state", "resource_id", "during"))
    # One that was forced says who did it after the reason.
    if not alike or not known["reason"].startswith(wanted["reason"]):
        raise BlockDiffers(id=str(known["id"]))
    return describe(session, known)


def _lock(session: Session, id: UUID) -> Row:
    known = moves.allocation(session, id, lock=True)
    if known is None or known["state"] != "blocked":
        raise AllocationUnknown(id=str(id))
    return known


def _check_stand_in(session: Session, known: Row, resource_id: UUID) -> None:
    """Refuse to hand a block to what is of another type, or to another branch's resource."""
    resource = session.get(Resource, resource_id)
    if resource is None:
        raise ResourceUnknown(resource_id=str(resource_id))
    before = session.get_one(Resource, known["resource_id"])
    if (resource.resource_type, resource.branch_id) != (before.resource_type, before.branch_id):
        raise pointed(ResourceUnsuitable, "/resource_id")


def _rearrange(
    tx: Transaction, known: Row, wanted: Row, span: Span, *, reason: str, now: datetime
) -> dict[str, Any]:
    wanted["during"] = wanted["serving"] = as_range(span)
    if wanted == known:
        return describe(tx.session, known)
    placed = _place(tx, wanted, span, reason=reason, now=now, known=known)
    calendar_links.count_change(tx.session, known["id"], known["changes"])
    _free(tx.session, known)
    _tell(tx, "block.moved", placed)
    return describe(tx.session, placed)


def _place(
    tx: Transaction, row: Row, span: Span, *, reason: str, now: datetime, known: Row | None = None
) -> Row:
    ground = Ground(
        branch=_home(tx.session, row),
        booked=span,
        own=[] if known is None else [known["id"]],
        rostered=False,
        heed=known is None or not _shrinks(known, row),
        reason=reason,
    )
    placed = place(tx.session, lambda: [row], ground=ground, now=now)
    tell_overlapped(tx, placed, now)
    return placed.rows[0]


def _shrinks(known: Row, row: Row) -> bool:
    within = covers(span_of(known["during"]), span_of(row["during"]))
    return bool(known["resource_id"] == row["resource_id"]) and within


def _home(session: Session, row: Row) -> Branch:
    resource = session.get_one(Resource, row["resource_id"])
    return session.get_one(Branch, resource.branch_id)


def _free(session: Session, row: Row) -> None:
    span = span_of(row["during"])
    holds.tell_freed(session, _home(session, row).id, span.start, span.end)


def _tell(tx: Transaction, event_type: str, row: Row) -> None:
    shown = describe(tx.session, row)
    shown["block_id"] = shown.pop("id")
    tx.emit(event_type, shown)

"""Asking for leave, deciding on it, and taking it back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range

from services.chassis.db import Transaction, UnitOfWork
from services.contracts.scheduling import (
    LeaveConflicts,
    LeaveDecided,
    LeaveDiffers,
    LeaveUnknown,
    ResourceUnknown,
    SpanInvalid,
)
from services.scheduling.domain.faults import pointed
from services.scheduling.domain.leave import LeaveState, is_possible, may_become
from services.scheduling.models import Leave, Resource
from services.scheduling.queries import conflicts, leave, rosters
from services.scheduling.queries.conflicts import Conflict
from services.scheduling.usecases.conflicts import forget_ended, told_once


def request_leave(
    *,
    uow: UnitOfWork,
    now: datetime,
    id: UUID,
    resource_id: UUID,
    start: datetime,
    end: datetime,
    reason: str,
    approve: bool,
    despite_conflicts: bool,
) -> dict[str, Any]:
    """Ask for leave; asked again, answer the same. With `approve` it is approved if still open.

    Errors:  ResourceUnknown; SpanInvalid; LeaveDiffers when the id was used for something else;
             LeaveConflicts as in decide_leave, and then nothing is asked for.
    """
    if not is_possible(start, end, now):
        raise pointed(SpanInvalid, "/end")
    request = {"resource_id": resource_id, "during": _span(start, end), "reason": reason}
    with uow.begin() as tx:
        if tx.session.get(Resource, resource_id) is None:
            raise ResourceUnknown(resource_id=str(resource_id))
        if approve:
            rosters.lock_supply(tx.session, [resource_id])
        known = _ask(tx, id, request, now)
        if approve and known.state == LeaveState.PENDING:
            _approve(tx, known, now, note="", despite_conflicts=despite_conflicts)
        return _describe(tx, known, now)


def decide_leave(
    *,
    uow: UnitOfWork,
    now: datetime,
    id: UUID,
    approve: bool,
    note: str,
    despite_conflicts: bool,
) -> dict[str, Any]:
    """Approve or reject a request; decided again in the same way, answer the same.

    Errors:  LeaveUnknown; LeaveDecided; LeaveConflicts when bookings of the resource lie in that
             time and it is not approved all the same.
    """
    with uow.begin() as tx:
        known = _lock(tx, id)
        decided = LeaveState.APPROVED if approve else LeaveState.REJECTED
        if known.state != decided and not may_become(known.state, decided):
            raise LeaveDecided(state=known.state)
        if known.state == LeaveState.PENDING and approve:
            _approve(tx, known, now, note=note, despite_conflicts=despite_conflicts)
        elif known.state == LeaveState.PENDING:
            _decide(tx, known, LeaveState.REJECTED, now, note)
        return _describe(tx, known, now)


def cancel_leave(*, uow: UnitOfWork, now: datetime, id: UUID) -> dict[str, Any]:
    """Take a leave back, also when it was approved; whoever waits for that time is asked then.

    Errors:  LeaveUnknown; LeaveDecided when it was rejected.
    """
    with uow.begin() as tx:
        known = _lock(tx, id)
        if known.state != LeaveState.CANCELLED:
            _cancel(tx, known, now)
        return _describe(tx, known, now)


def list_leaves(*, uow: UnitOfWork, **filters: Any) -> dict[str, Any]:
    """Return a page of requests, the newest first; of a branch those of who is at home there.

    Errors:  Invalid at /cursor.
    """
    with uow.read() as session:
        items, next_cursor = leave.page(session, **filters)
        return {"items": items, "next_cursor": next_cursor}


def _ask(tx: Transaction, id: UUID, request: Mapping[str, Any], now: datetime) -> Leave:
    by_whom = _actor(tx)
    added = leave.add_leave(
        tx.session,
        {
            "id": id,
            **request,
            "state": LeaveState.PENDING,
            "requested_by": by_whom,
            "requested_at": now,
        },
    )
    if added is not None:
        tx.emit("leave.requested", _fact(tx, added))
        return added
    known = leave.lock_leave(tx.session, id)
    assert known is not None, "leave is never deleted"
    if any(getattr(known, name) != value for name, value in request.items()):
        raise LeaveDiffers(id=str(id))
    return known


def _lock(tx: Transaction, id: UUID) -> Leave:
    """Lock what a decision changes, as whoever asks does: the supply, then the row."""
    known = leave.leave(tx.session, id)
    if known is None:
        raise LeaveUnknown(id=str(id))
    rosters.lock_supply(tx.session, [known.resource_id])
    locked = leave.lock_leave(tx.session, id)
    assert locked is not None, "leave is never deleted"
    return locked


def _approve(
    tx: Transaction, known: Leave, now: datetime, *, note: str, despite_conflicts: bool
) -> None:
    """Approve a request under the supply lock, so that nobody books into it meanwhile."""
    missing = conflicts.during(tx.session, known.resource_id, known.during, now)
    if missing and not despite_conflicts:
        raise LeaveConflicts(conflicts=_listed(missing))
    _decide(tx, known, LeaveState.APPROVED, now, note)
    told_once(tx, missing, "leave", now)


def _decide(tx: Transaction, known: Leave, to: LeaveState, now: datetime, note: str) -> None:
    known.state = to
    known.decided_by = _actor(tx)
    known.decided_at = now
    known.note = note
    tx.emit(f"leave.{to}", _fact(tx, known))


def _cancel(tx: Transaction, known: Leave, now: datetime) -> None:
    if not may_become(known.state, LeaveState.CANCELLED):
        raise LeaveDecided(state=known.state)
    was_away = known.state == LeaveState.APPROVED
    known.state = LeaveState.CANCELLED
    tx.emit("leave.cancelled", _fact(tx, known))
    start, end = max(_start(known), now), known.during.upper
    if was_away and end is not None and start < end:
        _free(tx, known.resource_id, _span(start, end))
        forget_ended(tx, now=now, resource_ids=[known.resource_id])


def _free(tx: Transaction, resource_id: UUID, during: Range[datetime]) -> None:
    resource = tx.session.get_one(Resource, resource_id)
    branches = rosters.workplaces(tx.session, [resource_id]) or [resource.branch_id]
    rosters.note_freed(tx.session, branches, during)


def _describe(tx: Transaction, known: Leave, now: datetime) -> dict[str, Any]:
    shown = leave.show(tx.session, known)
    if known.state == LeaveState.APPROVED:
        shown["conflicts"] = conflicts.during(tx.session, known.resource_id, known.during, now)
    return shown


def _fact(tx: Transaction, known: Leave) -> dict[str, Any]:
    return {
        "leave_id": known.id,
        "resource_id": known.resource_id,
        "branch_id": tx.session.get_one(Resource, known.resource_id).branch_id,
        "start": known.during.lower,
        "end": known.during.upper,
        "reason": known.reason,
    }


def _listed(missing: Sequence[Conflict]) -> list[dict[str, str]]:
    return [
        {
            "booking_id": str(each.booking_id),
            "start": each.start.isoformat(),
            "end": each.end.isoformat(),
        }
        for each in missing
    ]


def _actor(tx: Transaction) -> str:
    actor = tx.context.actor
    return str(actor["id"] or actor["kind"])


def _start(known: Leave) -> datetime:
    assert known.during.lower is not None, "a CHECK says so"
    return known.during.lower


def _span(start: datetime, end: datetime) -> Range[datetime]:
    return Range(start.astimezone(UTC), end.astimezone(UTC), bounds="[)")

"""The life of a booking's time: held, extended, confirmed, moved, released."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.chassis.db import Transaction, UnitOfWork
from services.contracts.scheduling import (
    HoldDiffers,
    HoldExpired,
    HoldReleased,
    HoldUnknown,
    StartNotOffered,
)
from services.scheduling import domain
from services.scheduling.domain import HoldState, advance
from services.scheduling.models import Hold
from services.scheduling.queries import holds
from services.scheduling.usecases import offers
from services.scheduling.usecases.acquire import Claim, NotFreeError, acquire, with_time
from services.scheduling.usecases.facts import describe, fact
from services.scheduling.usecases.offers import Offer


def hold(
    *,
    uow: UnitOfWork,
    now: datetime,
    ttl_seconds: int,
    booking_id: UUID,
    service_id: UUID,
    branch_id: UUID,
    start: datetime,
    resource_ids: Sequence[UUID],
) -> dict[str, Any]:
    """Keep a time for a booking until it is paid for; asked again, answer the same hold.

    Errors:  HoldDiffers when the booking holds something else; those of offers.of_request and
             offers.check_start; SlotTaken with alternatives.
    """
    request = {
        "service_id": service_id,
        "branch_id": branch_id,
        "start_at": start,
        "resource_ids": sorted(set(resource_ids)),
    }

    def effect(tx: Transaction) -> dict[str, Any]:
        known = holds.hold(tx.session, booking_id)
        if known is not None:
            return _same(tx.session, known, request)
        offer = offers.of_request(
            tx.session, service_id=service_id, branch_id=branch_id, resource_ids=resource_ids
        )
        offers.check_start(start, now)
        added = holds.add_hold(
            tx.session,
            {
                **request,
                "booking_id": booking_id,
                "start_at": start.astimezone(UTC),
                "end_at": domain.end_of(offer.roles, start),
                "state": HoldState.HELD,
                "expires_at": now + timedelta(seconds=ttl_seconds),
            },
        )
        if added is None:  # the same request, a moment earlier
            return _same(tx.session, _lock(tx.session, booking_id), request)
        acquire(tx.session, _claim(added, offer), now)
        crew = holds.crew(tx.session, booking_id)
        tx.emit("hold.created", {**fact(added, crew), "expires_at": added.expires_at})
        return describe(tx.session, added, crew)

    return with_time(uow=uow, now=now, effect=effect)


def extend_hold(
    *, uow: UnitOfWork, now: datetime, extension_seconds: int, booking_id: UUID
) -> dict[str, Any]:
    """Give a customer who has begun to pay more time, once.

    Errors:  HoldUnknown, HoldExpired, HoldReleased.
    """
    with uow.begin() as tx:
        known = _lock_living(tx.session, booking_id, now)
        if known.state == HoldState.HELD and not known.extended:
            assert known.expires_at is not None, "a CHECK says so"
            known.expires_at += timedelta(seconds=extension_seconds)
            known.extended = True
            holds.mark(tx.session, booking_id, HoldState.HELD, known.expires_at)
        return describe(tx.session, known)


def confirm(*, uow: UnitOfWork, now: datetime, booking_id: UUID) -> dict[str, Any]:
    """Make a hold final; take its time again if the hold has expired meanwhile.

    Errors:  HoldUnknown, HoldReleased; SlotTaken with alternatives.
    """

    def effect(tx: Transaction) -> dict[str, Any]:
        known = _lock(tx.session, booking_id)
        if known.state == HoldState.CONFIRMED:
            return describe(tx.session, known)
        expired = _has_expired(known, now)
        if expired:
            _reacquire(tx.session, known, now)
        else:
            holds.mark(tx.session, booking_id, HoldState.CONFIRMED, None)
        known.state, known.expires_at = advance(known.state, HoldState.CONFIRMED), None
        crew = holds.crew(tx.session, booking_id)
        tx.emit("allocation.locked", fact(known, crew))
        return {**describe(tx.session, known, crew), "reacquired": expired}

    return with_time(uow=uow, now=now, effect=effect)


def reschedule(
    *, uow: UnitOfWork, now: datetime, booking_id: UUID, start: datetime
) -> dict[str, Any]:
    """Move a booking's time: the new is taken and the old let go in one swap, or nothing changes.

    Errors:  HoldUnknown, HoldExpired, HoldReleased; those of offers.check_start; SlotTaken with
             alternatives.
    """

    def effect(tx: Transaction) -> dict[str, Any]:
        known = _lock_living(tx.session, booking_id, now)
        if known.start_at == start:
            return describe(tx.session, known)
        offer = offers.of_hold(tx.session, known)
        offers.check_start(start, now)
        known.start_at = start.astimezone(UTC)
        known.end_at = domain.end_of(offer.roles, known.start_at)
        known.revision += 1
        _swap(tx.session, _claim(known, offer), now)
        crew = holds.crew(tx.session, booking_id)
        tx.emit("allocation.moved", fact(known, crew))
        return describe(tx.session, known, crew)

    return with_time(uow=uow, now=now, effect=effect)


def release(*, uow: UnitOfWork, booking_id: UUID) -> dict[str, Any]:
    """Let go of a booking's time for good; `released` is false when it had none."""
    with uow.begin() as tx:
        known = holds.lock_hold(tx.session, booking_id)
        if known is None or known.state == HoldState.RELEASED:
            return {"released": False}
        had_time = known.state != HoldState.EXPIRED
        known.state, known.expires_at = advance(known.state, HoldState.RELEASED), None
        if had_time:
            holds.give_up(tx.session, [booking_id])
            tx.emit("allocation.released", fact(known, holds.crew(tx.session, booking_id)))
        return {"released": had_time}


def _same(session: Session, known: Hold, request: dict[str, Any]) -> dict[str, Any]:
    if any(getattr(known, name) != value for name, value in request.items()):
        raise HoldDiffers(booking_id=str(known.booking_id))
    return describe(session, known)


def _lock(session: Session, booking_id: UUID) -> Hold:
    known = holds.lock_hold(session, booking_id)
    if known is None:
        raise HoldUnknown(booking_id=str(booking_id))
    if known.state == HoldState.RELEASED:
        raise HoldReleased(booking_id=str(booking_id))
    return known


def _lock_living(session: Session, booking_id: UUID, now: datetime) -> Hold:
    known = _lock(session, booking_id)
    if _has_expired(known, now):
        raise HoldExpired(booking_id=str(booking_id))
    return known


def _has_expired(known: Hold, now: datetime) -> bool:
    """Tell whether a hold's end has passed, swept or not."""
    return domain.has_expired(known.state, known.expires_at, now)


def _claim(known: Hold, offer: Offer) -> Claim:
    return Claim(
        booking_id=known.booking_id,
        offer=offer,
        start=known.start_at,
        state=known.state,
        expires_at=known.expires_at,
    )


def _reacquire(session: Session, known: Hold, now: datetime) -> None:
    offer = offers.of_hold(session, known)
    if known.start_at < now:
        raise NotFreeError(offer, known.start_at)
    claim = replace(_claim(known, offer), state=HoldState.CONFIRMED, expires_at=None, promised=True)
    try:
        _swap(session, claim, now)
    except StartNotOffered:  # since then somebody went on leave: to the payer it is gone as well
        raise NotFreeError(offer, known.start_at) from None


def _swap(session: Session, claim: Claim, now: datetime) -> None:
    """Take time in place of what the booking had; whoever served it serves it again if free."""
    before = {member["resource_id"] for member in holds.crew(session, claim.booking_id)}
    holds.forget(session, claim.booking_id)
    acquire(session, replace(claim, preferred=before), now)

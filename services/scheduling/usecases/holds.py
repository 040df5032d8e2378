"""The life of a booking's time: held, extended, confirmed, moved, released."""

from collections.abc import Collection, Sequence
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
from services.scheduling.domain.holds import HoldState, advance, has_expired
from services.scheduling.domain.spans import local_date
from services.scheduling.models import Branch, Hold
from services.scheduling.queries import availability, holds, locks
from services.scheduling.queries.holds import Crew
from services.scheduling.usecases import offers
from services.scheduling.usecases.acquire import (
    Claim,
    NotFreeError,
    NotSweptError,
    UsedUpError,
    acquire,
    with_time,
)
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
    also: Sequence[UUID] = (),
    preferred: Sequence[UUID] = (),
    options: Sequence[str] = (),
    day_part: str | None = None,
    customer_key: str | None = None,
) -> dict[str, Any]:
    """Keep a time for a booking until it is paid for; asked again, answer the same hold.

    With a part of the day it is the earliest start in it that can be had. The services of `also`
    follow the first one, in their order.

    Errors:  HoldDiffers when the booking holds something else; those of offers.of_request and
             offers.check_start; DayPartUnknown; SlotTaken and QuotaReached with alternatives.
    """
    request = wanted(
        service_id=service_id,
        also=also,
        branch_id=branch_id,
        start=start,
        resource_ids=resource_ids,
        options=options,
        day_part=day_part,
    )

    def effect(tx: Transaction) -> dict[str, Any]:
        known = holds.hold(tx.session, booking_id)
        if known is not None:
            return _same(tx.session, known, request)
        offer = offers.of_request(
            tx.session,
            service_id=service_id,
            branch_id=branch_id,
            resource_ids=resource_ids,
            also=also,
            options=options,
            customer_key=customer_key,
            booking_id=booking_id,
            now=now,
        )
        expires_at = now + timedelta(seconds=ttl_seconds)
        kept = keep(tx, now, offer, request, expires_at=expires_at, preferred=preferred)
        if kept is None:  # the same request, a moment earlier
            return _same(tx.session, _lock(tx.session, booking_id), request)
        return describe(tx.session, *kept)

    return with_time(uow=uow, now=now, effect=effect)


def wanted(
    *,
    service_id: UUID,
    branch_id: UUID,
    start: datetime,
    resource_ids: Collection[UUID],
    options: Collection[str],
    also: Sequence[UUID] = (),
    day_part: str | None = None,
) -> dict[str, Any]:
    """Return what is asked for, as the hold keeps it: the same request always looks the same."""
    return {
        "service_id": service_id,
        "also": list(also),
        "branch_id": branch_id,
        "start_at": start,
        "resource_ids": sorted(set(resource_ids)),
        "options": sorted(set(options)),
        "day_part": day_part,
    }


def keep(
    tx: Transaction,
    now: datetime,
    offer: Offer,
    request: dict[str, Any],
    *,
    expires_at: datetime,
    preferred: Collection[UUID] = (),
) -> tuple[Hold, Crew] | None:
    """Take the time of a new hold, and tell; None when the booking has one already.

    Shapes:  `request` as `wanted` makes it; the offer knows the booking's id.
    Errors:  those of acquire and of offers.check_start, DayPartUnknown; run it in with_time.
    """
    assert offer.booking_id is not None
    starts = _starts(tx.session, offer, request["start_at"], request["day_part"], now)
    added = holds.add_hold(
        tx.session,
        {
            **request,
            "booking_id": offer.booking_id,
            "start_at": starts[0],
            "end_at": _end(offer, starts[0]),
            "state": HoldState.HELD,
            "expires_at": expires_at,
            "customer_key": offer.customer_key,
        },
    )
    if added is None:
        return None
    claim = replace(_claim(added, offer), preferred=preferred)
    crew = _acquire_first(tx.session, added, claim, starts, now)
    tx.emit("hold.created", {**fact(added, crew), "expires_at": added.expires_at})
    return added, crew


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
        confirmed = advance(known.state, HoldState.CONFIRMED)
        if expired:
            known.state, known.expires_at = confirmed, None
            crew = _reacquire(tx.session, known, now)
        else:
            crew = holds.mark(tx.session, booking_id, confirmed, None)
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
        if known.start_at == start and known.day_part is None:
            return describe(tx.session, known)
        offer = offers.of_hold(tx.session, known)
        offers.check_start(start, now)
        holds.tell_freed(tx.session, known.branch_id, known.start_at, known.end_at)
        known.start_at = start.astimezone(UTC)
        known.end_at = _end(offer, known.start_at)
        known.day_part = None
        known.revision += 1
        crew = _swap(tx.session, _claim(known, offer), now)
        tx.emit("allocation.moved", fact(known, crew))
        return describe(tx.session, known, crew)

    return with_time(uow=uow, now=now, effect=effect)


def release(*, uow: UnitOfWork, booking_id: UUID) -> dict[str, Any]:
    """Let go of a booking's time for good; `released` is false when it had none."""
    with uow.begin() as tx:
        return {"released": let_go(tx, booking_id)}


def let_go(tx: Transaction, booking_id: UUID) -> bool:
    """Release a booking's time inside a transaction; return whether it had any."""
    known = holds.lock_hold(tx.session, booking_id)
    if known is None or known.state == HoldState.RELEASED:
        return False
    had_time = known.state != HoldState.EXPIRED
    known.state, known.expires_at = advance(known.state, HoldState.RELEASED), None
    if had_time:
        crews = holds.give_up(tx.session, [booking_id])
        holds.tell_freed(tx.session, known.branch_id, known.start_at, known.end_at)
        tx.emit("allocation.released", fact(known, crews[booking_id]))
    return had_time


def _same(session: Session, known: Hold, request: dict[str, Any]) -> dict[str, Any]:
    """Return a hold that is there already, if it is what is asked for.

    Of a part of the day only the date was asked for; the hour is the engine's.
    """
    asked = dict(request)
    if known.day_part is not None and known.day_part == asked["day_part"]:
        zone = session.get_one(Branch, known.branch_id).timezone
        if local_date(known.start_at, zone) == local_date(asked["start_at"], zone):
            asked["start_at"] = known.start_at
    if any(getattr(known, name) != value for name, value in asked.items()):
        raise HoldDiffers(booking_id=str(known.booking_id))
    return describe(session, known)


def _end(offer: Offer, start: datetime) -> datetime:
    return start + timedelta(minutes=offer.terms.duration_minutes)


def _starts(
    session: Session, offer: Offer, start: datetime, day_part: str | None, now: datetime
) -> list[datetime]:
    """Return the starts that would do, the best first: one, or those of a part of a day.

    Errors:  those of offers.check_start; DayPartUnknown; NotFreeError when the part is full.
    """
    if day_part is None:
        offers.check_start(start, now)
        return [start.astimezone(UTC)]
    opens, closes = offers.part_hours(offer, day_part)
    found = availability.find_slots(session, offer.question_at(start), now)["slots"]
    local = (datetime.fromisoformat(slot["start"]) for slot in found)
    starts = [each.astimezone(UTC) for each in local if opens <= each.time() < closes]
    if not starts:
        raise NotFreeError(offer, start)
    return starts


def _acquire_first(
    session: Session, added: Hold, claim: Claim, starts: Sequence[datetime], now: datetime
) -> Crew:
    """Take the first start that can be had, and write it into the hold.

    Errors:  those of acquire for the last one.
    """
    for start in starts:
        try:
            crew = acquire(session, replace(claim, start=start), now)
        except NotSweptError:
            raise
        except (NotFreeError, StartNotOffered):
            if start == starts[-1]:
                raise
        else:
            if start != added.start_at:
                added.start_at, added.end_at = start, _end(claim.offer, start)
            return crew
    raise AssertionError("there is at least one start")


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
    return has_expired(known.state, known.expires_at, now)


def _claim(known: Hold, offer: Offer) -> Claim:
    return Claim(
        booking_id=known.booking_id,
        offer=offer,
        start=known.start_at,
        state=known.state,
        expires_at=known.expires_at,
    )


def _reacquire(session: Session, known: Hold, now: datetime) -> Crew:
    offer = offers.of_hold(session, known)
    if known.start_at < now:
        raise NotFreeError(offer, known.start_at)
    try:
        return _swap(session, replace(_claim(known, offer), promised=True), now)
    # Since then somebody went on leave, or a quota was used up: to the payer it is gone as well.
    except (StartNotOffered, UsedUpError):
        raise NotFreeError(offer, known.start_at) from None


def _swap(session: Session, claim: Claim, now: datetime) -> Crew:
    """Take time in place of what the booking had; whoever served it serves it again if free.

    Who publishes rosters has the supply lock first and writes allocations second, so here too.
    """
    locks.keep_supply(session, claim.offer.branch.id)
    before = {member["resource_id"] for member in holds.crew(session, claim.booking_id)}
    holds.forget(session, claim.booking_id)
    return acquire(session, replace(claim, preferred=before), now)

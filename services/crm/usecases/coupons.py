"""Coupons: what they are, and how a booking reserves one, uses it and gives it back.

Locks are taken in one order: a use, then its coupons by their ids.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.chassis.db import UnitOfWork
from services.contracts.members import (
    CouponBelowMinimum,
    CouponExpired,
    CouponNotForService,
    CouponUnknown,
    CouponUsedBefore,
    CouponUsedUp,
)
from services.crm import domain, queries
from services.crm.models import Coupon, CouponUse

RESERVED_FOR = timedelta(hours=1)
"""How long a coupon waits for its booking: longer than events are late, shorter than anybody waits
who was refused for it."""

BATCH = 200
"""Reservations that one sweep gives up; more would keep their rows locked for long."""


def list_coupons(*, uow: UnitOfWork, cursor: str | None, limit: int) -> dict[str, Any]:
    """Return one page of coupons, the newest first.

    Errors:  Invalid for a cursor that is none.
    """
    with uow.read() as session:
        page, next_cursor = queries.coupons(session, cursor=cursor, limit=limit)
    return {"items": page, "next_cursor": next_cursor}


def define_coupon(*, uow: UnitOfWork, now: datetime, id: UUID, **terms: Any) -> Coupon:
    """Create a coupon or change it; bookings that use it keep what it took off.

    Shapes:  `terms` as contracts.members.DefineCoupon.
    Errors:  CouponCodeTaken.
    """
    stated = insert(Coupon).values(id=id, created_at=now, **terms)
    known = stated.on_conflict_do_update(constraint="coupon_pkey", set_=terms)
    with uow.begin() as tx:
        return tx.session.scalars(known.returning(Coupon)).one()


def release_coupon(*, uow: UnitOfWork, booking_id: UUID) -> dict[str, Any]:
    """Give up the reservation of a booking that was not made.

    Return that there was none. If it was made after all, its fact takes the coupon again.
    """
    with uow.begin() as tx:
        use = queries.lock_use(tx.session, booking_id)
        if use is None or use.state != "reserved":
            return {"released": False}
        _set_states(tx.session, [use], "returned")
        return {"released": True}


def give_up_forgotten(*, uow: UnitOfWork, now: datetime) -> int:
    """Give up reservations whose booking was never told of, up to a batch; return how many.

    Every replica may sweep at once: what one has locked the others leave.
    """
    with uow.begin() as tx:
        forgotten = queries.lock_forgotten_uses(tx.session, now - RESERVED_FOR, BATCH)
        _set_states(tx.session, forgotten, "returned")
        return len(forgotten)


# --- inside the transaction of another verb


def preview(
    session: Session, *, code: str, service_ids: list[UUID], total_cents: int, now: datetime
) -> Coupon:
    """Return the coupon that a stranger might use now; who used it before is asked in the end.

    Errors:  contracts.members.COUPON_ERRORS.
    """
    coupon = queries.coupon_of_code(session, code.strip().upper())
    if coupon is None:
        raise CouponUnknown()
    _check(session, coupon, "", service_ids, total_cents, now)
    return coupon


def reserve(
    session: Session,
    *,
    code: str,
    booking_id: UUID,
    phone: str,
    service_ids: list[UUID],
    total_cents: int,
    now: datetime,
) -> Coupon:
    """Reserve a coupon for a booking to be; the one it has already is only confirmed.

    Errors:  contracts.members.COUPON_ERRORS.
    """
    asked = queries.coupon_of_code(session, code.strip().upper())
    if asked is None:
        raise CouponUnknown()
    use = _lock_new_use(session, asked.id, booking_id, phone, now)
    coupons = queries.lock_coupons(session, {asked.id, use.coupon_id})
    coupon = coupons[asked.id]
    if use.state != "returned":
        if use.coupon_id == coupon.id:
            return coupon
        if use.state == "used":
            raise CouponUsedBefore()
        coupons[use.coupon_id].taken -= 1
    use.state = "returned"
    session.flush()
    _check(session, coupon, phone, service_ids, total_cents, now)
    coupon.taken += 1
    use.coupon_id, use.phone, use.state, use.reserved_at = coupon.id, phone, "reserved", now
    return coupon


def forget(session: Session, booking_id: UUID) -> None:
    """Drop the reservation of a booking that is now asked for without a coupon."""
    use = queries.lock_use(session, booking_id)
    if use is not None and use.state != "used":
        _set_states(session, [use], "returned")
        session.delete(use)


def grant(session: Session, cancelled: dict[str, Any], at: datetime) -> None:
    """Make a coupon of what was kept of a cancelled booking, for its customer alone, once.

    Shapes:  `cancelled` is the payload of a booking.cancelled with a credit.
    """
    credit, number = cancelled["credit"], cancelled["number"]
    session.execute(
        insert(Coupon)
        .values(
            id=uuid5(cancelled["booking_id"], "credit"),
            code=credit["code"],
            label={"zh": f"预约 {number} 抵用金", "en": f"Credit of booking {number}"},
            amount_cents=credit["cents"],
            minimum_cents=0,
            service_ids=[],
            valid_from=at,
            valid_to=credit["valid_to"],
            stock=1,
            per_customer=1,
            active=True,
            phone=cancelled["contact"]["phone"],
            created_at=at,
        )
        .on_conflict_do_nothing(constraint="coupon_pkey")
    )


def follow_use(session: Session, booking_id: UUID) -> None:
    """Let a coupon follow its booking: used, or given back with it."""
    use = queries.lock_use(session, booking_id)
    if use is None:
        return
    let_go = queries.status_of(session, booking_id) in domain.LET_GO
    _set_states(session, [use], "returned" if let_go else "used")


def _lock_new_use(
    session: Session, coupon_id: UUID, booking_id: UUID, phone: str, now: datetime
) -> CouponUse:
    """Return the locked use of a booking; a new one holds nothing yet."""
    session.execute(
        insert(CouponUse)
        .values(
            booking_id=booking_id,
            coupon_id=coupon_id,
            phone=phone,
            state="returned",
            reserved_at=now,
        )
        .on_conflict_do_nothing(constraint="coupon_use_pkey")
    )
    use = queries.lock_use(session, booking_id)
    assert use is not None, "it was just inserted, or was there"
    return use


def _check(
    session: Session,
    coupon: Coupon,
    phone: str,
    service_ids: list[UUID],
    total_cents: int,
    now: datetime,
) -> None:
    """Refuse a coupon that a booking may not use; who it is for is not known in a preview."""
    if not coupon.active or (phone and coupon.phone not in (None, phone)):
        raise CouponUnknown()
    if not coupon.valid_from <= now < coupon.valid_to:
        validity = (coupon.valid_from, coupon.valid_to)
        valid_from, valid_to = (at.isoformat() for at in validity)
        raise CouponExpired(valid_from=valid_from, valid_to=valid_to)
    if coupon.service_ids and not set(coupon.service_ids) & set(service_ids):
        raise CouponNotForService()
    if total_cents < coupon.minimum_cents:
        raise CouponBelowMinimum(minimum_cents=coupon.minimum_cents)
    most = coupon.per_customer
    if most is not None and queries.uses_by(session, coupon.id, phone) >= most:
        raise CouponUsedBefore()
    if coupon.stock is not None and coupon.taken >= coupon.stock:
        raise CouponUsedUp()


def _set_states(session: Session, uses: Any, state: str) -> None:
    """Move locked uses to a state, and count what their coupons have left."""
    changing = [use for use in uses if (use.state == "returned") != (state == "returned")]
    coupons = queries.lock_coupons(session, {use.coupon_id for use in changing})
    for use in changing:
        coupons[use.coupon_id].taken += -1 if state == "returned" else 1
    for use in uses:
        use.state = state

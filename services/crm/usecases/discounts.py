"""Discounts: what a member's level and a coupon take off a booking's price."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.db import UnitOfWork
from services.crm import domain, queries
from services.crm.models import Coupon
from services.crm.usecases import coupons


def discounts(
    *,
    uow: UnitOfWork,
    now: datetime,
    booking_id: UUID,
    phone: str,
    service_ids: list[UUID],
    total_cents: int,
    coupon_code: str | None,
) -> dict[str, Any]:
    """Return what is taken off a price, and reserve the coupon for the booking.

    The member's price comes first; a coupon's share is of what is left, its minimum is met by the
    price before both. The same booking may ask again: its coupon is reserved once.

    Errors:  contracts.members.COUPON_ERRORS.
    """
    with uow.begin() as tx:
        level = queries.active_level(tx.session, phone)
        off = domain.share_of(total_cents, level.discount_basis_points) if level else 0
        lines = [_line("member", _member_label(level.name), off, level.id)] if level and off else []
        if coupon_code is None:
            coupons.forget(tx.session, booking_id)
            return {"lines": lines}
        coupon = coupons.reserve(
            tx.session,
            code=coupon_code,
            booking_id=booking_id,
            phone=phone,
            service_ids=service_ids,
            total_cents=total_cents,
            now=now,
        )
        return {"lines": [*lines, _coupon_line(coupon, total_cents - off)]}


def preview_coupon(
    *, uow: UnitOfWork, now: datetime, coupon_code: str, service_ids: list[UUID], total_cents: int
) -> dict[str, Any]:
    """Return what a coupon would take off a price; nothing is reserved.

    Errors:  contracts.members.COUPON_ERRORS.
    """
    with uow.read() as session:
        coupon = coupons.preview(
            session, code=coupon_code, service_ids=service_ids, total_cents=total_cents, now=now
        )
        return _coupon_line(coupon, total_cents)


def _coupon_line(coupon: Coupon, price_cents: int) -> dict[str, Any]:
    worth = domain.coupon_worth(
        amount_cents=coupon.amount_cents,
        basis_points=coupon.basis_points,
        price_cents=price_cents,
    )
    return _line("coupon", coupon.label, worth, coupon.id)


def _member_label(name: dict[str, str]) -> dict[str, str]:
    return {"zh": f"会员价（{name['zh']}）", "en": f"Member price ({name['en'] or name['zh']})"}


def _line(kind: str, label: dict[str, str], off_cents: int, reference_id: UUID) -> dict[str, Any]:
    return {"kind": kind, "label": label, "cents": -off_cents, "reference_id": reference_id}

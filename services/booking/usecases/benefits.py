"""Benefits: what a member's level and a coupon take off a price, as crm knows it."""

import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.booking.usecases.sold import Line
from services.contracts.errors import Unavailable
from services.contracts.members import DISCOUNTS, PREVIEW_COUPON

logger = logging.getLogger(__name__)


def discount_lines(
    crm: Any,
    *,
    booking_id: UUID,
    phone: str,
    service_ids: Sequence[UUID],
    total_cents: int,
    coupon_code: str | None,
) -> list[Line]:
    """Return what is taken off a price, and reserve the coupon for the booking.

    To be asked outside of any transaction, when the time is held and before the booking is
    recorded. Without crm a member pays the plain price; who has a coupon has to try again.

    Shapes:  `phone` in international form.
    Errors:  contracts.members.COUPON_ERRORS; Unavailable with a coupon that nobody can look at.
    """
    try:
        told = crm.discounts(
            booking_id=booking_id,
            phone=phone,
            service_ids=list(service_ids),
            total_cents=total_cents,
            coupon_code=coupon_code,
        )
    except Unavailable as error:
        if coupon_code is not None:
            raise
        logger.warning("a booking goes on without a member's price", extra={"code": error.code})
        return []
    return [_line(line) for line in DISCOUNTS.response.load(told)["lines"]]


def coupon_line(
    crm: Any, *, service_ids: Sequence[UUID], total_cents: int, coupon_code: str
) -> Line:
    """Return what a coupon would take off; nothing is reserved.

    Errors:  contracts.members.COUPON_ERRORS; Unavailable.
    """
    told = crm.preview_coupon(
        service_ids=list(service_ids), total_cents=total_cents, coupon_code=coupon_code
    )
    return _line(PREVIEW_COUPON.response.load(told))


def _line(told: dict[str, Any]) -> Line:
    return Line(
        kind="discount",
        label=told["label"],
        unit_cents=told["cents"],
        reference_id=told["reference_id"],
    )


def let_coupon_go(crm: Any, booking_id: UUID) -> None:
    """Give up the coupon of a booking that could not be recorded, so that it can be used at once.

    When crm does not hear it the reservation ends by itself.
    """
    try:
        crm.release_coupon(booking_id=booking_id)
    except Unavailable as error:
        logger.warning("a coupon stays reserved for a while", extra={"code": error.code})

"""CRM's words on the wire: member levels, coupons, and what they take off a price."""

import re
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from services.contracts.errors import Conflict, NotFound
from services.contracts.fields import Cents, Contract, Flag, Instant, Line, Words
from services.contracts.registry import Rpc

OWNER = "crm"
BASIS_POINTS = validate.Range(0, 10_000)
CODE = r"^[A-Z0-9][A-Z0-9_-]{1,31}$"

# --- errors


class LevelUnknown(NotFound):
    code = "crm.level_unknown"
    sentence = {"zh": "没有这个会员等级", "en": "There is no such member level"}


class CouponUnknown(NotFound):
    code = "crm.coupon_unknown"
    sentence = {"zh": "没有这张优惠券", "en": "There is no such coupon"}


class CouponCodeTaken(Conflict):
    code = "crm.coupon_code_taken"
    sentence = {"zh": "该券码已被使用", "en": "Another coupon has that code"}


class CouponExpired(Conflict):
    """Shapes:  details = {"valid_from", "valid_to"}."""

    code = "crm.coupon_expired"
    sentence = {"zh": "优惠券不在有效期内", "en": "This coupon is not valid at this time"}


class CouponUsedUp(Conflict):
    code = "crm.coupon_used_up"
    sentence = {"zh": "优惠券已被领完", "en": "This coupon is used up"}


class CouponBelowMinimum(Conflict):
    """Shapes:  details["minimum_cents"]."""

    code = "crm.coupon_below_minimum"
    sentence = {"zh": "未达到优惠券的最低消费", "en": "The price is below the coupon's minimum"}


class CouponNotForService(Conflict):
    code = "crm.coupon_not_for_service"
    sentence = {"zh": "优惠券不适用于该套餐", "en": "This coupon is not for this package"}


class CouponUsedBefore(Conflict):
    code = "crm.coupon_used_before"
    sentence = {"zh": "您已使用过该优惠券", "en": "You have used this coupon already"}


COUPON_ERRORS = (
    CouponUnknown,
    CouponExpired,
    CouponUsedUp,
    CouponBelowMinimum,
    CouponNotForService,
    CouponUsedBefore,
)
"""Why a coupon may be refused."""


# --- levels


class DefineLevel(Contract):
    """A member level (会员等级).

    `discount_basis_points` are taken off every price; `points_per_hundred` are earned with every
    hundred (10 000 cents) that was paid for a booking when it is completed.
    """

    id = fields.UUID(required=True)
    name = Words(required=True)
    discount_basis_points = fields.Integer(strict=True, load_default=0, validate=BASIS_POINTS)
    points_per_hundred = fields.Integer(
        strict=True, load_default=0, validate=validate.Range(0, 100_000)
    )
    active = Flag(load_default=True)


class Level(Contract):
    id = fields.UUID(required=True)
    name = Words(required=True)
    discount_basis_points = fields.Integer(required=True, strict=True)
    points_per_hundred = fields.Integer(required=True, strict=True)
    active = fields.Boolean(required=True)


class LevelList(Contract):
    items = fields.List(fields.Nested(Level), required=True)


# --- coupons


class DefineCoupon(Contract):
    """A coupon (优惠券), valid from `valid_from` until just before `valid_to`.

    It takes off `amount_cents` or a share of the price, not both. Without `service_ids` it is good
    for all packages; `stock` and `per_customer` null mean no limit.
    """

    id = fields.UUID(required=True)
    code = Line(required=True, validate=validate.Length(2, 32))
    label = Words(required=True)
    amount_cents = Cents(
        load_default=None, allow_none=True, validate=validate.Range(1, 100_000_000)
    )
    basis_points = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(1, 10_000)
    )
    minimum_cents = Cents(load_default=0, validate=validate.Range(0, 100_000_000))
    service_ids = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=200))
    valid_from = Instant(required=True)
    valid_to = Instant(required=True)
    stock = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(0, 10_000_000)
    )
    per_customer = fields.Integer(
        strict=True, load_default=1, allow_none=True, validate=validate.Range(1, 10_000)
    )
    active = Flag(load_default=True)

    @validates_schema
    def check_whole(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Refuse a coupon that is worth two things or nothing, or is never valid."""
        faults: dict[str, list[str]] = {}
        if (data["amount_cents"] is None) == (data["basis_points"] is None):
            faults["amount_cents"] = ["Give an amount or a share, one of them."]
        if data["valid_from"] >= data["valid_to"]:
            faults["valid_to"] = ["Must come after valid_from."]
        if not re.fullmatch(CODE, data["code"].upper()):
            faults["code"] = ["Two to thirty-two letters, digits, - and _."]
        if faults:
            raise ValidationError(faults)

    @post_load
    def write_large(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Make a code the same however it is typed."""
        return data | {"code": data["code"].upper()}


class Coupon(Contract):
    """A coupon; `taken` counts the bookings that use it or are about to.

    With a `phone` it is one customer's own.
    """

    id = fields.UUID(required=True)
    code = fields.String(required=True)
    label = Words(required=True)
    amount_cents = Cents(required=True, allow_none=True)
    basis_points = fields.Integer(required=True, strict=True, allow_none=True)
    minimum_cents = Cents(required=True)
    service_ids = fields.List(fields.UUID(), required=True)
    valid_from = Instant(required=True)
    valid_to = Instant(required=True)
    stock = fields.Integer(required=True, strict=True, allow_none=True)
    per_customer = fields.Integer(required=True, strict=True, allow_none=True)
    taken = fields.Integer(required=True, strict=True)
    active = fields.Boolean(required=True)
    phone = fields.String(required=True, allow_none=True)


class ListCoupons(Contract):
    cursor = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class CouponPage(Contract):
    items = fields.List(fields.Nested(Coupon), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


# --- what they take off


class AskDiscounts(Contract):
    """A booking to be: who books what, and what it costs before the discounts."""

    booking_id = fields.UUID(required=True)
    phone = fields.String(required=True, validate=validate.Length(max=40))
    service_ids = fields.List(fields.UUID(), required=True)
    total_cents = Cents(required=True, validate=validate.Range(min=0))
    coupon_code = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(max=64)
    )


class PreviewCoupon(Contract):
    """What a coupon would take off; nothing is reserved by asking."""

    service_ids = fields.List(fields.UUID(), required=True)
    total_cents = Cents(required=True, validate=validate.Range(min=0))
    coupon_code = fields.String(required=True, validate=validate.Length(max=64))


class Discount(Contract):
    """`cents` is negative; `reference_id` is the level's or the coupon's."""

    kind = fields.String(required=True, validate=validate.OneOf(["member", "coupon"]))
    label = Words(required=True)
    cents = Cents(required=True)
    reference_id = fields.UUID(required=True)


class Discounts(Contract):
    lines = fields.List(fields.Nested(Discount), required=True)


class OneUse(Contract):
    booking_id = fields.UUID(required=True)


class Released(Contract):
    released = fields.Boolean(required=True)


LIST_LEVELS = Rpc(OWNER, "list_levels", Contract(), LevelList())
DEFINE_LEVEL = Rpc(OWNER, "define_level", DefineLevel(), Level())
LIST_COUPONS = Rpc(OWNER, "list_coupons", ListCoupons(), CouponPage())
DEFINE_COUPON = Rpc(OWNER, "define_coupon", DefineCoupon(), Coupon(), (CouponCodeTaken,))
DISCOUNTS = Rpc(OWNER, "discounts", AskDiscounts(), Discounts(), COUPON_ERRORS)
PREVIEW_COUPON = Rpc(OWNER, "preview_coupon", PreviewCoupon(), Discount(), COUPON_ERRORS)
RELEASE_COUPON = Rpc(OWNER, "release_coupon", OneUse(), Released())

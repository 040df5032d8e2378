"""Booking's words on the wire: money that staff take, give back, charge and count."""

from marshmallow import fields, validate

from services.contracts.booking import CHANGED, OWNER, SEEN, Booking, OneBooking
from services.contracts.errors import Conflict
from services.contracts.fields import Cents, Contract, Currency, Instant, Line, Words
from services.contracts.payments import PaymentUnknown, ProviderUnavailable, ProviderUnknown
from services.contracts.registry import Rpc

METHODS = ("cash", "card", "transfer", "wechat", "alipay", "other")
CHARGES = ("extra", "product", "fee", "discount")
POSITIVE = validate.Range(min=1, max=100_000_000)


class PaymentExceedsBalance(Conflict):
    """Shapes:  details["balance_cents"]."""

    code = "booking.payment_exceeds_balance"
    sentence = {"zh": "收款超过应收余额", "en": "This is more than what is still owed"}


class RefundExceedsPayment(Conflict):
    """Shapes:  details["left_cents"], what of the payment has not gone back yet."""

    code = "booking.refund_exceeds_payment"
    sentence = {"zh": "退款超过可退金额", "en": "This is more than what is left of the payment"}


class DiscountExceedsPrice(Conflict):
    code = "booking.discount_exceeds_price"
    sentence = {"zh": "优惠超过订单金额", "en": "This rebate is more than the price"}


class CashClosed(Conflict):
    code = "booking.cash_closed"
    sentence = {"zh": "该门店当日已结账", "en": "The cash desk is closed for that day already"}


class TakeCash(OneBooking):
    """Money that staff have in hand; the key makes the same command take it once."""

    kind = fields.String(
        required=True, validate=validate.OneOf(["deposit", "balance", "extra", "product"])
    )
    method = fields.String(required=True, validate=validate.OneOf(METHODS))
    amount_cents = Cents(required=True, validate=POSITIVE)
    note = fields.String(load_default="", validate=validate.Length(max=500))
    idempotency_key = fields.String(required=True, validate=validate.Length(min=1, max=255))


class RefundPayment(OneBooking):
    """A part of a payment that goes back the way it came; by hand what was taken by hand."""

    payment_id = fields.UUID(required=True)
    amount_cents = Cents(required=True, validate=POSITIVE)
    reason = Line(required=True, validate=validate.Length(1, 200))
    idempotency_key = fields.String(required=True, validate=validate.Length(min=1, max=255))


class ChargeOrder(OneBooking):
    """Something more that was bought, a fee, or a rebate (its amount is taken off)."""

    kind = fields.String(required=True, validate=validate.OneOf(CHARGES))
    label = Words(required=True)
    quantity = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, 10_000))
    unit_cents = Cents(required=True, validate=POSITIVE)
    idempotency_key = fields.String(required=True, validate=validate.Length(min=1, max=255))


class CashDay(Contract):
    """A branch and a date on its calendar."""

    branch_id = fields.UUID(required=True)
    day = fields.Date(required=True)


class CashTotal(Contract):
    provider = fields.String(required=True)
    method = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True)
    currency = Currency(required=True)
    count = fields.Integer(required=True, strict=True)
    received_cents = Cents(required=True)
    refunded_cents = Cents(required=True)


class CashClosing(Contract):
    """How the desk was closed; `difference` is what was counted above what was expected."""

    expected_cents = Cents(required=True)
    counted_cents = Cents(required=True)
    difference_cents = Cents(required=True)
    currency = Currency(required=True)
    note = fields.String(required=True)
    closed_by = fields.UUID(required=True)
    closed_at = Instant(required=True)


class CashReport(Contract):
    """What moved on a day; `cash_cents` of it must lie in the drawer."""

    branch_id = fields.UUID(required=True)
    day = fields.Date(required=True)
    totals = fields.List(fields.Nested(CashTotal), required=True)
    cash_cents = Cents(required=True)
    closing = fields.Nested(CashClosing, required=True, allow_none=True)


class CloseCash(CashDay):
    counted_cents = Cents(required=True, validate=validate.Range(min=0, max=100_000_000_000))
    note = fields.String(load_default="", validate=validate.Length(max=500))
    staff_id = fields.UUID(required=True)


class Reconcile(Contract):
    """A provider and a day of China Standard Time, by which providers cut their statements."""

    provider = fields.String(required=True, validate=validate.Length(max=40))
    day = fields.Date(required=True)


class Movement(Contract):
    """Money that moved; `kind` is payment or refund."""

    kind = fields.String(required=True)
    number = fields.String(required=True)
    reference = fields.String(required=True)
    amount_cents = Cents(required=True)
    currency = Currency(required=True)
    settled_at = Instant(required=True)


class Differing(Contract):
    ours = fields.Nested(Movement, required=True)
    theirs = fields.Nested(Movement, required=True)


class Reconciliation(Contract):
    """What the provider's statement and our books do not agree on."""

    provider = fields.String(required=True)
    day = fields.Date(required=True)
    matched = fields.Integer(required=True, strict=True)
    differing = fields.List(fields.Nested(Differing), required=True)
    missing_here = fields.List(fields.Nested(Movement), required=True)
    missing_there = fields.List(fields.Nested(Movement), required=True)
    repeated = fields.List(fields.Nested(Movement), required=True)


RECONCILE = Rpc(
    OWNER, "reconcile", Reconcile(), Reconciliation(), (ProviderUnknown, ProviderUnavailable)
)
TAKE_CASH = Rpc(OWNER, "take_cash", TakeCash(), Booking(), (*CHANGED, PaymentExceedsBalance))
REFUND = Rpc(
    OWNER, "refund", RefundPayment(), Booking(), (*SEEN, PaymentUnknown, RefundExceedsPayment)
)
CHARGE = Rpc(OWNER, "charge", ChargeOrder(), Booking(), (*CHANGED, DiscountExceedsPrice))
CASH_DAY = Rpc(OWNER, "cash_day", CashDay(), CashReport())
CLOSE_CASH = Rpc(OWNER, "close_cash", CloseCash(), CashReport(), (CashClosed,))

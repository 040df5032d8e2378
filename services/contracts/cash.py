"""Booking's words on the wire: money that staff take, give back, charge and count."""

from marshmallow import fields, validate

from services.contracts.booking import CHANGED, OWNER, SEEN, Booking, OneBooking
from services.contracts.booking_facts import BookingFact
from services.contracts.errors import Conflict
from services.contracts.fields import Cents, Contract, Currency, Instant, Line, Words
from services.contracts.member_accounts import ACCOUNTS, BalanceTooLow
from services.contracts.payments import PaymentUnknown, ProviderUnavailable, ProviderUnknown
from services.contracts.registry import Event, Rpc

PAYOUT_METHODS = ("cash", "card", "transfer", "wechat", "alipay", "other")
METHODS = (*PAYOUT_METHODS, *ACCOUNTS)
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


class PayoutExceedsDebt(Conflict):
    """Shapes:  details["owed_cents"], what the studio still owes beyond what was paid."""

    code = "booking.payout_exceeds_debt"
    sentence = {"zh": "付款超过应赔付金额", "en": "This is more than what the studio owes"}


class DiscountExceedsPrice(Conflict):
    code = "booking.discount_exceeds_price"
    sentence = {"zh": "优惠超过订单金额", "en": "This rebate is more than the price"}


class CashClosed(Conflict):
    code = "booking.cash_closed"
    sentence = {
        "zh": "刚刚已有人日结，请按最新数据重新清点",
        "en": "Somebody has just closed this cash desk, please count again",
    }


class TakeCash(OneBooking):
    """Money that staff have in hand, or take from the customer's stored value or points.

    The key makes the same command take it once.
    """

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


class PayOut(OneBooking):
    """Money that staff hand to a customer to whom the studio owes; the key makes it happen once."""

    method = fields.String(required=True, validate=validate.OneOf(PAYOUT_METHODS))
    amount_cents = Cents(required=True, validate=POSITIVE)
    note = fields.String(load_default="", validate=validate.Length(max=500))
    idempotency_key = fields.String(required=True, validate=validate.Length(min=1, max=255))


class Payout(Contract):
    id = fields.UUID(required=True)
    method = fields.String(required=True)
    amount_cents = Cents(required=True)
    note = fields.String(required=True)
    paid_at = Instant(required=True)


class Payouts(Contract):
    """What the studio still owes beyond what was paid, and what of it was paid out."""

    owed_cents = Cents(required=True)
    currency = Currency(required=True)
    items = fields.List(fields.Nested(Payout), required=True)


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


class CashOpen(Contract):
    """What the next close in a currency takes: all since the one before, which is the last.

    `expected_cents` of it must lie in the drawer.
    """

    currency = Currency(required=True)
    previous_id = fields.UUID(required=True, allow_none=True)
    since = Instant(required=True, allow_none=True)
    expected_cents = Cents(required=True)
    totals = fields.List(fields.Nested(CashTotal), required=True)


class CashClosing(Contract):
    """How the desk was closed, with all that moved in one currency since the close before.

    `difference` is what was counted above what was expected.
    """

    id = fields.UUID(required=True)
    since = Instant(required=True, allow_none=True)
    totals = fields.List(fields.Nested(CashTotal), required=True)
    expected_cents = Cents(required=True)
    counted_cents = Cents(required=True)
    difference_cents = Cents(required=True)
    currency = Currency(required=True)
    note = fields.String(required=True)
    closed_by = fields.UUID(required=True)
    closed_at = Instant(required=True)


class CashReport(Contract):
    """What moved on a day, how the desk was closed for it, and what is in no close yet."""

    branch_id = fields.UUID(required=True)
    day = fields.Date(required=True)
    totals = fields.List(fields.Nested(CashTotal), required=True)
    open = fields.List(fields.Nested(CashOpen), required=True)
    closings = fields.List(fields.Nested(CashClosing), required=True)


class CloseCash(CashDay):
    """The desk is closed after the last close that whoever has counted knows of, null for none."""

    currency = Currency(load_default="CNY")
    previous_id = fields.UUID(required=True, allow_none=True)
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


class LatestDays(Contract):
    days = fields.Integer(load_default=14, validate=validate.Range(1, 92))


class DailyReconciliation(Contract):
    """A provider's statement of a day: `found` once it was compared, else why it could not be.

    `agrees` is null until then; `ask_at` says when the statement is asked for again.
    """

    provider = fields.String(required=True)
    day = fields.Date(required=True)
    agrees = fields.Boolean(required=True, allow_none=True)
    found = fields.Nested(Reconciliation, required=True, allow_none=True)
    error = fields.String(required=True, allow_none=True)
    checked_at = Instant(required=True, allow_none=True)
    ask_at = Instant(required=True, allow_none=True)


class DailyReconciliations(Contract):
    items = fields.List(fields.Nested(DailyReconciliation), required=True)


RECONCILE = Rpc(
    OWNER, "reconcile", Reconcile(), Reconciliation(), (ProviderUnknown, ProviderUnavailable)
)
TAKE_CASH = Rpc(
    OWNER,
    "take_cash",
    TakeCash(),
    Booking(),
    (*CHANGED, PaymentExceedsBalance, BalanceTooLow),
)
REFUND = Rpc(
    OWNER, "refund", RefundPayment(), Booking(), (*SEEN, PaymentUnknown, RefundExceedsPayment)
)
CHARGE = Rpc(OWNER, "charge", ChargeOrder(), Booking(), (*CHANGED, DiscountExceedsPrice))
CASH_DAY = Rpc(OWNER, "cash_day", CashDay(), CashReport())
CLOSE_CASH = Rpc(OWNER, "close_cash", CloseCash(), CashReport(), (CashClosed,))
PAY_OUT = Rpc(OWNER, "pay_out", PayOut(), Payouts(), (*SEEN, PayoutExceedsDebt))
LIST_PAYOUTS = Rpc(OWNER, "list_payouts", OneBooking(), Payouts(), SEEN)
LIST_RECONCILIATIONS = Rpc(OWNER, "list_reconciliations", LatestDays(), DailyReconciliations())

# --- events


class PayoutDue(BookingFact):
    """The studio owes a customer what no provider gives back by itself: staff have to pay it.

    `amount_cents` in all: `refund_cents` of money that was taken by hand, and a compensation.
    """

    amount_cents = Cents(required=True)
    refund_cents = Cents(required=True)
    compensation_cents = Cents(required=True)


class PayoutMade(BookingFact):
    """The studio has paid out what it owed, or a part; `owed_cents` is what is left of it."""

    payout_id = fields.UUID(required=True)
    method = fields.String(required=True)
    amount_cents = Cents(required=True)
    owed_cents = Cents(required=True)


class ReconciliationFailed(Contract):
    """A provider's statement of a day and our books do not agree; how many entries differ how."""

    reconciliation_id = fields.UUID(required=True)
    provider = fields.String(required=True)
    day = fields.Date(required=True)
    differing = fields.Integer(required=True, strict=True)
    missing_here = fields.Integer(required=True, strict=True)
    missing_there = fields.Integer(required=True, strict=True)
    repeated = fields.Integer(required=True, strict=True)


PAYOUT_DUE = Event("payout.due", OWNER, PayoutDue(), "booking_id", ("automation", "crm"))
PAYOUT_MADE = Event("payout.made", OWNER, PayoutMade(), "booking_id", ("crm",))
RECONCILIATION_FAILED = Event(
    "reconciliation.failed", OWNER, ReconciliationFailed(), "reconciliation_id", ("automation",)
)

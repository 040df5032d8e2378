"""CRM's words on the wire: a customer's level, stored value (储值) and points (积分)."""

from marshmallow import fields, validate

from services.contracts.crm import OWNER, CustomerUnknown, OneCustomer
from services.contracts.errors import Conflict, NotFound
from services.contracts.fields import Cents, Contract, Currency, Instant, Line
from services.contracts.members import Level, LevelUnknown
from services.contracts.registry import Rpc

ACCOUNTS = ("stored_value", "points")
KINDS = ("top_up", "gift", "spend", "return", "adjust", "earn", "opening")
"""`opening` is the balance that a customer brought from another system; negative, taken back."""

AMOUNT = validate.Range(1, 100_000_000)


class BalanceTooLow(Conflict):
    """Shapes:  details["balance"] in cents of stored value, or in points."""

    code = "crm.balance_too_low"
    sentence = {"zh": "余额不足", "en": "There is not enough on the account"}


class NothingSpent(NotFound):
    code = "crm.nothing_spent"
    sentence = {
        "zh": "没有找到这笔会员支付",
        "en": "Nothing was spent from an account with this payment",
    }


class ReturnExceedsSpend(Conflict):
    """Shapes:  details["left_cents"], what of the payment has not gone back yet."""

    code = "crm.return_exceeds_spend"
    sentence = {"zh": "退回超过已支付金额", "en": "This is more than is left of what was spent"}


class Account(Contract):
    """What a customer has: `point_cents` is what one point is worth when it is spent."""

    customer_id = fields.UUID(required=True)
    level = fields.Nested(Level, required=True, allow_none=True)
    stored_value_cents = Cents(required=True)
    points = fields.Integer(required=True, strict=True)
    point_cents = Cents(required=True)
    currency = Currency(required=True)


class AccountEntry(Contract):
    """A line of an account; `amount` in cents or points, its sign what it does to the balance."""

    id = fields.UUID(required=True)
    account = fields.String(required=True, validate=validate.OneOf(ACCOUNTS))
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    amount = fields.Integer(required=True, strict=True)
    booking_id = fields.UUID(required=True, allow_none=True)
    note = fields.String(required=True)
    entered_at = Instant(required=True)


class ListEntries(OneCustomer):
    cursor = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 200))


class EntryPage(Contract):
    items = fields.List(fields.Nested(AccountEntry), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class SetLevel(OneCustomer):
    level_id = fields.UUID(required=True, allow_none=True)


class Gift(OneCustomer):
    """What the studio gives without money; the key makes the same command give it once."""

    account = fields.String(required=True, validate=validate.OneOf(ACCOUNTS))
    amount = fields.Integer(required=True, strict=True, validate=AMOUNT)
    note = Line(load_default="", validate=validate.Length(max=200))
    staff_id = fields.UUID(required=True)
    idempotency_key = fields.String(required=True, validate=validate.Length(min=1, max=255))


class Adjustment(Gift):
    """A correction, up or down, and why."""

    amount = fields.Integer(
        required=True,
        strict=True,
        validate=[validate.Range(-100_000_000, 100_000_000), validate.NoneOf([0])],
    )
    note = Line(required=True, validate=validate.Length(1, 200))


class Credit(Contract):
    """A top-up that the cash desk has taken the money of, and what is given on top."""

    top_up_id = fields.UUID(required=True)
    customer_id = fields.UUID(required=True)
    amount_cents = Cents(required=True, validate=AMOUNT)
    gift_cents = Cents(required=True, validate=validate.Range(0, 100_000_000))


class Spend(Contract):
    """A payment from a customer's account; its id makes it take effect once."""

    payment_id = fields.UUID(required=True)
    booking_id = fields.UUID(required=True)
    phone = fields.String(required=True)
    account = fields.String(required=True, validate=validate.OneOf(ACCOUNTS))
    cents = Cents(required=True, validate=AMOUNT)


class Spent(Contract):
    payment_id = fields.UUID(required=True)
    cents = Cents(required=True)
    spent_at = Instant(required=True)


class OneSpend(Contract):
    payment_id = fields.UUID(required=True)


class GiveBack(OneSpend):
    """A part of a payment that goes back to the account; the refund's id makes it do so once."""

    refund_id = fields.UUID(required=True)
    cents = Cents(required=True, validate=AMOUNT)


class GivenBack(Contract):
    refund_id = fields.UUID(required=True)
    cents = Cents(required=True)
    returned_at = Instant(required=True)


GET_ACCOUNT = Rpc(OWNER, "get_account", OneCustomer(), Account(), (CustomerUnknown,))
LIST_ENTRIES = Rpc(OWNER, "list_entries", ListEntries(), EntryPage(), (CustomerUnknown,))
SET_LEVEL = Rpc(OWNER, "set_level", SetLevel(), Account(), (CustomerUnknown, LevelUnknown))
GIVE = Rpc(OWNER, "give", Gift(), Account(), (CustomerUnknown,))
ADJUST = Rpc(OWNER, "adjust", Adjustment(), Account(), (CustomerUnknown, BalanceTooLow))
CREDIT = Rpc(OWNER, "credit", Credit(), Account(), (CustomerUnknown,))
SPEND = Rpc(OWNER, "spend", Spend(), Spent(), (BalanceTooLow,))
GET_SPEND = Rpc(OWNER, "get_spend", OneSpend(), Spent(), (NothingSpent,))
GIVE_BACK = Rpc(OWNER, "give_back", GiveBack(), GivenBack(), (NothingSpent, ReturnExceedsSpend))

"""Booking's words on the wire: the catalogue of services and packages."""

from typing import Any

from marshmallow import fields, validate

from services.contracts.errors import Conflict, NotFound
from services.contracts.fields import (
    Cents,
    Contract,
    Currency,
    Flag,
    Instant,
    Line,
    Minutes,
    Words,
)
from services.contracts.members import COUPON_ERRORS
from services.contracts.registry import Rpc
from services.contracts.scheduling import (
    DEFINE_REQUIREMENT,
    BranchUnknown,
    DefineRequirement,
    RoleLine,
)

OWNER = "booking"


class ServiceUnknown(NotFound):
    code = "booking.service_unknown"
    sentence = {"zh": "没有这个套餐", "en": "There is no such service"}


class PackageUnknown(NotFound):
    code = "booking.package_unknown"
    sentence = {"zh": "没有这个套系", "en": "There is no such package"}


class SessionUnknown(NotFound):
    code = "booking.session_unknown"
    sentence = {"zh": "订单中没有这一次拍摄", "en": "The order holds no such session"}


class SessionTaken(Conflict):
    """Shapes:  details = {"state"}."""

    code = "booking.session_taken"
    sentence = {
        "zh": "这一次拍摄已预约、已使用或已失效",
        "en": "This session is booked, used or void already",
    }


class SessionExpired(Conflict):
    """Shapes:  details = {"expires_on"}."""

    code = "booking.session_expired"
    sentence = {
        "zh": "已超过套系有效期，请联系门店",
        "en": "The package is no longer valid then, please call the studio",
    }


class PackageUnpaid(Conflict):
    code = "booking.package_unpaid"
    sentence = {
        "zh": "套系尚未确认：请先支付定金或等待门店同意，再预约其余拍摄",
        "en": "The package is not confirmed yet: its other sessions can be booked once it is paid"
        " for and agreed on",
    }


class NotTogether(Conflict):
    """Shapes:  details = {"differs"}: currency or deposit_money."""

    code = "booking.not_together"
    sentence = {
        "zh": "币种或定金性质不同，不能一起预约",
        "en": "These cannot be booked together: their currency or kind of deposit differs",
    }


class OfferAlone(Conflict):
    code = "booking.offer_alone"
    sentence = {
        "zh": "候补名额只够原来的一项服务，不能加约其他服务",
        "en": "The time on offer is for its one service, nothing can be added to it",
    }


class OrderBusy(Conflict):
    code = "booking.order_busy"
    sentence = {
        "zh": "订单中还有未结束的预约，请先取消",
        "en": "An appointment of this order is still to come, cancel it first",
    }


class AddOnUnknown(NotFound):
    code = "booking.add_on_unknown"
    sentence = {"zh": "没有这个加项", "en": "There is no such add-on"}


class AddOnSoldOut(Conflict):
    code = "booking.add_on_sold_out"
    sentence = {"zh": "该加项已售完", "en": "This add-on is sold out"}


class PriceRuleUnknown(NotFound):
    code = "booking.price_rule_unknown"
    sentence = {"zh": "没有这条价格规则", "en": "There is no such price rule"}


# --- terms


class Deposit(Contract):
    """What is asked to secure a time.

    `value` is in cents when fixed and in basis points when a percentage. Due with the booking, it
    is paid before the booking is confirmed; due with the service, the booking does not wait.
    `money` is what the law takes it for: earnest money (定金) or an advance (订金).
    """

    kind = fields.String(
        required=True, validate=validate.OneOf(["none", "fixed", "percent", "full"])
    )
    value = fields.Integer(strict=True, load_default=0, validate=validate.Range(min=0))
    due = fields.String(load_default="booking", validate=validate.OneOf(["booking", "service"]))
    money = fields.String(load_default="advance", validate=validate.OneOf(["earnest", "advance"]))


BASIS_POINTS = validate.Range(0, 10_000)


class Fee(Contract):
    """A fixed fee or a part of the price, not both."""

    cents = Cents(load_default=0, validate=validate.Range(min=0))
    basis_points = fields.Integer(strict=True, load_default=0, validate=BASIS_POINTS)


class Tier(Contract):
    """Terms of moves and cancellations from so many hours before the start on."""

    cause = fields.String(required=True, validate=validate.OneOf(["customer", "studio", "weather"]))
    from_hours = fields.Integer(strict=True, load_default=0, validate=validate.Range(0, 8784))
    moves = Flag(load_default=True)
    cancels = Flag(load_default=True)
    free_moves = fields.Integer(strict=True, load_default=0, validate=validate.Range(0, 99))
    move_fee = fields.Nested(Fee, load_default=lambda: {"cents": 0, "basis_points": 0})
    cancel_fee = fields.Nested(Fee, load_default=lambda: {"cents": 0, "basis_points": 0})
    earnest_return = fields.Integer(strict=True, load_default=10_000, validate=BASIS_POINTS)
    other_return = fields.Integer(strict=True, load_default=10_000, validate=BASIS_POINTS)
    transfer_days = fields.Integer(strict=True, load_default=0, validate=validate.Range(0, 3660))


class Part(Contract):
    """A part of a payment schedule; `value` in cents, or in basis points of the total."""

    kind = fields.String(required=True, validate=validate.OneOf(["deposit", "balance", "extra"]))
    part = fields.String(required=True, validate=validate.OneOf(["amount", "percent", "rest"]))
    value = fields.Integer(strict=True, load_default=0, validate=validate.Range(min=0))
    anchor = fields.String(
        load_default="booking", validate=validate.OneOf(["booking", "start", "event"])
    )
    days = fields.Integer(strict=True, load_default=0, validate=validate.Range(-366, 3660))
    event = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=40))


# --- what is sold


class Role(RoleLine):
    name = Words(required=True)


class Service(Contract):
    """A service (套餐) as the portal shows it."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True, strict=True)
    name = Words(required=True)
    category = Words(required=True)
    summary = Words(required=True)
    content = fields.List(Words(), required=True)
    duration_minutes = Minutes(required=True)
    price_cents = Cents(required=True)
    deposit_cents = Cents(required=True)
    deposit = fields.Nested(Deposit, required=True)
    policy = fields.List(fields.Nested(Tier), required=True)
    schedule = fields.List(fields.Nested(Part), required=True)
    needs_approval = fields.Boolean(required=True)
    currency = Currency(required=True)
    cover = fields.String(required=True, allow_none=True)
    roles = fields.List(fields.Nested(Role), required=True)
    branch_ids = fields.List(fields.UUID(), required=True)
    form_id = fields.UUID(required=True, allow_none=True)
    position = fields.Integer(required=True, strict=True)


class DefineService(DefineRequirement):
    """A service with what it needs; booking keeps the deal, scheduling the requirement."""

    name = Words(required=True)
    category = Words(required=True)
    summary = Words(required=True)
    content = fields.List(Words(), required=True)
    price_cents = Cents(required=True, validate=validate.Range(min=0))
    deposit = fields.Nested(Deposit, required=True)
    policy = fields.List(fields.Nested(Tier), load_default=list, validate=validate.Length(max=40))
    schedule = fields.List(fields.Nested(Part), load_default=list, validate=validate.Length(max=12))
    needs_approval = Flag(load_default=False)
    currency = Currency(load_default="CNY")
    cover = fields.String(load_default=None, allow_none=True)
    position = fields.Integer(strict=True, load_default=0)
    form_id = fields.UUID(load_default=None, allow_none=True)


ITEM_KINDS = (
    "session",
    "retouch",
    "garment",
    "album",
    "frame",
    "print",
    "digital",
    "gift",
    "other",
)


class Item(Contract):
    """One thing that a package holds; of a session, how many appointments of which service."""

    kind = fields.String(required=True, validate=validate.OneOf(ITEM_KINDS))
    label = Words(required=True)
    quantity = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, 1000))
    service_id = fields.UUID(load_default=None, allow_none=True)


class Package(Contract):
    """A package (套系): one price for appointments and what comes with them.

    `valid_days` is how long after the sale its appointments may be made, null for ever.
    """

    id = fields.UUID(required=True)
    version = fields.Integer(required=True, strict=True)
    name = Words(required=True)
    category = Words(required=True)
    summary = Words(required=True)
    items = fields.List(fields.Nested(Item), required=True)
    price_cents = Cents(required=True)
    deposit_cents = Cents(required=True)
    deposit = fields.Nested(Deposit, required=True)
    policy = fields.List(fields.Nested(Tier), required=True)
    schedule = fields.List(fields.Nested(Part), required=True)
    needs_approval = fields.Boolean(required=True)
    currency = Currency(required=True)
    cover = fields.String(required=True, allow_none=True)
    valid_days = fields.Integer(required=True, strict=True, allow_none=True)
    position = fields.Integer(required=True, strict=True)
    active = fields.Boolean(required=True)


class DefinePackage(Contract):
    package_id = fields.UUID(required=True)
    name = Words(required=True)
    category = Words(required=True)
    summary = Words(required=True)
    items = fields.List(fields.Nested(Item), required=True, validate=validate.Length(1, 60))
    price_cents = Cents(required=True, validate=validate.Range(min=0))
    deposit = fields.Nested(Deposit, required=True)
    policy = fields.List(fields.Nested(Tier), load_default=list, validate=validate.Length(max=40))
    schedule = fields.List(fields.Nested(Part), load_default=list, validate=validate.Length(max=12))
    needs_approval = Flag(load_default=False)
    currency = Currency(load_default="CNY")
    cover = fields.String(load_default=None, allow_none=True)
    valid_days = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(1, 36_500)
    )
    position = fields.Integer(strict=True, load_default=0)
    active = Flag(load_default=True)


class ListPackages(Contract):
    """Those whose appointments a branch offers; `all` also those that are not on offer now."""

    branch_id = fields.UUID(load_default=None, allow_none=True)
    all = fields.Boolean(load_default=False)


class PackageList(Contract):
    items = fields.List(fields.Nested(Package), required=True)


class AddOn(Contract):
    """Something that can be bought with a booking.

    `stock` null is as many as are wanted; `left` null likewise. `service_ids` empty: with all.
    """

    id = fields.UUID(required=True)
    name = Words(required=True)
    summary = Words(required=True, allow_none=True)
    price_cents = Cents(required=True)
    currency = Currency(required=True)
    stock = fields.Integer(required=True, strict=True, allow_none=True)
    left = fields.Integer(required=True, strict=True, allow_none=True)
    max_quantity = fields.Integer(required=True, strict=True)
    service_ids = fields.List(fields.UUID(), required=True)
    position = fields.Integer(required=True, strict=True)
    active = fields.Boolean(required=True)


class DefineAddOn(Contract):
    add_on_id = fields.UUID(required=True)
    name = Words(required=True)
    summary = Words(load_default=None, allow_none=True)
    price_cents = Cents(required=True, validate=validate.Range(min=0))
    currency = Currency(load_default="CNY")
    stock = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(0, 1_000_000)
    )
    max_quantity = fields.Integer(strict=True, load_default=10, validate=validate.Range(1, 1000))
    service_ids = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=200))
    position = fields.Integer(strict=True, load_default=0)
    active = Flag(load_default=True)


class ListAddOns(Contract):
    """Of one service; `all` also those that are not on offer now."""

    service_id = fields.UUID(load_default=None, allow_none=True)
    all = fields.Boolean(load_default=False)


class AddOnList(Contract):
    items = fields.List(fields.Nested(AddOn), required=True)


class Dates(Contract):
    """From the first to the last day; of a yearly range only month and day count."""

    first = fields.Date(required=True)
    last = fields.Date(required=True)
    yearly = Flag(load_default=False)


def Some(field: fields.Field[Any]) -> fields.List[Any]:  # noqa: N802  (reads like a field type)
    """A list that leaves its condition open when it is null."""
    return fields.List(field, load_default=None, allow_none=True, validate=validate.Length(1, 200))


class PriceMatch(Contract):
    """When a rule holds: in every respect that is not null.

    Weekdays are 1–7, 8 a public holiday, 9 a make-up work day. Times by the branch's wall clock,
    half-open, over midnight when the second is not the later.
    """

    weekdays = Some(fields.Integer(strict=True, validate=validate.Range(1, 9)))
    dates = Some(fields.Nested(Dates))
    branch_ids = Some(fields.UUID())
    service_ids = Some(fields.UUID())
    skill = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 60))
    skill_levels = Some(fields.Integer(strict=True, validate=validate.Range(1, 9)))
    from_time = fields.Time(load_default=None, allow_none=True)
    to_time = fields.Time(load_default=None, allow_none=True)


class PriceRule(Contract):
    """A rule of the price calendar; `value` in cents, of a percentage in basis points."""

    id = fields.UUID(required=True)
    label = Words(required=True)
    effect = fields.String(required=True, validate=validate.OneOf(["set", "add", "percent"]))
    value = Cents(required=True)
    match = fields.Nested(PriceMatch, required=True)
    priority = fields.Integer(strict=True, load_default=0, validate=validate.Range(-1000, 1000))
    exclusive = Flag(load_default=False)
    active = Flag(load_default=True)


class PriceRuleList(Contract):
    items = fields.List(fields.Nested(PriceRule), required=True)


class PriceRuleId(Contract):
    rule_id = fields.UUID(required=True)


class PickedAddOn(Contract):
    id = fields.UUID(required=True)
    quantity = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, 1000))


class AskQuote(Contract):
    """What is wanted; nothing is held by asking. See contracts.booking.NewBooking.

    It is priced as if those of `preferred` served; a booking is priced by who of them really does.
    """

    service_id = fields.UUID(required=True)
    also = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=5))
    package_id = fields.UUID(load_default=None, allow_none=True)
    branch_id = fields.UUID(required=True)
    start = Instant(required=True)
    resource_ids = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=12))
    preferred = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=12))
    coupon_code = Line(load_default=None, allow_none=True, validate=validate.Length(1, 40))
    add_ons = fields.List(
        fields.Nested(PickedAddOn), load_default=list, validate=validate.Length(max=30)
    )


class QuoteLine(Contract):
    kind = fields.String(required=True)
    label = Words(required=True)
    quantity = fields.Integer(required=True, strict=True)
    unit_cents = Cents(required=True)


class Quote(Contract):
    """The lines add up to the total; an earnest above the legal limit has no effect as such."""

    lines = fields.List(fields.Nested(QuoteLine), required=True)
    total_cents = Cents(required=True)
    deposit_cents = Cents(required=True)
    earnest_excess_cents = Cents(required=True)
    currency = Currency(required=True)


class ListServices(Contract):
    branch_id = fields.UUID(load_default=None, allow_none=True)


class Empty(Contract):
    """Nothing."""


class ServiceList(Contract):
    items = fields.List(fields.Nested(Service), required=True)


DEFINE_SERVICE = Rpc(OWNER, "define_service", DefineService(), Service(), DEFINE_REQUIREMENT.errors)
# Of a service that is sold already: booking shows customers some of it, and keeps that up to date.
DEFINE_SERVICE_REQUIREMENT = Rpc(
    OWNER,
    "define_service_requirement",
    DefineRequirement(),
    DefineRequirement(),
    (ServiceUnknown, *DEFINE_REQUIREMENT.errors),
)
DEFINE_PACKAGE = Rpc(OWNER, "define_package", DefinePackage(), Package(), (ServiceUnknown,))
LIST_PACKAGES = Rpc(OWNER, "list_packages", ListPackages(), PackageList())
LIST_SERVICES = Rpc(OWNER, "list_services", ListServices(), ServiceList())
DEFINE_ADD_ON = Rpc(OWNER, "define_add_on", DefineAddOn(), AddOn(), (AddOnSoldOut,))
LIST_ADD_ONS = Rpc(OWNER, "list_add_ons", ListAddOns(), AddOnList())
DEFINE_PRICE_RULE = Rpc(OWNER, "define_price_rule", PriceRule(), PriceRule())
REMOVE_PRICE_RULE = Rpc(
    OWNER, "remove_price_rule", PriceRuleId(), PriceRuleList(), (PriceRuleUnknown,)
)
LIST_PRICE_RULES = Rpc(OWNER, "list_price_rules", Empty(), PriceRuleList())
QUOTE = Rpc(
    OWNER,
    "quote",
    AskQuote(),
    Quote(),
    (
        ServiceUnknown,
        PackageUnknown,
        NotTogether,
        BranchUnknown,
        AddOnUnknown,
        AddOnSoldOut,
        *COUPON_ERRORS,
    ),
)

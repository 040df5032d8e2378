"""Booking's words on the wire: bookings, payments and what happened to them."""

from marshmallow import fields, validate

from services.contracts import scheduling as schedule
from services.contracts.catalogue import (
    AddOnSoldOut,
    AddOnUnknown,
    Item,
    NotTogether,
    OfferAlone,
    OrderBusy,
    PackageUnknown,
    PackageUnpaid,
    PickedAddOn,
    ServiceUnknown,
    SessionExpired,
    SessionTaken,
    SessionUnknown,
)
from services.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from services.contracts.fields import (
    AlsoAnswers,
    Cents,
    Contract,
    Currency,
    Flag,
    Instant,
    Json,
    Line,
    Words,
    check_depth,
)
from services.contracts.members import COUPON_ERRORS
from services.contracts.orders import (
    CAUSES,
    ORDER_STATUSES,
    PAYMENT_STATUSES,
    AlsoService,
    Changes,
    Due,
    MoveTerms,
    OrderLine,
    OrderName,
    OrderSession,
    Payment,
    Refund,
    ServiceName,
)
from services.contracts.registry import Rpc

OWNER = "booking"
STATUSES = (
    "held",
    "pending",
    "confirmed",
    "checked_in",
    "in_service",
    "completed",
    "cancelled",
    "expired",
    "rejected",
    "no_show",
)
PAYMENT_KINDS = ("deposit", "balance")
ACTIONS = (
    "pay_deposit",
    "pay_balance",
    "reschedule",
    "cancel",
    "approve",
    "reject",
    "check_in",
    "start",
    "complete",
    "no_show",
)
CHANNELS = ("web", "wechat", "mini_program", "phone", "walk_in", "api")

# --- errors


class BookingUnknown(NotFound):
    code = "booking.unknown"
    sentence = {"zh": "没有找到该预约", "en": "There is no such booking"}


class ManageTokenInvalid(Forbidden):
    code = "booking.manage_token_invalid"
    sentence = {"zh": "链接无效或已失效", "en": "This link is not valid or has expired"}


class PhoneInvalid(Invalid):
    code = "booking.phone_invalid"
    sentence = {"zh": "手机号码无效", "en": "That is not a valid phone number"}


class TransitionRefused(Conflict):
    """Shapes:  details = {"booking_status", "action"}."""

    code = "booking.transition_refused"
    sentence = {
        "zh": "预约当前状态不允许此操作",
        "en": "The booking's state does not allow this",
    }


class TooEarly(Conflict):
    code = "booking.too_early"
    sentence = {"zh": "还没到预约时间", "en": "The booking's time has not come yet"}


class HoldExpired(Conflict):
    code = "booking.hold_expired"
    sentence = {"zh": "预约已超时，请重新预约", "en": "The hold has expired, please book again"}


class CancelTooLate(Conflict):
    code = "booking.cancel_too_late"
    sentence = {
        "zh": "已超过可自助取消的时间，请联系门店",
        "en": "It is too late to cancel online, please call the studio",
    }


class RescheduleTooLate(Conflict):
    code = "booking.reschedule_too_late"
    sentence = {
        "zh": "已超过可自助改期的时间，请联系门店",
        "en": "It is too late to move this online, please call the studio",
    }


# --- bookings


class Contact(Contract):
    name = Line(required=True, validate=validate.Length(min=1, max=80))
    phone = fields.String(required=True, validate=validate.Length(max=40))


class NewBooking(Contract):
    """What a customer sends.

    `resource_ids` must serve, `preferred` do so if they are free; whoever of both serves counts for
    the price. With a `day_part` the start is any instant of that day. `waitlist_token` books the
    time that was offered to who waited for it, with the people and options then wished for. The
    services of `also` come right after the first one, whose policy and payment schedule hold for
    all; currencies and kinds of deposit must not differ. `answers` are to the form of the first,
    `also_answers` to those of the others. `package_id` buys a package with its first appointment;
    `session_id` makes a further one of a package that was bought, by the private link
    (`session_token`) of a booking of the same order, or as staff. `draft_id`, of staff, is done
    with.
    """

    service_id = fields.UUID(required=True)
    also = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=5))
    package_id = fields.UUID(load_default=None, allow_none=True)
    session_id = fields.UUID(load_default=None, allow_none=True)
    session_token = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(min=16, max=200)
    )
    coupon_code = Line(load_default=None, allow_none=True, validate=validate.Length(1, 40))
    draft_id = fields.UUID(load_default=None, allow_none=True)
    branch_id = fields.UUID(required=True)
    start = Instant(required=True)
    contact = fields.Nested(Contact, required=True)
    resource_ids = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=12))
    preferred = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=12))
    options = fields.List(fields.String(), load_default=list, validate=validate.Length(max=12))
    day_part = fields.String(load_default=None, allow_none=True)
    waitlist_token = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(min=16, max=128)
    )
    add_ons = fields.List(
        fields.Nested(PickedAddOn), load_default=list, validate=validate.Length(max=30)
    )
    answers = Json(load_default=dict, validate=check_depth)
    also_answers = AlsoAnswers(load_default=dict)
    channel = fields.String(load_default="web", validate=validate.OneOf(CHANNELS))
    note = fields.String(load_default="", validate=validate.Length(max=2000))


class RequestBooking(NewBooking):
    """`branch_ids` are where the asker may write bookings: of a customer none, null everywhere."""

    branch_ids = fields.List(fields.UUID(), load_default=list, allow_none=True)
    idempotency_key = fields.String(required=True, validate=validate.Length(min=1, max=255))


class BookingCreated(Contract):
    id = fields.UUID(required=True)
    number = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    hold_expires_at = Instant(required=True, allow_none=True)
    manage_url = fields.String(required=True)
    manage_token = fields.String(required=True)
    deposit_cents = Cents(required=True)
    total_cents = Cents(required=True)
    currency = Currency(required=True)


class Booking(Contract):
    id = fields.UUID(required=True)
    number = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    in_conflict = fields.Boolean(required=True)
    reason = fields.String(required=True)
    deposit_money = fields.String(required=True)
    order = fields.Nested(OrderName, required=True)
    order_status = fields.String(required=True, validate=validate.OneOf(ORDER_STATUSES))
    payment_status = fields.String(required=True, validate=validate.OneOf(PAYMENT_STATUSES))
    service = fields.Nested(ServiceName, required=True)
    also = fields.List(fields.Nested(AlsoService), required=True)
    items = fields.List(fields.Nested(Item), required=True)
    sessions = fields.List(fields.Nested(OrderSession), required=True)
    branch = fields.Nested(schedule.Branch, required=True)
    start = Instant(required=True)
    end = Instant(required=True)
    day_part = fields.String(load_default=None, allow_none=True)
    contact = fields.Nested(Contact, required=True)
    note = fields.String(required=True)
    form_id = fields.UUID(required=True, allow_none=True)
    answers = Json(required=True)
    channel = fields.String(required=True)
    hold_expires_at = Instant(required=True, allow_none=True)
    deposit_cents = Cents(required=True)
    total_cents = Cents(required=True)
    paid_cents = Cents(required=True)
    balance_cents = Cents(required=True)
    currency = Currency(required=True)
    reschedule_count = fields.Integer(required=True, strict=True)
    crew = fields.List(fields.Nested(schedule.CrewMember), required=True)
    lines = fields.List(fields.Nested(OrderLine), required=True)
    schedule = fields.List(fields.Nested(Due), required=True)
    payments = fields.List(fields.Nested(Payment), required=True)
    refunds = fields.List(fields.Nested(Refund), required=True)
    changes = fields.List(fields.Nested(Changes), required=True)
    allowed_actions = fields.List(fields.String(validate=validate.OneOf(ACTIONS)), required=True)
    manage_url = fields.String(required=True)
    lookup_code = fields.String(required=True)
    requested_at = Instant(required=True)
    confirmed_at = Instant(required=True, allow_none=True)
    cancelled_at = Instant(required=True, allow_none=True)


class Access(Contract):
    """By what right somebody asks for one booking: its private link, or staff of these branches.

    Shapes:  `branch_ids` null means all branches. Exactly one of `manage_token`, `staff_id` is set.
    """

    manage_token = fields.String(load_default=None, allow_none=True)
    staff_id = fields.UUID(load_default=None, allow_none=True)
    branch_ids = fields.List(fields.UUID(), load_default=None, allow_none=True)


class OneBooking(Contract):
    booking_id = fields.UUID(required=True)
    access = fields.Nested(Access, required=True)


class ChangeBooking(OneBooking):
    """Staff say by whose cause; whoever has the link is the customer."""

    cause = fields.String(load_default="customer", validate=validate.OneOf(CAUSES))


class CancelBooking(ChangeBooking):
    reason = fields.String(load_default="", validate=validate.Length(max=500))


class RejectBooking(OneBooking):
    reason = fields.String(load_default="", validate=validate.Length(max=500))


class EndOrder(OneBooking):
    """The rest of a package is called off; `kept_cents` is what the studio keeps of its price."""

    kept_cents = Cents(required=True, validate=validate.Range(min=0))
    reason = fields.String(load_default="", validate=validate.Length(max=500))


class PreviewMove(ChangeBooking):
    """Where to; by whose cause, as of a move."""

    start = Instant(required=True)


class RescheduleBooking(PreviewMove):
    """Staff may keep the price (`keep_price`) where the new day has another one."""

    keep_price = Flag(load_default=False)


class Move(Contract):
    booking_id = fields.UUID(required=True)
    start = Instant(required=True)


class RescheduleMany(Contract):
    """A weather day, or a machine that broke: each booking moves on its own."""

    access = fields.Nested(Access, required=True)
    moves = fields.List(fields.Nested(Move), required=True, validate=validate.Length(min=1, max=50))
    cause = fields.String(required=True, validate=validate.OneOf(CAUSES))


class MoveError(Contract):
    code = fields.String(required=True)
    details = Json(required=True)


class MoveResult(Contract):
    booking_id = fields.UUID(required=True)
    moved = fields.Boolean(required=True)
    error = fields.Nested(MoveError, required=True, allow_none=True)


class MoveResults(Contract):
    items = fields.List(fields.Nested(MoveResult), required=True)


class CalendarFile(Contract):
    """One appointment as iCalendar (RFC 5545)."""

    text = fields.String(required=True)


class ListBookings(Contract):
    """`from` and `to` are inclusive local dates of the start, in each booking's branch zone."""

    branch_id = fields.UUID(load_default=None, allow_none=True)
    branch_ids = fields.List(fields.UUID(), load_default=None, allow_none=True)
    status = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(STATUSES))
    order_status = fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf(ORDER_STATUSES)
    )
    from_ = fields.Date(data_key="from", load_default=None, allow_none=True)
    to = fields.Date(load_default=None, allow_none=True)
    q = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=80))
    cursor = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class BookingLine(Contract):
    """What whoever follows bookings knows of one."""

    id = fields.UUID(required=True)
    number = fields.String(required=True)
    status = fields.String(required=True)
    payment_status = fields.String(required=True)
    service_name = Words(required=True)
    branch_id = fields.UUID(required=True)
    start = Instant(required=True)
    end = Instant(required=True)
    day_part = fields.String(load_default=None, allow_none=True)
    contact = fields.Nested(Contact, required=True)
    total_cents = Cents(required=True)
    paid_cents = Cents(required=True)
    currency = Currency(required=True)
    channel = fields.String(required=True)
    requested_at = Instant(required=True)


class BookingItem(BookingLine):
    order_status = fields.String(required=True, validate=validate.OneOf(ORDER_STATUSES))
    deposit_money = fields.String(required=True)


class BookingPage(Contract):
    items = fields.List(fields.Nested(BookingItem), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class BookingIds(Contract):
    booking_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(max=5000))


class BookingSummary(Contract):
    """What the calendar shows of a booking."""

    id = fields.UUID(required=True)
    branch_id = fields.UUID(required=True)
    number = fields.String(required=True)
    status = fields.String(required=True)
    service_name = Words(required=True)
    contact_name = fields.String(required=True)
    contact_phone = fields.String(required=True)
    in_conflict = fields.Boolean(load_default=False)


class BookingSummaries(Contract):
    items = fields.List(fields.Nested(BookingSummary), required=True)


# --- RPCs

SEEN = (BookingUnknown, ManageTokenInvalid)
CHANGED = (*SEEN, TransitionRefused)
SERVED = (*CHANGED, TooEarly)

REQUEST = Rpc(
    OWNER,
    "request",
    RequestBooking(),
    BookingCreated(),
    (
        ServiceUnknown,
        PackageUnknown,
        NotTogether,
        SessionUnknown,
        SessionTaken,
        SessionExpired,
        PackageUnpaid,
        ManageTokenInvalid,
        AddOnUnknown,
        AddOnSoldOut,
        PhoneInvalid,
        *COUPON_ERRORS,
        *schedule.COMBINED_WISH_ERRORS,
        *schedule.START_ERRORS,
        schedule.DayPartUnknown,
        schedule.WaitlistUnknown,
        schedule.OfferExpired,
        OfferAlone,
    ),
)
GET_BOOKING = Rpc(OWNER, "get_booking", OneBooking(), Booking(), SEEN)
LIST_BOOKINGS = Rpc(OWNER, "list_bookings", ListBookings(), BookingPage())
SUMMARISE = Rpc(OWNER, "summarise", BookingIds(), BookingSummaries())
CANCEL = Rpc(OWNER, "cancel", CancelBooking(), Booking(), (*CHANGED, CancelTooLate))
RESCHEDULE = Rpc(
    OWNER,
    "reschedule",
    RescheduleBooking(),
    Booking(),
    (
        *CHANGED,
        RescheduleTooLate,
        SessionExpired,
        HoldExpired,
        schedule.HoldReleased,
        *schedule.START_ERRORS,
    ),
)
PREVIEW_MOVE = Rpc(OWNER, "preview_move", PreviewMove(), MoveTerms(), (*CHANGED, SessionExpired))
RESCHEDULE_MANY = Rpc(OWNER, "reschedule_many", RescheduleMany(), MoveResults())
END_ORDER = Rpc(OWNER, "end_order", EndOrder(), Booking(), (*CHANGED, OrderBusy))
RENEW_LINK = Rpc(OWNER, "renew_link", OneBooking(), Booking(), (BookingUnknown,))
CALENDAR_FILE = Rpc(OWNER, "calendar_file", OneBooking(), CalendarFile(), SEEN)
APPROVE = Rpc(OWNER, "approve", OneBooking(), Booking(), CHANGED)
REJECT = Rpc(OWNER, "reject", RejectBooking(), Booking(), CHANGED)
CHECK_IN = Rpc(OWNER, "check_in", OneBooking(), Booking(), SERVED)
START = Rpc(OWNER, "start", OneBooking(), Booking(), SERVED)
COMPLETE = Rpc(OWNER, "complete", OneBooking(), Booking(), SERVED)
NO_SHOW = Rpc(OWNER, "no_show", OneBooking(), Booking(), SERVED)

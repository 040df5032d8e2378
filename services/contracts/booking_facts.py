"""What booking tells of bookings: their facts, as events."""

from marshmallow import fields

from services.contracts.booking import OWNER, Contact
from services.contracts.fields import Cents, Contract, Currency, Instant, Words
from services.contracts.registry import Event


class BookingFact(Contract):
    """The whole booking as it stood after the change; a higher `version` is newer."""

    booking_id = fields.UUID(required=True)
    order_id = fields.UUID(load_default=None, allow_none=True)
    version = fields.Integer(required=True, strict=True)
    number = fields.String(required=True)
    status = fields.String(required=True)
    payment_status = fields.String(required=True)
    branch_id = fields.UUID(required=True)
    branch_name = Words(required=True)
    branch_address = Words(required=True)
    branch_phone = fields.String(required=True)
    timezone = fields.String(required=True)
    service_id = fields.UUID(required=True)
    service_name = Words(required=True)
    start = Instant(required=True)
    end = Instant(required=True)
    day_part = fields.String(load_default=None, allow_none=True)
    contact = fields.Nested(Contact, required=True)
    channel = fields.String(required=True)
    total_cents = Cents(required=True)
    deposit_cents = Cents(required=True)
    paid_cents = Cents(required=True)
    currency = Currency(required=True)
    requested_at = Instant(required=True)
    manage_url = fields.String(required=True)
    lookup_code = fields.String(load_default="")


class BookingMoved(BookingFact):
    previous_start = Instant(required=True)


class Credit(Contract):
    """What was kept of a cancelled booking and may be used for another, until before `valid_to`.

    `code` is the coupon's that it becomes, which only the booking's customer can use.
    """

    code = fields.String(required=True)
    cents = Cents(required=True)
    valid_to = Instant(required=True)


class BookingCancelled(BookingFact):
    """`compensation_cents` is what the studio owes beyond what was paid."""

    reason = fields.String(required=True)
    cause = fields.String(load_default="customer")
    compensation_cents = Cents(load_default=0)
    credit = fields.Nested(Credit, load_default=None, allow_none=True)


class BookingRejected(BookingFact):
    reason = fields.String(required=True)


class BookingConflict(BookingFact):
    """Somebody who serves it is not there any more: leave, roster, closure, busy or forced."""

    cause = fields.String(required=True)


class OrderEnded(BookingFact):
    """The rest of a package was called off; `kept_cents` is what the studio keeps of its price."""

    reason = fields.String(required=True)
    kept_cents = Cents(required=True)


FOLLOWERS = ("crm", "automation", "analytics")

BOOKING_REQUESTED = Event("booking.requested", OWNER, BookingFact(), "booking_id", FOLLOWERS)
BOOKING_CONFIRMED = Event("booking.confirmed", OWNER, BookingFact(), "booking_id", FOLLOWERS)
BOOKING_RESCHEDULED = Event("booking.rescheduled", OWNER, BookingMoved(), "booking_id", FOLLOWERS)
BOOKING_CANCELLED = Event(
    "booking.cancelled",
    OWNER,
    BookingCancelled(),
    "booking_id",
    (*FOLLOWERS, "scheduling"),
)
BOOKING_SUBMITTED = Event("booking.submitted", OWNER, BookingFact(), "booking_id", FOLLOWERS)
BOOKING_REJECTED = Event("booking.rejected", OWNER, BookingRejected(), "booking_id", FOLLOWERS)
BOOKING_CONFLICT_DETECTED = Event(
    "booking.conflict_detected", OWNER, BookingConflict(), "booking_id", FOLLOWERS
)
BOOKING_STARTED = Event("booking.started", OWNER, BookingFact(), "booking_id", FOLLOWERS)
BOOKING_EXPIRED = Event("booking.expired", OWNER, BookingFact(), "booking_id", FOLLOWERS)
BOOKING_CHECKED_IN = Event("booking.checked_in", OWNER, BookingFact(), "booking_id", FOLLOWERS)
# Scheduling hears what came of an appointment, for the calendar and for how time was used.
BOOKING_COMPLETED = Event(
    "booking.completed", OWNER, BookingFact(), "booking_id", (*FOLLOWERS, "scheduling")
)
BOOKING_NO_SHOW = Event(
    "booking.no_show", OWNER, BookingFact(), "booking_id", (*FOLLOWERS, "scheduling")
)
ORDER_ENDED = Event("order.ended", OWNER, OrderEnded(), "booking_id", ("crm",))

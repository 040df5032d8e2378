"""Booking's words on the wire: what an order holds, owes and got, and what changes of it cost."""

from marshmallow import fields, validate

from services.contracts.fields import Cents, Contract, Currency, Instant, Json, Words

ORDER_STATUSES = ("to_confirm", "to_serve", "to_pay", "done", "closed")
PAYMENT_STATUSES = (
    "unpaid",
    "deposit_paid",
    "partly_paid",
    "paid",
    "overpaid",
    "refunding",
    "refunded",
)
PAYMENT_STATES = ("pending", "succeeded", "failed", "refunding", "refunded")
CAUSES = ("customer", "studio", "weather")
REFUND_STATES = ("pending", "succeeded", "failed")


class OrderName(Contract):
    id = fields.UUID(required=True)
    number = fields.String(required=True)


class ServiceName(Contract):
    id = fields.UUID(required=True)
    name = Words(required=True)


class AlsoService(ServiceName):
    """A service right after the first one of a booking, with the form that it asks.

    `form_id` is null when it has none, and when a service before it asks the same.
    """

    form_id = fields.UUID(required=True, allow_none=True)
    answers = Json(required=True)


class OrderSession(Contract):
    """An appointment that a package entitles to, and the booking that was made of it."""

    id = fields.UUID(required=True)
    service_id = fields.UUID(required=True)
    label = Words(required=True)
    state = fields.String(required=True)
    expires_on = fields.Date(required=True, allow_none=True)
    booking_id = fields.UUID(required=True, allow_none=True)
    number = fields.String(required=True, allow_none=True)
    start = Instant(required=True, allow_none=True)


class OrderLine(Contract):
    """What was bought, a fee or a rebate; `quantity` × `unit_cents` counts into the total."""

    kind = fields.String(required=True)
    label = Words(required=True)
    quantity = fields.Integer(required=True, strict=True)
    unit_cents = Cents(required=True)


class Change(Contract):
    """What a move or a cancellation would mean by the policy, were it made now.

    Of a cancellation, refund + forfeited + fee is what was paid; of a move the fee is asked on top.
    Cancelling one appointment of a package moves no money: `session` says whether it comes back
    ("returned") or is lost ("forfeited").
    """

    allowed = fields.Boolean(required=True)
    fee_cents = Cents(required=True)
    refund_cents = Cents(required=True)
    forfeited_cents = Cents(required=True)
    compensation_cents = Cents(required=True)
    counts_as_move = fields.Boolean(required=True)
    free_moves_left = fields.Integer(required=True, strict=True)
    reason = Words(required=True)
    session = fields.String(required=True, allow_none=True)


class MoveTerms(Change):
    """What a move to one start would mean: the difference of the price is asked or given back.

    `total_cents` is what the order would cost with fee and difference.
    """

    difference_cents = Cents(required=True)
    total_cents = Cents(required=True)


class Changes(Contract):
    """By whose cause the booking would be changed, and what that means."""

    cause = fields.String(required=True, validate=validate.OneOf(CAUSES))
    move = fields.Nested(Change, required=True)
    cancel = fields.Nested(Change, required=True)


class Due(Contract):
    """A line of the payment schedule; `on` is open until its day is known."""

    kind = fields.String(required=True)
    amount_cents = Cents(required=True)
    paid_cents = Cents(required=True)
    on = fields.Date(required=True, allow_none=True)


class Refund(Contract):
    id = fields.UUID(required=True)
    payment_id = fields.UUID(required=True)
    amount_cents = Cents(required=True)
    reason = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(REFUND_STATES))
    requested_at = Instant(required=True)
    settled_at = Instant(required=True, allow_none=True)


class Payment(Contract):
    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    provider = fields.String(required=True)
    method = fields.String(required=True, allow_none=True)
    amount_cents = Cents(required=True)
    received_cents = Cents(required=True, allow_none=True)
    refunded_cents = Cents(required=True)
    currency = Currency(required=True)
    state = fields.String(required=True, validate=validate.OneOf(PAYMENT_STATES))
    late = fields.Boolean(required=True)
    created_at = Instant(required=True)
    paid_at = Instant(required=True, allow_none=True)

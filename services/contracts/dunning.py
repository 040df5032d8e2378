"""Booking's words on the wire: payments that customers are reminded of."""

from marshmallow import fields, validate

from services.contracts.booking import OWNER
from services.contracts.booking_facts import BookingFact
from services.contracts.fields import Cents
from services.contracts.registry import Event

STAGES = ("before", "due", "overdue", "served")


class PaymentDue(BookingFact):
    """A line of the payment schedule of which `open_cents` are to be paid by `due_on`.

    The date is that of the branch's calendar; the stage is told once for each line. The last one
    is told right after the service, of what is due by then.
    """

    kind = fields.String(required=True)
    open_cents = Cents(required=True)
    due_on = fields.Date(required=True)
    stage = fields.String(required=True, validate=validate.OneOf(STAGES))


PAYMENT_DUE = Event("payment.due", OWNER, PaymentDue(), "booking_id", ("automation",))

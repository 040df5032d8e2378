"""Booking's words on the wire: money for stored value (储值) that the cash desk takes."""

from marshmallow import fields, validate

from services.contracts.cash import PAYOUT_METHODS, POSITIVE
from services.contracts.crm import CustomerUnknown, OneCustomer
from services.contracts.fields import Cents, Contract, Currency, Instant, Line
from services.contracts.member_accounts import Account
from services.contracts.registry import Event, Rpc
from services.contracts.scheduling import BranchUnknown

OWNER = "booking"


class TopUp(OneCustomer):
    """Money taken at a branch for stored value, and what is given on top of it.

    The key makes the same command take it once.
    """

    branch_id = fields.UUID(required=True)
    method = fields.String(required=True, validate=validate.OneOf(PAYOUT_METHODS))
    amount_cents = Cents(required=True, validate=POSITIVE)
    gift_cents = Cents(load_default=0, validate=validate.Range(0, 100_000_000))
    note = Line(load_default="", validate=validate.Length(max=200))
    staff_id = fields.UUID(required=True)
    idempotency_key = fields.String(required=True, validate=validate.Length(min=1, max=255))


TOP_UP = Rpc(OWNER, "top_up", TopUp(), Account(), (CustomerUnknown, BranchUnknown))


class ToppedUp(Contract):
    """A top-up that was paid for; its customer has `gift_cents` more than that."""

    top_up_id = fields.UUID(required=True)
    customer_id = fields.UUID(required=True)
    branch_id = fields.UUID(required=True)
    timezone = fields.String(required=True)
    method = fields.String(required=True)
    amount_cents = Cents(required=True)
    gift_cents = Cents(required=True)
    currency = Currency(required=True)
    received_at = Instant(required=True)


STORED_VALUE_TOPPED_UP = Event("stored_value.topped_up", OWNER, ToppedUp(), "customer_id", ("crm",))

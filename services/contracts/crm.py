"""CRM's words on the wire: customers and their timelines."""

from marshmallow import fields, validate

from services.contracts.booking import BookingLine
from services.contracts.errors import NotFound
from services.contracts.fields import Cents, Contract, Currency, Instant, Json, Words
from services.contracts.registry import Event, Rpc

OWNER = "crm"


class CustomerUnknown(NotFound):
    code = "crm.customer_unknown"
    sentence = {"zh": "没有找到该客户", "en": "There is no such customer"}


class CustomerItem(Contract):
    """`spent_cents` is what was received less what was paid back."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    phone = fields.String(required=True)
    bookings_count = fields.Integer(required=True, strict=True)
    spent_cents = Cents(required=True)
    currency = Currency(required=True)
    last_booking_at = Instant(required=True, allow_none=True)
    created_at = Instant(required=True)


class ListCustomers(Contract):
    q = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=80))
    branch_ids = fields.List(fields.UUID(), load_default=None, allow_none=True)
    cursor = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class CustomerPage(Contract):
    items = fields.List(fields.Nested(CustomerItem), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class TimelineEntry(Contract):
    id = fields.UUID(required=True)
    at = Instant(required=True)
    type = fields.String(required=True)
    title = Words(required=True)
    booking_id = fields.UUID(required=True, allow_none=True)
    details = Json(required=True)


class Customer(CustomerItem):
    timeline = fields.List(fields.Nested(TimelineEntry), required=True)
    bookings = fields.List(fields.Nested(BookingLine), required=True)


class OneCustomer(Contract):
    customer_id = fields.UUID(required=True)
    branch_ids = fields.List(fields.UUID(), load_default=None, allow_none=True)


LIST_CUSTOMERS = Rpc(OWNER, "list_customers", ListCustomers(), CustomerPage())
GET_CUSTOMER = Rpc(OWNER, "get_customer", OneCustomer(), Customer(), (CustomerUnknown,))


class CustomerFact(Contract):
    customer_id = fields.UUID(required=True)
    branch_id = fields.UUID(required=True)
    timezone = fields.String(required=True)
    created_at = Instant(required=True)


CUSTOMER_CREATED = Event("customer.created", OWNER, CustomerFact(), "customer_id", ("analytics",))
CUSTOMER_UPDATED = Event("customer.updated", OWNER, CustomerFact(), "customer_id")
# Nothing tells of this customer any more: the import that brought them was undone.
CUSTOMER_RETRACTED = Event(
    "customer.retracted", OWNER, CustomerFact(), "customer_id", ("analytics",)
)

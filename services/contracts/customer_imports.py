"""CRM's words on the wire: customers that an import brings, many at once, and takes back."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from services.contracts.crm import OWNER
from services.contracts.errors import Invalid
from services.contracts.fields import Cents, Contract, Currency, Instant
from services.contracts.member_accounts import ACCOUNTS
from services.contracts.members import LevelUnknown
from services.contracts.registry import Rpc

MOST_ROWS = 500
"""Rows of one call; a whole file would outlast the caller's patience."""

AMOUNT = validate.Range(0, 100_000_000)
AT_ONCE = validate.Length(max=MOST_ROWS)
OUTCOMES = ("created", "filled", "kept", "undone", "refused", "absent")


class MatchCustomers(Contract):
    phones = fields.List(fields.String(), required=True, validate=AT_ONCE)


class Match(Contract):
    """A customer who is here, and the accounts that have a balance or have moved."""

    phone = fields.String(required=True)
    accounts = fields.List(fields.String(validate=validate.OneOf(ACCOUNTS)), required=True)


class Matches(Contract):
    """Those of the customers who are here."""

    items = fields.List(fields.Nested(Match), required=True)


class CustomerRow(Contract):
    """A customer as another system knew them; `row_id` makes the row take effect once.

    `since` is when they became one there; the branch is where they were seen.
    """

    row_id = fields.UUID(required=True)
    name = fields.String(required=True, validate=validate.Length(1, 80))
    phone = fields.String(required=True, validate=validate.Length(max=40))
    branch_id = fields.UUID(required=True)
    timezone = fields.String(required=True)
    since = Instant(load_default=None, allow_none=True)
    level_id = fields.UUID(load_default=None, allow_none=True)
    stored_value_cents = Cents(load_default=0, validate=AMOUNT)
    points = fields.Integer(strict=True, load_default=0, validate=AMOUNT)


class ImportCustomers(Contract):
    """Rows of a file that a member of staff sent."""

    rows = fields.List(fields.Nested(CustomerRow), required=True, validate=AT_ONCE)
    currency = Currency(required=True)
    staff_id = fields.UUID(required=True)

    @validates_schema
    def check_single(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Refuse one customer in two rows."""
        if len({row["phone"] for row in data["rows"]}) != len(data["rows"]):
            raise ValidationError({"rows": ["Each phone once."]})


class RowOutcome(Contract):
    """What became of a row.

    It `created` a customer or `filled` in what one lacked; it was `refused` because the `accounts`
    have a balance or have moved. Taken back it is `undone`, or `kept` because something has
    happened to the customer since; `absent` is one that never came, and never will.
    """

    row_id = fields.UUID(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    customer_id = fields.UUID(required=True, allow_none=True)
    accounts = fields.List(fields.String(validate=validate.OneOf(ACCOUNTS)), required=True)


class RowOutcomes(Contract):
    items = fields.List(fields.Nested(RowOutcome), required=True)


class RetractCustomers(Contract):
    row_ids = fields.List(fields.UUID(), required=True, validate=AT_ONCE)


MATCH_CUSTOMERS = Rpc(OWNER, "match_customers", MatchCustomers(), Matches())
IMPORT_CUSTOMERS = Rpc(
    OWNER, "import_customers", ImportCustomers(), RowOutcomes(), (Invalid, LevelUnknown)
)
RETRACT_CUSTOMERS = Rpc(OWNER, "retract_customers", RetractCustomers(), RowOutcomes())

"""How a row of a file of customers becomes a customer, or what is wrong with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.booking.domain.imports.rows import NAME_LENGTH, Fault, Plan, Reader, Sums

OPENED = ("stored_value", "points")
"""The fields that open an account; they are called as crm calls the accounts."""


@dataclass(kw_only=True)
class Customer:
    """One row that was understood; known, as all customers, by the phone.

    Units:   integer cents and points; `since` aware UTC, or None where the file does not say it.
    """

    name: str
    phone: str
    branch_id: str
    level_id: str
    since: datetime | None
    stored_value_cents: int
    points: int

    @property
    def key(self) -> str:
        """What names a customer among all of a file."""
        return self.phone

    @property
    def key_field(self) -> str:
        """The field by which people see which customer this is."""
        return "phone"

    @property
    def sums(self) -> Sums:
        """What the customer counts for."""
        return Sums(total_cents=self.stored_value_cents, points=self.points)

    def opens(self, account: str) -> bool:
        """Say whether the row brings a balance to an account."""
        return bool({"stored_value": self.stored_value_cents, "points": self.points}[account])


def written(customer: Customer) -> dict[str, Any]:
    """Return a customer as JSON-able data."""
    return vars(customer) | {"since": customer.since and customer.since.isoformat()}


def restored(data: Mapping[str, Any]) -> Customer:
    """Return the customer that was written."""
    since = data["since"] and datetime.fromisoformat(data["since"])
    return Customer(**{**data, "since": since})


def read_row(
    plan: Plan, row: Sequence[str], *, phone_of: Callable[[str], str | None], now: datetime
) -> Customer | list[Fault]:
    """Return the customer that a row tells of, or all that is wrong with it.

    Shapes:  `phone_of` returns a number as E.164, or None for what is none.
    """
    told = Reader(plan, row)
    name = told.words("name", NAME_LENGTH, required=True)
    phone = told.phone("phone", phone_of)
    branch_id = told.choice("branch")
    level_id = told.choice("level", required=False)
    since = told.moment("since", plan.zones.get(branch_id, ZoneInfo("Asia/Shanghai")), now)
    stored_value_cents = told.cents("stored_value") or 0
    points = told.points("points")
    if told.faults:
        return told.faults
    return Customer(
        name=name,
        phone=phone,
        branch_id=branch_id,
        level_id=level_id,
        since=since,
        stored_value_cents=stored_value_cents,
        points=points,
    )

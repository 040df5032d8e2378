"""How a row of a file of orders becomes an order, or what is wrong with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.booking.domain.imports import cells
from services.booking.domain.imports.rows import (
    NAME_LENGTH,
    NOTE_LENGTH,
    REFERENCE_LENGTH,
    Fault,
    Plan,
    Reader,
    Sums,
)

USUAL_MINUTES = 60
"""What an appointment takes where neither the file nor the package says it."""


@dataclass(kw_only=True)
class Order:
    """One row that was understood.

    Units:   integer cents; instants aware UTC. `key` names the order: the other system's number,
             or who came when for what, where the file has no numbers.
    """

    key: str
    reference: str
    name: str
    phone: str
    service_id: str
    branch_id: str
    start: datetime
    end: datetime
    ordered_at: datetime
    paid_at: datetime
    total_cents: int
    paid_cents: int
    method: str
    status: str
    note: str

    @property
    def key_field(self) -> str:
        """The field by which people see which order this is."""
        return "reference" if self.reference else "start"

    @property
    def sums(self) -> Sums:
        """What the order counts for."""
        return Sums(total_cents=self.total_cents, paid_cents=self.paid_cents)


MOMENTS = ("start", "end", "ordered_at", "paid_at")


def written(order: Order) -> dict[str, Any]:
    """Return an order as JSON-able data."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in vars(order).items()
    }


def restored(data: Mapping[str, Any]) -> Order:
    """Return the order that was written."""
    moments = {name: datetime.fromisoformat(data[name]) for name in MOMENTS}
    return Order(**{**data, **moments})


def read_row(
    plan: Plan, row: Sequence[str], *, phone_of: Callable[[str], str | None], now: datetime
) -> Order | list[Fault]:
    """Return the order that a row tells of, or all that is wrong with it.

    Shapes:  `phone_of` returns a number as E.164, or None for what is none.
    """
    told = Reader(plan, row)
    reference = told.words("reference", REFERENCE_LENGTH)
    name = told.words("name", NAME_LENGTH, required=True)
    note = told.words("note", NOTE_LENGTH)
    phone = told.phone("phone", phone_of)
    service_id, branch_id = told.choice("service"), told.choice("branch")
    status, method = told.choice("status"), told.choice("method")
    zone = plan.zones.get(branch_id, ZoneInfo("Asia/Shanghai"))
    start, minutes = _time(told, zone, plan.minutes.get(service_id), now)
    total, paid = _money(told, status)
    ordered_at = told.moment("ordered_at", zone, now)
    paid_at = told.moment("paid_at", zone, now)
    if told.faults or start is None:
        return told.faults
    return Order(
        key=f"no:{reference}" if reference else f"at:{phone} {start.isoformat()} {service_id}",
        reference=reference,
        name=name,
        phone=phone,
        service_id=service_id,
        branch_id=branch_id,
        start=start,
        end=start + timedelta(minutes=minutes),
        ordered_at=min(ordered_at or start, start),
        paid_at=paid_at or start,
        total_cents=total,
        paid_cents=paid,
        method=method,
        status=status,
        note=note,
    )


def _time(
    told: Reader, zone: ZoneInfo, usual_minutes: int | None, now: datetime
) -> tuple[datetime | None, int]:
    """Read start and length: the file's own, the span of its time, or what the package takes."""
    length = told.text("minutes")
    minutes = cells.read_minutes(length) if length else None
    if length and minutes is None:
        told.fail("minutes", "minutes_unreadable")
    text = told.words("start", REFERENCE_LENGTH, required=True)
    found = cells.read_moment(text, told.text("clock"), zone) if text else None
    if text and found is None:
        told.fail("start", "date_unreadable")
    if found is None:
        return None, 0
    start, span = found
    if start > now:
        told.fail("start", "in_future")
    return start.astimezone(UTC), minutes or span or usual_minutes or USUAL_MINUTES


def _money(told: Reader, status: str) -> tuple[int, int]:
    """Read what an order cost and what came of it; an amount that is not told follows the other."""
    total, paid = told.cents("total"), told.cents("paid")
    settled = (
        "paid" not in told.plan.columns
        and status == "completed"
        and told.plan.defaults.get("paid") == "total"
    )
    if total is None:
        total = paid or 0
    if paid is None:
        paid = total if settled else 0
    if paid > total:
        told.fail("paid", "paid_exceeds_total")
    return total, paid

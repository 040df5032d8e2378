"""How a row of an imported file becomes an order, or what is wrong with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.booking.domain.imports import cells
from services.booking.domain.imports.fields import Words, squeezed

FAULTS: dict[str, Words] = {
    "import.missing": {"zh": "此项必填", "en": "This is missing"},
    "import.too_long": {"zh": "内容过长", "en": "This is too long"},
    "import.date_unreadable": {
        "zh": "无法识别的日期或时间（例：2025-03-01 14:00）",
        "en": "This date or time cannot be read (try 2025-03-01 14:00)",
    },
    "import.money_unreadable": {
        "zh": "无法识别的金额",
        "en": "This amount cannot be read",
    },
    "import.minutes_unreadable": {
        "zh": "无法识别的时长（例：120 或 2小时）",
        "en": "This length cannot be read (try 120 or 2h)",
    },
    "import.phone_invalid": {"zh": "手机号码无效", "en": "That is not a valid phone number"},
    "import.value_unknown": {
        "zh": "未对应到系统中的选项",
        "en": "It is not known what this stands for",
    },
    "import.in_future": {
        "zh": "时间在未来：请在日历中正常预约",
        "en": "This lies in the future: please book it in the calendar",
    },
    "import.paid_exceeds_total": {
        "zh": "已付金额超过订单金额",
        "en": "More was paid than the order costs",
    },
    "import.repeated": {"zh": "文件中有重复的订单", "en": "This order stands in the file twice"},
    "import.exists": {"zh": "该订单之前已导入", "en": "This order was imported before"},
}

USUAL_MINUTES = 60
"""What an appointment takes where neither the file nor the package says it."""

NAME_LENGTH, NOTE_LENGTH, REFERENCE_LENGTH = 80, 2_000, 100


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row: in which field, and why."""

    field: str
    code: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How rows are read.

    Shapes:  `columns`, `values` and `defaults` as contracts.imports.Mapping; `names` = {field:
             {squeezed name: what it stands for}}; `zones` by branch and `minutes` by package, whose
             ids are texts.
    """

    columns: Mapping[str, int]
    values: Mapping[str, Mapping[str, str]]
    defaults: Mapping[str, str]
    names: Mapping[str, Mapping[str, str]]
    zones: Mapping[str, ZoneInfo]
    minutes: Mapping[str, int]

    def meaning(self, name: str, text: str) -> str | None:
        """Return what a cell of a field of kind choice stands for, or None."""
        given = self.values.get(name, {}).get(text.strip())
        return given or self.names.get(name, {}).get(squeezed(text))


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


@dataclass
class Reader:
    """Reads the cells of one row, and gathers what is wrong with them."""

    plan: Plan
    row: Sequence[str]
    faults: list[Fault] = field(default_factory=list)

    def text(self, name: str) -> str:
        at = self.plan.columns.get(name)
        return self.row[at].strip() if at is not None and at < len(self.row) else ""

    def fail(self, name: str, code: str) -> None:
        if not any(fault.field == name for fault in self.faults):
            self.faults.append(Fault(name, f"import.{code}"))

    def words(self, name: str, longest: int, *, required: bool = False) -> str:
        told = self.text(name)
        if required and not told:
            self.fail(name, "missing")
        if len(told) > longest:
            self.fail(name, "too_long")
        return told

    def choice(self, name: str) -> str:
        told = self.text(name)
        meant = self.plan.meaning(name, told) if told else self.plan.defaults.get(name)
        if meant is None:
            self.fail(name, "value_unknown" if told else "missing")
        return meant or ""

    def cents(self, name: str) -> int | None:
        told = self.text(name)
        if told in ("", "-", "—", "/"):
            return None
        cents = cells.read_cents(told)
        if cents is None:
            self.fail(name, "money_unreadable")
        return cents

    def moment(self, name: str, zone: ZoneInfo, now: datetime) -> datetime | None:
        told = self.text(name)
        if not told:
            return None
        found = cells.read_moment(told, "", zone)
        if found is None:
            self.fail(name, "date_unreadable")
            return None
        if found[0] > now:
            self.fail(name, "in_future")
        return found[0].astimezone(UTC)


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
    phone = _phone(told, phone_of)
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


def _phone(told: Reader, phone_of: Callable[[str], str | None]) -> str:
    text = told.words("phone", REFERENCE_LENGTH, required=True)
    phone = phone_of(cells.read_phone(text)) if text else None
    if text and phone is None:
        told.fail("phone", "phone_invalid")
    return phone or ""


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

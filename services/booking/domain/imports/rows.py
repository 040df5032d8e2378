"""How the cells of a row are read, and what may be wrong with them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol
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
        "zh": "时间在未来（未来的预约请在日历中登记）",
        "en": "This lies in the future (coming appointments are booked in the calendar)",
    },
    "import.paid_exceeds_total": {
        "zh": "已付金额超过订单金额",
        "en": "More was paid than the order costs",
    },
    "import.number_unreadable": {
        "zh": "无法识别的数字",
        "en": "This number cannot be read",
    },
    "import.has_balance": {
        "zh": "该客户在系统中已有余额或变动记录，不能再导入期初余额",
        "en": "This customer's account has moved here already and cannot be opened again",
    },
    "import.repeated": {"zh": "文件中重复出现", "en": "This stands in the file twice"},
    "import.exists": {"zh": "该订单之前已导入", "en": "This order was imported before"},
}

NOTHING = ("", "-", "—", "/")
"""What people write into a cell for no amount."""

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
    minutes: Mapping[str, int] = field(default_factory=dict)

    def meaning(self, name: str, text: str) -> str | None:
        """Return what a cell of a field of kind choice stands for, or None."""
        given = self.values.get(name, {}).get(text.strip())
        return given or self.names.get(name, {}).get(squeezed(text))


@dataclass(frozen=True)
class Sums:
    """What a row counts for in its import's sums, in integer cents, and in points."""

    total_cents: int = 0
    paid_cents: int = 0
    points: int = 0


class Told(Protocol):
    """A row that was understood: an order, a customer.

    `key` names what it tells of among all rows of its kind, and `key_field` the field in which a
    person sees that.
    """

    @property
    def key(self) -> str: ...

    @property
    def key_field(self) -> str: ...

    @property
    def sums(self) -> Sums: ...


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

    def choice(self, name: str, *, required: bool = True) -> str:
        told = self.text(name)
        meant = self.plan.meaning(name, told) if told else self.plan.defaults.get(name)
        if meant is None and (told or required):
            self.fail(name, "value_unknown" if told else "missing")
        return meant or ""

    def cents(self, name: str) -> int | None:
        told = self.text(name)
        if told in NOTHING:
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

    def phone(self, name: str, phone_of: Callable[[str], str | None]) -> str:
        """Read a number as E.164, which `phone_of` returns, or None for what is none."""
        text = self.words(name, REFERENCE_LENGTH, required=True)
        phone = phone_of(cells.read_phone(text)) if text else None
        if text and phone is None:
            self.fail(name, "phone_invalid")
        return phone or ""

    def points(self, name: str) -> int:
        told = self.text(name)
        if told in NOTHING:
            return 0
        points = cells.read_points(told)
        if points is None:
            self.fail(name, "number_unreadable")
        return points or 0

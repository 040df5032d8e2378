"""The metric dictionary: what every figure is called, what it means and how it is counted; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from services.contracts.errors import Unavailable

MAX_RANGE_DAYS = 366
"""A leap year; a longer question would read without bound."""

MOMENTS = {
    "booking.confirmed": "confirmed_at",
    "booking.cancelled": "cancelled_at",
    "booking.completed": "completed_at",
    "booking.no_show": "no_show_at",
    "booking.expired": "expired_at",
}
"""Which moment of a booking a fact tells; the other facts about bookings tell only its state."""

IMPORTED_MOMENTS = {
    "completed": "completed_at",
    "cancelled": "cancelled_at",
    "no_show": "no_show_at",
}
"""Which moment the end of an imported booking is, by what came of it."""

MONEY = {
    "payment.succeeded": ("payment", 1),
    "refund.succeeded": ("refund", -1),
    "payment.imported": ("payment", 1),
    "payment.retracted": ("retraction", -1),
}
"""Facts by which money moves, what each is called among the facts, and its sign."""


class BookingNotYetKnown(Unavailable):
    """A booking was retracted before it was heard of; the inbox tries again later."""

    code = "analytics.booking_not_yet_known"
    sentence = {"zh": "预约信息尚未同步", "en": "This booking is not known here yet"}


@dataclass(frozen=True)
class Count:
    """How many facts there are."""


@dataclass(frozen=True)
class Sum:
    """What a column of the facts adds up to."""

    column: str


@dataclass(frozen=True)
class Share:
    """Which part of the facts has a column filled."""

    column: str


@dataclass(frozen=True)
class Quotient:
    """What a column of the facts adds up to, divided by what another does."""

    column: str
    by: str


@dataclass(frozen=True)
class Metric:
    """One entry of the dictionary; adding a metric is adding an entry.

    Shapes:  `fact` is a key of models.FACTS; `on` its column with the local date by which a fact
             belongs to a day; facts without that date are left out. `only` those facts count of
             which this column is true.
    """

    name: str
    unit: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    fact: str
    on: str
    measure: Count | Sum | Share | Quotient
    only: str | None = None

    @property
    def is_ratio(self) -> bool:
        """Tell whether the value is a quotient, which has none when the denominator is nought."""
        return isinstance(self.measure, Share | Quotient)


@dataclass(frozen=True)
class Tally:
    """What was counted on one day: a ratio divides both, any other metric has no denominator."""

    numerator: int
    denominator: int


def is_measurable(first: date, last: date) -> bool:
    """Tell whether inclusive dates are a range, and one of at most `MAX_RANGE_DAYS`."""
    return 0 <= (last - first).days < MAX_RANGE_DAYS


def days_of(first: date, last: date) -> list[date]:
    """Return every date of an inclusive range."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def value_of(metric: Metric, tallies: list[Tally]) -> float | None:
    """Return the value of a metric over some days; None for a ratio whose denominator is nought."""
    numerator = sum(tally.numerator for tally in tallies)
    if not metric.is_ratio:
        return numerator
    denominator = sum(tally.denominator for tally in tallies)
    return numerator / denominator if denominator else None


def series_of(
    metric: Metric, days: list[date], tallies: Mapping[date, Tally]
) -> list[tuple[date, float | None]]:
    """Return the value of every day, also of those on which nothing happened."""
    return [(day, value_of(metric, [tallies[day]] if day in tallies else [])) for day in days]


# --- the dictionary

_ENTRIES = (
    Metric(
        name="bookings_requested",
        unit="count",
        title={"zh": "预约提交数", "en": "Bookings requested"},
        description={
            "zh": "提交的预约数量，按提交日期统计，包含之后失效或取消的预约。",
            "en": "Bookings that were requested, by the date of the request, "
            "including those that expired or were cancelled later.",
        },
        fact="booking",
        on="requested_on",
        measure=Count(),
    ),
    Metric(
        name="bookings_confirmed",
        unit="count",
        title={"zh": "预约确认数", "en": "Bookings confirmed"},
        description={
            "zh": "确认的预约数量，按确认日期统计，包含之后取消的预约。",
            "en": "Bookings that were confirmed, by the date of the confirmation, "
            "including those that were cancelled later.",
        },
        fact="booking",
        on="confirmed_on",
        measure=Count(),
    ),
    Metric(
        name="bookings_cancelled",
        unit="count",
        title={"zh": "预约取消数", "en": "Bookings cancelled"},
        description={
            "zh": "取消的预约数量，按取消日期统计，无论取消前是否已确认；超时失效不计入。",
            "en": "Bookings that were cancelled, by the date of the cancellation, confirmed "
            "before or not; those that merely expired are not counted.",
        },
        fact="booking",
        on="cancelled_on",
        measure=Count(),
    ),
    Metric(
        name="revenue_cents",
        unit="cents",
        title={"zh": "营业收入", "en": "Revenue"},
        description={
            "zh": "实收金额减去退款金额，按收款或退款发生的日期统计，单位为分。",
            "en": "Payments received less refunds paid, each by the date on which the money "
            "moved, in minor units of the currency.",
        },
        fact="payment",
        on="occurred_on",
        measure=Sum("amount_cents"),
    ),
    Metric(
        name="new_customers",
        unit="count",
        title={"zh": "新增客户数", "en": "New customers"},
        description={
            "zh": "首次预约的客户数量，按首次预约的日期和门店统计；同一手机号只计一次。",
            "en": "Customers who booked for the first time, by the date and branch of that "
            "booking; one phone number is one customer.",
        },
        fact="customer",
        on="created_on",
        measure=Count(),
    ),
    Metric(
        name="cancel_rate",
        unit="ratio",
        title={"zh": "取消率", "en": "Cancellation rate"},
        description={
            "zh": "确认后取消的预约数 ÷ 已确认的预约数，按确认日期归属；没有已确认的预约时无数值。",
            "en": "Bookings cancelled after confirmation ÷ bookings confirmed, both by the date "
            "of the confirmation; no value when none was confirmed.",
        },
        fact="booking",
        on="confirmed_on",
        measure=Share("cancelled_on"),
    ),
    Metric(
        name="conversion_rate",
        unit="ratio",
        title={"zh": "预约转化率", "en": "Conversion rate"},
        description={
            "zh": "已确认的预约数 ÷ 提交的预约数，按提交日期归属；没有提交的预约时无数值。",
            "en": "Bookings confirmed ÷ bookings requested, both by the date of the request; "
            "no value when none was requested.",
        },
        fact="booking",
        on="requested_on",
        measure=Share("confirmed_on"),
    ),
    Metric(
        name="utilisation_rate",
        unit="ratio",
        title={"zh": "资源利用率", "en": "Utilisation"},
        description={
            "zh": "实际服务时长 ÷ 排班时长（已扣除请假与闭店），含全部人员、场地与道具，"
            "只计已结束的日期；没有排班时无数值。",
            "en": "Minutes served ÷ minutes rostered (less leave and closures) of all people, "
            "rooms and things, on dates that are over; no value when nobody was rostered.",
        },
        fact="utilisation",
        on="day",
        measure=Quotient("served_minutes", by="rostered_minutes"),
        only="ended",
    ),
    Metric(
        name="idle_minutes",
        unit="minutes",
        title={"zh": "空闲时长", "en": "Idle time"},
        description={
            "zh": "排班时长减去占用时长（预约含缓冲、停用时段），不低于零，"
            "只计已结束的日期，单位为分钟。",
            "en": "Minutes rostered less minutes taken by bookings with their buffers and by "
            "blocks, never below nought for one resource and date, on dates that are over.",
        },
        fact="utilisation",
        on="day",
        measure=Sum("idle_minutes"),
        only="ended",
    ),
    Metric(
        name="saturation_rate",
        unit="ratio",
        title={"zh": "档期饱和度", "en": "Saturation"},
        description={
            "zh": "已占用时长 ÷ 排班时长，含未来两周的日期；没有排班时无数值。",
            "en": "Minutes taken ÷ minutes rostered, also of the two weeks to come; no value when "
            "nobody is rostered.",
        },
        fact="utilisation",
        on="day",
        measure=Quotient("allocated_minutes", by="rostered_minutes"),
    ),
)
METRICS: dict[str, Metric] = {entry.name: entry for entry in _ENTRIES}

"""What counts for a customer and what members get, timelines and searches; pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.contracts.errors import Unavailable

RETRACTED = "retracted"
"""What crm calls a booking whose import was undone: it should never have been here."""

OPENING = "opening"
"""The kind of entry by which a balance comes in that a customer had elsewhere, and goes again."""

UNCOUNTED_STATUSES = ("expired", "rejected", RETRACTED)
"""A booking that lapsed or was refused never came about; a cancelled one was made, and counts."""

HISTORY_LIMIT = 200
"""Entries and bookings of one customer's page; more make the page slow, and nobody reads them."""

MONEY = {
    "payment.succeeded": ("payment", 1),
    "refund.succeeded": ("refund", -1),
    "payment.imported": ("payment", 1),
    "payment.retracted": ("retraction", -1),
}
"""Facts by which money moves, what each is called in the ledger, and its sign. `payment.late` comes
beside the `payment.succeeded` of the same money: counting it too would count it twice."""


class BookingNotYetKnown(Unavailable):
    """A fact about a booking overtook the booking itself; the inbox tries again later."""

    code = "crm.booking_not_yet_known"
    sentence = {"zh": "预约信息尚未同步", "en": "This booking is not known here yet"}


# --- timeline


@dataclass(frozen=True)
class Entry:
    """How one type of fact reads in a timeline; `details` names the payload fields it keeps."""

    zh: str
    en: str
    details: tuple[str, ...]

    @property
    def title(self) -> dict[str, str]:
        """Return the title in both languages."""
        return {"zh": self.zh, "en": self.en}


MONEY_DETAILS = ("number", "kind", "provider", "amount_cents", "currency")

# Contact data stays out: it is the customer's own row that says who they are.
TIMELINE = {
    "booking.requested": Entry("提交预约", "Booking requested", ("number", "start", "channel")),
    "booking.confirmed": Entry("预约已确认", "Booking confirmed", ("number", "start")),
    "booking.rescheduled": Entry(
        "预约已改期", "Booking rescheduled", ("number", "previous_start", "start")
    ),
    "booking.cancelled": Entry("预约已取消", "Booking cancelled", ("number", "reason")),
    "booking.expired": Entry("预约超时失效", "Booking expired", ("number",)),
    "booking.submitted": Entry("等待门店确认", "Waiting for the studio", ("number", "start")),
    "booking.conflict_detected": Entry("档期冲突", "Crew not available", ("number",)),
    "booking.rejected": Entry("门店未接受预约", "Rejected by the studio", ("number", "reason")),
    "booking.started": Entry("服务开始", "Service begun", ("number",)),
    "booking.checked_in": Entry("已到店签到", "Checked in", ("number",)),
    "booking.completed": Entry("服务已完成", "Booking completed", ("number",)),
    "booking.no_show": Entry("客户未到店", "Did not show up", ("number",)),
    "order.ended": Entry("套系已终止", "Package called off", ("number", "reason")),
    "booking.imported": Entry("导入历史订单", "Imported from elsewhere", ("number", "start")),
    "booking.retracted": Entry("历史订单导入已撤销", "Import undone", ("number",)),
    "payment.imported": Entry("导入历史收款", "Payment imported", MONEY_DETAILS),
    "payment.retracted": Entry("历史收款导入已撤销", "Import of a payment undone", MONEY_DETAILS),
    "payment.succeeded": Entry("支付成功", "Payment received", MONEY_DETAILS),
    "payment.failed": Entry("支付失败", "Payment failed", MONEY_DETAILS),
    "payment.late": Entry("支付超时到账", "Payment arrived late", MONEY_DETAILS),
    "refund.succeeded": Entry("退款成功", "Refund paid", MONEY_DETAILS),
    "refund.failed": Entry("退款失败", "Refund failed", MONEY_DETAILS),
    "payout.due": Entry(
        "门店应退或赔付", "Owed to the customer", ("number", "amount_cents", "currency")
    ),
    "payout.made": Entry(
        "赔付已支付", "Compensation paid", ("number", "method", "amount_cents", "currency")
    ),
    "agreement.signed": Entry("合同已签署", "Agreement signed", ("number", "title")),
    "message.sent": Entry("消息已发送", "Message sent", ("template", "channel")),
    "stored_value.topped_up": Entry(
        "储值充值", "Stored value topped up", ("method", "amount_cents", "gift_cents", "currency")
    ),
}

MESSAGE_TITLES = {
    "booking_confirmed": {"zh": "确认信息已发送", "en": "Confirmation sent"},
    "booking_rejected": {"zh": "未接受预约通知已发送", "en": "Rejection sent"},
    "booking_rescheduled": {"zh": "改期通知已发送", "en": "Change notice sent"},
    "booking_cancelled": {"zh": "取消通知已发送", "en": "Cancellation notice sent"},
    "payment_due": {"zh": "付款提醒已发送", "en": "Payment reminder sent"},
    "payment_late_refund": {"zh": "退款说明已发送", "en": "Refund notice sent"},
}
"""What a sent message was about, by its template; one that is new here is just a message."""

ABOUT_NO_BOOKING = frozenset({"waitlist_offered", "waitlist_notified"})
"""Templates of messages to people who have not booked yet: no timeline has a place for them."""


def title_of(event_type: str, payload: Mapping[str, Any]) -> dict[str, str]:
    """Return how a fact is called in the timeline."""
    title = TIMELINE[event_type].title
    if event_type == "message.sent":
        return MESSAGE_TITLES.get(payload["template"], title)
    return title


def moment_of(event_type: str, payload: Mapping[str, Any], occurred_at: datetime) -> datetime:
    """Return where a fact stands in the timeline: what was imported, where it once happened."""
    known = {"booking.imported": "start", "payment.imported": "occurred_at"}.get(event_type)
    return payload[known] if known else occurred_at


def details_of(event_type: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the timeline keeps of a fact, as JSON-able data."""
    kept = {name: payload[name] for name in TIMELINE[event_type].details}
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in kept.items()}


# --- searching


@dataclass(frozen=True)
class Search:
    """What a person typed: part of a name, and the digits of a phone if that is what it looks like.

    Shapes:  `digits` is empty when the text cannot be a phone number.
    """

    name: str
    digits: str


def read_search(text: str | None) -> Search | None:
    """Read a search; a blank one is none."""
    name = (text or "").strip()
    if not name:
        return None
    looks_like_phone = re.fullmatch(r"[\d\s+()-]+", name)
    return Search(name=name, digits=re.sub(r"\D", "", name) if looks_like_phone else "")


# --- members

LET_GO = frozenset({"cancelled", "expired", "rejected"})
"""Statuses of a booking that needs its coupon no more; one that comes back takes it again."""

WHOLE = 10_000
"""Basis points of a whole, and cents of a hundred."""


def share_of(cents: int, basis_points: int) -> int:
    """Return a share of an amount, rounded down to whole cents."""
    return cents * basis_points // WHOLE


def coupon_worth(*, amount_cents: int | None, basis_points: int | None, price_cents: int) -> int:
    """Return what a coupon takes off a price; never more than the price.

    Shapes:  one of `amount_cents` and `basis_points` is set.
    """
    worth = share_of(price_cents, basis_points or 0) if amount_cents is None else amount_cents
    return min(worth, price_cents)


def points_earned(paid_cents: int, points_per_hundred: int) -> int:
    """Return the points for money that was paid; for a part of a hundred a part of them."""
    return max(paid_cents, 0) * points_per_hundred // WHOLE


def points_for(cents: int, point_cents: int) -> int:
    """Return how many points pay an amount; a part of a point is a whole one."""
    return -(-cents // point_cents)


def returned_amount(*, spent: int, spent_cents: int, returned_cents: int) -> int:
    """Return how much of what was spent is back once so many cents of it are.

    Rounded down on the way: with the last cent everything is back, and never more.

    Units:   `spent` in points or cents of stored value, the others in cents.
    """
    return spent * returned_cents // spent_cents

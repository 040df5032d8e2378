"""When a rule applies, what its action may say, and when a failed run is tried again; pure."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

UNDER_WAY = ("waiting", "running")
"""States of a run that has still to be done; `done` and `failed` are its ends."""

LEASE = timedelta(seconds=60)
"""Longer than an RPC may take and a free worker may be waited for; a shorter lease would let a
second process begin what the first still does."""

LONGEST_PAUSE = timedelta(minutes=15)
MAX_ATTEMPTS = 100
"""With these pauses about a day: so long may a service that an action calls be down."""

RUNS_KEPT = timedelta(days=90)
"""How long a run that is done says why a customer got a message. It must stay longer than its event
may come again, or the event starts a second one: longer than the chassis keeps its inbox."""

FORGOTTEN_AT_ONCE = 5_000
"""Old runs deleted an hour, in one statement of well below a second: more than any day makes."""

BATCH = 16
"""Runs leased at once; more would wait for a free worker while their lease runs."""

TEXTS = (
    "number",
    "service_name",
    "branch_name",
    "branch_address",
    "branch_phone",
    "manage_url",
    "lookup_code",
    "offer_url",
    "entry_url",
    "reason",
)
DETAILS = ("booking_id", "payment_id", "number", "due_on", "provider", "day")
INSTANTS = ("start", "end", "previous_start", "expires_at")
DATES = ("due_on",)
AMOUNTS = ("total_cents", "deposit_cents", "paid_cents", "amount_cents", "open_cents")
SYMBOLS = {"CNY": "¥"}
WEEKDAYS = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
DAY_PARTS = {
    "morning": {"zh": "上午", "en": ", morning"},
    "afternoon": {"zh": "下午", "en": ", afternoon"},
    "evening": {"zh": "晚上", "en": ", evening"},
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _secured(payload: Mapping[str, Any]) -> bool:
    """Tell whether the booking was ever certain: money came in, or none had to."""
    return bool(payload["payment_status"] != "unpaid" or payload["deposit_cents"] == 0)


def _moved(payload: Mapping[str, Any]) -> bool:
    """Tell whether the customer has to come at another time."""
    return bool(payload["start"] != payload["previous_start"])


def _overdue(payload: Mapping[str, Any]) -> bool:
    """Tell whether a payment should have come before today."""
    return bool(payload["stage"] == "overdue")


CONDITIONS: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "secured": _secured,
    "moved": _moved,
    "overdue": _overdue,
}


def guard_holds(guard: Mapping[str, bool], payload: Mapping[str, Any]) -> bool:
    """Tell whether a fact meets every condition of a rule.

    Shapes:  guard = {condition: whether it has to hold}.
    """
    return all(CONDITIONS[name](payload) is wanted for name, wanted in guard.items())


def message_context(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a message may say of a fact, ready to be read by a person.

    Shapes:  texts, or texts in both languages. Instants are local to the branch, amounts carry
             their currency; `balance` is empty when nothing remains to be paid, and so is a text
             that is not known.
    """
    texts = {name: payload[name] for name in TEXTS if name in payload}
    said = {name: "" if text is None else text for name, text in texts.items()}
    for name in INSTANTS:
        if name in payload:
            said[name] = local_time(payload[name], payload["timezone"])
    for name in DATES:
        if name in payload:
            said[name] = local_day(payload[name])
    for name in AMOUNTS:
        if name in payload:
            said[name.removesuffix("_cents")] = money(payload[name], payload["currency"])
    if payload.get("day_part"):
        said["start"] = local_part(payload["start"], payload["timezone"], payload["day_part"])
    if credit := payload.get("credit"):
        said["credit"] = money(credit["cents"], payload["currency"])
        said["credit_code"] = credit["code"]
        said["credit_until"] = local_day(
            credit["valid_to"].astimezone(ZoneInfo(payload["timezone"]))
        )
    if "total_cents" in payload:
        left = payload["total_cents"] - payload["paid_cents"]
        said["balance"] = money(left, payload["currency"]) if left > 0 else ""
    said["customer_name"] = payload["contact"]["name"]
    return said


def language_of(params: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
    """Return the language of a message: what the rule says, else what its reader asked for."""
    asked: str = params.get("language") or payload["contact"].get("language", "zh")
    return asked


def task_details(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what whoever does the task needs to know of the fact that raised it."""
    details = {name: str(payload[name]) for name in DETAILS if name in payload}
    for name in ("amount_cents", "open_cents"):
        if name in payload:
            details["amount"] = money(payload[name], payload["currency"])
    if "contact" in payload:
        details["customer_name"] = payload["contact"]["name"]
        details["customer_phone"] = payload["contact"]["phone"]
    return details


def local_time(instant: datetime, timezone: str) -> dict[str, str]:
    """Return an instant as the clock on the studio's wall shows it, in both languages."""
    local = instant.astimezone(ZoneInfo(timezone))
    day = local_day(local)
    return {"zh": f"{day['zh']} {local:%H:%M}", "en": f"{day['en']}, {local:%H:%M}"}


def local_part(instant: datetime, timezone: str, part: str) -> dict[str, str]:
    """Return the date and part of the day of a booking whose hour is still to be agreed."""
    day = local_day(instant.astimezone(ZoneInfo(timezone)))
    name = DAY_PARTS.get(part, {"zh": "", "en": ""})
    return {
        "zh": f"{day['zh']} {name['zh']}（具体时间待定）",
        "en": f"{day['en']}{name['en']}, hour to be agreed",
    }


def local_day(local: date) -> dict[str, str]:
    """Return a local date in both languages."""
    zh_day, en_day = (WEEKDAYS[language][local.weekday()] for language in ("zh", "en"))
    return {
        "zh": f"{local.year}年{local.month}月{local.day}日 {zh_day}",
        "en": f"{en_day} {local.day} {MONTHS[local.month - 1]} {local.year}",
    }


def money(cents: int, currency: str) -> str:
    """Return an amount with its currency: `¥1,280.00`, `USD 12.50`."""
    sign, (whole, rest) = "-" if cents < 0 else "", divmod(abs(cents), 100)
    return f"{sign}{SYMBOLS.get(currency, currency + ' ')}{whole:,}.{rest:02d}"


def next_try_at(attempts: int, now: datetime) -> datetime | None:
    """Return when to try again after so many attempts, or None when enough is enough."""
    if attempts >= MAX_ATTEMPTS:
        return None
    # Beyond ten doublings the pause is the longest one; two to the hundredth is no timedelta.
    return now + min(timedelta(seconds=2 ** min(attempts - 1, 10)), LONGEST_PAUSE)

"""How the providers write amounts, times and numbers."""

from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from uuid import UUID
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
"""The providers' days and wall-clock times are all of this zone."""


def yuan(cents: int) -> str:
    """Return an amount as 88.88."""
    return f"{cents // 100}.{cents % 100:02}"


def cents(text: str) -> int:
    """Return the cents of an amount in yuan, with its sign.

    Errors:  ValueError, also for a fraction of a cent.
    """
    try:
        amount = Decimal(text.strip()) * 100
        whole = int(amount)
    except (InvalidOperation, OverflowError, ValueError) as error:
        raise ValueError(f"{text!r} is no amount") from error
    if amount != whole:
        raise ValueError(f"{text!r} is no amount")
    return whole


def rounded_cents(text: str) -> int:
    """Return the nearest cents of an amount in yuan: fees are told in fractions of them.

    Errors:  ValueError.
    """
    try:
        return int((Decimal(text.strip() or 0) * 100).to_integral_value(ROUND_HALF_UP))
    except (InvalidOperation, OverflowError) as error:
        raise ValueError(f"{text!r} is no amount") from error


def wall_clock(instant: datetime) -> str:
    """Return an instant as 2026-11-22 10:38:00 in China."""
    return instant.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def instant(text: str) -> datetime:
    """Return the instant of a wall-clock time in China.

    Errors:  ValueError.
    """
    return datetime.strptime(text.strip()[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)


def number(id_: UUID) -> str:
    """Return our id as a number of an order or refund: 32 characters, as long as WeChat takes."""
    return id_.hex


def ours(text: str) -> UUID | None:
    """Return our id of a number; None for one that another system made."""
    try:
        return UUID(hex=text) if len(text) == 32 else None
    except ValueError:
        return None


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Return the instants [start, end) of a day in China."""
    start = datetime.combine(day, time(), CHINA)
    return start, start + timedelta(days=1)

"""Dates, times and instants as they are written in answers, without a clock or a time zone.

The arithmetic is spelled out, so that the browser's twin counts in exactly the same way.
"""

import re

DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.[0-9]{1,9})?)?"
    r"(?:Z|([+-])([01][0-9]):([0-5][0-9]))"
)
MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
LAST_DAY = 3652058
"""9999-12-31 counted from 0001-01-01, which is day 0 and a Monday."""


def day(text: object) -> int | None:
    """Return the days since 0001-01-01 of a date, or of an instant's date as it is written."""
    if not isinstance(text, str):
        return None
    found = DATE.fullmatch(text[:10])
    if found is None or (len(text) > 10 and INSTANT.fullmatch(text) is None):
        return None
    year, month, of_month = int(found[1]), int(found[2]), int(found[3])
    if not 1 <= month <= 12 or year < 1 or not 1 <= of_month <= _length(year, month):
        return None
    return _before_year(year) + _before_month(year, month) + of_month - 1


def second(text: object) -> int | None:
    """Return the seconds since 0001-01-01T00:00Z of an instant; fractions are cut off."""
    found = INSTANT.fullmatch(text) if isinstance(text, str) else None
    at = day(found[1]) if found else None
    if found is None or at is None:
        return None
    local = at * 86400 + int(found[2]) * 3600 + int(found[3]) * 60 + int(found[4] or 0)
    if found[5] is None:
        return local
    offset = int(found[6]) * 3600 + int(found[7]) * 60
    return local - offset if found[5] == "+" else local + offset


def minute(text: object) -> int | None:
    """Return the minute of the day of a time on the clock, "09:30"."""
    found = CLOCK.fullmatch(text) if isinstance(text, str) else None
    return int(found[1]) * 60 + int(found[2]) if found else None


def written(at: int) -> str | None:
    """Return a day as a date, or None beyond the year 9999."""
    if not 0 <= at <= LAST_DAY:
        return None
    year = at // 366 + 1
    while _before_year(year + 1) <= at:
        year += 1
    rest, month = at - _before_year(year), 1
    while rest >= _length(year, month):
        rest -= _length(year, month)
        month += 1
    return f"{year:04d}-{month:02d}-{rest + 1:02d}"


def is_before(first: object, second_: object) -> bool:
    """Tell whether one moment is before another: instants as such, anything else by its date."""
    a, b = second(first), second(second_)
    if a is None or b is None:
        a, b = day(first), day(second_)
    return a is not None and b is not None and a < b


def days_between(first: object, last: object) -> int | None:
    a, b = day(first), day(last)
    return None if a is None or b is None else b - a


def minutes_between(first: object, last: object) -> int | None:
    """Return whole minutes between two times on the clock or two instants, rounded down."""
    a, b = minute(first), minute(last)
    if a is not None and b is not None:
        return b - a
    a, b = second(first), second(last)
    return None if a is None or b is None else (b - a) // 60


def add_days(start: object, count: float | None) -> str | None:
    at = day(start)
    if at is None or count is None or count != count // 1 or abs(count) > LAST_DAY:
        return None
    return written(at + int(count))


def weekday(text: object) -> int | None:
    """Return 1 for Monday to 7 for Sunday."""
    at = day(text)
    return None if at is None else at % 7 + 1


def age(birth: object, on: object) -> int | None:
    """Return full years; who was born on 29 February is a year older on 1 March."""
    if not isinstance(birth, str) or not isinstance(on, str):
        return None
    if day(birth) is None or day(on) is None:
        return None
    years = int(on[:4]) - int(birth[:4])
    return years if on[5:10] >= birth[5:10] else years - 1


def _length(year: int, month: int) -> int:
    return MONTH_DAYS[month - 1] + (month == 2 and _leap(year))


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _before_year(year: int) -> int:
    past = year - 1
    return past * 365 + past // 4 - past // 100 + past // 400


def _before_month(year: int, month: int) -> int:
    return sum(MONTH_DAYS[: month - 1]) + (month > 2 and _leap(year))

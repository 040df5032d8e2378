"""Texts of a file's cells as people write them: moments, times, lengths, money, phones; pure."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

FIRST_YEAR = 1990
"""Older dates are misread numbers: no studio has its orders of then in a file."""

LAST_YEAR = 2100
EXCEL_EPOCH = date(1899, 12, 30)
NOON = time(12, 0)
"""What a date without a time counts as."""

MOST_CENTS = 100_000_000
MOST_POINTS = 100_000_000
MOST_MINUTES = 24 * 60

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = rf"(?P<word>{'|'.join(MONTHS)})[a-z]*\.?"

DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<year>\d{4}|\d{2})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]?",
        r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?!\d)",
        rf"{MONTH}\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-]*{MONTH}[\s,-]*(?P<year>\d{{4}})",
    )
)
"""Notations that mean one date only: 3/4/2025 is April to some and March to others."""

WEEKDAY = re.compile(
    r"[(\[]?\s*(?:(?:星期|周|礼拜)[一二三四五六日天]|\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b\.?)"
    r"\s*[)\]]?,?"
)
SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})| [\d:.]+(?:Z|\+\d{2}:?\d{2}))"
)
"""With a blank before it 14:00-16:00 is a span of time, not an offset."""


MORNING = {"凌晨", "清晨", "早上", "早晨", "上午", "am", "a.m."}
NOONISH = {"中午"}
EVENING = {"下午", "傍晚", "pm", "p.m."}
NIGHT = {"晚上", "晚", "晚间"}
HALF = "|".join(sorted(map(re.escape, MORNING | NOONISH | EVENING | NIGHT), key=len, reverse=True))
PARTS = {"半": 30, "一刻": 15, "三刻": 45, "整": 0}
CLOCK = re.compile(
    rf"(?P<before>{HALF})?\s*(?P<hour>\d{{1,2}})"
    r"(?:\s*[:点时]\s*(?:(?P<minute>[0-5]?\d)\s*分?|(?P<part>半|一刻|三刻|整))?"
    r"(?::\d{2}(?:\.\d+)?)?)?"
    rf"\s*(?P<after>a\.?m\.?|p\.?m\.?)?"
)
FRACTION = re.compile(r"0?\.\d+|0")
TO = re.compile(r"\s*(?:-|–|—|~|至|到|to)\s*")

MONEY = re.compile(
    r"(?:¥|rmb|cny|人民币|\$|hk\$|us\$|usd|hkd)?\s*"
    r"(?P<number>\d{1,3}(?:,\d{3})+|\d+)(?P<cents>\.\d*)?\s*(?P<unit>万)?\s*(?:元整?|圆整?|块|rmb|cny)?"
)
POINTS = re.compile(r"(?P<number>\d{1,3}(?:,\d{3})+|\d+)(?:\.0*)?\s*(?:积分|分|点|points?|pts?)?")
HOURS = re.compile(
    r"(?:(?P<hours>\d+(?:\.\d+)?)\s*(?:个?小时|个?钟头?|hours?|hrs?|h))?\s*"
    r"(?:(?P<minutes>\d+)\s*(?:分钟?|minutes?|mins?|m)?)?"
)
SEVERAL = re.compile(r"[/、,;|]")


def plain(text: str) -> str:
    """Return a text as it is compared: digits and marks of one width, one case, single spaces."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().casefold()


def read_moment(text: str, clock: str, zone: ZoneInfo) -> tuple[datetime, int | None] | None:
    """Read when something was, and its length in minutes where the text tells a span of time.

    Shapes:  `clock` is the text of a column of its own, or empty. A date alone means noon.
    """
    exact = _instant(text)
    if exact is not None:
        return exact, None
    found = _day(plain(text))
    if found is None:
        return None
    day, rest = found
    hours = read_clock(clock or rest) if clock.strip() or rest else (NOON, None)
    if hours is None:
        return None
    start, end = hours
    begun = datetime.combine(day, start, zone)
    return begun, None if end is None else _minutes_between(start, end)


def read_clock(text: str) -> tuple[time, time | None] | None:
    """Read a time of the day, or a span from one to another."""
    told = plain(text)
    if FRACTION.fullmatch(told):  # a part of a day, as Excel keeps times
        minutes = round(float(told) * 24 * 60) % (24 * 60)
        return time(minutes // 60, minutes % 60), None
    begin, *rest = TO.split(told)
    start = _time(begin, "")
    if start is None or len(rest) > 1:
        return None
    if not rest:
        return start[0], None
    end = _time(rest[0], start[1])
    return None if end is None else (start[0], end[0])


def read_minutes(text: str) -> int | None:
    """Read a length: minutes as a plain number, hours where it says so, 2:30 as both."""
    told = plain(text)
    if pair := re.fullmatch(r"(\d{1,2}):([0-5]\d)(?::00)?", told):
        minutes = int(pair[1]) * 60 + int(pair[2])
    elif told and (found := HOURS.fullmatch(told)):
        minutes = round(float(found["hours"] or 0) * 60) + int(found["minutes"] or 0)
    elif re.fullmatch(r"\d+\.0+", told):
        minutes = int(float(told))
    else:
        return None
    return minutes if 0 < minutes <= MOST_MINUTES else None


def read_cents(text: str) -> int | None:
    """Read an amount of money; less than a cent and less than nothing is not read."""
    found = MONEY.fullmatch(plain(text))
    if found is None:
        return None
    number = Decimal(found["number"].replace(",", "") + (found["cents"] or "").rstrip("."))
    cents = number * (1_000_000 if found["unit"] else 100)
    return int(cents) if cents == int(cents) and cents <= MOST_CENTS else None


def read_points(text: str) -> int | None:
    """Read a whole number of points; less than nothing is not read."""
    found = POINTS.fullmatch(plain(text))
    if found is None:
        return None
    points = int(found["number"].replace(",", ""))
    return points if points <= MOST_POINTS else None


def read_phone(text: str) -> str:
    """Return the first phone number of a cell, as it may be normalised; couples give two."""
    told = plain(text).removeprefix("'")
    told = re.sub(r"\.0+$", "", told)
    return SEVERAL.split(told)[0].strip()


def _instant(text: str) -> datetime | None:
    """Read a moment that says its own offset from UTC."""
    told = text.strip()
    if INSTANT.fullmatch(told) is None:
        return None
    try:
        found = datetime.fromisoformat(told)
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year < LAST_YEAR else None


def _day(told: str) -> tuple[date, str] | None:
    """Read the date with which a text begins; return what follows it, too."""
    if SERIAL.fullmatch(told):
        return _of_serial(float(told))
    told = WEEKDAY.sub(" ", told).strip()
    for notation in DATES:
        if found := notation.match(told):
            day = _date(found)
            rest = told[found.end() :].strip(" ,t")
            return None if day is None else (day, rest)
    return None


def _of_serial(serial: float) -> tuple[date, str] | None:
    day = EXCEL_EPOCH + timedelta(days=int(serial))
    if not FIRST_YEAR <= day.year < LAST_YEAR:
        return None
    part = serial - int(serial)
    return day, f"{part:.10f}".removeprefix("0") if part else ""


def _date(found: re.Match[str]) -> date | None:
    parts = found.groupdict()
    year = int(parts["year"])
    month = MONTHS.index(parts["word"]) + 1 if parts.get("word") else int(parts["month"])
    try:
        day = date(year + 2000 if year < 100 else year, month, int(parts["day"]))
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year < LAST_YEAR else None


def _time(text: str, half_before: str) -> tuple[time, str] | None:
    """Read one time; the half of the day may have been said before, as in 下午2点-4点."""
    found = CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    if not re.search(r"[:点时]", text) and not (found["before"] or found["after"]):
        return None  # a number alone is no time
    half = found["before"] or found["after"] or half_before
    hour = _hour(int(found["hour"]), half)
    if hour is None:
        return None
    return time(hour, PARTS.get(found["part"], int(found["minute"] or 0))), half


def _hour(hour: int, half: str) -> int | None:
    if hour > 23 or (hour == 12 and half in NIGHT):  # midnight, but of which of two days?
        return None
    if half in EVENING | NIGHT and hour < 12:
        return hour + 12
    if half in NOONISH and hour < 3:
        return hour + 12
    if half in MORNING and hour == 12:
        return 0
    return hour


def _minutes_between(start: time, end: time) -> int | None:
    minutes = (end.hour - start.hour) * 60 + end.minute - start.minute
    return minutes if minutes > 0 else None

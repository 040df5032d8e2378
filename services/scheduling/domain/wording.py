"""Dates, hours and lengths of time in sentences for customers, Chinese and English."""

import zoneinfo
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.scheduling.domain.spans import Span, local_date

DAY_MINUTES = 24 * 60

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
DAY_CODES = {
    1: ("周一", "Mondays"),
    2: ("周二", "Tuesdays"),
    3: ("周三", "Wednesdays"),
    4: ("周四", "Thursdays"),
    5: ("周五", "Fridays"),
    6: ("周六", "Saturdays"),
    7: ("周日", "Sundays"),
    8: ("法定节假日", "public holidays"),
    9: ("调休上班日", "make-up work days"),
}


@dataclass(frozen=True)
class Words:
    """The same in both languages."""

    zh: str
    en: str

    @staticmethod
    def of(text: Mapping[str, str]) -> "Words":
        """Return a text; without an English one the Chinese stands for it."""
        return Words(text["zh"], text.get("en") or text["zh"])


@dataclass(frozen=True, kw_only=True)
class Wording:
    """How instants read at a branch; another year than this one is named."""

    zone: str
    now: datetime

    def day(self, day: date) -> Words:
        if day.year == local_date(self.now, self.zone).year:
            return Words(f"{day.month}月{day.day}日", f"{day.day} {MONTHS[day.month - 1]}")
        return Words(
            f"{day.year}年{day.month}月{day.day}日",
            f"{day.day} {MONTHS[day.month - 1]} {day.year}",
        )

    def moment(self, instant: datetime) -> Words:
        """Return a date with its time: 11月25日 10:00."""
        day = self.day(local_date(instant, self.zone))
        return Words(f"{day.zh} {self.clock(instant)}", f"{day.en}, {self.clock(instant)}")

    def clock(self, instant: datetime) -> str:
        """Return the time by the wall clock: 10:00."""
        return f"{instant.astimezone(zoneinfo.ZoneInfo(self.zone)):%H:%M}"

    def hours(self, spans: Iterable[Span]) -> Words:
        """Return when something is open on a day: 09:00–12:00、13:00–18:00."""
        found = [f"{self.clock(span.start)}–{self.clock(span.end)}" for span in spans]
        return Words("、".join(found), ", ".join(found))

    def days(self, first: date, last: date) -> Words:
        """Return some dates, both included."""
        begin, end = self.day(first), self.day(last)
        if first == last:
            return Words(begin.zh, f"on {begin.en}")
        return Words(f"{begin.zh}至{end.zh}", f"from {begin.en} to {end.en}")


def length(minutes: int) -> Words:
    """Return a length of time: 1 小时 30 分钟, or whole days."""
    days, rest = divmod(minutes, DAY_MINUTES)
    if days and not rest:
        return Words(f"{days} 天", counted(days, "day"))
    hours, rest = divmod(minutes, 60)
    zh = [f"{hours} 小时"] * bool(hours) + [f"{rest} 分钟"] * bool(rest or not hours)
    en = [counted(hours, "hour")] * bool(hours) + [counted(rest, "minute")] * bool(
        rest or not hours
    )
    return Words(" ".join(zh), " ".join(en))


def counted(number: int, noun: str) -> str:
    """Return a number with its English noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def day_codes(codes: Collection[int]) -> Words:
    """Return kinds of days: 周一、周二、法定节假日."""
    return listed([Words(*DAY_CODES[code]) for code in sorted(codes)])


def listed(words: Iterable[Words]) -> Words:
    """Return several names as one."""
    some = list(words)
    return Words("、".join(each.zh for each in some), ", ".join(each.en for each in some))

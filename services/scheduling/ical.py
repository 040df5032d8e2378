"""The only place that speaks iCalendar (RFC 5545): reads busy times, writes a feed.

Both run for long on a large calendar; whoever calls them does so outside the event loop.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from services.scheduling.domain.feeds import MAX_BUSY_TIMES, FeedUnreadable, merged
from services.scheduling.domain.spans import Span

READING_SECONDS = 15.0
"""For one file. A full 2 MB takes up to five; what takes much longer was made to take long."""

MAX_STEPS = 50_000
"""Occurrences from the first one until the end of the window that one rule may need counting
through. Daily since 1890 or hourly for five years pass; a rule of every second would not end."""

MAX_OCCURRENCES = 50_000
"""Of all events together, before those that touch become one busy time."""

# All that counts. The rest (names, notes, alarms, who else comes) is dropped before anything else:
# it is nobody's business here, and copying it for each occurrence would take most of the time.
TIMES = (
    "UID",
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
    "RECURRENCE-ID",
    "SEQUENCE",
    "STATUS",
    "TRANSP",
)
DAYS_OF = {"YEARLY": 365, "MONTHLY": 28, "WEEKLY": 7, "DAILY": 1}
A_DAY_OF = {"HOURLY": 24, "MINUTELY": 24 * 60, "SECONDLY": 24 * 60 * 60}

# What the libraries raise at what is not a calendar, or only looks like one.
BROKEN = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)

REFRESH = timedelta(minutes=15)

OWN_UIDS = "@scheduling.yingqi"
"""How the events of our own feeds are called. A calendar elsewhere that shows them again is not
busy by them: the booking itself keeps its time, and may be moved."""


# --- reading


def busy_times(content: bytes, *, zone: str, within: Span) -> list[Span]:
    """Return when the calendar's owner is busy, in spans that do not touch, earliest first.

    Shapes:  zone is where whole days and times without a zone belong.
    Errors:  FeedUnreadable, also when one event alone cannot be understood: a busy time that is
             left out silently would be booked.
    """
    until = time.monotonic() + READING_SECONDS
    found: list[Span] = []
    try:
        for events in _by_uid(_events(content)):
            found += _occurrences(events, ZoneInfo(zone), within)
            if time.monotonic() > until or len(found) > MAX_OCCURRENCES:
                raise FeedUnreadable("日历内容过多", "the calendar holds too much")
    except BROKEN as error:
        raise FeedUnreadable("日历内容有误", "the calendar is broken") from error
    busy = merged(found)
    if len(busy) > MAX_BUSY_TIMES:
        raise FeedUnreadable("忙碌时段过多", f"more than {MAX_BUSY_TIMES} busy times")
    return busy


def _events(content: bytes) -> Iterator[icalendar.Event]:
    """Yield every event of a file, with its times only."""
    # Words may be in any encoding, the times are ASCII.
    text = content.decode("utf-8-sig", errors="replace").strip()
    if not text.upper().startswith("BEGIN:VCALENDAR"):
        raise FeedUnreadable("该地址不是日历文件", "this is not a calendar file")
    if not text.upper().endswith("END:VCALENDAR"):
        raise FeedUnreadable("日历文件不完整", "the file is not complete")
    for calendar in icalendar.Calendar.from_ical(text, multiple=True):
        for event in calendar.walk("VEVENT"):
            if any(name in TIMES for name, _ in event.errors):
                raise ValueError("a time of an event is broken")
            if not str(event.get("UID", "")).endswith(OWN_UIDS):
                yield icalendar.Event({name: event[name] for name in TIMES if name in event})


def _by_uid(events: Iterable[icalendar.Event]) -> Iterable[list[icalendar.Event]]:
    """Return events, each with those that replace occurrences of it.

    Two events of one UID both count: the standard knows no such thing, some programs do it.
    """
    groups: dict[object, list[icalendar.Event]] = {}
    first: set[object] = set()
    for event in events:
        key: object = event.get("UID", id(event))
        if "RECURRENCE-ID" not in event:
            key = id(event) if key in first else key
            first.add(key)
        groups.setdefault(key, []).append(event)
    return groups.values()


def _occurrences(events: list[icalendar.Event], zone: ZoneInfo, within: Span) -> Iterator[Span]:
    """Yield the busy times of one event, its recurrences and exceptions, inside the window."""
    calendar = icalendar.Calendar()
    for event in events:
        _check_rules(event, within.end)
        calendar.add_component(event)
    # A day more at both ends, for what has no zone yet.
    day = timedelta(days=1)
    query = recurring_ical_events.of(calendar)
    for occurrence in query.between(within.start - day, within.end + day):
        if not _is_busy(occurrence):
            continue
        start = max(_instant(occurrence["DTSTART"].dt, zone), within.start)
        end = min(_instant(occurrence["DTEND"].dt, zone), within.end)
        if start < end:
            yield Span(start, end)


def _check_rules(event: Any, end: datetime) -> None:
    """Refuse a rule that would take for ever to follow."""
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        interval = int(rule.get("INTERVAL", [1])[0])
        frequency = rule["FREQ"][0]
        # In whole days: the first may have no zone, and the years of a zone may have no instants.
        days = end.toordinal() - event["DTSTART"].dt.toordinal()
        steps = days * A_DAY_OF.get(frequency, 1) // (DAYS_OF.get(frequency, 1) * max(interval, 1))
        for part in ("BYHOUR", "BYMINUTE", "BYSECOND"):
            steps *= len(rule.get(part, [0]))
        if interval < 1 or steps > MAX_STEPS:
            raise FeedUnreadable("重复规则过于频繁", "an event recurs too often")


def _is_busy(event: Any) -> bool:
    return (
        str(event.get("STATUS", "")).upper() != "CANCELLED"
        and str(event.get("TRANSP", "")).upper() != "TRANSPARENT"
    )


def _instant(value: date, zone: ZoneInfo) -> datetime:
    """Return the instant of a time; a date begins, and a time without a zone is, where we are."""
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001  (the zone comes next)
    local = value if value.tzinfo is not None else value.replace(tzinfo=zone)
    return local.astimezone(UTC)


# --- writing


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One event of a feed.

    Shapes:  `uid` never changes for what it stands for; `sequence` rises whenever it moves.
    """

    uid: str
    sequence: int
    start: datetime
    end: datetime
    summary: str
    description: str = ""
    location: str = ""
    url: str = ""
    tentative: bool = False
    created_at: datetime | None = None


def write_feed(name: str, entries: Iterable[Entry], *, now: datetime) -> str:
    """Return a calendar that programs subscribe to. All times are UTC, so it defines no zones."""
    calendar = icalendar.Calendar()
    calendar.add("PRODID", "-//Yingqi//Scheduling//ZH")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("NAME", name)
    calendar.add("X-WR-CALNAME", name)
    calendar.add("REFRESH-INTERVAL", icalendar.vDuration(REFRESH), {"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", icalendar.vDuration(REFRESH))
    for entry in entries:
        calendar.add_component(_event(entry, now))
    return str(calendar.to_ical(), "utf-8")


def _event(entry: Entry, now: datetime) -> icalendar.Event:
    event = icalendar.Event()
    event.add("UID", entry.uid)
    event.add("SEQUENCE", entry.sequence)
    event.add("DTSTAMP", now)
    event.add("DTSTART", entry.start.astimezone(UTC))
    event.add("DTEND", entry.end.astimezone(UTC))
    event.add("SUMMARY", entry.summary)
    event.add("STATUS", "TENTATIVE" if entry.tentative else "CONFIRMED")
    if entry.created_at:
        event.add("CREATED", entry.created_at.astimezone(UTC))
    for property, text in (
        ("DESCRIPTION", entry.description),
        ("LOCATION", entry.location),
        ("URL", entry.url),
    ):
        if text:
            event.add(property, text)
    return event

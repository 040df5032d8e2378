"""The rules of reading calendars elsewhere: how far, how often, and what makes one busy time."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from services.scheduling.domain.spans import Span

DAYS_BACK = 1
DAYS_AHEAD = 400
"""Days around now whose busy times are kept: a year's horizon of bookings, and a month more."""

MAX_BUSY_TIMES = 5000
"""Of one calendar. Twelve a day for all the days ahead; more is not a person's calendar."""

READ_EVERY = timedelta(minutes=15)
READ_AT_LEAST_EVERY = timedelta(hours=6)
"""How often a calendar that has failed again and again is still tried."""

LEASE = timedelta(minutes=2)
"""For how long a reading is left to the process that began it; far longer than one can take."""


class FeedUnreadable(Exception):
    """A calendar could not be read. The reason is shown to staff, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} ({en})")


def window(now: datetime) -> Span:
    """Return the time whose busy times are kept.

    It moves with the UTC date only: within a day an unchanged calendar has unchanged busy times.
    """
    today = datetime.combine(now.astimezone(UTC), time(), UTC)
    return Span(today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD))


def next_reading(now: datetime, failures: int) -> datetime:
    """Return when to read again after so many failures in a row: 15, 30, 60 … minutes, 6 hours."""
    # The exponent is bounded: years of failures would overflow a timedelta.
    pause = READ_EVERY * (1 << min(max(failures - 1, 0), 8))
    return now + min(pause, READ_AT_LEAST_EVERY)


def may_be_unchanged(now: datetime, fetched_at: datetime | None) -> bool:
    """Tell whether a calendar that has not changed needs no reading.

    Once a UTC day it does: further occurrences of what recurs have come within the window.
    """
    return (
        fetched_at is not None and fetched_at.astimezone(UTC).date() == now.astimezone(UTC).date()
    )


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the same time in spans that neither overlap nor touch, earliest first."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found

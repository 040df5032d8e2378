"""Spans of time, and the local dates on which they fall."""

import zoneinfo
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta


@dataclass(frozen=True)
class Span:
    """A half-open interval [start, end) of aware instants."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a span needs aware instants")
        if self.end <= self.start:
            raise ValueError("a span ends after it starts")

    def widened(self, minutes: int) -> "Span":
        """Return the span with as many minutes more at both ends."""
        margin = timedelta(minutes=minutes)
        return Span(self.start - margin, self.end + margin)

    def whole_days(self, zone: str) -> "Span":
        """Return the span of all local dates that this one touches."""
        last = local_date(self.end - timedelta(microseconds=1), zone)
        return Span(
            midnight(local_date(self.start, zone), zone),
            midnight(last + timedelta(days=1), zone),
        )


def local_date(instant: datetime, zone: str) -> date:
    """Return the date on which an instant falls at a branch."""
    return instant.astimezone(zoneinfo.ZoneInfo(zone)).date()


def midnight(day: date, zone: str) -> datetime:
    """Return the instant at which a local date begins."""
    return datetime.combine(day, time(), zoneinfo.ZoneInfo(zone)).astimezone(UTC)

"""What becomes of a booking that staff drag on the calendar, and what it may not push aside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.scheduling.domain.explain import Obstacle
from services.scheduling.domain.lines import MAX_HORIZON
from services.scheduling.domain.spans import Span, local_date

Units = tuple[int, int | None]
"""The units of a resource that are locked, from the first to before the last; null for all."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """Something that lies where an allocation shall be.

    Shapes:  `number` which of the wanted ones it hinders; `units` those that it locks, null when it
             concerns the whole resource (an absence, a way); `overdue` its hold has expired.
    """

    number: int
    obstacle: Obstacle
    units: Units | None = None
    session: UUID | None = None
    overdue: bool = False

    @property
    def is_absence(self) -> bool:
        """Tell whether the resource is not there, rather than taken."""
        return self.obstacle.allocation_id is None

    def hinders(self, units: Units, session: UUID | None) -> bool:
        """Tell whether it leaves no room for some units, or for a place in a session."""
        if self.units is None:
            return True
        if session is not None and self.session is not None and session != self.session:
            return True
        return overlap(self.units, units)


def overlap(some: Units, others: Units) -> bool:
    """Tell whether two sets of units have one in common."""
    return (others[1] is None or some[0] < others[1]) and (some[1] is None or others[0] < some[1])


def free_unit(current: int, capacity: int, found: Sequence[Found]) -> int:
    """Return the unit of a counted thing to take: its own if that is free, else the first.

    Units are equal, so nobody minds. One that only an expired hold still locks is better than one
    that somebody has; when somebody has all of them it is the current one.
    """

    def rank(unit: int) -> int:
        mine = [each for each in found if each.hinders((unit, unit + 1), None)]
        return 2 if any(not each.overdue for each in mine) else min(len(mine), 1)

    units: list[int] = [current, *range(1, capacity + 1)]
    return min(units, key=rank)


def moved_start(
    booked: datetime, serving: Span, start: datetime, zone: str, *, whole_days: bool
) -> datetime:
    """Return when a booking starts after one who serves it was moved to another start.

    Whoever serves for whole days can only be moved by days, and then the booking keeps its hour.
    """
    if not whole_days:
        return booked + (start - serving.start)
    days = local_date(start, zone) - local_date(serving.start, zone)
    return (booked.astimezone(ZoneInfo(zone)) + days).astimezone(UTC)


def refit(during: Span, serving: Span, work: Span) -> Span:
    """Return what is locked for other work, with the same time before and after it."""
    return Span(work.start - (serving.start - during.start), work.end + (during.end - serving.end))


def later(span: Span, delta: timedelta) -> Span:
    """Return a span moved by some time."""
    return Span(span.start + delta, span.end + delta)


def covers(span: Span, other: Span) -> bool:
    """Tell whether a span contains another."""
    return span.start <= other.start and other.end <= span.end


def is_near(instant: datetime, now: datetime) -> bool:
    """Tell whether an instant is one that a studio could mean; beyond local dates overflow."""
    return now - MAX_HORIZON <= instant <= now + MAX_HORIZON


def stated(reason: str, actor: Mapping[str, Any]) -> str:
    """Return why somebody overlaps others by force, with who it is."""
    who = " ".join(str(part) for part in (actor["kind"], actor["id"]) if part)
    return f"{reason} ({who})"

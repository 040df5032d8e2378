"""Waiting for time: the states of a place on the list, and which starts would do; pure.

Who comes first is said once, where it is sorted: `queries.waitlist.rank`.
"""

import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.scheduling.domain.holds import IllegalTransitionError
from services.scheduling.domain.lines import MAX_HORIZON, Line
from services.scheduling.domain.spans import Span, local_date

MAX_OFFERS = 3
"""Whoever lets three offers pass does not want the time; each keeps it from others meanwhile."""

NOTIFY_PAUSE = timedelta(hours=1)
"""Between two messages that there is time: on a day of many cancellations one is enough."""

MAX_WINDOW_DAYS = 93
"""As many days as may be asked about at once; who waits longer joins again."""


class WaitState(enum.StrEnum):
    """What has become of a place on the waitlist."""

    WAITING = "waiting"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    EXPIRED = "expired"
    LEFT = "left"


TRANSITIONS: Mapping[WaitState, Collection[WaitState]] = {
    WaitState.WAITING: {WaitState.OFFERED, WaitState.EXPIRED, WaitState.LEFT},
    WaitState.OFFERED: {
        WaitState.ACCEPTED,
        WaitState.WAITING,
        WaitState.EXPIRED,
        WaitState.LEFT,
    },
    WaitState.ACCEPTED: set(),
    WaitState.EXPIRED: set(),
    WaitState.LEFT: set(),
}


def may_become(state: str, to: WaitState) -> bool:
    """Tell whether the table has a way from one state to another."""
    return to in TRANSITIONS[WaitState(state)]


def advance(state: str, to: WaitState) -> WaitState:
    """Return the new state of a place on the list.

    Errors:  IllegalTransitionError when the table has no such transition.
    """
    if not may_become(state, to):
        raise IllegalTransitionError(f"{state} → {to}")
    return to


def after_lapse(offers: int) -> WaitState:
    """Return what becomes of whoever has let so many offers pass."""
    return WaitState.EXPIRED if offers >= MAX_OFFERS else WaitState.WAITING


def offer_end(now: datetime, start: datetime, minutes: int) -> datetime:
    """Return until when a start is kept for whom it is offered: never longer than it is of use."""
    return min(now + timedelta(minutes=minutes), start)


def may_notify(notified_at: datetime | None, now: datetime) -> bool:
    """Tell whether somebody may be told again that there is time."""
    return notified_at is None or now - notified_at >= NOTIFY_PAUSE


@dataclass(frozen=True, kw_only=True)
class Window:
    """When a start would do: local dates, kinds of days and wall-clock times, all inclusive."""

    first: date
    last: date
    weekdays: Sequence[int] | None = None
    earliest: time | None = None
    latest: time | None = None

    def admits(self, local: datetime, special: int | None = None) -> bool:
        """Tell whether a start would do.

        Shapes:  `local` by the branch's wall clock; `special` the code of its day, if any (8, 9).
        """
        kinds = {local.isoweekday(), special}
        return (
            self.first <= local.date() <= self.last
            and (self.weekdays is None or not kinds.isdisjoint(self.weekdays))
            and (self.earliest is None or self.earliest <= local.time())
            and (self.latest is None or local.time() <= self.latest)
        )

    def touches(self, first: date, last: date) -> bool:
        """Tell whether any of its dates lies among some others."""
        return self.first <= last and first <= self.last

    def is_possible(self, today: date) -> bool:
        """Tell whether somebody can wait for this: it has dates to come, and not too many."""
        days = (self.last - self.first).days
        return 0 <= days < MAX_WINDOW_DAYS and today <= self.last <= today + MAX_HORIZON


def dates_of_starts(freed: Iterable[Span], lines: Collection[Line], zone: str) -> tuple[date, date]:
    """Return the local dates, both included, on which freed time may have made starts possible.

    What is noted as freed is when a customer would have been there; what was locked for them may
    have begun before and ended after, and so may what the next customer needs.
    """
    spans = list(freed)
    first, last = min(span.start for span in spans), max(span.end for span in spans)
    reach = _reach(first, lines, zone)
    return local_date(first - reach, zone), local_date(last + reach, zone)


def _reach(start: datetime, lines: Collection[Line], zone: str) -> timedelta:
    """Return the time from the first to the last moment that a booking locks anything."""
    locked = [line.during(start, zone) for line in lines]
    ends, starts = (span.end for span in locked), (span.start for span in locked)
    return max([start, *ends]) - min([start, *starts])

"""What a service needs: its lines, and the time that each of them locks."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import combinations
from uuid import UUID

from services.scheduling.domain.spans import Span

MAX_HORIZON = timedelta(days=732)
"""Nobody may book later than this, whatever a service says; further away lie the ends of the
calendar, where local dates overflow."""

MAX_CONTESTED = 6
"""Lines of one type that a service may have: every set of them is looked at, 2 ** 6 at most."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """How many of which resources a service needs, and for which part of it.

    Shapes:  `skills` skill → least level; `attributes` all of them must be equal.
    Units:   minutes from the start of the booking; negative before it.
    """

    key: str
    resource_type: str
    quantity: int
    offset_minutes: int
    length_minutes: int
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    whole_days: bool = False
    optional: bool = False
    shared: bool = False
    pool_id: UUID | None = None
    skills: Mapping[str, int] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    name: Mapping[str, str] | None = None

    def serving(self, start: datetime, zone: str) -> Span:
        """Return when this line works in a booking that starts then."""
        begin = start.astimezone(UTC) + timedelta(minutes=self.offset_minutes)
        span = Span(begin, begin + timedelta(minutes=self.length_minutes))
        return span.whole_days(zone) if self.whole_days else span

    def during(self, start: datetime, zone: str) -> Span:
        """Return what is locked for it: the work and its buffers."""
        return self.locking(self.serving(start, zone))

    def locking(self, work: Span) -> Span:
        """Return some work of this line with its buffers."""
        return Span(
            work.start - timedelta(minutes=self.buffer_before_minutes),
            work.end + timedelta(minutes=self.buffer_after_minutes),
        )


@dataclass(frozen=True)
class Demand:
    """Lines that may want the same people, and how many they want in all."""

    keys: tuple[str, ...]
    quantity: int


def demands(lines: Sequence[Line]) -> list[Demand]:
    """Return the sets of lines which must find enough candidates together.

    A booking fits if and only if every set of lines has at least as many candidates as it needs
    (Hall's theorem). Lines of different types share nobody, so only sets within a type matter.
    """
    found: list[Demand] = []
    for resource_type in dict.fromkeys(line.resource_type for line in lines):
        rivals = [line for line in lines if line.resource_type == resource_type]
        for size in range(1, len(rivals) + 1):
            found += [
                Demand(tuple(line.key for line in some), sum(line.quantity for line in some))
                for some in combinations(rivals, size)
            ]
    return found


def wanted(lines: Iterable[Line], options: Collection[str]) -> list[Line]:
    """Return the lines that a booking with these options has."""
    return [line for line in lines if not line.optional or line.key in options]


def default_duration(lines: Iterable[Line]) -> int:
    """Return the minutes that a customer is there: until the last line has done its work."""
    ends = [
        line.offset_minutes + line.length_minutes
        for line in lines
        if not (line.optional or line.whole_days)
    ]
    return max([1, *ends])


def can_seat(wishes: Sequence[Collection[str]], quantities: Mapping[str, int]) -> bool:
    """Tell whether everybody who is asked for by name can have a place in one of its lines."""
    places = [(key, number) for key, count in quantities.items() for number in range(count)]
    return matches([[place for place in places if place[0] in keys] for keys in wishes])


def matches(wants: Sequence[Sequence[Hashable]]) -> bool:
    """Tell whether each can have one of what it wants, nothing being given twice."""
    owner: dict[Hashable, int] = {}

    def give(one: int, seen: set[Hashable]) -> bool:
        for thing in wants[one]:
            if thing in seen:
                continue
            seen.add(thing)
            if thing not in owner or give(owner[thing], seen):
                owner[thing] = one
                return True
        return False

    return all(give(one, set()) for one in range(len(wants)))

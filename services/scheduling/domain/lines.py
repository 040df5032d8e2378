"""What a service needs: its lines, and the time that each of them locks."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
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

    Shapes:  `skills` skill → least level; `attributes` all of them must be equal; `part` which of
             the services of a booking it belongs to, the first being 0.
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
    part: int = 0

    @property
    def option(self) -> str:
        """The key by which its own service knows it, and a customer asks for it."""
        return self.key.rpartition(".")[2]

    def as_part(self, part: int, minutes: int) -> "Line":
        """Return it as a line of one of the later services, which begins after some minutes."""
        return replace(
            self,
            key=f"{part}.{self.key}",
            part=part,
            offset_minutes=self.offset_minutes + minutes,
        )

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
    Somebody counts once for each turn (see turns). Of more lines than may be asked for (a service
    was defined anew since) only the single ones and all together are looked at.
    """
    found: list[Demand] = []
    for resource_type in dict.fromkeys(line.resource_type for line in lines):
        rivals = [line for line in lines if line.resource_type == resource_type]
        few = len(rivals) <= MAX_CONTESTED
        for size in range(1, len(rivals) + 1) if few else (1, len(rivals)):
            found += [
                Demand(tuple(line.key for line in some), sum(line.quantity for line in some))
                for some in combinations(rivals, size)
            ]
    return found


def turns(lines: Sequence[Line]) -> dict[str, int]:
    """Return each line's turn: somebody can serve one line of a turn, but several turns.

    All lines of a service are one turn. Those of several services are as many, unless they overlap
    (or lock whole days): whoever serves the one is then not free for the other.
    """
    found: dict[str, int] = {}
    for line in lines:
        joined = {found[other.key] for other in lines if other.key in found and _meet(line, other)}
        turn = min(joined, default=len(found))
        found = {key: turn if each in joined else each for key, each in found.items()}
        found[line.key] = turn
    return found


def _meet(a: Line, b: Line) -> bool:
    """Tell whether nobody can serve both of two lines."""
    if a.resource_type != b.resource_type:
        return False
    return (
        a.part == b.part
        or a.whole_days
        or b.whole_days
        or (
            a.offset_minutes < b.offset_minutes + b.length_minutes
            and b.offset_minutes < a.offset_minutes + a.length_minutes
        )
    )


def locking(works: Sequence[tuple[Hashable, Line, Span]]) -> list[Span]:
    """Return what each work of a booking locks: its buffers, too, but no time twice.

    Between two works of the same resource nobody else comes, so they meet where their buffers do;
    a buffer that reaches beyond the other work goes on behind it. Works that overlap, by force,
    stay as they are.

    Shapes:  (who serves, the line, when it works).
    """
    found = [line.locking(work) for _, line, work in works]
    served: dict[Hashable, list[int]] = defaultdict(list)
    for n in sorted(range(len(works)), key=lambda n: works[n][2].start):
        served[works[n][0]].append(n)
    met = [
        (a, b)
        for mine in served.values()
        for a, b in pairwise(mine)
        if works[a][2].end <= works[b][2].start
    ]
    for a, b in reversed(met):
        found[a] = Span(min(found[a].start, found[b].start), found[a].end)
    for a, b in met:
        found[b] = Span(found[b].start, max(found[a].end, found[b].end))
        if found[b].start < found[a].end:
            meeting = min(found[a].end, works[b][2].start)
            found[a] = Span(found[a].start, meeting)
            found[b] = Span(meeting, found[b].end)
    return found


def wanted(lines: Iterable[Line], options: Collection[str]) -> list[Line]:
    """Return the lines that a booking with these options has, whichever service has them."""
    return [line for line in lines if not line.optional or line.option in options]


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

"""Who serves a booking: the same for everybody, and with the reason."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.scheduling.domain.lines import Line, matches, turns

CRITERIA = ("wished", "preferred", "skill", "load", "fairness", "order")
"""What decides between two who could serve, in this order: the customer's wish and favourites, the
higher skill, who has less to do that week, who has not worked for longer, and in the end the name,
so that the same question always has the same answer."""

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One unit of a resource that could serve a line at one start.

    Shapes:  `rostered` it works then; `free` and nobody has it; `overdue` the bookings whose
             holds have expired but still lie in the way; `skill` the sum of its levels in what
             the line asks for; `idle_since` when it last worked before, null for never.
    Units:   load_minutes: what is locked of it in the local week of the start.
    """

    line: str
    resource_id: UUID
    resource_type: str
    name: str
    unit: int = 1
    capacity: int = 1
    mobile: bool = False
    travel_minutes: int = 0
    rostered: bool = True
    free: bool = True
    overdue: tuple[UUID, ...] = ()
    skill: int = 0
    load_minutes: int = 0
    idle_since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Pick:
    """A candidate that was chosen; `chosen_by` is the criterion that decided, or `only`."""

    candidate: Candidate
    chosen_by: str


Rank = tuple[Any, ...]
Item = tuple[UUID, int, int]
"""A resource, a unit of it and a turn: what can serve one line of a booking."""

Turns = Mapping[str, int]
"""The turn of each line."""


def choose(
    lines: Sequence[Line],
    candidates: Iterable[Candidate],
    *,
    wished: Collection[UUID] = (),
    preferred: Collection[UUID] = (),
) -> list[Pick] | None:
    """Choose who serves, or return None when a line cannot be filled or a wish not granted.

    A unit serves one line of each turn. Of all complete crews the first is taken: the best for the
    first line, then the best for the second, and so on.
    """

    def rank(candidate: Candidate) -> Rank:
        return (
            candidate.resource_id not in wished,
            candidate.resource_id not in preferred,
            -candidate.skill,
            candidate.load_minutes,
            candidate.idle_since or LONG_AGO,
            (candidate.name, candidate.resource_id, candidate.unit),
        )

    able = _by_line(candidates, rank)
    turn = turns(lines)
    picks: list[Pick] = []
    for rivals in _rivals(lines):
        chosen = _fill(rivals, able, set(wished), turn)
        if chosen is None:
            return None
        for each in chosen:
            crew = [one for one in chosen if turn[one.line] == turn[each.line]]
            picks.append(_explained(each, able[each.line], crew, rank))
    if not set(wished) <= {pick.candidate.resource_id for pick in picks}:
        return None
    return picks


def _by_line(
    candidates: Iterable[Candidate], rank: Callable[[Candidate], Rank]
) -> Mapping[str, list[Candidate]]:
    able: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in sorted(candidates, key=rank):
        able[candidate.line].append(candidate)
    return able


def _rivals(lines: Sequence[Line]) -> list[list[Line]]:
    """Return the lines in groups that may want the same people: those of one type."""
    groups: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        groups[line.resource_type].append(line)
    return list(groups.values())


def _fill(
    lines: Sequence[Line],
    able: Mapping[str, Sequence[Candidate]],
    wished: set[UUID],
    turn: Turns,
) -> list[Candidate] | None:
    """Return who fills some lines of one type, or None."""
    places = [line.key for line in lines for _ in range(line.quantity)]
    if len(lines) == 1:
        some = able.get(places[0], [])
        best = some[: len(places)]
        if len(best) < len(places):
            return None
        # The units of one wished resource must not take the places of the other wished.
        if wished & {c.resource_id for c in some} <= {c.resource_id for c in best}:
            return list(best)
    return _fill_rivals(places, able, wished, turn)


def _fill_rivals(
    places: Sequence[str],
    able: Mapping[str, Sequence[Candidate]],
    wished: set[UUID],
    turn: Turns,
) -> list[Candidate] | None:
    """Take the best candidate for each place that leaves the rest able to be filled.

    Those who are wished for must all find a place, and all places must find somebody. Where each
    of the two is possible both are at once (Mendelsohn and Dulmage), so it is enough to look at
    one after the other.
    """
    chosen: list[Candidate] = []
    used: set[Item] = set()
    owed = wished & {c.resource_id for key in places for c in able.get(key, [])}
    for position, key in enumerate(places):
        rest = places[position + 1 :]
        for candidate in able.get(key, []):
            item = _item(candidate, turn)
            if item in used:
                continue
            still_owed = owed - {candidate.resource_id}
            if _can_fill(rest, able, used | {item}, turn) and _can_grant(
                still_owed, rest, able, used | {item}, turn
            ):
                chosen.append(candidate)
                used.add(item)
                owed = still_owed
                break
        else:
            return None
    return chosen


def _item(candidate: Candidate, turn: Turns) -> Item:
    return candidate.resource_id, candidate.unit, turn[candidate.line]


def _can_fill(
    places: Sequence[str],
    able: Mapping[str, Sequence[Candidate]],
    used: set[Item],
    turn: Turns,
) -> bool:
    """Tell whether every place can have somebody of its own."""
    wants = [
        [item for c in able.get(key, []) if (item := _item(c, turn)) not in used] for key in places
    ]
    return matches(wants)


def _can_grant(
    owed: Collection[UUID],
    places: Sequence[str],
    able: Mapping[str, Sequence[Candidate]],
    used: set[Item],
    turn: Turns,
) -> bool:
    """Tell whether everybody who is wished for can have a place."""
    wants = [
        [
            number
            for number, key in enumerate(places)
            if any(
                c.resource_id == resource_id and _item(c, turn) not in used
                for c in able.get(key, [])
            )
        ]
        for resource_id in sorted(owed)
    ]
    return matches(wants)


def _explained(
    chosen: Candidate,
    able: Sequence[Candidate],
    crew: Sequence[Candidate],
    rank: Callable[[Candidate], Rank],
) -> Pick:
    """Return the pick with what set it apart from the next one who could have served."""
    taken = {(c.resource_id, c.unit) for c in crew}
    others = (c for c in able if (c.resource_id, c.unit) not in taken)
    other = next(others, None)
    if other is None:
        return Pick(candidate=chosen, chosen_by="only")
    pairs = zip(rank(chosen), rank(other), strict=True)
    decided = (name for name, (a, b) in zip(CRITERIA, pairs, strict=True) if a != b)
    return Pick(candidate=chosen, chosen_by=next(decided))

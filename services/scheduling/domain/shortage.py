"""Who is missing at a start: lines, lines that want the same people, and wishes."""

import functools
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import count
from typing import Any
from uuid import UUID

from services.scheduling.domain.explain import Asked, Candidate, Rule, Seen, rule
from services.scheduling.domain.lines import Demand, can_seat, demands, turns
from services.scheduling.domain.wording import Words, listed

MEASURES = {"person": "位", "space": "间", "thing": "件"}
"""What Chinese counts kinds of resources by."""


class Shortage:
    """Who is free for a booking at one start, compared with whom it needs."""

    def __init__(self, seen: Seen, asked: Asked) -> None:
        self.seen = seen
        self.asked = asked
        self.demands = demands(asked.lines)
        self.free: dict[str, set[tuple[UUID, int, int]]] = defaultdict(set)
        turn = turns(asked.lines)
        for each in seen.candidates:
            if each.free:
                self.free[each.line].add((each.resource_id, each.unit, turn[each.line]))

    # --- what there is

    def able(self, demand: Demand) -> int:
        """Count those who are free for any of some lines, once for each turn."""
        return len(set().union(*(self.free[key] for key in demand.keys)))

    def joinable(self, wished: frozenset[UUID]) -> int:
        """Count the places left in sessions of a class that the wished serve.

        One where some of them would serve a line of one's own, which they can do once.
        """
        places = sum(each.places for each in self.seen.sessions if wished <= each.crew)
        rest = (wished - each.crew for each in self.seen.sessions if each.places)
        return places or int(any(self._granted(some, shared=False) for some in rest))

    def remaining(self, wished: frozenset[UUID]) -> int:
        """Return how many bookings with some wishes fit, as find_slots counts them."""
        begun = self.joinable(wished)
        if not wished:
            return next(number for number in count() if not self._fit(number + 1, begun))
        alone = [self.able(d) // d.quantity for d in self.demands if not self._shared(d)]
        together = [self.able(d) // d.quantity for d in self.demands if self._shared(d)]
        own = any(not self._free_lines(each) & self._shared_lines for each in wished)
        places = 1 if own else self.asked.places
        fresh = min([1, *together, *alone]) * places * self._granted(wished)
        return max(min([*alone, fresh + begun]), int(begun > 0 and not self.short(joins=True)))

    # --- what is missing

    def short(self, *, joins: bool | None = None) -> list[Demand]:
        """Return the sets of lines that find too few, whose parts all find enough.

        Shapes:  `joins` a session of a class that has begun; by default if that is possible.
        """
        if joins is None:
            joins = self.joinable(self.asked.wished) > 0
        found: list[Demand] = []
        for demand in self.demands:  # smaller sets come first
            known = any(set(less.keys) <= set(demand.keys) for less in found)
            needed = self._own(demand) if joins else demand.quantity
            if not known and self.able(demand) < needed:
                found.append(demand)
        return found

    def rules(self) -> list[Rule]:
        """Say what the numbers of the single lines cannot: contested lines, wishes in vain."""
        contested = [self._contested(demand) for demand in self.short() if len(demand.keys) > 1]
        return contested + self._wishes()

    def lines(self) -> list[dict[str, Any]]:
        """Return each line with how many it needs, how many are free, and why others are not."""
        joinable = self.joinable(self.asked.wished) > 0
        return [
            {
                "line": line.key,
                "resource_type": line.resource_type,
                "needed": line.quantity,
                "free": max(len(self.free[line.key]), line.quantity * (joinable and line.shared)),
                "obstacles": [each for each in self.seen.obstacles if each.line == line.key],
            }
            for line in self.asked.lines
        ]

    # --- who else could

    def others(self) -> list[tuple[Candidate, int]]:
        """Return who could stand in for one of the wished, and how many bookings then fit."""
        found: dict[UUID, tuple[Candidate, int]] = {}
        for wished in sorted(self.asked.wished):
            lines = {each.line for each in self._known.get(wished, ())}
            for each in self.seen.candidates:
                known = each.resource_id in found or each.resource_id in self.asked.wished
                if known or each.line not in lines or not each.bookable_by_name:
                    continue
                fit = self.remaining(self.asked.wished - {wished} | {each.resource_id})
                if fit:
                    found[each.resource_id] = each, fit
        return list(found.values())

    # --- details

    @functools.cached_property
    def _known(self) -> Mapping[UUID, Sequence[Candidate]]:
        known: dict[UUID, list[Candidate]] = defaultdict(list)
        for each in self.seen.candidates:
            known[each.resource_id].append(each)
        return known

    def _shared(self, demand: Demand) -> bool:
        return all(line.shared for line in self.asked.lines if line.key in demand.keys)

    @functools.cached_property
    def _shared_lines(self) -> set[str]:
        return {line.key for line in self.asked.lines if line.shared}

    def _own(self, demand: Demand) -> int:
        """Return how many a set of lines needs for each customer of a class."""
        own = [line for line in self.asked.lines if line.key in demand.keys and not line.shared]
        return sum(line.quantity for line in own)

    def _fit(self, number: int, begun: int) -> bool:
        """Tell whether so many fit: the first in begun sessions, the rest in fresh ones."""
        crews = max(0, -(-(number - begun) // self.asked.places))
        return all(
            number * (own := self._own(d)) + crews * (d.quantity - own) <= self.able(d)
            for d in self.demands
        )

    def _free_lines(self, resource_id: UUID) -> set[str]:
        return {each.line for each in self._known.get(resource_id, ()) if each.free}

    def _granted(self, wished: Collection[UUID], *, shared: bool = True) -> bool:
        """Tell whether all of some can serve at once; without `shared` a line of one's own."""
        lines = [line for line in self.asked.lines if shared or not line.shared]
        places = {line.key: line.quantity for line in lines}
        return can_seat([self._free_lines(each) & places.keys() for each in wished], places)

    def _contested(self, demand: Demand) -> Rule:
        line = next(line for line in self.asked.lines if line.key in demand.keys)
        of = self.seen.types[line.resource_type]
        name, able = Words.of(of.name), self.able(demand)
        return rule(
            "contested",
            f"该服务同时需要 {demand.quantity} {MEASURES[of.kind]}{name.zh}，"
            f"该时间合适且有空的只有 {able} {MEASURES[of.kind]}",
            f"The service needs {demand.quantity} of {name.en} at once;"
            f" only {able} who fit {'is' if able == 1 else 'are'} free then",
        )

    def _wishes(self) -> list[Rule]:
        wished = self.asked.wished
        if not wished or self.joinable(wished):
            return []
        busy = listed(self._name(each) for each in sorted(wished) if not self._free_lines(each))
        if busy.zh:
            return [
                rule(
                    "wished",
                    f"所选的{busy.zh}在该时间没有空",
                    f"Not free at that time: {busy.en}",
                )
            ]
        if self._granted(wished):
            return []
        all_of_them = listed(self._name(each) for each in sorted(wished))
        return [
            rule(
                "contested",
                f"所选的{all_of_them.zh}在该时间无法同时安排",
                f"They cannot all serve this booking at that time: {all_of_them.en}",
            )
        ]

    def _name(self, resource_id: UUID) -> Words:
        return Words.of(self._known[resource_id][0].name)

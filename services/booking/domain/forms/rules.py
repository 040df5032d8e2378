"""Whether the JsonLogic of a rule may be saved: known operators, known fields, bounded work."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from services.booking.domain.forms.logic import EAGER, LAZY
from services.booking.domain.forms.reads import LOOPS, MISSING
from services.booking.domain.forms.sentences import Fault, fault, step

MAX_DEPTH = 16
MAX_NODES = 300
"""Of one rule. With loops only one deep over lists of at most 1 000, a rule stays under 100 ms."""

MANY = 100
ARGUMENTS: Mapping[str, tuple[int, int]] = {
    "var": (1, 2),
    "missing": (1, MANY),
    "missing_some": (2, 2),
    "if": (2, MANY),
    "?:": (3, 3),
    "!": (1, 1),
    "!!": (1, 1),
    "<": (2, 3),
    "<=": (2, 3),
    "-": (1, 2),
    "substr": (2, 3),
    "reduce": (3, 3),
    "round": (1, 1),
    "count": (1, 1),
    "log": (1, 1),
    "weekday": (1, 1),
} | dict.fromkeys(("and", "or", "+", "*", "min", "max", "cat", "merge"), (1, MANY))
"""How many arguments operators take; all others take two."""


def rule_faults(
    rule: Any, pointer: str, names: Collection[str], valueless: Collection[str]
) -> Iterator[Fault]:
    """Yield what is wrong with one rule.

    Shapes:  names = what it may read; valueless = those among the fields that have no value.
    """
    if _nodes(rule, 0) > MAX_NODES:
        yield fault(pointer, "form.too_big", limit=MAX_NODES)
        return
    yield from _Reader(names, valueless).faults(rule, pointer, 0)


def _nodes(rule: Any, depth: int) -> int:
    if depth > 2 * MAX_DEPTH:
        return MAX_NODES + 1
    parts = rule.values() if isinstance(rule, Mapping) else rule if isinstance(rule, list) else ()
    return 1 + sum(_nodes(part, depth + 1) for part in parts)


class _Reader:
    """Walks one rule."""

    def __init__(self, names: Collection[str], valueless: Collection[str]) -> None:
        self.names = names
        self.valueless = valueless

    def faults(self, rule: Any, pointer: str, depth: int, loop: str = "") -> Iterator[Fault]:
        """Yield the faults of a part; `loop` is the operator whose body it is in, if any."""
        if depth > MAX_DEPTH:
            yield fault(pointer, "form.too_deep", limit=MAX_DEPTH)
        elif isinstance(rule, list):
            # A list made anew in every round of `reduce` could nest without end.
            if loop == "reduce" and any(isinstance(each, (list, Mapping)) for each in rule):
                yield fault(pointer, "form.not_a_rule")
            for position, each in enumerate(rule):
                yield from self.faults(each, f"{pointer}/{position}", depth + 1, loop)
        elif isinstance(rule, Mapping):
            if len(rule) != 1:
                yield fault(pointer, "form.not_a_rule")
            else:
                [(operator, given)] = rule.items()
                yield from self._operator(operator, given, step(pointer, operator), depth, loop)

    def _operator(
        self, operator: str, given: Any, pointer: str, depth: int, loop: str
    ) -> Iterator[Fault]:
        if operator not in LAZY and operator not in EAGER:
            yield fault(pointer, "form.unknown_operator", name=operator)
            return
        arguments = given if isinstance(given, list) else [given]
        least, most = ARGUMENTS.get(operator, (2, 2))
        if not least <= len(arguments) <= most:
            yield fault(pointer, "form.arguments", name=operator)
            return
        if operator in MISSING:
            yield from self._missing(operator, arguments, pointer, loop)
            return
        if operator in LOOPS and loop:
            yield fault(pointer, "form.nested_loop")
            return
        start = 0
        if operator == "var":
            yield from self._name(operator, arguments[0], pointer, loop)
            start = 1
        for position, each in enumerate(arguments[start:], start):
            inside = operator if operator in LOOPS and position == 1 else loop
            where = f"{pointer}/{position}" if isinstance(given, list) else pointer
            yield from self.faults(each, where, depth + 1, inside)

    def _name(self, operator: str, name: Any, pointer: str, loop: str) -> Iterator[Fault]:
        if not isinstance(name, str) or (not name and not loop):
            yield fault(pointer, "form.dynamic", name=operator)
        elif not loop:
            key = name.partition(".")[0]
            if key in self.valueless:
                yield fault(pointer, "form.no_value", name=key)
            elif key not in self.names:
                yield fault(pointer, "form.unknown_field", name=key)

    def _missing(
        self, operator: str, arguments: list[Any], pointer: str, loop: str
    ) -> Iterator[Fault]:
        if operator == "missing_some":
            least, keys = arguments
            if isinstance(least, bool) or not isinstance(least, int) or not isinstance(keys, list):
                yield fault(pointer, "form.not_a_rule")
                return
        else:
            keys = arguments[0] if isinstance(arguments[0], list) else arguments
        for key in keys:
            yield from self._name(operator, key, pointer, loop)

"""What rules read, and in which order fields must be evaluated because of it."""

from collections.abc import Iterator, Mapping
from typing import Any

LOOPS = frozenset({"map", "filter", "reduce", "all", "some", "none"})
MISSING = frozenset({"missing", "missing_some"})


def reads(rule: Any) -> set[str]:
    """Return the fields that a rule reads; inside a loop, names belong to the items."""
    return {name for name, _ in _names(rule, "")}


def _names(rule: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(rule, list):
        for position, each in enumerate(rule):
            yield from _names(each, f"{pointer}/{position}")
    elif isinstance(rule, Mapping) and len(rule) == 1:
        [(operator, given)] = rule.items()
        yield from _of_operator(operator, given, f"{pointer}/{operator}")


def _of_operator(operator: str, given: Any, pointer: str) -> Iterator[tuple[str, str]]:
    arguments = given if isinstance(given, list) else [given]
    if operator == "var" and arguments and isinstance(arguments[0], str):
        yield arguments[0].partition(".")[0], pointer
        arguments = arguments[1:]
    elif operator in MISSING:
        for each in arguments:
            for name in each if isinstance(each, list) else [each]:
                if isinstance(name, str):
                    yield name.partition(".")[0], pointer
        return
    elif operator in LOOPS:
        arguments = [*arguments[:1], *arguments[2:]]
    yield from _names(arguments, pointer)


def dependencies(definition: Mapping[str, Any]) -> dict[str, set[str]]:
    """Return what each field's value and visibility hang on, by key.

    Being required, or valid, changes no value: a phone that is needed without an e-mail, and an
    e-mail that is needed without a phone, do not depend on each other.
    """
    found: dict[str, set[str]] = {
        each["key"]: {each["section"]} if each.get("section") else set()
        for each in definition["fields"]
    }
    for rule in definition.get("rules") or []:
        if rule["effect"] in ("show", "hide"):
            for key in rule["fields"]:
                found[key] |= reads(rule["when"])
        elif rule["effect"] in ("compute", "default"):
            found[rule["field"]] |= reads(rule["value"])
    return {key: names & found.keys() for key, names in found.items()}


def order(definition: Mapping[str, Any]) -> list[str]:
    """Return the keys so that each comes after what it depends on; a cycle comes last."""
    return [*_sorted(waiting := dependencies(definition)), *waiting]


def cycle(definition: Mapping[str, Any]) -> list[str]:
    """Return the fields that cannot be put in order because they wait for each other."""
    waiting = dependencies(definition)
    _sorted(waiting)
    used = {name for names in waiting.values() for name in names}
    while unused := [key for key in waiting if key not in used]:
        for key in unused:
            del waiting[key]
        used = {name for names in waiting.values() for name in names}
    return list(waiting)


def _sorted(waiting: dict[str, set[str]]) -> list[str]:
    """Take out of `waiting`, in order, every key that can be evaluated."""
    done: list[str] = []
    while ready := [key for key, names in waiting.items() if not names & waiting.keys()]:
        for key in ready:
            del waiting[key]
        done += ready
    return done

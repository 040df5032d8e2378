"""What a form definition may say, and every way in which one can be wrong.

    {"fields": [{key, kind, label, …}], "rules": [{effect, …}]}

A field has `label` and `help` {zh, en}, `required`, `default`, `section` (the key of a field of
that kind), `keep_when_hidden`, `validation` (limits of its kind), `ui` (what only a designer
reads), and what `PROPERTIES` adds for its kind. A rule is one of

    {"effect": "show" | "hide" | "require", "fields": [key, …], "when": JsonLogic}
    {"effect": "compute" | "default", "field": key, "value": JsonLogic}
    {"effect": "validate", "field": key, "check": JsonLogic, "message": {zh, en}}

where a validate rule without a field speaks for the whole form. Rules read fields by key and the
branch's date as `$today`.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from services.booking.domain.forms import dates, kinds
from services.booking.domain.forms.logic import BLANKS, MAX_WHOLE
from services.booking.domain.forms.patterns import MAX_VARIABLE, compile_pattern
from services.booking.domain.forms.reads import cycle
from services.booking.domain.forms.rules import rule_faults
from services.booking.domain.forms.sentences import Fault, fault, step
from services.booking.domain.forms.state import TODAY

MAX_FIELDS = 200
MAX_RULES = 200
MAX_DEPTH = 40
MAX_OPTIONS = 2000
MAX_BYTES = 256 * 1024
"""Of a definition as JSON. It is read with every page view; a long form of today has 20 kB."""

MAX_LABEL = 200
MAX_HELP = 2000
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")

COMMON = frozenset(
    {"key", "kind", "label", "help", "placeholder", "required", "default", "section"}
    | {"keep_when_hidden", "validation", "ui"}
)
PROPERTIES: Mapping[str, frozenset[str]] = {
    "single_choice": frozenset({"options", "source", "other"}),
    "multiple_choice": frozenset({"options", "source", "other"}),
    "dropdown": frozenset({"options", "source", "other"}),
    "status": frozenset({"options"}),
    "cascade": frozenset({"options"}),
    "timespan": frozenset({"of"}),
    "resource": frozenset({"source", "multiple"}),
    "relation": frozenset({"source", "multiple"}),
    "consent": frozenset({"statement"}),
    "computed": frozenset({"result"}),
}
VALIDATION: Mapping[str, frozenset[str]] = {
    "text": frozenset({"min_length", "max_length", "pattern", "pattern_message"}),
    "paragraph": frozenset({"min_length", "max_length"}),
    "phone": frozenset({"mobile"}),
    "number": frozenset({"min", "max", "decimals"}),
    "money": frozenset({"min_cents", "max_cents"}),
    "date": frozenset({"from", "to", "earliest_days", "latest_days"}),
    "datetime": frozenset({"from", "to", "earliest_days", "latest_days"}),
    "multiple_choice": frozenset({"min_items", "max_items"}),
    "image": frozenset({"min_items", "max_items", "media_types", "max_bytes"}),
    "file": frozenset({"min_items", "max_items", "media_types", "max_bytes"}),
    "address": frozenset({"point"}),
    "resource": frozenset({"min_items", "max_items"}),
    "relation": frozenset({"min_items", "max_items"}),
}
ORDERED = (
    ("min_length", "max_length"),
    ("min", "max"),
    ("min_cents", "max_cents"),
    ("min_items", "max_items"),
    ("earliest_days", "latest_days"),
)
SPANS = frozenset({"time", "date", "datetime"})
RESULTS = frozenset({"text", "number", "money", "date", "flag"})
RULES: Mapping[str, frozenset[str]] = {
    "show": frozenset({"fields", "when"}),
    "hide": frozenset({"fields", "when"}),
    "require": frozenset({"fields", "when"}),
    "compute": frozenset({"field", "value"}),
    "default": frozenset({"field", "value"}),
    "validate": frozenset({"field", "check", "message"}),
}
UNASKED = frozenset({"section", "computed", "hidden"})
"""Nobody fills these in, so none of them can be required."""

UNFIT: Mapping[str, frozenset[str]] = {
    "require": UNASKED,
    "default": frozenset({"section", "computed"}),
    "validate": frozenset({"section"}),
}
"""Kinds for which a rule would say nothing."""


def check(definition: Any) -> list[Fault]:
    """Return everything that keeps a definition from being published; an empty list is good.

    Shapes:  [{"pointer": "/fields/3/options", "code": "form.…", "message": {zh, en}}]
    """
    found = list(_whole_faults(definition))
    if found:
        return found
    fields, rules = definition["fields"], definition.get("rules", [])
    sections = {each["key"] for each in fields if _is_section(each)}
    for position, each in enumerate(fields):
        found += _field_faults(each, f"/fields/{position}", sections)
    found += _duplicates(fields)
    by_key = {each["key"]: each for each in fields if _has_key(each)}
    for position, each in enumerate(rules):
        found += _rule_faults(each, f"/rules/{position}", by_key)
    found += _derived_faults(fields, rules)
    if not found and (waiting := cycle(definition)):
        found.append(fault("/rules", "form.cycle", name=", ".join(waiting)))
    return found


def _whole_faults(definition: Any) -> Iterator[Fault]:
    """Yield what makes it useless to look closer."""
    if not isinstance(definition, Mapping):
        yield fault("", "form.malformed", name="{fields, rules}")
        return
    if (where := _unfit(definition, "", 0)) is not None:
        yield where
        return
    if len(json.dumps(definition, ensure_ascii=False).encode()) > MAX_BYTES:
        yield fault("", "form.too_big", limit=f"{MAX_BYTES // 1024} kB")
    for name in definition.keys() - {"fields", "rules"}:
        yield fault(step("", name), "form.unknown_property", name=name)
    for name, most in (("fields", MAX_FIELDS), ("rules", MAX_RULES)):
        value = definition.get(name, [] if name == "rules" else None)
        if not isinstance(value, list) or (name == "fields" and not value):
            yield fault(f"/{name}", "form.malformed", name="[…]")
        elif len(value) > most:
            yield fault(f"/{name}", "form.too_big", limit=most)


def _unfit(value: Any, pointer: str, depth: int) -> Fault | None:
    """Return the first place that cannot be stored: too deep, not JSON, or with odd characters."""
    if depth > MAX_DEPTH:
        return fault(pointer, "form.too_deep", limit=MAX_DEPTH)
    if isinstance(value, Mapping):
        parts = [(str(key), key) for key in value] + [(str(k), v) for k, v in value.items()]
    elif isinstance(value, list):
        parts = [(str(position), each) for position, each in enumerate(value)]
    else:
        is_number = isinstance(value, (int, float)) and abs(value) <= MAX_WHOLE
        is_text = isinstance(value, str) and not kinds.CONTROL_IN_PARAGRAPH.search(value)
        good = value is None or is_number or is_text
        return None if good else fault(pointer, "form.malformed", name="JSON")
    for name, part in parts:
        if (found := _unfit(part, step(pointer, name), depth + 1)) is not None:
            return found
    return None


def _has_key(given: Any) -> bool:
    return isinstance(given, Mapping) and _matches(KEY, given.get("key"))


def _is_section(given: Any) -> bool:
    return _has_key(given) and given.get("kind") == "section"


def _matches(expression: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and expression.fullmatch(value) is not None


def _duplicates(fields: list[Any]) -> Iterator[Fault]:
    seen: set[str] = set()
    for position, each in enumerate(fields):
        if _has_key(each):
            if each["key"] in seen:
                yield fault(f"/fields/{position}/key", "form.duplicate_key", name=each["key"])
            seen.add(each["key"])


def _field_faults(given: Any, pointer: str, sections: Collection[str]) -> Iterator[Fault]:
    if not isinstance(given, Mapping):
        yield fault(pointer, "form.malformed", name="{key, kind, label}")
        return
    if not _has_key(given):
        yield fault(f"{pointer}/key", "form.key")
        return
    kind = given.get("kind")
    if not isinstance(kind, str) or kind not in kinds.SHAPES:
        yield fault(f"{pointer}/kind", "form.unknown_kind", name=kind)
        return
    for name in given.keys() - COMMON - PROPERTIES.get(kind, frozenset()):
        yield fault(step(pointer, name), "form.unknown_property", name=name)
    found = [
        *_words_faults(given, pointer),
        *_flag_faults(given, pointer),
        *_choice_faults(given, kind, pointer),
        *_validation_faults(given.get("validation"), kind, f"{pointer}/validation"),
    ]
    if (section := given.get("section")) is not None and (
        not isinstance(section, str) or section not in sections
    ):
        found.append(fault(f"{pointer}/section", "form.unknown_section", name=section))
    if given.get("required") and kind in UNASKED:
        found.append(fault(f"{pointer}/required", "form.no_value", name=given["key"]))
    yield from found or _default_faults(given, pointer)


def _words_faults(given: Mapping[str, Any], pointer: str) -> Iterator[Fault]:
    needed = {"label"} if given["kind"] != "hidden" else set()
    needed |= {"statement"} if given["kind"] == "consent" and "statement" in given else set()
    for name, most in (
        ("label", MAX_LABEL),
        ("placeholder", MAX_LABEL),
        ("help", MAX_HELP),
        ("statement", kinds.MAX_PARAGRAPH),
    ):
        if name in given or name in needed:
            yield from _text_faults(given.get(name), f"{pointer}/{name}", most)


def _text_faults(words: Any, pointer: str, most: int) -> Iterator[Fault]:
    good = (
        isinstance(words, Mapping)
        and words.keys() <= {"zh", "en"}
        and isinstance(words.get("zh"), str)
        and words["zh"].strip(BLANKS) != ""
        and all(isinstance(each, str) and len(each) <= most for each in words.values())
    )
    if not good:
        yield fault(pointer, "form.text_missing", limit=most)


def _flag_faults(given: Mapping[str, Any], pointer: str) -> Iterator[Fault]:
    for name in ("required", "keep_when_hidden", "multiple", "other"):
        if not isinstance(given.get(name, False), bool):
            yield fault(f"{pointer}/{name}", "form.malformed", name="true / false")
    for name, known in (("of", SPANS), ("result", RESULTS)):
        if not kinds.is_one_of(given.get(name, min(known)), known):
            yield fault(f"{pointer}/{name}", "form.malformed", name=" / ".join(sorted(known)))
    if not isinstance(given.get("ui", {}), Mapping):
        yield fault(f"{pointer}/ui", "form.malformed", name="{…}")


def _choice_faults(given: Mapping[str, Any], kind: str, pointer: str) -> Iterator[Fault]:
    """Check that a field has options or a source, as its kind needs."""
    has_options, has_source = "options" in given, "source" in given
    if kind in kinds.WITH_OPTIONS and has_options == has_source:
        yield fault(f"{pointer}/options", "form.missing", name="options")
    elif kind in kinds.FROM_SOURCE and not has_source:
        yield fault(f"{pointer}/source", "form.missing", name="source")
    if has_options:
        counted = [0]
        yield from _option_faults(given["options"], kind, f"{pointer}/options", 0, counted)
        if counted[0] > MAX_OPTIONS:
            yield fault(f"{pointer}/options", "form.too_big", limit=MAX_OPTIONS)
    if has_source:
        yield from _source_faults(given["source"], kind, f"{pointer}/source")


def _option_faults(
    options: Any, kind: str, pointer: str, depth: int, counted: list[int]
) -> Iterator[Fault]:
    if not isinstance(options, list) or not options or depth >= kinds.MAX_LEVELS:
        yield fault(pointer, "form.options")
        return
    seen: set[str] = set()
    known = {"value", "label", "colour"} | ({"children"} if kind == "cascade" else set())
    for position, each in enumerate(options):
        where = f"{pointer}/{position}"
        counted[0] += 1
        if not isinstance(each, Mapping) or not each.keys() <= known:
            yield fault(where, "form.options")
            continue
        value = each.get("value")
        if not value or kinds.choice(value) != (value, None):
            yield fault(f"{where}/value", "form.options")
        elif value in seen:
            yield fault(f"{where}/value", "form.duplicate_option", name=value)
        else:
            seen.add(value)
        if "colour" in each and not _matches(IDENTIFIER, each["colour"]):
            yield fault(f"{where}/colour", "form.options")
        yield from _text_faults(each.get("label"), f"{where}/label", MAX_LABEL)
        if "children" in each:
            yield from _option_faults(
                each["children"], kind, f"{where}/children", depth + 1, counted
            )


def _source_faults(source: Any, kind: str, pointer: str) -> Iterator[Fault]:
    needs = {"resources": {"resource_type"}, "table": {"table_id", "label_field"}}
    named = source.get("kind") if isinstance(source, Mapping) else None
    allowed = {"resource": {"resources"}, "relation": {"table"}}.get(kind, needs.keys())
    if not isinstance(named, str) or named not in allowed:
        yield fault(f"{pointer}/kind", "form.source")
    elif source.keys() != needs[named] | {"kind"} or not all(
        _matches(IDENTIFIER, source[name]) for name in needs[named]
    ):
        yield fault(pointer, "form.source")


def _validation_faults(given: Any, kind: str, pointer: str) -> Iterator[Fault]:
    if given is None:
        return
    if not isinstance(given, Mapping):
        yield fault(pointer, "form.malformed", name="{…}")
        return
    for name, value in given.items():
        if name not in VALIDATION.get(kind, ()):
            yield fault(step(pointer, name), "form.unknown_property", name=name)
        elif name == "pattern" and (not isinstance(value, str) or compile_pattern(value) is None):
            yield fault(f"{pointer}/{name}", "form.bad_pattern", limit=MAX_VARIABLE)
        elif name == "pattern_message":
            yield from _text_faults(value, f"{pointer}/{name}", MAX_LABEL)
        elif name in BOUNDS and not BOUNDS[name](value):
            yield fault(f"{pointer}/{name}", "form.validation")
    for low, high in ORDERED:
        if _is_number(given.get(low)) and _is_number(given.get(high)) and given[low] > given[high]:
            yield fault(f"{pointer}/{high}", "form.validation")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _whole(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and least <= value <= most


def _is_media_types(value: Any) -> bool:
    media = re.compile(r"[a-z]+/(?:\*|[a-z0-9.+-]+)")
    return (
        isinstance(value, list) and 0 < len(value) <= 20 and all(_matches(media, v) for v in value)
    )


BOUNDS: Mapping[str, Callable[[Any], bool]] = {
    "min_length": _whole(0, kinds.MAX_PARAGRAPH),
    "max_length": _whole(1, kinds.MAX_PARAGRAPH),
    "min": lambda value: _is_number(value) and abs(value) <= MAX_WHOLE,
    "max": lambda value: _is_number(value) and abs(value) <= MAX_WHOLE,
    "decimals": _whole(0, 6),
    "min_cents": _whole(-kinds.MAX_CENTS, kinds.MAX_CENTS),
    "max_cents": _whole(-kinds.MAX_CENTS, kinds.MAX_CENTS),
    "from": lambda value: dates.day(value) is not None,
    "to": lambda value: dates.day(value) is not None,
    "earliest_days": _whole(-50_000, 50_000),
    "latest_days": _whole(-50_000, 50_000),
    "min_items": _whole(0, kinds.MAX_CHOICES),
    "max_items": _whole(1, kinds.MAX_CHOICES),
    "max_bytes": _whole(1, 2**40),
    "media_types": _is_media_types,
    "mobile": lambda value: isinstance(value, bool),
    "point": lambda value: isinstance(value, bool),
}


def _default_faults(given: Mapping[str, Any], pointer: str) -> Iterator[Fault]:
    """Check a default against its field; live options are not known here."""
    if given.get("default") is None:
        return
    value, wrong = kinds.shape(given)(given["default"])
    limits = [] if wrong or value is None else kinds.limits(given)
    if (
        given["kind"] in ("section", "computed")
        or wrong
        or not all(holds(value, None) for holds, _ in limits)
        or not kinds.is_listed(given, value)
    ):
        yield fault(f"{pointer}/default", "form.default")


def _rule_faults(rule: Any, pointer: str, fields: Mapping[str, Any]) -> Iterator[Fault]:
    if not isinstance(rule, Mapping):
        yield fault(pointer, "form.malformed", name="{effect, …}")
        return
    effect = rule.get("effect")
    if not isinstance(effect, str) or effect not in RULES:
        yield fault(f"{pointer}/effect", "form.unknown_effect", name=effect)
        return
    for name in rule.keys() - RULES[effect] - {"effect"}:
        yield fault(step(pointer, name), "form.unknown_property", name=name)
    for name in sorted(RULES[effect] - rule.keys()):
        if (effect, name) != ("validate", "field"):
            yield fault(f"{pointer}/{name}", "form.missing", name=name)
    yield from _target_faults(rule, effect, pointer, fields)
    if "message" in rule:
        yield from _text_faults(rule["message"], f"{pointer}/message", MAX_LABEL)
    valueless = {key for key, each in fields.items() if each.get("kind") == "section"}
    for name in ("when", "value", "check"):
        if name in rule:
            names = fields.keys() | {TODAY}
            yield from rule_faults(rule[name], f"{pointer}/{name}", names, valueless)


def _target_faults(
    rule: Mapping[str, Any], effect: str, pointer: str, fields: Mapping[str, Any]
) -> Iterator[Fault]:
    """Check the fields that a rule speaks for."""
    if "field" in rule:
        targets = {f"{pointer}/field": rule["field"]}
    elif isinstance(given := rule.get("fields", []), list):
        targets = {f"{pointer}/fields/{at}": key for at, key in enumerate(given)}
    else:
        targets = {f"{pointer}/fields": None}
    if "fields" in rule and not targets:
        yield fault(f"{pointer}/fields", "form.missing", name="fields")
    for where, key in targets.items():
        field = fields.get(key) if isinstance(key, str) else None
        kind = field.get("kind") if field else None
        if field is None:
            yield fault(where, "form.unknown_field", name=key)
        elif effect == "compute" and kind not in ("computed", "hidden"):
            yield fault(where, "form.not_computed", name=key)
        elif kind in UNFIT.get(effect, ()):
            yield fault(where, "form.no_value", name=key)


def _derived_faults(fields: list[Any], rules: list[Any]) -> Iterator[Fault]:
    """Check that formulas and defaults are said once, and that what is computed has a formula."""
    said: set[tuple[str, str]] = set()
    for position, rule in enumerate(rules):
        if isinstance(rule, Mapping) and kinds.is_one_of(
            rule.get("effect"), ("compute", "default")
        ):
            one = (rule["effect"], str(rule.get("field")))
            if one in said:
                yield fault(f"/rules/{position}/field", "form.two_rules", name=one[1])
            said.add(one)
    for position, each in enumerate(fields):
        if (
            _has_key(each)
            and each.get("kind") == "computed"
            and ("compute", each["key"]) not in said
        ):
            yield fault(f"/fields/{position}", "form.no_compute", name=each["key"])

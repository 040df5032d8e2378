"""JsonLogic, evaluated: pure, total and the same in the browser (`gateway/web/kit/forms/logic.ts`).

A rule is `{"operator": [arguments]}`, a list of rules, or a constant. It is compiled once into
closures, and no data makes it raise. What JsonLogic leaves to JavaScript is settled here:

- Falsy are null, false, 0, "" and []; everything else is truthy, also "0" and {}.
- A number is a number, true (1), false (0) or a decimal text. Arithmetic on anything else, a
  division by zero and what overflows give null; an empty text is no number.
- `==` compares numbers with texts by number, null only with null, lists and objects by content.
- `<` and its kin compare two texts by code points, anything else by number; what is no number
  is in no order, so null < 1 is false.
- Texts are counted and cut by code points. `cat` writes null and objects as "".
- Beyond the limits on size the result is null; an unknown operator is null (and is refused when
  a definition is saved).

Ours, beside the standard: count, round, before, after, days_between, minutes_between, add_days,
weekday, age.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.booking.domain.forms import dates

Rule = Callable[[Any], Any]

MAX_DEPTH = 32
"""Nesting of a rule and of what is compared; deeper is null or unequal. People nest five deep."""

MAX_ITEMS = 1000
MAX_TEXT = 10_000
"""What `merge` and `cat` may make, so that a rule cannot grow its own input without end."""

MAX_WHOLE = 2**53 - 1
"""The largest whole number that JavaScript counts exactly."""

NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
INDEX = re.compile(r"0|[1-9][0-9]{0,5}")
BLANKS = " \t\r\n\u00a0\u3000\ufeff"
"""The same everywhere: what languages call white space differs."""


def evaluate(rule: Any, data: Any) -> Any:
    """Return what a rule says about data."""
    return compiled(rule)(data)


def compiled(rule: Any, depth: int = 0) -> Rule:
    """Return a rule as a function of data."""
    if depth > MAX_DEPTH:
        return _null
    if isinstance(rule, list):
        parts = [compiled(each, depth + 1) for each in rule]
        return lambda data: [part(data) for part in parts]
    if not isinstance(rule, dict) or len(rule) != 1:
        return lambda data: rule
    [(operator, given)] = rule.items()
    arguments = [
        compiled(each, depth + 1) for each in (given if isinstance(given, list) else [given])
    ]
    if operator == "var" and isinstance(given, str) and given and "." not in given:
        return lambda data: data.get(given) if type(data) is dict else lookup(data, given)
    make = LAZY.get(operator)
    if make is not None:
        return make(arguments)
    apply = EAGER.get(operator)
    if apply is None:
        return _null
    if len(arguments) == 2:
        first, second = arguments
        return lambda data: apply(first(data), second(data))
    if len(arguments) == 1:
        [only] = arguments
        return lambda data: apply(only(data))
    return lambda data: apply(*[argument(data) for argument in arguments])


def truthy(value: Any) -> bool:
    return value != [] and bool(value) if not isinstance(value, dict) else True


def number(value: Any) -> int | float | None:
    """Return the number that a value is, whole ones as int, or None."""
    kind = type(value)
    if kind is bool:
        return int(value)
    if kind is int or kind is float:
        return tidy(value)
    if kind is str:
        text = value.strip(BLANKS)
        return tidy(float(text)) if NUMBER.fullmatch(text) else None
    return None


def tidy(value: float) -> int | float | None:
    """Return a number as JavaScript holds it: whole as int, never -0, infinite or not a number."""
    if type(value) is int:
        if -MAX_WHOLE <= value <= MAX_WHOLE:
            return value
        try:
            return float(value)
        except OverflowError:
            return None
    if not math.isfinite(value):
        return None
    return int(value) if value == value // 1 and abs(value) <= MAX_WHOLE else value


def text_of(value: Any, depth: int = 0) -> str:
    """Return a value as `cat` writes it."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, dict) or depth > MAX_DEPTH:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(text_of(each, depth + 1) for each in value)
    return number_text(number(value))


def number_text(value: int | float | None) -> str:
    """Return a number as JavaScript writes it, which differs from Python far from one."""
    if value is None:
        return ""
    written = repr(value)
    if "e" not in written and not written.endswith(".0"):
        return written
    sign, body = ("-", written[1:]) if value < 0 else ("", written)
    mantissa, _, exponent = body.partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits, point = whole + fraction, len(whole) + int(exponent or 0)
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if digits[1:] else ""
    return f"{sign}{digits[0]}{tail}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def same(a: Any, b: Any, depth: int = 0) -> bool:
    """Tell whether two values are equal and of one type; lists and objects by content."""
    if isinstance(a, str) or isinstance(b, str):
        return type(a) is type(b) and bool(a == b)
    if a is None or b is None or isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if depth > MAX_DEPTH:
        return False
    if isinstance(a, list) or isinstance(b, list):
        return (
            isinstance(a, list)
            and isinstance(b, list)
            and len(a) == len(b)
            and all(same(x, y, depth + 1) for x, y in zip(a, b, strict=True))
        )
    if isinstance(a, dict) or isinstance(b, dict):
        return (
            isinstance(a, dict)
            and isinstance(b, dict)
            and a.keys() == b.keys()
            and all(same(value, b[key], depth + 1) for key, value in a.items())
        )
    return number(a) == number(b)


def equal(a: Any, b: Any) -> bool:
    """Tell whether two values are equal, numbers and texts by number."""
    if type(a) is type(b) or a is None or b is None:
        return same(a, b)
    if isinstance(a, (list, dict)) or isinstance(b, (list, dict)):
        return same(a, b)
    left = number(a)
    return left is not None and left == number(b)


def lookup(data: Any, path: Any, default: Any = None) -> Any:
    """Return what stands at a dotted path; an empty path is everything."""
    if path is None or path == "":
        return data
    for part in text_of(path).split("."):
        if isinstance(data, dict):
            if part not in data:
                return default
            data = data[part]
        elif isinstance(data, list) and INDEX.fullmatch(part) and int(part) < len(data):
            data = data[int(part)]
        else:
            return default
    return data


def _null(_data: Any) -> None:
    return None


def _less(a: Any, b: Any) -> bool:
    if isinstance(a, str) and isinstance(b, str):
        return a < b
    left, right = number(a), number(b)
    return left is not None and right is not None and left < right


def _at_most(a: Any, b: Any) -> bool:
    if isinstance(a, str) and isinstance(b, str):
        return a <= b
    left, right = number(a), number(b)
    return left is not None and right is not None and left <= right


def _between(holds: Callable[[Any, Any], bool]) -> Callable[..., bool]:
    return lambda a=None, b=None, *c: holds(a, b) and (not c or holds(b, c[0]))


def _folded(step: Callable[[Any, Any], Any], start: int | None) -> Callable[..., Any]:
    """Return a function of many numbers; null as soon as one is none, or without any."""

    def fold(*values: Any) -> int | float | None:
        total: int | float | None = start
        for position, value in enumerate(values):
            operand = number(value)
            if operand is None or (position and total is None):
                return None
            total = operand if total is None else tidy(step(total, operand))
        return total

    return fold


def _minus(a: Any = None, *rest: Any) -> int | float | None:
    left = number(a)
    if left is None:
        return None
    if not rest:
        return tidy(-left)
    right = number(rest[0])
    return None if right is None else tidy(left - right)


def _quotient(a: Any = None, b: Any = None, *_: Any) -> int | float | None:
    left, right = number(a), number(b)
    return None if left is None or not right else tidy(left / right)


def _remainder(a: Any = None, b: Any = None, *_: Any) -> int | float | None:
    left, right = number(a), number(b)
    return None if left is None or not right else tidy(math.fmod(left, right))


def _rounded(value: Any = None, *_: Any) -> int | float | None:
    """Round half away from zero, as invoices do."""
    exact = number(value)
    if exact is None or isinstance(exact, int) or abs(exact) > MAX_WHOLE:
        return exact
    whole = math.floor(abs(exact))
    whole += abs(exact) - whole >= 0.5
    return whole if exact > 0 else -whole


def _contains(needle: Any = None, hay: Any = None, *_: Any) -> bool:
    if isinstance(hay, str):
        return isinstance(needle, str) and needle in hay
    return isinstance(hay, list) and any(same(needle, each) for each in hay)


def _joined(*values: Any) -> str | None:
    text = "".join([text_of(value) for value in values])
    return text if len(text) <= MAX_TEXT else None


def _part(source: Any = None, start: Any = None, length: Any = None, *_: Any) -> str:
    text = text_of(source)
    first, wanted = math.trunc(number(start) or 0), number(length)
    rest = text[max(len(text) + first, 0) :] if first < 0 else text[first:]
    if wanted is None:
        return rest
    return rest[: max(len(rest) + math.trunc(wanted), 0)] if wanted < 0 else rest[: int(wanted)]


def _merged(*values: Any) -> list[Any] | None:
    merged: list[Any] = []
    for value in values:
        if isinstance(value, list):
            merged += value
        else:
            merged.append(value)
    return merged if len(merged) <= MAX_ITEMS else None


def _count(value: Any = None, *_: Any) -> int:
    return len(value) if isinstance(value, (list, str)) else 0


def _each(arguments: Sequence[Rule], data: Any) -> list[Any]:
    items = arguments[0](data) if arguments else None
    return items if isinstance(items, list) else []


def _body(arguments: Sequence[Rule]) -> Rule:
    return arguments[1] if len(arguments) > 1 else _null


def _map(arguments: Sequence[Rule]) -> Rule:
    body = _body(arguments)
    return lambda data: [body(each) for each in _each(arguments, data)]


def _filter(arguments: Sequence[Rule]) -> Rule:
    body = _body(arguments)
    return lambda data: [each for each in _each(arguments, data) if truthy(body(each))]


def _reduce(arguments: Sequence[Rule]) -> Rule:
    body = _body(arguments)

    def run(data: Any) -> Any:
        total = arguments[2](data) if len(arguments) > 2 else None
        for each in _each(arguments, data):
            total = body({"current": each, "accumulator": total})
        return total

    return run


def _all(arguments: Sequence[Rule]) -> Rule:
    body = _body(arguments)

    def run(data: Any) -> bool:
        items = _each(arguments, data)
        return bool(items) and all(truthy(body(each)) for each in items)

    return run


def _some(arguments: Sequence[Rule]) -> Rule:
    body = _body(arguments)
    return lambda data: any(truthy(body(each)) for each in _each(arguments, data))


def _none(arguments: Sequence[Rule]) -> Rule:
    some = _some(arguments)
    return lambda data: not some(data)


def _if(arguments: Sequence[Rule]) -> Rule:
    pairs = list(zip(arguments[::2], arguments[1::2], strict=False))
    otherwise = arguments[-1] if len(arguments) % 2 else _null

    def run(data: Any) -> Any:
        for condition, consequence in pairs:
            if truthy(condition(data)):
                return consequence(data)
        return otherwise(data)

    return run


def _and(arguments: Sequence[Rule]) -> Rule:
    def run(data: Any) -> Any:
        value = None
        for argument in arguments:
            value = argument(data)
            if not truthy(value):
                return value
        return value

    return run


def _or(arguments: Sequence[Rule]) -> Rule:
    def run(data: Any) -> Any:
        value = None
        for argument in arguments:
            value = argument(data)
            if truthy(value):
                return value
        return value

    return run


def _var(arguments: Sequence[Rule]) -> Rule:
    path = arguments[0] if arguments else _null
    default = arguments[1] if len(arguments) > 1 else _null
    return lambda data: lookup(data, path(data), default(data))


def absent(data: Any, keys: Sequence[Any]) -> list[Any]:
    """Return the keys at which nothing stands, in their order."""
    return [key for key in keys if lookup(data, key) in (None, "")]


def _missing(arguments: Sequence[Rule]) -> Rule:
    def run(data: Any) -> list[Any]:
        keys = [argument(data) for argument in arguments]
        return absent(data, keys[0] if keys and isinstance(keys[0], list) else keys)

    return run


def _missing_some(arguments: Sequence[Rule]) -> Rule:
    def run(data: Any) -> list[Any]:
        values = [argument(data) for argument in arguments]
        needed = number(values[0]) if values else None
        keys = values[1] if len(values) > 1 and isinstance(values[1], list) else []
        lacking = absent(data, keys)
        return [] if len(keys) - len(lacking) >= (needed or 0) else lacking

    return run


def _unary(apply: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda value=None, *_: apply(value)


def _binary(apply: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    return lambda a=None, b=None, *_: apply(a, b)


LAZY: Mapping[str, Callable[[Sequence[Rule]], Rule]] = {
    "var": _var,
    "missing": _missing,
    "missing_some": _missing_some,
    "if": _if,
    "?:": _if,
    "and": _and,
    "or": _or,
    "map": _map,
    "filter": _filter,
    "reduce": _reduce,
    "all": _all,
    "some": _some,
    "none": _none,
}
"""Operators that read the data, or do not look at every argument."""

EAGER: Mapping[str, Callable[..., Any]] = {
    "==": _binary(equal),
    "!=": _binary(lambda a, b: not equal(a, b)),
    "===": _binary(same),
    "!==": _binary(lambda a, b: not same(a, b)),
    "!": _unary(lambda value: not truthy(value)),
    "!!": _unary(truthy),
    "<": _between(_less),
    "<=": _between(_at_most),
    ">": _binary(lambda a, b: _less(b, a)),
    ">=": _binary(lambda a, b: _at_most(b, a)),
    "+": _folded(lambda a, b: a + b, 0),
    "*": _folded(lambda a, b: a * b, 1),
    "min": _folded(min, None),
    "max": _folded(max, None),
    "-": _minus,
    "/": _quotient,
    "%": _remainder,
    "round": _rounded,
    "in": _contains,
    "cat": _joined,
    "substr": _part,
    "merge": _merged,
    "count": _count,
    "log": _unary(lambda value: value),
    "before": _binary(dates.is_before),
    "after": _binary(lambda a, b: dates.is_before(b, a)),
    "days_between": _binary(dates.days_between),
    "minutes_between": _binary(dates.minutes_between),
    "add_days": _binary(lambda start, count: dates.add_days(start, number(count))),
    "weekday": _unary(dates.weekday),
    "age": _binary(dates.age),
}

"""The kinds of fields: what a value of each looks like, and the limits it may be held to."""

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

from services.booking.domain.forms import dates
from services.booking.domain.forms.logic import BLANKS, number
from services.booking.domain.forms.patterns import MAX_LENGTH, compile_pattern
from services.booking.domain.forms.sentences import Fault, fault

Shape = Callable[[Any], tuple[Any, str | None]]
"""Returns the clean value, None when there is none, and the code of what is wrong with it."""

Limit = Callable[[Any, str | None], bool]
"""Tells whether a clean value is within a limit, given today's date."""

Field = Mapping[str, Any]

MAX_LINE = 500
MAX_PARAGRAPH = 5000
MAX_RAW = 20_000
"""Characters; a text beyond the last is not even looked at."""

MAX_CENTS = 10**12
MAX_CHOICES = 200
"""Chosen at once, and the characters of an option's value."""

MAX_LEVELS = 6
MAX_FILES = 20
MAX_STROKES = 200
MAX_STROKE_NUMBERS = 4000

CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
CONTROL_IN_PARAGRAPH = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""What a database or a page cannot show; half a character counts as such."""

PHONE_NOISE = re.compile(r"[ ()\u00a0\u3000-]")
MOBILE = re.compile(r"(?:\+86|0086|86)?1[3-9][0-9]{9}")
PHONE = re.compile(
    r"(?:\+86|0086|86)?1[3-9][0-9]{9}"
    r"|0[1-9][0-9]{1,2}[1-9][0-9]{6,7}"
    r"|(?:\+86|0086)(?:10|[2-9][0-9]{1,2})[1-9][0-9]{6,7}"
    r"|400[0-9]{7}"
    r"|\+(?!86)[1-9][0-9]{6,14}"
)
EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,64}")
DATUMS = ("gcj02", "wgs84", "bd09")

CHOICES = frozenset({"single_choice", "dropdown", "status"})
WITH_OPTIONS = CHOICES | {"multiple_choice", "cascade"}
FROM_SOURCE = frozenset({"resource", "relation"})
DERIVED = frozenset({"computed"})


def _line(raw: Any, control: re.Pattern[str] = CONTROL) -> tuple[Any, str | None]:
    if not isinstance(raw, str) or len(raw) > MAX_RAW:
        return None, "form.text"
    text = raw.strip(BLANKS)
    return (None, "form.text") if control.search(text) else (text or None, None)


def _matching(
    expression: re.Pattern[str], code: str, noise: re.Pattern[str] | None, raw: Any
) -> tuple[Any, str | None]:
    text, wrong = _line(raw)
    if wrong or text is None:
        return None, code if wrong else None
    text = noise.sub("", text) if noise else text
    return (text, None) if len(text) <= 254 and expression.fullmatch(text) else (None, code)


def _number(raw: Any) -> tuple[Any, str | None]:
    value = None if isinstance(raw, (str, bool)) else number(raw)
    return value, "form.number" if value is None else None


def _money(raw: Any) -> tuple[Any, str | None]:
    value, _ = _number(raw)
    good = isinstance(value, int) and abs(value) <= MAX_CENTS
    return (value, None) if good else (None, "form.money")


def _date(raw: Any) -> tuple[Any, str | None]:
    good = isinstance(raw, str) and len(raw) == 10 and dates.day(raw) is not None
    return (raw, None) if good else (None, "form.date")


def _datetime(raw: Any) -> tuple[Any, str | None]:
    return (raw, None) if dates.second(raw) is not None else (None, "form.datetime")


def _timespan(of: str, raw: Any) -> tuple[Any, str | None]:
    if not isinstance(raw, Mapping):
        return None, "form.timespan"
    start, end = raw.get("start"), raw.get("end")
    if start in (None, "") and end in (None, ""):
        return None, None
    read = {"time": dates.minute, "date": dates.day, "datetime": dates.second}[of]
    first, last = read(start), read(end)
    if of == "date" and (_date(start)[1] or _date(end)[1]):
        first = None
    if first is None or last is None:
        return None, "form.timespan"
    # A span of dates has its last day within; one of times ends at its end.
    if last < first or (last == first and of != "date"):
        return None, "form.timespan_order"
    return {"start": start, "end": end}, None


def choice(raw: Any) -> tuple[Any, str | None]:
    """Return the value of an option."""
    text, wrong = _line(raw)
    good = not wrong and (text is None or len(text) <= MAX_CHOICES)
    return (text, None) if good else (None, "form.choice")


def _choices(raw: Any) -> tuple[Any, str | None]:
    return _several(choice, MAX_CHOICES, "form.choice", raw)


def _cascade(raw: Any) -> tuple[Any, str | None]:
    if not isinstance(raw, list) or len(raw) > MAX_LEVELS:
        return None, "form.choice"
    path = [choice(each)[0] for each in raw]
    return (None, "form.choice") if None in path else (path or None, None)


def _reference(code: str, raw: Any) -> tuple[Any, str | None]:
    if raw == "" and isinstance(raw, str):
        return None, None
    good = isinstance(raw, str) and REFERENCE.fullmatch(raw)
    return (raw, None) if good else (None, code)


def _references(most: int, code: str, raw: Any) -> tuple[Any, str | None]:
    return _several(partial(_reference, code), most, code, raw)


def _several(one: Shape, most: int, code: str, raw: Any) -> tuple[Any, str | None]:
    """Return a list of different values of one shape."""
    if not isinstance(raw, list) or len(raw) > most:
        return None, code
    values = [one(each)[0] for each in raw]
    if None in values or len(set(values)) < len(values):
        return None, code
    return values or None, None


def _address(raw: Any) -> tuple[Any, str | None]:
    wrong = None, "form.address"
    if not isinstance(raw, Mapping):
        return wrong
    text, bad = _line(raw.get("text", ""))
    region, point = raw.get("region"), raw.get("point")
    names, bad_region = _cascade(region) if region is not None else (None, None)
    where = _point(point)
    if bad or bad_region or len(text or "") > MAX_LINE or (point is not None and where is None):
        return wrong
    if text is None and names is None and where is None:
        return None, None
    parts = {"text": text or "", "region": names, "point": where}
    return {name: part for name, part in parts.items() if part is not None}, None


def _point(raw: Any) -> dict[str, Any] | None:
    """Return a place on the map; what Chinese maps give is gcj02."""
    if not isinstance(raw, Mapping):
        return None
    lat, lng = _number(raw.get("lat"))[0], _number(raw.get("lng"))[0]
    datum = raw.get("datum", "gcj02")
    if lat is None or lng is None or abs(lat) > 90 or abs(lng) > 180:
        return None
    return {"lat": lat, "lng": lng, "datum": datum} if is_one_of(datum, DATUMS) else None


def is_one_of(value: Any, names: Collection[str]) -> bool:
    """Tell whether any value at all is one of some words."""
    return isinstance(value, str) and value in names


def _signature(raw: Any) -> tuple[Any, str | None]:
    """Take a drawing as strokes [x, y, x, y, …] in whole points of a sheet."""
    wrong = None, "form.signature"
    if not isinstance(raw, Mapping) or not isinstance(raw.get("strokes"), list):
        return wrong
    width, height, strokes = raw.get("width"), raw.get("height"), raw["strokes"]
    if not strokes:
        return None, None
    if not _pixels(width) or not _pixels(height) or len(strokes) > MAX_STROKES:
        return wrong
    if not all(isinstance(stroke, list) and stroke for stroke in strokes):
        return wrong
    if sum(len(stroke) for stroke in strokes) > MAX_STROKE_NUMBERS:
        return wrong
    if not all(len(stroke) % 2 == 0 and all(map(_pixels, stroke)) for stroke in strokes):
        return wrong
    return {"width": width, "height": height, "strokes": strokes}, None


def _pixels(value: Any) -> bool:
    points = _number(value)[0]
    return isinstance(points, int) and 0 <= points <= 10_000


def _consent(raw: Any) -> tuple[Any, str | None]:
    return (raw, None) if isinstance(raw, bool) else (None, "form.consent")


def scalar(raw: Any) -> tuple[Any, str | None]:
    """Return a text, number, true or false; what rules compute and links carry."""
    if isinstance(raw, bool):
        return raw, None
    if isinstance(raw, str):
        text, wrong = _line(raw, CONTROL_IN_PARAGRAPH)
        return (None, "form.text") if wrong or len(text or "") > MAX_PARAGRAPH else (text, None)
    value = number(raw)
    return value, "form.text" if value is None else None


SHAPES: Mapping[str, Callable[[Field], Shape]] = {
    "text": lambda field: _line,
    "paragraph": lambda field: partial(_line, control=CONTROL_IN_PARAGRAPH),
    "phone": lambda field: partial(_matching, PHONE, "form.phone", PHONE_NOISE),
    "email": lambda field: partial(_matching, EMAIL, "form.email", None),
    "number": lambda field: _number,
    "money": lambda field: _money,
    "date": lambda field: _date,
    "datetime": lambda field: _datetime,
    "timespan": lambda field: partial(_timespan, field.get("of", "time")),
    "single_choice": lambda field: choice,
    "multiple_choice": lambda field: _choices,
    "dropdown": lambda field: choice,
    "status": lambda field: choice,
    "cascade": lambda field: _cascade,
    "image": lambda field: partial(_references, MAX_FILES, "form.file"),
    "file": lambda field: partial(_references, MAX_FILES, "form.file"),
    "address": lambda field: _address,
    "resource": lambda field: _referring(field),
    "relation": lambda field: _referring(field),
    "customer": lambda field: partial(_reference, "form.reference"),
    "signature": lambda field: _signature,
    "consent": lambda field: _consent,
    "section": lambda field: lambda raw: (None, None),
    "computed": lambda field: scalar,
    "hidden": lambda field: scalar,
}
"""Every kind of field there is."""


def _referring(field: Field) -> Shape:
    if field.get("multiple"):
        return partial(_references, MAX_CHOICES, "form.reference")
    return partial(_reference, "form.reference")


def shape(field: Field) -> Shape:
    """Return how a field reads what was given; null is an answer that was taken back."""
    read = SHAPES[field["kind"]](field)
    return lambda raw: (None, None) if raw is None or raw == "" else read(raw)


def listed(options: Sequence[Any]) -> frozenset[str]:
    """Return the values among options, which are values or objects that have one."""
    found = (each.get("value") if isinstance(each, Mapping) else each for each in options)
    return frozenset(value for value in found if isinstance(value, str))


def paths(options: Sequence[Any], above: tuple[str, ...] = ()) -> frozenset[tuple[str, ...]]:
    """Return the ways through a cascade, from its first level to its last."""
    found: set[tuple[str, ...]] = set()
    for each in options:
        path = (*above, each["value"])
        children = each.get("children")
        found |= paths(children, path) if children else {path}
    return frozenset(found)


def is_listed(field: Field, value: Any) -> bool:
    """Tell whether a clean value is among the options that a field lists itself."""
    options = field.get("options")
    if options is None or field.get("other"):
        return True
    if field["kind"] == "cascade":
        return tuple(value) in paths(options)
    return frozenset(value if isinstance(value, list) else [value]) <= listed(options)


def limits(field: Field) -> list[tuple[Limit, Fault]]:
    """Return the limits on a field's values, each with what is said of a value beyond it."""
    pointer, given = f"/answers/{field['key']}", field.get("validation") or {}
    kind, found = field["kind"], []

    def add(code: str, within: Limit, limit: object = None) -> None:
        found.append((within, fault(pointer, code, limit=limit)))

    if kind in ("text", "paragraph"):
        most = given.get("max_length", MAX_LINE if kind == "text" else MAX_PARAGRAPH)
        add("form.too_long", lambda value, today: len(value) <= most, most)
        if (least := given.get("min_length")) is not None:
            add("form.too_short", lambda value, today: len(value) >= least, least)
    if (written := given.get("pattern")) is not None:
        found.append(_patterned(pointer, written, given.get("pattern_message")))
    if given.get("mobile"):
        add("form.mobile", lambda value, today: MOBILE.fullmatch(value) is not None)
    if (places := given.get("decimals")) is not None:
        add("form.decimals", lambda value, today: _places(value, places), places)
    if given.get("point"):
        add("form.point", lambda value, today: "point" in value)
    for name, code, holds in BOUNDS:
        if (bound := given.get(name)) is not None:
            add(code, partial(holds, bound), yuan(bound) if name.endswith("_cents") else bound)
    if kind == "money" and "min_cents" not in given:
        add("form.too_little", lambda value, today: value >= 0, "0.00")
    for name, code, sign in (
        ("earliest_days", "form.too_soon", 1),
        ("latest_days", "form.too_far", -1),
    ):
        if (days := given.get(name)) is not None:
            add(code, partial(_from_today, days, sign), days)
    return found


def _patterned(pointer: str, written: str, message: Any) -> tuple[Limit, Fault]:
    expression = compile_pattern(written)
    said = fault(pointer, "form.pattern")
    if message:
        said["message"] = {"zh": message["zh"], "en": message.get("en") or message["zh"]}
    return (
        lambda value, today: (
            len(value) <= MAX_LENGTH
            and (expression is None or expression.fullmatch(value) is not None)
        ),
        said,
    )


BOUNDS: tuple[tuple[str, str, Callable[[Any, Any, str | None], bool]], ...] = (
    ("min", "form.too_small", lambda bound, value, today: value >= bound),
    ("max", "form.too_large", lambda bound, value, today: value <= bound),
    ("min_cents", "form.too_little", lambda bound, value, today: value >= bound),
    ("max_cents", "form.too_much", lambda bound, value, today: value <= bound),
    ("min_items", "form.too_few", lambda bound, value, today: len(value) >= bound),
    ("max_items", "form.too_many", lambda bound, value, today: len(value) <= bound),
    ("from", "form.too_early", lambda bound, value, today: not dates.is_before(value, bound)),
    ("to", "form.too_late", lambda bound, value, today: not dates.is_before(bound, value)),
)


def _places(value: float, places: int) -> bool:
    scaled = number(value * 10**places)
    return scaled is not None and abs(scaled - math.floor(scaled + 0.5)) < 1e-6


def _from_today(days: int, sign: int, value: Any, today: str | None) -> bool:
    apart = dates.days_between(today, value)
    return apart is None or (apart - days) * sign >= 0


def yuan(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"

"""Forms, rules and values drawn at random, the odd ones among them."""

from collections.abc import Collection
from typing import Any

from hypothesis import strategies as st

from services.booking.domain.forms.logic import EAGER, LAZY
from tests.unit.booking import form_cases

LABEL = {"zh": "字段", "en": ""}
OPERATORS = sorted({*EAGER, *LAZY})
KEYS = ["a", "b", "c", "d", "e", "f"]
DATES = ["2027-05-03", "2027-05-04", "2024-02-29", "2027-02-30", "2027-05-03T10:00:00+08:00"]
DATES += ["2027-05-03T02:00Z", "09:30", "23:59", "9:30"]
TEXTS = ["", " ", "0", "1", "-2.5", "1e3", "true", "x", "王小明", "😀b", "！", "a.b", "13800138000"]

numbers = st.one_of(
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.integers(-10, 10),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(-1000, 1000, places=2).map(float),
)
texts = st.one_of(st.sampled_from([*TEXTS, *DATES]), st.text(max_size=6))
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "b", "start", "end", "text"]), inner, max_size=3)
    ),
    max_leaves=8,
)


def data() -> st.SearchStrategy[Any]:
    """What a rule may be given."""
    return st.dictionaries(st.sampled_from(KEYS), anything, max_size=5) | anything


def rules() -> st.SearchStrategy[Any]:
    """JsonLogic, sensible or not."""
    names = st.sampled_from([*KEYS, "a.b", "a.0", "", "current", "accumulator"])
    leaves = st.one_of(scalars, names.map(lambda name: {"var": name}))
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(OPERATORS), st.lists(inner, max_size=4)).map(
                lambda pair: {pair[0]: pair[1]}
            ),
            st.tuples(st.sampled_from(OPERATORS), inner).map(lambda pair: {pair[0]: pair[1]}),
            st.lists(inner, max_size=3),
        ),
        max_leaves=10,
    )


def _grown(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    two = ["==", "!=", "<", ">=", "+", "-", "*", "/", "%", "min", "in", "cat", "before"]
    two += ["days_between", "add_days", "and", "or", "merge", "age", "minutes_between"]
    one = ["!", "!!", "round", "count", "weekday"]
    return st.one_of(
        st.tuples(st.sampled_from(two), inner, inner).map(lambda t: {t[0]: [t[1], t[2]]}),
        st.tuples(st.sampled_from(one), inner).map(lambda t: {t[0]: [t[1]]}),
        st.tuples(inner, inner, inner).map(lambda t: {"if": list(t)}),
    )


OPTIONS = [{"value": value, "label": LABEL} for value in ("a", "b", "王小明")]
PLACES = [{"value": "sh", "label": LABEL, "children": OPTIONS}, {"value": "mo", "label": LABEL}]
TABLE = {"kind": "table", "table_id": "t", "label_field": "name"}
PEOPLE = {"kind": "resources", "resource_type": "photographer"}
FIELDS: list[dict[str, Any]] = [
    {"kind": "text"},
    {"kind": "text", "validation": {"min_length": 2, "max_length": 3}},
    {"kind": "text", "validation": {"pattern": "[^a-c]{1,2}.?|\\w+"}},
    {"kind": "text", "default": "x"},
    {"kind": "paragraph", "keep_when_hidden": True},
    {"kind": "phone"},
    {"kind": "phone", "validation": {"mobile": True}},
    {"kind": "email"},
    {"kind": "number"},
    {"kind": "number", "validation": {"min": -3, "max": 100.5, "decimals": 1}},
    {"kind": "money"},
    {"kind": "money", "validation": {"min_cents": -250, "max_cents": 999}},
    {"kind": "date", "validation": {"from": "2024-02-29", "earliest_days": -1, "latest_days": 0}},
    {"kind": "datetime", "validation": {"to": "2027-05-03T02:00:00Z"}},
    {"kind": "timespan"},
    {"kind": "timespan", "of": "date"},
    {"kind": "timespan", "of": "datetime"},
    {"kind": "single_choice", "options": OPTIONS},
    {"kind": "single_choice", "source": TABLE, "other": True},
    {"kind": "dropdown", "source": PEOPLE},
    {"kind": "status", "options": OPTIONS, "default": "a"},
    {"kind": "multiple_choice", "options": OPTIONS, "validation": {"min_items": 2}},
    {"kind": "cascade", "options": PLACES},
    {"kind": "image", "validation": {"max_items": 1}},
    {"kind": "file"},
    {"kind": "address"},
    {"kind": "address", "validation": {"point": True}},
    {"kind": "resource", "source": PEOPLE},
    {"kind": "resource", "source": PEOPLE, "multiple": True},
    {"kind": "relation", "source": TABLE},
    {"kind": "customer"},
    {"kind": "signature"},
    {"kind": "consent"},
    {"kind": "hidden"},
]
FITTING = [
    *TEXTS,
    *DATES,
    1,
    2.5,
    -3,
    999,
    True,
    False,
    None,
    ["x"],
    ["x", "1"],
    ["x", "王小明"],
    {"start": "09:00", "end": "10:00"},
    {"start": "2027-05-03", "end": "2027-05-03"},
    {"start": "2027-05-03T02:00Z", "end": "2027-05-03T10:00:01+08:00"},
    {"text": " 外滩 ", "point": {"lat": 31.2, "lng": 121}},
    {"text": "", "region": ["x", "y"]},
    {"width": 10, "height": 10, "strokes": [[1, 2]]},
]


GIVEN: dict[str, list[Any]] = {}
for _, question in form_cases.kinds():
    kind = question["definition"]["fields"][0]["kind"]
    GIVEN.setdefault(kind, []).append(question["case"]["given"])

sound_rules = st.recursive(
    st.one_of(
        st.sampled_from([each for each in FITTING if not isinstance(each, dict)]),
        st.sampled_from([*KEYS, "$today"]).map(lambda name: {"var": [name]}),
        st.sampled_from(KEYS).map(lambda name: {"var": [f"{name}.start", 1]}),
        st.lists(st.sampled_from(KEYS), min_size=1, max_size=2).map(lambda k: {"missing": k}),
    ),
    _grown,
    max_leaves=5,
)
"""JsonLogic that may be saved where all these fields may be read."""


@st.composite
def forms(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a form without a fault: rules read only fields that come before in a drawn order."""
    keys = draw(st.permutations(KEYS))[: draw(st.integers(1, len(KEYS)))]
    fields: list[dict[str, Any]] = []
    said: list[dict[str, Any]] = []
    for at, key in enumerate(keys):
        before = [field["key"] for field in fields if field["kind"] != "section"]
        sections = [field["key"] for field in fields if field["kind"] == "section"]
        field = {"key": key, "label": LABEL, **draw(st.sampled_from(_offered(at)))}
        if sections and draw(st.booleans()):
            field["section"] = draw(st.sampled_from(sections))
        if field["kind"] not in ("section", "computed", "hidden") and draw(st.booleans()):
            field["required"] = True
        said += draw(_said(field, before))
        fields.append(field)
    return {"fields": draw(st.permutations(fields)), "rules": draw(st.permutations(said))}


def _offered(at: int) -> list[dict[str, Any]]:
    return [*FIELDS, {"kind": "section"}, *([{"kind": "computed"}] * (at + 1))]


@st.composite
def _said(draw: st.DrawFn, field: dict[str, Any], names: list[str]) -> list[dict[str, Any]]:
    """Draw the rules about one field, which read some others."""

    def rule() -> Any:
        return within(draw(sound_rules), names)

    key, kind, found = field["key"], field["kind"], []
    for effect in ("show", "hide", "require"):
        unfit = effect == "require" and kind in ("section", "computed", "hidden")
        if not unfit and draw(st.integers(0, 3)) == 0:
            found.append({"effect": effect, "fields": [key], "when": rule()})
    if kind == "computed" or (kind == "hidden" and draw(st.booleans())):
        found.append({"effect": "compute", "field": key, "value": rule()})
    elif kind not in ("section", "hidden") and draw(st.integers(0, 2)) == 0:
        found.append({"effect": "default", "field": key, "value": rule()})
    if kind != "section" and draw(st.integers(0, 3)) == 0:
        message = {"zh": "不行", "en": draw(st.sampled_from(["", "No"]))}
        found.append({"effect": "validate", "field": key, "check": rule(), "message": message})
    return found


def within(rule: Any, names: Collection[str]) -> Any:
    """Return a rule that reads today instead of fields that it may not read."""
    if isinstance(rule, list):
        return [within(each, names) for each in rule]
    if not isinstance(rule, dict):
        return rule
    [(operator, given)] = rule.items()
    if operator in ("var", "missing"):
        return {operator: [_known(each, names) for each in given]}
    return {operator: within(given, names)}


def _known(path: Any, names: Collection[str]) -> Any:
    return path if not isinstance(path, str) or path[:1] in names else "$today"


def values(form: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw answers to a form: mostly of the right kind, some of another, some of none."""
    given = {field["key"]: _given(field["kind"]) for field in form["fields"]}
    return st.fixed_dictionaries({}, optional=given)


def _given(kind: str) -> st.SearchStrategy[Any]:
    of_kind = GIVEN.get(kind, FITTING)
    return st.one_of(st.sampled_from(of_kind), st.sampled_from(of_kind + FITTING), anything)


def options(form: dict[str, Any]) -> st.SearchStrategy[dict[str, list[Any]] | None]:
    keys = [field["key"] for field in form["fields"]]
    offered = st.lists(st.sampled_from(["a", "r-1", {"value": "anyone"}, {}, 1]), max_size=3)
    return st.none() | st.dictionaries(st.sampled_from(keys), offered, max_size=2)

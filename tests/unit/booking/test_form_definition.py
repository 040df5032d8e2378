"""What may be saved as a form, and where a definition that may not be is wrong."""

import time
from typing import Any

import pytest
from hypothesis import given, settings

from services.booking.domain.forms import definition as definitions
from services.booking.domain.forms.definition import check
from services.booking.domain.forms.kinds import SHAPES
from services.booking.domain.forms.logic import EAGER, LAZY
from services.booking.domain.forms.patterns import compile_pattern
from services.booking.domain.forms.rules import ARGUMENTS
from services.booking.domain.forms.state import state
from tests.unit.booking import form_cases, form_drawing

LABEL = form_cases.LABEL
OPTION = {"value": "a", "label": LABEL}
TABLE = {"kind": "table", "table_id": "t1", "label_field": "name"}
PEOPLE = {"kind": "resources", "resource_type": "photographer"}


def a_field(key: str = "a", kind: str = "text", **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": kind, "label": LABEL, **more}


def a_rule(effect: str = "show", **more: Any) -> dict[str, Any]:
    return {"effect": effect, **more}


def faults(*fields: Any, rules: Any = ()) -> list[tuple[str, str]]:
    found = check({"fields": list(fields), "rules": list(rules)})
    return [(each["pointer"], each["code"]) for each in found]


def of_rule(logic: Any) -> list[tuple[str, str]]:
    """Return what is wrong with a rule that reads `a`, pointers from its `when`."""
    rule = a_rule(fields=["b"], when=logic)
    found = faults(a_field("a"), a_field("b"), a_field("s", "section"), rules=[rule])
    return [(pointer.removeprefix("/rules/0/when"), code) for pointer, code in found]


def test_a_form_without_rules_is_good() -> None:
    assert check({"fields": [a_field()]}) == []


def test_the_form_of_a_studio_is_good() -> None:
    assert check(form_cases.booking_form()["definition"]) == []


@pytest.mark.parametrize(
    "given",
    [
        *(None, 1, "x", [], {}, {"fields": 1}, {"fields": []}, {"fields": {}}, {"fields": [1]}),
        *({"fields": [a_field()], "rules": 1}, {"fields": [a_field()], "rules": [1]}),
        *({"fields": [a_field()], "more": 1}, {"fields": [{}]}, {"fields": [{"key": 1}]}),
    ],
)
def test_what_is_no_definition_is_refused(given: Any) -> None:
    assert check(given) != []


@settings(max_examples=100, deadline=None, database=None)
@given(
    fields=form_drawing.anything,
    field=form_drawing.anything,
    rule=form_drawing.anything,
    logic=form_drawing.rules(),
)
def test_nothing_makes_the_check_raise(fields: Any, field: Any, rule: Any, logic: Any) -> None:
    check(fields)
    check({"fields": [field, {**a_field(), "validation": field, "default": rule}], "rules": [rule]})
    given = {"fields": [a_field()], "rules": [a_rule(fields=["a"], when=logic)]}
    check(given)


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ([a_field(kind="magic")], "/fields/0/kind", "form.unknown_kind"),
        ([a_field(kind=["text"])], "/fields/0/kind", "form.unknown_kind"),
        ([a_field("A")], "/fields/0/key", "form.key"),
        ([a_field("a" * 41)], "/fields/0/key", "form.key"),
        ([a_field("$today")], "/fields/0/key", "form.key"),
        ([a_field(), a_field()], "/fields/1/key", "form.duplicate_key"),
        ([a_field(label={"en": "A"})], "/fields/0/label", "form.text_missing"),
        ([a_field(label={"zh": " "})], "/fields/0/label", "form.text_missing"),
        ([a_field(label={"zh": "字" * 201})], "/fields/0/label", "form.text_missing"),
        ([a_field(help="x")], "/fields/0/help", "form.text_missing"),
        ([a_field(requred=True)], "/fields/0/requred", "form.unknown_property"),
        ([a_field(**{"a/b~": 1})], "/fields/0/a~1b~0", "form.unknown_property"),
        ([a_field(required="yes")], "/fields/0/required", "form.malformed"),
        ([a_field(ui=[])], "/fields/0/ui", "form.malformed"),
        ([a_field(kind="section", required=True)], "/fields/0/required", "form.no_value"),
        ([a_field(section="b")], "/fields/0/section", "form.unknown_section"),
        ([a_field(section="b"), a_field("b")], "/fields/0/section", "form.unknown_section"),
        ([a_field(kind="dropdown")], "/fields/0/options", "form.missing"),
        (
            [a_field(kind="dropdown", options=[OPTION], source=TABLE)],
            "/fields/0/options",
            "form.missing",
        ),
        ([a_field(kind="dropdown", options=[])], "/fields/0/options", "form.options"),
        ([a_field(kind="dropdown", options=["a"])], "/fields/0/options/0", "form.options"),
        (
            [a_field(kind="dropdown", options=[OPTION, OPTION])],
            "/fields/0/options/1/value",
            "form.duplicate_option",
        ),
        (
            [a_field(kind="dropdown", options=[{"value": " a", "label": LABEL}])],
            "/fields/0/options/0/value",
            "form.options",
        ),
        (
            [a_field(kind="dropdown", options=[{**OPTION, "children": [OPTION]}])],
            "/fields/0/options/0",
            "form.options",
        ),
        (
            [a_field(kind="cascade", options=[{**OPTION, "children": []}])],
            "/fields/0/options/0/children",
            "form.options",
        ),
        ([a_field(kind="resource")], "/fields/0/source", "form.missing"),
        ([a_field(kind="resource", source=TABLE)], "/fields/0/source/kind", "form.source"),
        ([a_field(kind="relation", source=PEOPLE)], "/fields/0/source/kind", "form.source"),
        ([a_field(kind="relation", source={"kind": "table"})], "/fields/0/source", "form.source"),
        ([a_field(kind="timespan", of="week")], "/fields/0/of", "form.malformed"),
        ([a_field(validation={"min": 1})], "/fields/0/validation/min", "form.unknown_property"),
        (
            [a_field(validation={"max_length": 0})],
            "/fields/0/validation/max_length",
            "form.validation",
        ),
        (
            [a_field(validation={"min_length": 3, "max_length": 2})],
            "/fields/0/validation/max_length",
            "form.validation",
        ),
        (
            [a_field(kind="date", validation={"from": "2027-02-30"})],
            "/fields/0/validation/from",
            "form.validation",
        ),
        (
            [a_field(kind="money", validation={"min_cents": 1.5})],
            "/fields/0/validation/min_cents",
            "form.validation",
        ),
        (
            [a_field(kind="image", validation={"media_types": ["jpeg"]})],
            "/fields/0/validation/media_types",
            "form.validation",
        ),
        (
            [a_field(validation={"pattern": "(a+)+"})],
            "/fields/0/validation/pattern",
            "form.bad_pattern",
        ),
        ([a_field(kind="number", default="1")], "/fields/0/default", "form.default"),
        (
            [a_field(kind="dropdown", options=[OPTION], default="b")],
            "/fields/0/default",
            "form.default",
        ),
        ([a_field(default="x" * 501)], "/fields/0/default", "form.default"),
        ([a_field(kind="computed")], "/fields/0", "form.no_compute"),
    ],
)
def test_a_wrong_field_is_pointed_at(fields: list[Any], pointer: str, code: str) -> None:
    assert faults(*fields) == [(pointer, code)]


@pytest.mark.parametrize(
    ("rule", "pointer", "code"),
    [
        (a_rule("explode"), "/effect", "form.unknown_effect"),
        (a_rule(fields=["a"]), "/when", "form.missing"),
        (a_rule(fields=[], when=True), "/fields", "form.missing"),
        (a_rule(fields=["z"], when=True), "/fields/0", "form.unknown_field"),
        (a_rule(fields=[["a"]], when=True), "/fields/0", "form.unknown_field"),
        (a_rule(fields="a", when=True), "/fields", "form.unknown_field"),
        (a_rule(fields=["a"], when=True, value=1), "/value", "form.unknown_property"),
        (a_rule("require", fields=["s"], when=True), "/fields/0", "form.no_value"),
        (a_rule("default", field="s", value=1), "/field", "form.no_value"),
        (a_rule("compute", field="a", value=1), "/field", "form.not_computed"),
        (a_rule("validate", field="s", check=True, message=LABEL), "/field", "form.no_value"),
        (a_rule("validate", check=True), "/message", "form.missing"),
        (a_rule("validate", check=True, message={"en": "No"}), "/message", "form.text_missing"),
    ],
)
def test_a_wrong_rule_is_pointed_at(rule: Any, pointer: str, code: str) -> None:
    found = faults(a_field(), a_field("s", "section"), rules=[rule])
    assert found == [(f"/rules/0{pointer}", code)]


@pytest.mark.parametrize(
    ("logic", "pointer", "code"),
    [
        ({"explode": 1}, "/explode", "form.unknown_operator"),
        ({"+": [1, {"a/b": 1}]}, "/+/1/a~1b", "form.unknown_operator"),
        ({"var": "z"}, "/var", "form.unknown_field"),
        ({"var": "s"}, "/var", "form.no_value"),
        ({"var": "b.z"}, "", "form.cycle"),
        ({"var": {"cat": ["a"]}}, "/var", "form.dynamic"),
        ({"var": ""}, "/var", "form.dynamic"),
        ({"missing": ["z"]}, "/missing", "form.unknown_field"),
        ({"missing": {"merge": ["a"]}}, "/missing", "form.dynamic"),
        ({"missing_some": [1, "a"]}, "/missing_some", "form.not_a_rule"),
        ({"==": [1]}, "/==", "form.arguments"),
        ({"a": 1, "b": 2}, "", "form.not_a_rule"),
        ({"+": [1, {}]}, "/+/1", "form.not_a_rule"),
        ({"map": [[1], {"map": [[1], 1]}]}, "/map/1/map", "form.nested_loop"),
        ({"reduce": [[1], [{"var": "accumulator"}], 0]}, "/reduce/1", "form.not_a_rule"),
        ({"var": ["a", {"var": "z"}]}, "/var/1/var", "form.unknown_field"),
        ({"+": [2**60, 1]}, "/+/0", "form.malformed"),
        ({"and": [True] * 200}, "/and", "form.arguments"),
        ({"in": [1, [0] * 400]}, "", "form.too_big"),
    ],
)
def test_wrong_logic_is_pointed_at(logic: Any, pointer: str, code: str) -> None:
    found = of_rule(logic)
    if code == "form.cycle":
        pointer = "/rules"
    assert found == [(pointer, code)]


@pytest.mark.parametrize(
    "logic",
    [
        {"var": "a"},
        {"var": ["a.b.0", "x"]},
        {"<": [{"var": "$today"}, "2027-05-01"]},
        {"missing": "a"},
        {"missing": ["a"]},
        {"missing_some": [1, ["a"]]},
        {"some": [{"var": "a"}, {"==": [{"var": "anything"}, 1]}]},
        {"reduce": [{"var": "a"}, {"+": [{"var": "current"}, {"var": "accumulator"}]}, 0]},
        {"map": [{"filter": [{"var": "a"}, {"var": ""}]}, {"var": ""}]},
        {"if": [{"var": "a"}, ["x", "y"], []]},
    ],
)
def test_logic_that_reads_what_there_is_may_be_saved(logic: Any) -> None:
    assert of_rule(logic) == []


def test_every_operator_says_how_many_arguments_it_takes() -> None:
    assert ARGUMENTS.keys() <= LAZY.keys() | EAGER.keys()


@pytest.mark.parametrize(
    "rules",
    [
        [a_rule(fields=["a"], when={"var": "a"})],
        [a_rule(fields=["a"], when={"var": "b"}), a_rule("hide", fields=["b"], when={"var": "a"})],
        [a_rule(fields=["a"], when={"var": "c"}), a_rule("compute", field="c", value={"var": "a"})],
        [
            a_rule("default", field="a", value={"var": "c"}),
            a_rule("compute", field="c", value={"missing": ["b"]}),
            a_rule(fields=["b"], when={"+": [1, {"var": ["x", {"var": "a.z"}]}]}),
        ],
        [a_rule(fields=["s"], when={"var": "inner"})],
    ],
)
def test_a_cycle_is_refused(rules: list[Any]) -> None:
    fields = [a_field("a"), a_field("b"), a_field("x"), a_field("c", "computed")]
    fields += [a_field("s", "section"), a_field("inner", section="s")]
    if not any(rule["effect"] == "compute" for rule in rules):
        rules = [*rules, a_rule("compute", field="c", value=1)]
    assert faults(*fields, rules=rules) == [("/rules", "form.cycle")]


def test_a_cycle_names_only_the_fields_in_it() -> None:
    show = [("b", "a"), ("c", "b"), ("b", "c"), ("d", "c")]
    rules = [a_rule(fields=[shown], when={"var": read}) for shown, read in show]
    [fault] = check({"fields": [a_field(key) for key in "abcd"], "rules": rules})
    assert fault["message"]["en"].endswith(": b, c")


def test_fields_that_are_required_without_each_other_are_no_cycle() -> None:
    rules = [a_rule("require", fields=[a], when={"!": {"var": b}}) for a, b in ("ab", "ba")]
    assert faults(a_field("a"), a_field("b"), rules=rules) == []


def test_a_check_may_read_its_own_field() -> None:
    rule = a_rule("validate", field="a", check={"var": "a"}, message=LABEL)
    assert faults(a_field(), rules=[rule]) == []


def test_a_field_is_computed_by_one_rule() -> None:
    rules = [a_rule("compute", field="c", value=1)] * 2
    assert faults(a_field("c", "computed"), rules=rules) == [("/rules/1/field", "form.two_rules")]


def test_a_form_has_a_limited_size() -> None:
    many = [a_field(f"f{number}") for number in range(definitions.MAX_FIELDS)]
    assert faults(*many) == []
    assert faults(*many, a_field()) == [("/fields", "form.too_big")]
    assert faults(a_field(ui={"x": "字" * 100_000})) == [("", "form.too_big")]
    options = [{"value": f"o{number}", "label": LABEL} for number in range(2001)]
    assert faults(a_field(kind="dropdown", options=options)) == [
        ("/fields/0/options", "form.too_big")
    ]


def test_a_form_has_a_limited_depth() -> None:
    deep: Any = 1
    for _ in range(900):
        deep = {"!": deep}
    assert [code for _, code in of_rule(deep)] == ["form.too_deep"]
    shallow: Any = 1
    for _ in range(20):
        shallow = {"!": shallow}
    assert [code for _, code in of_rule(shallow)] == ["form.too_deep"]


@pytest.mark.parametrize("odd", ["a\u0000", "\ud800", "\u0007"])
def test_characters_that_cannot_be_stored_are_refused(odd: str) -> None:
    assert [code for _, code in faults(a_field(help={"zh": odd}))] == ["form.malformed"]
    assert [code for _, code in faults(a_field(ui={odd: 1}))] == ["form.malformed"]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 10**400])
def test_numbers_that_cannot_be_stored_are_refused(number: float) -> None:
    assert [code for _, code in faults(a_field(ui={"x": number}))] == ["form.malformed"]


def test_every_kind_can_be_used() -> None:
    needs: dict[str, dict[str, Any]] = {
        "cascade": {"options": [OPTION]},
        "resource": {"source": PEOPLE},
        "relation": {"source": TABLE},
    }
    choices = ("single_choice", "multiple_choice", "dropdown", "status")
    needs |= {kind: {"options": [OPTION]} for kind in choices}
    fields = [
        a_field(f"f{number}", kind, **needs.get(kind, {})) for number, kind in enumerate(SHAPES)
    ]
    computed = next(each["key"] for each in fields if each["kind"] == "computed")
    rule = a_rule("compute", field=computed, value=1)
    assert faults(*fields, rules=[rule]) == []
    assert len(state({"fields": fields, "rules": [rule]}, {}).fields) == len(SHAPES) == 25


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            "(a+)+",
            "a|(b)",
            "a*?",
            "a++",
            "\\b",
            "\\1",
            "(?=a)",
            "[z-a]",
            "[a&&b]",
            "a{3,2}",
            "a{,3}",
        ),
        *("*", "", "a?b?c?d?", "[\\d-z]", "a" * 201, "\\", "[", "a**", "\\s", "x{1000}"),
    ],
)
def test_patterns_beyond_the_common_part_are_refused(pattern: str) -> None:
    assert compile_pattern(pattern) is None


def test_the_slowest_pattern_is_quick_enough() -> None:
    [worst] = [compile_pattern("a*a*a*b")]
    assert worst is not None
    begun = time.perf_counter()
    assert worst.fullmatch("a" * 200) is None
    assert time.perf_counter() - begun < 1


def test_messages_are_said_in_both_languages() -> None:
    for fault in check({"fields": [a_field(kind="magic"), a_field("B")], "rules": [a_rule("x")]}):
        assert fault["message"]["zh"] and fault["message"]["en"]
        assert "{" not in "".join(fault["message"].values())

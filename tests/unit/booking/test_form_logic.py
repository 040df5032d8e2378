"""JsonLogic: what the vectors say, and that nothing makes it raise."""

from typing import Any

import pytest
from hypothesis import given, settings

from services.booking.domain.forms.logic import MAX_DEPTH, evaluate, number_text, same
from tests.unit.booking import form_cases, form_drawing


@pytest.mark.parametrize("group", sorted({group for group, *_ in form_cases.logic()}))
def test_rules_mean_what_the_vectors_say(group: str) -> None:
    for each, rule, data, expected in form_cases.logic():
        if each == group:
            found = evaluate(rule, data)
            assert same(found, expected) and type(found) in (type(expected), int, float), rule


@settings(max_examples=150, deadline=None, database=None)
@given(rule=form_drawing.rules(), data=form_drawing.data())
def test_no_rule_and_no_data_raise(rule: Any, data: Any) -> None:
    evaluate(rule, data)


@pytest.mark.parametrize(
    "data",
    [{"a": 10**400}, {"a": float("inf")}, {"a": float("nan")}, {"a": "9" * 5000}, {"a": "\ud800"}],
)
@pytest.mark.parametrize("operator", ["+", "*", "/", "%", "<", "==", "cat", "round", "count", "!"])
def test_numbers_that_json_cannot_hold_do_not_raise(operator: str, data: Any) -> None:
    evaluate({operator: [{"var": "a"}, 3]}, data)


def test_what_lies_too_deep_is_null() -> None:
    rule: Any = 1
    for _ in range(10_000):
        rule = {"+": [rule, 1]}
    assert evaluate(rule, None) is None
    shallow: Any = 1
    for _ in range(MAX_DEPTH):
        shallow = {"+": [shallow, 1]}
    assert evaluate(shallow, None) == 1 + MAX_DEPTH


def test_data_that_lies_too_deep_is_not_equal() -> None:
    left: Any = []
    right: Any = []
    for _ in range(10_000):
        left, right = [left], [right]
    assert evaluate({"==": [{"var": "a"}, {"var": "b"}]}, {"a": left, "b": right}) is False
    assert evaluate({"cat": [{"var": "a"}]}, {"a": left}) == ""


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1.5, "1.5"),
        (-0.000001, "-0.000001"),
        (1e-7, "1e-7"),
        (1.5e-9, "1.5e-9"),
        (1e20, "100000000000000000000"),
        (1.2345e20, "123450000000000000000"),
        (1e21, "1e+21"),
        (-1.25e300, "-1.25e+300"),
        (12, "12"),
        (None, ""),
    ],
)
def test_numbers_are_written_as_javascript_writes_them(value: float, written: str) -> None:
    assert number_text(value) == written

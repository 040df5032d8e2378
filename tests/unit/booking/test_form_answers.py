"""Answers as the server takes them: marshmallow's types, the form's rules, phones as E.164."""

import contextlib
import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import Schema

from services.booking.answers import check_answers, schema
from services.contracts.errors import Invalid
from tests.unit.booking import form_cases, form_drawing

LABEL = form_cases.LABEL


def a_form(*fields: dict[str, Any], rules: Any = ()) -> dict[str, Any]:
    return {"fields": [{"label": LABEL, **each} for each in fields], "rules": list(rules)}


def refused(form: dict[str, Any], values: Any, **more: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        check_answers(form, values, **more)
    return [(each["pointer"], each["code"]) for each in caught.value.details["errors"]]


def test_the_form_of_a_studio_is_accepted() -> None:
    form = form_cases.booking_form()
    clean = check_answers(
        form["definition"], form["values"], options=form["options"], today=form["today"]
    )
    assert clean["phone"] == "+8613800138000"
    assert clean["name"] == "王小明" and clean["extra_cents"] == 160_000
    assert "who" not in clean and "guardian" not in clean


def test_a_schema_is_marshmallow_s_and_built_once() -> None:
    form = form_cases.booking_form()["definition"]
    built = schema(form)
    assert isinstance(built, Schema)
    assert {"who", "extra_cents"}.isdisjoint(built.fields) and "phone" in built.fields
    assert schema(copy.deepcopy(form)) is built


@pytest.mark.parametrize(
    ("kind", "value", "pointer"),
    [
        ("text", 5, ""),
        ("text", "x" * 20_001, ""),
        ("number", "5", ""),
        ("number", True, ""),
        ("money", 1.5, ""),
        ("consent", "yes", ""),
        ("image", "a", ""),
        ("image", [5], "/0"),
        ("address", "外滩", ""),
        ("address", {"text": "x", "point": {"lat": "1", "lng": 1}}, "/point/lat"),
        ("address", {"text": "x", "point": {"lat": 1}}, "/point/lng"),
        ("timespan", {"start": 9}, "/start"),
        ("signature", {"width": "a"}, "/width"),
    ],
)
def test_a_value_of_another_type_is_pointed_at(kind: str, value: Any, pointer: str) -> None:
    form = a_form({"key": "it", "kind": kind})
    assert [found for found, _ in refused(form, {"it": value})] == [f"/answers/it{pointer}"]


@pytest.mark.parametrize("values", [None, 5, [], "x"])
def test_answers_are_an_object(values: Any) -> None:
    assert [pointer for pointer, _ in refused(a_form({"key": "a", "kind": "text"}), values)] == [
        "/answers"
    ]


def test_a_hidden_answer_of_another_type_does_not_block() -> None:
    rule = {"effect": "show", "fields": ["b"], "when": {"var": "a"}}
    form = a_form(
        {"key": "a", "kind": "text"}, {"key": "b", "kind": "number", "required": True}, rules=[rule]
    )
    assert check_answers(form, {"b": "many"}) == {}
    assert refused(form, {"a": "x", "b": "many"}) == [("/answers/b", "field.invalid")]


def test_answers_to_fields_that_are_no_more_are_dropped() -> None:
    assert check_answers(a_form({"key": "a", "kind": "text"}), {"a": "x", "old": 1}) == {"a": "x"}


def test_everything_that_is_wrong_is_said_at_once() -> None:
    form = a_form(
        {"key": "a", "kind": "text", "required": True},
        {"key": "b", "kind": "number"},
        {"key": "c", "kind": "phone"},
        {"key": "d", "kind": "email"},
    )
    # The third has the form of a number, but no such one can exist.
    given = {"b": "x", "c": "+99912345678", "d": "nobody"}
    assert sorted(refused(form, given)) == [
        ("/answers/a", "form.required"),
        ("/answers/b", "field.invalid"),
        ("/answers/c", "form.phone"),
        ("/answers/d", "form.email"),
    ]


def test_only_what_is_offered_now_is_accepted() -> None:
    source = {"kind": "resources", "resource_type": "photographer"}
    form = a_form({"key": "who", "kind": "resource", "source": source})
    assert check_answers(form, {"who": "p1"}, options={"who": ["p1"]}) == {"who": "p1"}
    assert refused(form, {"who": "p2"}, options={"who": ["p1"]}) == [
        ("/answers/who", "form.option")
    ]


@pytest.mark.parametrize("question", [q for _, q in form_cases.kinds()])
def test_the_server_accepts_what_the_form_accepts(question: dict[str, Any]) -> None:
    definition, case = question["definition"], question["case"]
    if "code" in case:
        assert {
            pointer.split("/")[2]
            for pointer, _ in refused(definition, question["values"], today=form_cases.TODAY)
        } == {"it"}
    elif definition["fields"][0]["kind"] != "phone":
        clean = check_answers(definition, question["values"], today=form_cases.TODAY)
        assert clean.get("it") == case["value"]


@settings(max_examples=40, deadline=None, database=None)
@given(form=form_drawing.forms(), more=st.data())
def test_answers_are_accepted_or_refused_as_invalid(
    form: dict[str, Any], more: st.DataObject
) -> None:
    with contextlib.suppress(Invalid):
        check_answers(form, more.draw(form_drawing.values(form) | form_drawing.anything))

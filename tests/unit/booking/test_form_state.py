"""The state of a form: visible, required, value and errors of every field."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.booking.domain.forms.state import compiled, evaluate, state
from tests.unit.booking import form_cases, form_drawing

LABEL = form_cases.LABEL
KINDS = dict(form_cases.kinds())
STATES = dict(form_cases.states())


def a_form(*fields: dict[str, Any], rules: Any = ()) -> dict[str, Any]:
    return {"fields": [{"label": LABEL, **each} for each in fields], "rules": list(rules)}


@pytest.mark.parametrize("question", [*KINDS.values()], ids=[*KINDS])
def test_a_value_of_a_kind(question: dict[str, Any]) -> None:
    case = question["case"]
    found = state(question["definition"], question["values"], today=question["today"]).fields["it"]
    if "code" in case:
        assert [each["code"] for each in found.errors] == [case["code"]]
    else:
        assert (found.value, found.errors) == (case["value"], [])


@pytest.mark.parametrize("question", [*STATES.values()], ids=[*STATES])
def test_a_state_of_a_form(question: dict[str, Any]) -> None:
    found = state(
        question["definition"],
        question["values"],
        options=question.get("options"),
        today=question.get("today"),
    )
    assert question["expected"] == {
        "visible": [key for key, field in found.fields.items() if field.visible],
        "required": [key for key, field in found.fields.items() if field.required],
        "values": found.values,
        "errors": [[each["pointer"], each["code"]] for each in found.errors],
    }


def test_the_form_of_a_studio_is_filled_in() -> None:
    form = form_cases.booking_form()
    found = state(form["definition"], form["values"], options=form["options"], today=form["today"])
    assert found.errors == []
    assert found.values["extra_cents"] == 160_000
    assert not found.fields["guardian"].visible and not found.fields["channel"].visible


def test_the_form_of_a_studio_asks_for_a_guardian_of_a_small_child() -> None:
    form = form_cases.booking_form()
    child = {**form["values"], "shoot": "children", "born_on": "2022-01-01"}
    found = state(form["definition"], child, options=form["options"], today=form["today"])
    assert [(each["pointer"], each["code"]) for each in found.errors] == [
        ("/answers/guardian", "form.required")
    ]
    assert "groom" not in found.values and found.values["child_age"] == 5


@settings(max_examples=40, deadline=None, database=None)
@given(form=form_drawing.forms(), more=st.data())
def test_what_is_hidden_is_dropped_and_what_is_kept_is_kept_again(
    form: dict[str, Any], more: st.DataObject
) -> None:
    found = state(form, more.draw(form_drawing.values(form)))
    written = {each["key"]: each for each in form["fields"]}
    for key, field in found.fields.items():
        if not field.visible:
            assert not field.required
        if not field.visible and written[key]["kind"] != "hidden":
            assert field.errors == []
            assert key not in found.values or written[key].get("keep_when_hidden")
    # A default stands in for what is absent, so what was taken back is said again.
    taken_back = {key: None for key, field in found.fields.items() if field.value is None}
    assert state(form, {**found.values, **taken_back}).values == found.values


def test_a_definition_is_compiled_once_for_the_same_content() -> None:
    first = a_form({"key": "a", "kind": "text"})
    assert compiled(first) is compiled(a_form({"key": "a", "kind": "text"}))
    changed = compiled(first)
    first["fields"][0]["required"] = True
    assert compiled(first) is not changed


def test_a_state_cannot_be_changed_through_another() -> None:
    form = compiled(a_form({"key": "a", "kind": "text", "required": True}))
    evaluate(form, {}).errors[0]["code"] = "changed"
    assert evaluate(form, {}).errors[0]["code"] == "form.required"


def test_a_message_without_english_is_said_in_chinese() -> None:
    rule = {"effect": "validate", "field": "a", "check": False, "message": {"zh": "不行"}}
    form = a_form({"key": "a", "kind": "text"}, rules=[rule])
    [fault] = state(form, {"a": "x"}).errors
    assert fault == {
        "pointer": "/answers/a",
        "code": "form.rule",
        "message": {"zh": "不行", "en": "不行"},
    }

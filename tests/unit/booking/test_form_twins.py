"""The browser's forms: the same vectors, and whatever hypothesis can think of."""

import dataclasses
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.booking.domain.forms.definition import check
from services.booking.domain.forms.logic import evaluate
from services.booking.domain.forms.state import state
from tests.unit.booking import form_cases, form_drawing
from tests.unit.booking.form_twin import CONSOLE, ROOT, Twin, start, tool

KIT = ROOT / "gateway" / "web" / "kit" / "forms"
DRAWN = settings(
    max_examples=500 if os.environ.get("YINGQI_REQUIRE_NODE") else 50,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    process = start(tmp_path_factory.mktemp("twin"))
    yield process
    process.stop()


def alike(value: Any) -> Any:
    """Return a value in which numbers are JavaScript's, and true is not 1."""
    if isinstance(value, dict):
        return {key: alike(each) for key, each in value.items()}
    if isinstance(value, list):
        return [alike(each) for each in value]
    if isinstance(value, bool):
        return "flag", value
    return float(value) if isinstance(value, int) else value


def both(twin: Twin, question: dict[str, Any]) -> tuple[Any, Any]:
    """Return what Python and the browser make of one form."""
    ours = state(
        question["definition"],
        question["values"],
        options=question.get("options"),
        today=question.get("today"),
    )
    return alike(dataclasses.asdict(ours)), alike(twin.ask(question))


def test_the_browser_evaluates_every_rule_of_the_vectors_alike(twin: Twin) -> None:
    wrong = [
        (group, rule, data, expected, found)
        for group, rule, data, expected in form_cases.logic()
        if alike(found := twin.ask({"rule": rule, "data": data})) != alike(expected)
    ]
    assert wrong == []


def test_the_browser_finds_every_state_of_the_vectors_alike(twin: Twin) -> None:
    for name, question in [*form_cases.kinds(), *form_cases.states()]:
        ours, theirs = both(twin, question)
        assert theirs == ours, name


@DRAWN
@given(rule=form_drawing.rules(), data=form_drawing.data())
def test_no_rule_means_something_else_in_the_browser(twin: Twin, rule: Any, data: Any) -> None:
    assert alike(twin.ask({"rule": rule, "data": data})) == alike(evaluate(rule, data))


@DRAWN
@given(form=form_drawing.forms(), more=st.data())
def test_no_form_is_in_another_state_in_the_browser(
    twin: Twin, form: dict[str, Any], more: st.DataObject
) -> None:
    assert check(form) == []
    question = {
        "definition": form,
        "values": more.draw(form_drawing.values(form)),
        "options": more.draw(form_drawing.options(form)),
        "today": more.draw(st.sampled_from([None, "2027-05-03"])),
    }
    ours, theirs = both(twin, question)
    assert theirs == ours


def test_the_browser_s_half_needs_nothing_that_a_mini_program_lacks(tmp_path: Path) -> None:
    project = {
        "extends": str(CONSOLE / "tsconfig.json"),
        "compilerOptions": {"target": "ES2020", "lib": ["ES2020"], "types": [], "paths": {}},
        "files": [str(path) for path in sorted(KIT.glob("*.ts"))],
        "include": [],
    }
    (tmp_path / "tsconfig.json").write_text(json.dumps(project), "utf-8")
    done = subprocess.run(
        [tool("tsc"), "--project", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.stdout == ""
    sources = "".join(path.read_text("utf-8") for path in KIT.glob("*.ts"))
    for banned in ("new Function", "eval(", "Intl", "toLocale", "require("):
        assert banned not in sources

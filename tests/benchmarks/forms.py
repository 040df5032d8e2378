"""Answers to a studio's form, judged by ours and by jsonschema: submissions a second on one core.

python -m tests.benchmarks.forms [--quick] [--write]
"""

import argparse
import itertools
import shlex
import sys
import time
from collections.abc import Callable
from typing import Any

from jsonschema import Draft202012Validator

from services.booking.answers import check_answers, schema
from services.booking.domain.forms.definition import check
from services.booking.domain.forms.state import compiled, evaluate, state
from services.contracts.errors import Invalid
from tests.benchmarks import page
from tests.benchmarks.forms_schema import as_json_schema
from tests.unit.booking.form_cases import booking_form

GOAL = 1000
"""Submissions a second on one core: what a chain of studios is asked in a day, in one second."""

HEAD = """
One process on one core takes turns with four submissions of a form of 27 fields and 12 rules: a
wedding, a portrait, a child's and a faulty one. "state" finds visibility, requiredness, computed
values and errors; "check_answers" is all that the server does with a submission: the marshmallow
schema, the state, phone numbers as E.164. `jsonschema` checks the same types, limits and conditions
with a schema compiled beforehand; it drops, computes and translates nothing.

| what | submissions/s | µs each | ÷ jsonschema |
|---|--:|--:|--:|
"""


def main() -> int:
    options = _options()
    machine = page.machine()
    figures = _measured(0.3 if options.quick else 3.0)
    base = figures["jsonschema"]
    lines = [
        f"| {what} | {rate:,.0f} | {1e6 / rate:.0f} | {rate / base:.2f} |"
        for what, rate in figures.items()
    ]
    command = shlex.join(["python", "-m", "tests.benchmarks.forms", *sys.argv[1:]])
    section = f"forms\n\n`{command}` on {machine}.\n{HEAD}" + "\n".join(lines) + "\n"
    sys.stdout.write(section)
    if options.write:
        page.replace("forms", section)
    if figures["check_answers: both and phones"] < GOAL:
        sys.stdout.write(f"slower than {GOAL} submissions a second\n")
        return 1
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.forms")
    parser.add_argument("--quick", action="store_true", help="a third of a second for each figure")
    parser.add_argument(
        "--write", action="store_true", help="replace the part of docs/benchmarks.md"
    )
    return parser.parse_args()


def submissions(form: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what four people send, the last of them with three faults."""
    wedding = form["values"]
    couple = ("groom", "bride", "wedding_on")
    portrait = {key: value for key, value in wedding.items() if key not in couple}
    portrait |= {"shoot": "portrait", "outdoors": False}
    child = {**portrait, "shoot": "children", "born_on": "2022-01-01", "guardian": "王小明"}
    faulty = {**wedding, "phone": "123", "garments": 9, "shoot": "unknown"}
    return [wedding, portrait, child, faulty]


def _measured(seconds: float) -> dict[str, float]:
    form = booking_form()
    definition, options, today = form["definition"], form["options"], form["today"]
    assert check(definition) == []
    ready, validator = compiled(definition), Draft202012Validator(as_json_schema(form))
    sent = submissions(form)
    _agree(form, validator, sent)

    def whole(values: Any) -> None:
        try:
            check_answers(definition, values, options=options, today=today)
        except Invalid:
            return

    jobs: dict[str, Callable[[Any], Any]] = {
        "jsonschema": lambda values: list(validator.iter_errors(values)),
        "state, form at hand": lambda values: evaluate(ready, values, options=options, today=today),
        "state, form looked up by its content": lambda values: state(
            definition, values, options=options, today=today
        ),
        "marshmallow schema": lambda values: schema(definition).load(values),
        "check_answers: both and phones": whole,
    }
    return {what: _rate(job, sent, seconds) for what, job in jobs.items()}


def _agree(form: dict[str, Any], validator: Any, sent: list[dict[str, Any]]) -> None:
    """See that both sides judge alike, or the comparison means nothing."""
    for values in sent:
        ours = state(form["definition"], values, options=form["options"], today=form["today"])
        assert bool(ours.errors) == (not validator.is_valid(values)), values


def _rate(job: Callable[[Any], Any], sent: list[dict[str, Any]], seconds: float) -> float:
    """Return calls a second, the best of three rounds: others share the machine."""
    for values in sent:
        job(values)
    return max(_round(job, sent, seconds / 3) for _ in range(3))


def _round(job: Callable[[Any], Any], sent: list[dict[str, Any]], seconds: float) -> float:
    turns = itertools.cycle(sent)
    begun, count = time.process_time(), 0
    while (spent := time.process_time() - begun) < seconds:
        for _ in range(100):
            job(next(turns))
        count += 100
    return count / spent


if __name__ == "__main__":
    raise SystemExit(main())

"""The vectors of the forms, as both halves read them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "vectors" / "forms"
TODAY = "2027-05-03"
LABEL = {"zh": "字段", "en": "Field"}


def _read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text("utf-8"))


def logic() -> Iterator[tuple[str, Any, Any, Any]]:
    """Yield (group, rule, data, expected)."""
    for group in _read("logic.json"):
        for rule, data, expected in group["cases"]:
            yield group["group"], rule, data, expected


def kinds() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a form of one field for each value, with what is expected of the field."""
    for number, row in enumerate(_read("kinds.json"), 1):
        field = {"key": "it", "label": LABEL, **row["field"]}
        compute = {"effect": "compute", "field": "it", "value": None}
        definition = {"fields": [field], "rules": [compute] if field["kind"] == "computed" else []}
        for case in row["cases"]:
            question = {"definition": definition, "values": {"it": case["given"]}, "today": TODAY}
            yield f"{field['kind']} {number}: {case['given']!r:.60}", {**question, "case": case}


def states() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield whole forms, with what is expected of each."""
    for row in _read("state.json"):
        for case in row["cases"]:
            yield f"{row['name']}: {case['name']}", {"definition": row["definition"], **case}


def booking_form() -> dict[str, Any]:
    """Return a form as studios have it: {definition, options, today, values}."""
    form: dict[str, Any] = _read("booking_form.json")
    return form

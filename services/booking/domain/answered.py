"""Reading accepted answers: whom they name, how they are found, how a sheet shows them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.booking.domain import words

Definition = Mapping[str, Any]
Answers = Mapping[str, Any]
Field = Mapping[str, Any]
Labels = Mapping[str, Mapping[str, str]]
"""What chosen ids are called: {id: {zh, en}}."""

SEARCHED_CHARACTERS = 2_000
"""Of all answers of one form. More would make the index larger than the answers are."""

NOT_SEARCHED = frozenset({"image", "file", "signature", "section"})
FILES = frozenset({"image", "file"})
REFERRING = frozenset({"resource", "relation", "customer"})

TITLE_CHARACTERS = 80

SPOKEN = {
    "consent": {True: {"zh": "同意", "en": "agreed"}, False: {"zh": "不同意", "en": "not agreed"}},
    "other": {True: {"zh": "是", "en": "yes"}, False: {"zh": "否", "en": "no"}},
}
SIGNED = {"zh": "已签名", "en": "signed"}
BETWEEN = {"zh": "、", "en": ", "}

Cell = str | int | float | None


def contact_name(definition: Definition, answers: Answers) -> str | None:
    """Return the name given with a form: the first answer to a text called `name` or `…_name`."""
    keys = (f["key"] for f in _answered(definition, answers) if f["kind"] == "text")
    named = (key for key in keys if key == "name" or key.endswith("_name"))
    return next((answers[key] for key in named), None)


def contact_phone(definition: Definition, answers: Answers) -> str | None:
    """Return the number given with a form: the first answer to a phone field."""
    fields = _answered(definition, answers)
    return next((answers[f["key"]] for f in fields if f["kind"] == "phone"), None)


def files(definition: Definition, answers: Answers) -> list[str]:
    """Return the ids of the uploads that answers name."""
    return [id for several in files_by_key(definition, answers).values() for id in several]


def files_by_key(definition: Definition, answers: Answers) -> dict[str, list[str]]:
    """Return the ids of the uploads that answers name, by the key of their field."""
    fields = _answered(definition, answers)
    return {f["key"]: answers[f["key"]] for f in fields if f["kind"] in FILES}


def title(definition: Definition, answers: Answers) -> str:
    """Return what a row of a data table is called: its first text that is not empty."""
    texts = (text for f in _answered(definition, answers) for text in _texts(answers[f["key"]]))
    return next((text for text in texts if text), "—")[:TITLE_CHARACTERS]


def haystack(definition: Definition, answers: Answers, labels: Labels) -> str:
    """Return all that answers are found by: their words, and those of what was chosen."""
    found: list[str] = []
    for field in _answered(definition, answers):
        if field["kind"] in NOT_SEARCHED:
            continue
        value = answers[field["key"]]
        if field["kind"] not in REFERRING:
            found += _texts(value)
        found += [word for each in _named(field, value, labels) for word in each.values()]
    return words.haystack(*found)[:SEARCHED_CHARACTERS]


def cell(field: Field, value: Any, labels: Labels, language: str) -> Cell:
    """Return an answer as a cell of a sheet: numbers stay numbers, money in units of its currency.

    Shapes:  `labels` of the chosen ids; what has none shows as it was sent.
    """
    kind = field["kind"]
    if value is None or kind == "section":
        return None
    if isinstance(value, bool):
        return SPOKEN["consent" if kind == "consent" else "other"][value][language]
    if kind == "money":
        return int(value) // 100 if value % 100 == 0 else float(value) / 100
    if isinstance(value, int | float):
        return value
    if kind == "signature":
        return SIGNED[language]
    if kind == "timespan":
        return f"{value['start']} – {value['end']}"
    if kind == "address":
        return " ".join([*value.get("region", ()), value.get("text", "")]).strip()
    named = _named(field, value, labels)
    if named:
        between = " / " if kind == "cascade" else BETWEEN[language]
        return between.join(each.get(language) or each["zh"] for each in named)
    return BETWEEN[language].join(_texts(value))


def _answered(definition: Definition, answers: Answers) -> Iterator[Field]:
    """Yield the fields that have an answer, in the order of the form."""
    return (f for f in definition["fields"] if answers.get(f.get("key")) is not None)


def _texts(value: Any) -> list[str]:
    """Return every text within an answer."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, Sequence):
        return [text for each in value for text in _texts(each)]
    return []


def _named(field: Field, value: Any, labels: Labels) -> list[Mapping[str, str]]:
    """Return what the chosen values are called."""
    known = {**_labels_of(field.get("options") or ()), **labels}
    chosen = value if isinstance(value, list) else [value]
    if not any(isinstance(each, str) and each in known for each in chosen):
        return []
    return [known.get(each) or {"zh": str(each)} for each in chosen]


def _labels_of(options: Sequence[Any]) -> dict[str, Mapping[str, str]]:
    """Return the words of a field's own options, those of a cascade at every depth."""
    found: dict[str, Mapping[str, str]] = {}
    for option in options:
        found[option["value"]] = option["label"]
        found |= _labels_of(option.get("children") or ())
    return found

"""Answers to a form as the server accepts them: typed by marshmallow, judged by `state`."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from services.booking import phones
from services.booking.domain.forms import kinds
from services.booking.domain.forms.sentences import Fault, fault
from services.booking.domain.forms.state import Form, State, compiled, evaluate
from services.contracts.booking import PhoneInvalid
from services.contracts.errors import Invalid
from services.contracts.fields import Cents, Contract, Flag, pointers


class Number(fields.Float):
    """A number in JSON, and no text that might mean one; whole ones stay whole."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str):
            raise self.make_error("invalid", input=value)
        super()._deserialize(value, attr, data, **kwargs)
        return value


class Timespan(Contract):
    start = fields.String(allow_none=True)
    end = fields.String(allow_none=True)


class Point(Contract):
    lat = Number(required=True)
    lng = Number(required=True)
    datum = fields.String()


class Address(Contract):
    text = fields.String()
    region = fields.List(fields.String(), allow_none=True)
    point = fields.Nested(Point, allow_none=True)


class Signature(Contract):
    """Strokes are looked at by `state`: one field a number would take marshmallow 10 ms."""

    width = fields.Integer(strict=True)
    height = fields.Integer(strict=True)
    strokes = fields.List(fields.Raw())


def _text(_field: Mapping[str, Any]) -> fields.Field[Any]:
    return fields.String(allow_none=True, validate=validate.Length(max=kinds.MAX_RAW))


def _texts(_field: Mapping[str, Any]) -> fields.Field[Any]:
    most = validate.Length(max=kinds.MAX_CHOICES)
    return fields.List(fields.String(), allow_none=True, validate=most)


def _references(field: Mapping[str, Any]) -> fields.Field[Any]:
    return _texts(field) if field.get("multiple") else _text(field)


TYPES: Mapping[str, Callable[[Mapping[str, Any]], fields.Field[Any]]] = {
    "number": lambda field: Number(allow_none=True),
    "money": lambda field: Cents(allow_none=True),
    "timespan": lambda field: fields.Nested(Timespan, allow_none=True),
    "multiple_choice": _texts,
    "cascade": _texts,
    "image": _texts,
    "file": _texts,
    "address": lambda field: fields.Nested(Address, allow_none=True),
    "resource": _references,
    "relation": _references,
    "signature": lambda field: fields.Nested(Signature, allow_none=True),
    "consent": lambda field: Flag(allow_none=True),
    "hidden": lambda field: fields.Raw(allow_none=True),
}
"""What marshmallow makes of each kind; every other one is a text."""

UNSENT = frozenset({"section", "computed"})


def schema(definition: Mapping[str, Any]) -> Schema:
    """Return the marshmallow schema of a form's answers; it knows their types, not the rules."""
    return _prepared(orjson.dumps(definition))[0]


@lru_cache(maxsize=256)
def _prepared(written: bytes) -> tuple[Schema, Form]:
    definition = orjson.loads(written)
    typed = {
        field["key"]: TYPES.get(field["kind"], _text)(field)
        for field in definition["fields"]
        if field["kind"] not in UNSENT
    }
    return Schema.from_dict(typed, name="Answers")(unknown=EXCLUDE), compiled(definition)


def check_answers(
    definition: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    options: Mapping[str, Sequence[Any]] | None = None,
    today: str | None = None,
) -> dict[str, Any]:
    """Return what is stored of answers: hidden ones dropped, defaults and computed ones added.

    Shapes:  definition has passed `definition.check`; options, today as for `state`.
    Errors:  Invalid with one entry per wrong answer, pointers below /answers.
    """
    shape, form = _prepared(orjson.dumps(definition))
    typed, untyped = _typed(shape, values)
    result = evaluate(form, typed, options=options, today=today)
    errors = _shown_faults(untyped, result)
    wrong = {f"/answers/{key}" for key in untyped}
    errors += [each for each in result.errors if each["pointer"] not in wrong]
    clean = result.values | _phones(form, result, errors)
    if errors:
        raise Invalid(errors=errors)
    return clean


def _typed(shape: Schema, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the answers of the right type, and marshmallow's messages about the others."""
    try:
        return shape.load(values), {}
    except ValidationError as error:
        messages = error.normalized_messages()  # type: ignore[no-untyped-call]
        if "_schema" in messages:
            raise Invalid(errors=pointers(messages, "/answers")) from error
        valid = error.valid_data if isinstance(error.valid_data, dict) else {}
        return {key: value for key, value in valid.items() if key not in messages}, messages


def _shown_faults(messages: Mapping[str, Any], result: State) -> list[Fault]:
    """Return what marshmallow says of fields that are shown: nobody can mend a hidden one."""
    shown = {key: said for key, said in messages.items() if result.fields[key].visible}
    return pointers(shown, "/answers")


def _phones(form: Form, result: State, errors: list[Fault]) -> dict[str, str]:
    """Return the phone numbers as E.164, and add those that cannot exist to the errors."""
    clean = {}
    wrong = {each["pointer"] for each in errors}
    for field in form.fields:
        pointer = f"/answers/{field.key}"
        if field.kind != "phone" or field.key not in result.values or pointer in wrong:
            continue
        try:
            clean[field.key] = phones.normalise(result.values[field.key])
        except PhoneInvalid:
            errors.append(fault(pointer, "form.phone"))
    return clean

"""The field types that contracts share; each says its unit and refuses what it cannot mean."""

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate


class Contract(Schema):
    """Base of every schema on the wire: consumers ignore what they do not know."""

    class Meta:
        unknown = EXCLUDE


class Text(Contract):
    """A sentence or name in both languages; English may be empty, Chinese never."""

    zh = fields.String(required=True, validate=validate.Length(min=1, max=2000))
    en = fields.String(load_default="", validate=validate.Length(max=2000))


class Line(fields.String):
    """A text without the blanks around it, as people mean it."""

    def _deserialize(self, *args: Any, **kwargs: Any) -> str:
        return super()._deserialize(*args, **kwargs).strip()


class Flag(fields.Boolean):
    """Yes or no in JSON: true or false, and no word or number that might mean it."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


def Words(**kwargs: Any) -> fields.Nested:  # noqa: N802  (reads like a field type)
    """A field that holds a `Text`."""
    return fields.Nested(Text, **kwargs)


def Cents(**kwargs: Any) -> fields.Integer:  # noqa: N802
    """Money in minor units; the currency stands beside it."""
    return fields.Integer(strict=True, **kwargs)


def Instant(**kwargs: Any) -> fields.AwareDateTime:  # noqa: N802
    """An instant with an offset; a naive one is refused."""
    return fields.AwareDateTime(format="iso", **kwargs)


def LocalInstant(**kwargs: Any) -> fields.String:  # noqa: N802
    """An instant as PostgreSQL wrote it, with the branch's offset; it is passed on unread."""
    return fields.String(metadata={"format": "date-time"}, **kwargs)


def Currency(**kwargs: Any) -> fields.String:  # noqa: N802
    """An ISO 4217 code."""
    return fields.String(validate=validate.Regexp(r"^[A-Z]{3}$"), **kwargs)


def Minutes(**kwargs: Any) -> fields.Integer:  # noqa: N802
    """A length or offset in whole minutes."""
    return fields.Integer(strict=True, **kwargs)


class Figure(fields.Float):
    """The value of a metric: cents and counts are whole and are written so, ratios are not."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        number = super()._serialize(value, attr, obj, **kwargs)
        return int(number) if isinstance(number, float) and number.is_integer() else number


def Json(**kwargs: Any) -> fields.Dict:  # noqa: N802
    """A free object whose keys are strings."""
    return fields.Dict(keys=fields.String(), **kwargs)


MAX_DEPTH = 64
"""Levels of lists and objects in a definition or in answers. What is nested some hundreds deep can
be read as JSON but no longer be passed on."""


def check_depth(value: Any) -> None:
    """Errors:  ValidationError for what is nested too deeply."""
    level = [value]
    for _ in range(MAX_DEPTH):
        parts = (each.values() if isinstance(each, dict) else each for each in level)
        level = [part for several in parts for part in several if isinstance(part, dict | list)]
        if not level:
            return
    raise ValidationError("Nested too deeply.")


def AlsoAnswers(**kwargs: Any) -> fields.Dict:  # noqa: N802
    """Answers to the forms of the services after the first one, by the id of the form."""
    return Json(values=Json(validate=check_depth), validate=validate.Length(max=5), **kwargs)


def faults(error: ValidationError) -> list[dict[str, Any]]:
    """Return what marshmallow found wrong, as `pointers` writes it."""
    return pointers(error.normalized_messages())  # type: ignore[no-untyped-call]


def pointers(messages: Mapping[Any, Any], at: str = "") -> list[dict[str, Any]]:
    """Turn marshmallow's nested messages into a list with JSON pointers.

    Shapes:  [{"pointer": "/contact/phone", "code": "field.invalid", "message": {zh, en}}]
    """
    found: list[dict[str, Any]] = []
    for key, value in messages.items():
        pointer = at if key == "_schema" else f"{at}/{key}"
        if isinstance(value, Mapping):
            found += pointers(value, pointer)
            continue
        for sentence in value:
            missing = "Missing data" in sentence
            found.append(
                {
                    "pointer": pointer,
                    "code": "field.missing" if missing else "field.invalid",
                    "message": {"zh": "此项必填" if missing else "此项无效", "en": str(sentence)},
                }
            )
    return found

"""The studio's form as a JSON Schema, as near as that language comes."""

from typing import Any

MOBILE = r"^(\+?86|0086)?[ -]?1[3-9]\d[ -]?\d{4}[ -]?\d{4}$"
LINE = {"type": "string", "maxLength": 500}
DATE = {"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"}
CLOCK = {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"}
POINT = {
    "type": "object",
    "required": ["lat", "lng"],
    "properties": {
        "lat": {"type": "number", "minimum": -90, "maximum": 90},
        "lng": {"type": "number", "minimum": -180, "maximum": 180},
    },
}


def as_json_schema(form: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of the answers, the live options listed in it."""
    fields = {each["key"]: each for each in form["definition"]["fields"]}
    people = [each["value"] for each in form["options"]["photographer"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["name", "phone", "shoot", "shoot_on", "hours", "agreed"],
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 40},
            "phone": {"type": "string", "pattern": MOBILE},
            "wechat": {"type": "string", "pattern": r"^[a-zA-Z][\w\-]{5,19}$"},
            "email": {"type": "string", "pattern": r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$"},
            "shoot": {"enum": _values(fields["shoot"])},
            "groom": LINE,
            "bride": LINE,
            "wedding_on": DATE,
            "born_on": DATE,
            "guardian": LINE,
            "shoot_on": DATE,
            "hours": _object({"start": CLOCK, "end": CLOCK}),
            "photographer": {"enum": people},
            "styles": {
                "type": "array",
                "minItems": 1,
                "maxItems": 3,
                "uniqueItems": True,
                "items": {"enum": _values(fields["styles"])},
            },
            "outdoors": {"type": "boolean"},
            "place": _object({"text": LINE, "point": POINT}),
            "area": {"enum": [["shanghai", "huangpu"], ["shanghai", "pudong"], ["macau"]]},
            "garments": {"type": "integer", "minimum": 1, "maximum": 8},
            "budget": {"type": "integer", "minimum": 10_000, "maximum": 10_000_000},
            "references": {"type": "array", "maxItems": 9, "items": {"type": "string"}},
            "notes": {"type": "string", "maxLength": 5000},
            "agreed": {"const": True},
            "channel": {"type": ["string", "number", "boolean"]},
        },
        "anyOf": [{"required": ["email"]}, {"required": ["wechat"]}],
        "allOf": [
            _when("shoot", "wedding", ["groom", "bride"]),
            _when("shoot", "children", ["born_on", "guardian"]),
            _when("outdoors", True, ["place"]),
        ],
    }


def _values(field: dict[str, Any]) -> list[str]:
    return [each["value"] for each in field["options"]]


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _when(key: str, value: Any, required: list[str]) -> dict[str, Any]:
    condition = {"properties": {key: {"const": value}}, "required": [key]}
    return {"if": condition, "then": {"required": required}}

"""What is encoded quickly is what marshmallow would have written; all else is left to it."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from marshmallow import Schema, ValidationError, fields, post_dump, validate

from services import contracts
from services.contracts import scheduling  # noqa: F401  (declares its events)
from services.contracts.encoding import DoubtError, plain
from services.contracts.fields import Contract, Instant, Words
from services.contracts.registry import EVENTS

EXAMPLES = Path(contracts.__file__).parent / "examples"
QUICK = ("hold.created", "hold.expired", "allocation.locked", "allocation.released")
ID = UUID("0195a000-0000-7000-8000-000000000001")


def payload(name):
    """Return the payload of an event's example, as use cases have it."""
    text = (EXAMPLES / f"{name}.v{EVENTS[name].version}.json").read_text("utf-8")
    return EVENTS[name].decode(json.loads(text)["payload"])


def encoded(field, value):
    return plain(Contract.from_dict({"it": field})())({"it": value})["it"]


@pytest.mark.parametrize("name", QUICK)
def test_a_plain_payload_becomes_what_marshmallow_makes_of_it(name):
    schema = EVENTS[name].payload
    assert plain(schema)(payload(name)) == schema.dump(payload(name))


@pytest.mark.parametrize("name", QUICK)
def test_whatever_is_broken_is_refused_as_before(name):
    good = payload(name)
    broken = [
        *({**good, key: value} for key in good for value in (object(), "x", -1.5, [None])),
        *({k: v for k, v in good.items() if k != key} for key in good),
    ]
    for number in range(len(good["crew"])):
        for key in good["crew"][number]:
            worse = copy.deepcopy(good)
            worse["crew"][number][key] = object()
            broken.append(worse)
    for each in broken:
        assert outcome(EVENTS[name].encode, each) == outcome(slowly(EVENTS[name].payload), each)


def slowly(schema):
    def encode(value):
        data = schema.dump(value)
        schema.load(data)
        return data

    return encode


def outcome(encode, value):
    try:
        return encode(value)
    except (ValidationError, ValueError, TypeError, AttributeError) as error:
        return type(error), str(error)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (fields.UUID(), str(ID)),
        (fields.UUID(), None),
        (Instant(), datetime(2026, 11, 25)),
        (fields.AwareDateTime(format="rfc"), datetime(2026, 11, 25, tzinfo=UTC)),
        (fields.Integer(strict=True), True),
        (fields.Integer(as_string=True), 1),
        (fields.String(validate=validate.Length(max=1)), "xy"),
        (fields.List(fields.UUID()), [ID, None]),
        (fields.List(fields.UUID()), (ID,)),
        (Words(), {"en": "no Chinese"}),
        (Words(many=True), [{"zh": "影"}]),
        (fields.String(dump_default="x"), "y"),
        (fields.String(load_only=True), "y"),
        (fields.Float(), 1.0),
    ],
)
def test_what_is_not_plainly_right_is_left_to_marshmallow(field, value):
    with pytest.raises(DoubtError):
        encoded(field, value)


def test_a_schema_that_does_more_than_check_types_is_left_to_marshmallow():
    class Hooked(Schema):
        name = fields.String()

        @post_dump
        def shout(self, data, **_):
            return {"name": data["name"].upper()}

    with pytest.raises(DoubtError):
        plain(Hooked())({"name": "x"})


def test_what_need_not_be_there_may_be_missing_or_null():
    schema = Contract.from_dict(
        {"a": fields.String(load_default=""), "b": fields.UUID(allow_none=True), "c": Words()}
    )()
    assert plain(schema)({"b": None}) == {"b": None}

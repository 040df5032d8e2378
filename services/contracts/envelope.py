"""The envelope that every event travels in."""

from datetime import datetime
from typing import Any, TypedDict

from marshmallow import fields, validate

from services.contracts.fields import Contract, Instant
from services.contracts.registry import EVENTS


class Actor(Contract):
    """Who caused it: a customer, a member of staff or the system itself."""

    kind = fields.String(
        required=True, validate=validate.OneOf(["customer", "staff", "system", "provider"])
    )
    id = fields.String(load_default=None, allow_none=True)


class EnvelopeSchema(Contract):
    """Shapes:  `id` UUIDv7; `correlation_id` joins all that one request caused; `causation_id` is
    the id of the event that caused this one, or null."""

    id = fields.UUID(required=True)
    type = fields.String(required=True)
    version = fields.Integer(required=True, strict=True)
    occurred_at = Instant(required=True)
    source = fields.String(required=True)
    subject = fields.String(required=True)
    actor = fields.Nested(Actor, required=True)
    correlation_id = fields.String(required=True)
    causation_id = fields.UUID(required=True, allow_none=True)
    payload = fields.Dict(keys=fields.String(), required=True)


class Envelope(TypedDict):
    """The wire form of an event (JSON-able)."""

    id: str
    type: str
    version: int
    occurred_at: str
    source: str
    subject: str
    actor: dict[str, Any]
    correlation_id: str
    causation_id: str | None
    payload: dict[str, Any]


SCHEMA = EnvelopeSchema()


def seal(
    event_type: str,
    payload: dict[str, Any],
    *,
    id: str,
    occurred_at: datetime,
    actor: dict[str, Any],
    correlation_id: str,
    causation_id: str | None,
) -> Envelope:
    """Return the validated envelope of a new event.

    Errors:  KeyError for an undeclared type, ValidationError for a payload that breaks its
             contract: both are bugs of the producer.
    """
    contract = EVENTS[event_type]
    data = contract.encode(payload)
    return Envelope(
        id=id,
        type=event_type,
        version=contract.version,
        occurred_at=occurred_at.isoformat(),
        source=contract.owner,
        subject=str(data[contract.subject]),
        actor=actor,
        correlation_id=correlation_id,
        causation_id=causation_id,
        payload=data,
    )

"""What scheduling tells about holds and allocations."""

from marshmallow import fields

from services.contracts.fields import Contract, Instant
from services.contracts.registry import Event
from services.contracts.scheduling.slots import CrewMember
from services.contracts.scheduling.studio import OWNER


class HoldFact(Contract):
    booking_id = fields.UUID(required=True)
    branch_id = fields.UUID(required=True)
    start = Instant(required=True)
    end = Instant(required=True)
    revision = fields.Integer(required=True, strict=True)
    day_part = fields.String(load_default=None, allow_none=True)
    crew = fields.List(fields.Nested(CrewMember), required=True)


class HoldCreated(HoldFact):
    expires_at = Instant(required=True)


HOLD_CREATED = Event("hold.created", OWNER, HoldCreated(), "booking_id")
HOLD_EXPIRED = Event("hold.expired", OWNER, HoldFact(), "booking_id", ("booking",))
ALLOCATION_LOCKED = Event("allocation.locked", OWNER, HoldFact(), "booking_id")
ALLOCATION_MOVED = Event("allocation.moved", OWNER, HoldFact(), "booking_id", ("booking",))
ALLOCATION_RELEASED = Event("allocation.released", OWNER, HoldFact(), "booking_id")

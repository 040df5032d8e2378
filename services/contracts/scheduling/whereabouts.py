"""Where things belong, so that staff of one branch keep out of the others' affairs."""

from marshmallow import fields, validate

from services.contracts.fields import Contract
from services.contracts.registry import Rpc
from services.contracts.scheduling.studio import OWNER

KINDS = (
    "allocation",
    "busy_feed",
    "calendar_link",
    "closure",
    "leave",
    "quota",
    "resource",
    "waitlist_entry",
)


class Locate(Contract):
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    id = fields.UUID(required=True)


class Whereabouts(Contract):
    """`branch_id` is null for what all branches share, and for what is not `found`."""

    found = fields.Boolean(required=True)
    branch_id = fields.UUID(required=True, allow_none=True)
    resource_id = fields.UUID(required=True, allow_none=True)


class LocateAll(Contract):
    """Several things of one kind."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    ids = fields.List(fields.UUID(), required=True, validate=validate.Length(max=500))


class Located(Whereabouts):
    id = fields.UUID(required=True)


class AllWhereabouts(Contract):
    """In the order of the question, each once."""

    items = fields.List(fields.Nested(Located), required=True)


LOCATE = Rpc(OWNER, "locate", Locate(), Whereabouts())
LOCATE_ALL = Rpc(OWNER, "locate_all", LocateAll(), AllWhereabouts())

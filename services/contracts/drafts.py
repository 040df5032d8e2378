"""Booking's words on the wire: drafts, the wishes that staff have begun to write down."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from services.contracts.booking import OWNER, NewBooking
from services.contracts.catalogue import PickedAddOn
from services.contracts.errors import Conflict, NotFound
from services.contracts.fields import Contract, Instant, Line
from services.contracts.registry import Rpc

# --- errors


class DraftUnknown(NotFound):
    code = "booking.draft_unknown"
    sentence = {"zh": "没有这份草稿", "en": "There is no such draft"}


class DraftChanged(Conflict):
    """Shapes:  details = {"version"}: the draft as somebody else left it."""

    code = "booking.draft_changed"
    sentence = {
        "zh": "其他人已修改此草稿，请刷新后再试",
        "en": "Somebody else has changed this draft, please load it again",
    }


# --- shapes


class Caller(Contract):
    """Who asks, as far as it is known yet; a number may still be half a number."""

    name = Line(validate=validate.Length(max=80))
    phone = fields.String(validate=validate.Length(max=40))


class WishedAddOn(PickedAddOn):
    """An add-on is named or it is none, however little else is known."""

    @validates_schema
    def check_named(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Refuse an add-on without its id, which `partial` lets through."""
        if "id" not in data:
            raise ValidationError({"id": [fields.Field.default_error_messages["required"]]})


class Wish(NewBooking):
    """What is known so far of a booking; anything may be missing.

    The branch is the draft's own, and a draft keeps no private link.
    """

    class Meta(Contract.Meta):
        exclude = ("branch_id", "draft_id", "waitlist_token", "session_token")

    contact = fields.Nested(Caller)
    add_ons = fields.List(fields.Nested(WishedAddOn), validate=validate.Length(max=30))


def so_far() -> fields.Nested:
    """A field that holds a `Wish`."""
    return fields.Nested(Wish(partial=True), required=True)


class DraftId(Contract):
    """Shapes:  `branch_ids` are those that the asker sees, null for all."""

    draft_id = fields.UUID(required=True)
    branch_ids = fields.List(fields.UUID(), load_default=None, allow_none=True)


class SaveDraft(DraftId):
    """`version` is the one that was seen, null for a draft that is new; `note` is for staff."""

    branch_id = fields.UUID(required=True)
    staff_id = fields.UUID(required=True)
    wish = so_far()
    note = fields.String(load_default="", validate=validate.Length(max=2000))
    version = fields.Integer(strict=True, load_default=None, allow_none=True)


class Draft(Contract):
    id = fields.UUID(required=True)
    branch_id = fields.UUID(required=True)
    wish = so_far()
    note = fields.String(required=True)
    version = fields.Integer(required=True, strict=True)
    created_by = fields.UUID(required=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)


class ListDrafts(Contract):
    """`q` matches the name and the phone."""

    branch_id = fields.UUID(load_default=None, allow_none=True)
    branch_ids = fields.List(fields.UUID(), load_default=None, allow_none=True)
    q = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=80))
    cursor = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class DraftPage(Contract):
    items = fields.List(fields.Nested(Draft), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class DraftRemoved(Contract):
    """`removed` is false when it was gone already."""

    removed = fields.Boolean(required=True)


# --- RPCs

SAVE_DRAFT = Rpc(OWNER, "save_draft", SaveDraft(), Draft(), (DraftUnknown, DraftChanged))
GET_DRAFT = Rpc(OWNER, "get_draft", DraftId(), Draft(), (DraftUnknown,))
LIST_DRAFTS = Rpc(OWNER, "list_drafts", ListDrafts(), DraftPage())
REMOVE_DRAFT = Rpc(OWNER, "remove_draft", DraftId(), DraftRemoved())

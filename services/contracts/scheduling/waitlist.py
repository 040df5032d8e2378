"""Waiting for time: joining, being offered, accepting and leaving."""

from marshmallow import fields, validate

from services.contracts.fields import Contract, Instant, Line, Words
from services.contracts.registry import Event, Rpc
from services.contracts.scheduling.errors import (
    BranchUnknown,
    OfferExpired,
    PhoneInvalid,
    RangeInvalid,
    WaitlistClosed,
    WaitlistDiffers,
    WaitlistUnknown,
)
from services.contracts.scheduling.slots import WISH_ERRORS, Hold, Wishes
from services.contracts.scheduling.studio import DAY_CODE, OWNER, Removed

STATES = ("waiting", "offered", "accepted", "expired", "left")


class WaitlistContact(Contract):
    """Whom to tell; `language` of the message."""

    name = Line(required=True, validate=validate.Length(min=1, max=80))
    phone = Line(required=True, validate=validate.Length(min=5, max=32))
    language = fields.String(load_default="zh", validate=validate.OneOf(["zh", "en"]))


class JoinWaitlist(Wishes):
    """Local dates, both included, and perhaps kinds of days and the wall-clock hours of a start.

    `earliest` and `latest` are the first and the last start that would do. `priority` is for
    members and regulars; the higher comes first. `id` makes joining idempotent. `service_name` is
    for the messages; nothing else depends on it.
    """

    id = fields.UUID(required=True)
    from_ = fields.Date(required=True, data_key="from")
    to = fields.Date(required=True)
    weekdays = fields.List(
        fields.Integer(strict=True, validate=DAY_CODE),
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=9),
    )
    earliest = fields.Time(load_default=None, allow_none=True, format="%H:%M")
    latest = fields.Time(load_default=None, allow_none=True, format="%H:%M")
    contact = fields.Nested(WaitlistContact, required=True)
    priority = fields.Integer(strict=True, load_default=0, validate=validate.Range(0, 100))
    service_name = Words(load_default=None, allow_none=True)


class Offer(Contract):
    """A held time: book with this id before it expires."""

    booking_id = fields.UUID(required=True)
    start = Instant(required=True)
    expires_at = Instant(required=True)


class WaitlistEntry(Contract):
    id = fields.UUID(required=True)
    service_id = fields.UUID(required=True)
    branch_id = fields.UUID(required=True)
    from_ = fields.Date(required=True, data_key="from")
    to = fields.Date(required=True)
    weekdays = fields.List(fields.Integer(), required=True, allow_none=True)
    earliest = fields.Time(required=True, allow_none=True, format="%H:%M")
    latest = fields.Time(required=True, allow_none=True, format="%H:%M")
    resource_ids = fields.List(fields.UUID(), required=True)
    options = fields.List(fields.String(), required=True)
    contact = fields.Nested(WaitlistContact, required=True)
    priority = fields.Integer(required=True, strict=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    joined_at = Instant(required=True)
    ahead = fields.Integer(required=True, strict=True)
    offer = fields.Nested(Offer, required=True, allow_none=True)


class Joined(WaitlistEntry):
    """`token` is the secret of the customer's link."""

    token = fields.String(required=True)


class WaitlistToken(Contract):
    token = fields.String(required=True, validate=validate.Length(min=16, max=128))


class WaitlistId(Contract):
    id = fields.UUID(required=True)


class ListWaitlist(Contract):
    """Those who joined last come first."""

    branch_id = fields.UUID(load_default=None, allow_none=True)
    service_id = fields.UUID(load_default=None, allow_none=True)
    state = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(STATES))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    cursor = fields.String(load_default=None, allow_none=True)


class WaitlistPage(Contract):
    items = fields.List(fields.Nested(WaitlistEntry), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class Accepted(Contract):
    """The hold that the customer's booking is made of; asked again, the same."""

    entry = fields.Nested(WaitlistEntry, required=True)
    hold = fields.Nested(Hold, required=True)


JOIN_WAITLIST = Rpc(
    OWNER,
    "join_waitlist",
    JoinWaitlist(),
    Joined(),
    (*WISH_ERRORS, PhoneInvalid, RangeInvalid, WaitlistClosed, WaitlistDiffers),
)
GET_WAITLIST_ENTRY = Rpc(
    OWNER, "get_waitlist_entry", WaitlistToken(), WaitlistEntry(), (WaitlistUnknown,)
)
LIST_WAITLIST = Rpc(OWNER, "list_waitlist", ListWaitlist(), WaitlistPage(), (BranchUnknown,))
LEAVE_WAITLIST = Rpc(OWNER, "leave_waitlist", WaitlistToken(), Removed(), (WaitlistUnknown,))
REMOVE_WAITLIST_ENTRY = Rpc(
    OWNER, "remove_waitlist_entry", WaitlistId(), Removed(), (WaitlistUnknown,)
)
ACCEPT_OFFER = Rpc(
    OWNER, "accept_offer", WaitlistToken(), Accepted(), (WaitlistUnknown, OfferExpired)
)


class WaitlistFact(Contract):
    """`state` is that of the entry after what has happened.

    `service_name` is null for who joined before names were kept.
    """

    entry_id = fields.UUID(required=True)
    service_id = fields.UUID(required=True)
    branch_id = fields.UUID(required=True)
    branch_name = Words(required=True)
    branch_phone = fields.String(required=True)
    timezone = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    contact = fields.Nested(WaitlistContact, required=True)
    service_name = Words(load_default=None, allow_none=True)


class WaitlistOffered(WaitlistFact):
    """`offer_url` is the private page on which the customer accepts."""

    booking_id = fields.UUID(required=True)
    offer_url = fields.String(required=True)
    start = Instant(required=True)
    expires_at = Instant(required=True)


class WaitlistNotified(WaitlistFact):
    """Everybody who waits is told that there is time; the first to book has it.

    `entry_url` is the private page of the place on the waitlist.
    """

    entry_url = fields.String(required=True)
    start = Instant(required=True)


class WaitlistExpired(WaitlistFact):
    """An offer was not taken in time, or the dates have passed.

    In the state `waiting` the customer will be asked about other time.
    """


WAITLIST_JOINED = Event("waitlist.joined", OWNER, WaitlistFact(), "entry_id")
WAITLIST_OFFERED = Event("waitlist.offered", OWNER, WaitlistOffered(), "entry_id", ("automation",))
WAITLIST_NOTIFIED = Event(
    "waitlist.notified", OWNER, WaitlistNotified(), "entry_id", ("automation",)
)
WAITLIST_ACCEPTED = Event("waitlist.accepted", OWNER, WaitlistFact(), "entry_id")
WAITLIST_EXPIRED = Event("waitlist.expired", OWNER, WaitlistExpired(), "entry_id")
WAITLIST_LEFT = Event("waitlist.left", OWNER, WaitlistFact(), "entry_id")

"""Free time, the holds that keep it, and why a start cannot be had."""

from marshmallow import fields, validate

from services.contracts.fields import Contract, Flag, Instant, LocalInstant, Words
from services.contracts.registry import Rpc
from services.contracts.scheduling.errors import (
    BranchUnknown,
    DayPartUnknown,
    HoldDiffers,
    HoldExpired,
    HoldReleased,
    HoldUnknown,
    OptionUnknown,
    QuotaReached,
    RangeInvalid,
    ResourceUnknown,
    ResourceUnsuitable,
    ServicesNotCombinable,
    ServiceUnknown,
    SlotTaken,
    StartNotOffered,
    StartPast,
)
from services.contracts.scheduling.studio import OWNER, SLUG, Branch

MAX_RANGE_DAYS = 93
"""Days of one availability or calendar question; longer ones would read without bound."""

MAX_WISHES = 12

MAX_ALSO = 5
"""Services that may follow the first one: nobody stays for more, and each makes the search
longer."""


class Slot(Contract):
    """A start that can be booked; `remaining` bookings fit there."""

    start = LocalInstant(required=True)
    end = LocalInstant(required=True)
    remaining = fields.Integer(required=True, strict=True)


class DayPartSlot(Contract):
    """A part of a day that can be booked before the hour is agreed."""

    day = fields.Date(required=True)
    part = fields.String(required=True)
    remaining = fields.Integer(required=True, strict=True)


class Availability(Contract):
    """`waitlist` tells whether one can wait for other times."""

    timezone = fields.String(required=True)
    slots = fields.List(fields.Nested(Slot), required=True)
    day_parts = fields.List(fields.Nested(DayPartSlot), load_default=list)
    waitlist = Flag(load_default=True)


class Wishes(Contract):
    """What a customer wants: a service at a branch, perhaps with these people and options."""

    service_id = fields.UUID(required=True)
    branch_id = fields.UUID(required=True)
    resource_ids = fields.List(
        fields.UUID(), load_default=list, validate=validate.Length(max=MAX_WISHES)
    )
    options = fields.List(
        fields.String(validate=SLUG), load_default=list, validate=validate.Length(max=12)
    )
    customer_key = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(min=1, max=64)
    )


class CombinedWishes(Wishes):
    """`also` are services that follow the first one in the same booking, each when the one before
    has ended; the booking lasts as long as all of them. Options count for each service that has
    them. A line of the first that follows is called `1.` and its key in crews and answers.
    """

    also = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=MAX_ALSO))


class FindSlots(CombinedWishes):
    """Local dates of starts, both included."""

    from_ = fields.Date(required=True, data_key="from")
    to = fields.Date(required=True)


class CrewMember(Contract):
    """One resource of a booking and the time it serves (without buffers).

    `chosen_by` says what decided for it: wished, preferred, skill, load, fairness, order, or only
    (nobody else could).
    """

    resource_id = fields.UUID(required=True)
    resource_type = fields.String(required=True)
    name = Words(required=True)
    start = Instant(required=True)
    end = Instant(required=True)
    line = fields.String(load_default=None, allow_none=True)
    allocation_id = fields.UUID(load_default=None, allow_none=True)
    chosen_by = fields.String(load_default="")


class HoldRequest(CombinedWishes):
    """`preferred` are favourites of the customer, taken if they are free.

    With a `day_part` the start is any instant of the local day that is wanted; the engine takes
    the earliest start of the part that can be had, and the hour is agreed later.
    """

    booking_id = fields.UUID(required=True)
    start = Instant(required=True)
    preferred = fields.List(
        fields.UUID(), load_default=list, validate=validate.Length(max=MAX_WISHES)
    )
    day_part = fields.String(load_default=None, allow_none=True)


class Hold(Contract):
    """`revision` counts the moves of this booking's time; a higher one is newer."""

    booking_id = fields.UUID(required=True)
    branch = fields.Nested(Branch, required=True)
    state = fields.String(required=True)
    start = Instant(required=True)
    end = Instant(required=True)
    expires_at = Instant(required=True, allow_none=True)
    revision = fields.Integer(required=True, strict=True)
    reacquired = Flag(load_default=False)
    day_part = fields.String(load_default=None, allow_none=True)
    crew = fields.List(fields.Nested(CrewMember), required=True)


class BookingId(Contract):
    booking_id = fields.UUID(required=True)


class Move(Contract):
    booking_id = fields.UUID(required=True)
    start = Instant(required=True)


class Released(Contract):
    """`released` is false when there was nothing left to release."""

    released = Flag(required=True)


# --- why not


class ExplainStart(CombinedWishes):
    """`booking_id`, when given, is left out of account: the question is about moving it."""

    start = Instant(required=True)
    booking_id = fields.UUID(load_default=None, allow_none=True)


class Obstacle(Contract):
    """What keeps one candidate from serving a line.

    `kind`: off_roster, leave, busy_elsewhere, booked, held, blocked, travel, quota, closed.
    `until` is when it ends, as far as that is known.
    """

    resource_id = fields.UUID(required=True)
    name = Words(required=True)
    kind = fields.String(required=True)
    allocation_id = fields.UUID(load_default=None, allow_none=True)
    booking_id = fields.UUID(load_default=None, allow_none=True)
    start = Instant(load_default=None, allow_none=True)
    end = Instant(load_default=None, allow_none=True)


class LineAnswer(Contract):
    """One line of the service at that start: how many it needs, how many are free, who is not."""

    line = fields.String(required=True)
    resource_type = fields.String(required=True)
    needed = fields.Integer(required=True, strict=True)
    free = fields.Integer(required=True, strict=True)
    obstacles = fields.List(fields.Nested(Obstacle), required=True)


class RuleAnswer(Contract):
    """A rule that refuses the start as such, or what the numbers of single lines do not show.

    `code`: past, notice, horizon, closed, holiday, hours, weekday, grid, quota; contested when
    several lines want the same people, wished when somebody asked for by name is not free.
    """

    code = fields.String(required=True)
    message = Words(required=True)


class Alternative(Contract):
    """Something near what was wanted. `kind`: time, person or branch — what differs."""

    kind = fields.String(required=True, validate=validate.OneOf(["time", "person", "branch"]))
    start = LocalInstant(required=True)
    end = LocalInstant(required=True)
    remaining = fields.Integer(required=True, strict=True)
    branch_id = fields.UUID(load_default=None, allow_none=True)
    branch_name = Words(load_default=None, allow_none=True)
    resource_id = fields.UUID(load_default=None, allow_none=True)
    resource_name = Words(load_default=None, allow_none=True)


class Explanation(Contract):
    offered = Flag(required=True)
    rules = fields.List(fields.Nested(RuleAnswer), required=True)
    lines = fields.List(fields.Nested(LineAnswer), required=True)
    alternatives = fields.List(fields.Nested(Alternative), required=True)


WISH_ERRORS = (
    BranchUnknown,
    ServiceUnknown,
    ResourceUnknown,
    ResourceUnsuitable,
    OptionUnknown,
)
COMBINED_WISH_ERRORS = (*WISH_ERRORS, ServicesNotCombinable)
START_ERRORS = (SlotTaken, QuotaReached, StartNotOffered, StartPast)

FIND_SLOTS = Rpc(
    OWNER,
    "find_slots",
    FindSlots(),
    Availability(),
    (*COMBINED_WISH_ERRORS, RangeInvalid),
    raw=True,
)
EXPLAIN = Rpc(OWNER, "explain", ExplainStart(), Explanation(), COMBINED_WISH_ERRORS)
HOLD = Rpc(
    OWNER,
    "hold",
    HoldRequest(),
    Hold(),
    (*COMBINED_WISH_ERRORS, *START_ERRORS, HoldDiffers, DayPartUnknown),
)
EXTEND_HOLD = Rpc(
    OWNER, "extend_hold", BookingId(), Hold(), (HoldUnknown, HoldExpired, HoldReleased)
)
# Confirming an expired hold takes the time again if it is still free, in the same transaction.
CONFIRM = Rpc(OWNER, "confirm", BookingId(), Hold(), (HoldUnknown, HoldReleased, SlotTaken))
RELEASE = Rpc(OWNER, "release", BookingId(), Released())
RESCHEDULE = Rpc(
    OWNER,
    "reschedule",
    Move(),
    Hold(),
    (HoldUnknown, HoldExpired, HoldReleased, *START_ERRORS),
)
EXPIRE_HOLD = Rpc(OWNER, "expire_hold", BookingId(), Released(), (HoldUnknown,))

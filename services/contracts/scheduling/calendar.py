"""What the console's timeline, day and kanban views show, and what one can drag in them."""

from marshmallow import fields, validate

from services.contracts.fields import Contract, Flag, Instant, Line, LocalInstant, Words
from services.contracts.registry import Event, Rpc
from services.contracts.scheduling.errors import (
    AllocationUnknown,
    BlockDiffers,
    BranchUnknown,
    ForceForbidden,
    HoldExpired,
    HoldReleased,
    QuotaReached,
    RangeInvalid,
    ReasonMissing,
    ResourceUnknown,
    ResourceUnsuitable,
    SlotTaken,
    SpanInvalid,
    StartNotOffered,
    StartPast,
)
from services.contracts.scheduling.slots import Hold
from services.contracts.scheduling.studio import OWNER, Removed


class CalendarQuery(Contract):
    """Local dates, both included, a page of resources at a time; `resource_id` shows one alone."""

    branch_id = fields.UUID(required=True)
    from_ = fields.Date(required=True, data_key="from")
    to = fields.Date(required=True)
    resource_type = fields.String(load_default=None, allow_none=True)
    resource_id = fields.UUID(load_default=None, allow_none=True)


class CalendarResource(Contract):
    """`branch_id` is its home, which is another branch for a guest."""

    id = fields.UUID(required=True)
    branch_id = fields.UUID(load_default=None, allow_none=True)
    resource_type = fields.String(required=True)
    type_name = Words(required=True)
    kind = fields.String(required=True)
    name = Words(required=True)
    capacity = fields.Integer(required=True, strict=True)


class CalendarEntry(Contract):
    """One allocation. `status` is what a view colours: held, confirmed, served, no_show, blocked.

    `revision` belongs to the booking (0 for a block); `places_taken` and `places` are of the whole
    session for a class, else null.
    """

    id = fields.UUID(required=True)
    resource_id = fields.UUID(required=True)
    start = LocalInstant(required=True)
    end = LocalInstant(required=True)
    locked_start = LocalInstant(required=True)
    locked_end = LocalInstant(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["held", "confirmed", "blocked"]))
    status = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["booking", "block"]))
    booking_id = fields.UUID(required=True, allow_none=True)
    service_id = fields.UUID(required=True, allow_none=True)
    line = fields.String(required=True, allow_none=True)
    hold_expires_at = LocalInstant(required=True, allow_none=True)
    day_part = fields.String(required=True, allow_none=True)
    revision = fields.Integer(required=True, strict=True)
    forced = Flag(required=True)
    reason = fields.String(required=True)
    session = fields.UUID(required=True, allow_none=True)
    places_taken = fields.Integer(load_default=None, allow_none=True)
    places = fields.Integer(load_default=None, allow_none=True)


class RosterSpan(Contract):
    resource_id = fields.UUID(required=True)
    start = LocalInstant(required=True)
    end = LocalInstant(required=True)


class AwaySpan(RosterSpan):
    """Time in which a resource is away. `kind`: leave or busy_elsewhere."""

    kind = fields.String(required=True)
    reason = fields.String(required=True)


class DayLoad(Contract):
    """One resource's local date: minutes rostered (less leave), allocated, and free."""

    resource_id = fields.UUID(required=True)
    day = fields.Date(required=True)
    rostered_minutes = fields.Integer(required=True, strict=True)
    allocated_minutes = fields.Integer(required=True, strict=True)
    free_minutes = fields.Integer(required=True, strict=True)


class Calendar(Contract):
    timezone = fields.String(required=True)
    resources = fields.List(fields.Nested(CalendarResource), required=True)
    entries = fields.List(fields.Nested(CalendarEntry), required=True)
    rosters = fields.List(fields.Nested(RosterSpan), required=True)
    away = fields.List(fields.Nested(AwaySpan), required=True)
    loads = fields.List(  # type: ignore[assignment]  # marshmallow takes fields off the class
        fields.Nested(DayLoad), required=True
    )


# --- dragging


class Block(Contract):
    """Time without a booking: out of office, maintenance. `all_units` false blocks one unit."""

    id = fields.UUID(required=True)
    resource_id = fields.UUID(required=True)
    start = Instant(required=True)
    end = Instant(required=True)
    reason = Line(required=True, validate=validate.Length(min=1, max=200))
    all_units = Flag(load_default=True)
    force = Flag(load_default=False)


class BlockView(Contract):
    id = fields.UUID(required=True)
    resource_id = fields.UUID(required=True)
    branch_id = fields.UUID(required=True)
    start = Instant(required=True)
    end = Instant(required=True)
    reason = fields.String(required=True)
    forced = Flag(required=True)


class AllocationId(Contract):
    id = fields.UUID(required=True)


class MoveAllocation(Contract):
    """Drag: a new start, another resource of the type, or both.

    A booking moves as a whole, its other resources with it. With `force` it may overlap others,
    leave and closing time; then `reason` says why.
    """

    id = fields.UUID(required=True)
    start = Instant(required=True)
    resource_id = fields.UUID(load_default=None, allow_none=True)
    force = Flag(load_default=False)
    reason = Line(load_default="", validate=validate.Length(max=200))


class ResizeAllocation(Contract):
    """Drag an edge: this resource serves from start to end; the booking's others stay."""

    id = fields.UUID(required=True)
    start = Instant(required=True)
    end = Instant(required=True)
    force = Flag(load_default=False)
    reason = Line(load_default="", validate=validate.Length(max=200))


class Moved(Contract):
    """Either the booking's hold or the block, as it is now."""

    hold = fields.Nested(Hold, required=True, allow_none=True)
    block = fields.Nested(BlockView, required=True, allow_none=True)


FORCE_ERRORS = (ReasonMissing, ForceForbidden)

CALENDAR = Rpc(
    OWNER,
    "calendar",
    CalendarQuery(),
    Calendar(),
    (BranchUnknown, RangeInvalid, ResourceUnknown),
    raw=True,
)
BLOCK = Rpc(
    OWNER,
    "block",
    Block(),
    BlockView(),
    (ResourceUnknown, SpanInvalid, BlockDiffers, SlotTaken, *FORCE_ERRORS),
)
UNBLOCK = Rpc(OWNER, "unblock", AllocationId(), Removed(), (AllocationUnknown,))
MOVE_ALLOCATION = Rpc(
    OWNER,
    "move_allocation",
    MoveAllocation(),
    Moved(),
    (
        AllocationUnknown,
        ResourceUnknown,
        ResourceUnsuitable,
        HoldExpired,
        HoldReleased,
        SlotTaken,
        QuotaReached,
        StartNotOffered,
        StartPast,
        *FORCE_ERRORS,
    ),
)
RESIZE_ALLOCATION = Rpc(
    OWNER,
    "resize_allocation",
    ResizeAllocation(),
    Moved(),
    (AllocationUnknown, HoldExpired, HoldReleased, SpanInvalid, SlotTaken, *FORCE_ERRORS),
)


class BlockFact(Contract):
    block_id = fields.UUID(required=True)
    branch_id = fields.UUID(required=True)
    resource_id = fields.UUID(required=True)
    start = Instant(required=True)
    end = Instant(required=True)
    reason = fields.String(required=True)


BLOCK_CREATED = Event("block.created", OWNER, BlockFact(), "block_id")
BLOCK_MOVED = Event("block.moved", OWNER, BlockFact(), "block_id")
BLOCK_REMOVED = Event("block.removed", OWNER, BlockFact(), "block_id")


class UtilisationFact(Contract):
    """How one resource's local date at a branch was used; a later fact replaces an earlier one.

    `ended` says that the date was over; before that the figures are what is planned so far. What
    has units counts each: rostered are the minutes of all of them.

    Units:   minutes. idle = rostered - allocated, never below 0; served are those allocated
             minutes whose booking was completed.
    """

    resource_id = fields.UUID(required=True)
    resource_type = fields.String(required=True)
    resource_name = Words(required=True)
    branch_id = fields.UUID(required=True)
    day = fields.Date(required=True)
    ended = fields.Boolean(required=True)
    rostered_minutes = fields.Integer(required=True, strict=True)
    allocated_minutes = fields.Integer(required=True, strict=True)
    served_minutes = fields.Integer(required=True, strict=True)
    idle_minutes = fields.Integer(required=True, strict=True)


UTILISATION_MEASURED = Event(
    "utilisation.measured", OWNER, UtilisationFact(), "resource_id", ("analytics",)
)

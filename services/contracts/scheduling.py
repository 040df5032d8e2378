"""Scheduling's words on the wire: branches, resources, slots, holds and the calendar."""

from marshmallow import fields, validate

from services.contracts.errors import Conflict, Invalid, NotFound
from services.contracts.fields import Contract, Instant, Minutes, Words
from services.contracts.registry import Event, Rpc

OWNER = "scheduling"
RESOURCE_TYPES = (
    "photographer",
    "makeup_artist",
    "assistant",
    "retoucher",
    "studio_room",
    "location",
    "garment",
    "prop",
    "vehicle",
)
MAX_RANGE_DAYS = 93
"""Days of one availability or calendar question; longer ones would read without bound."""

# --- errors


class BranchUnknown(NotFound):
    code = "scheduling.branch_unknown"
    sentence = {"zh": "没有这家门店", "en": "There is no such branch"}


class ServiceUnknown(NotFound):
    code = "scheduling.service_unknown"
    sentence = {"zh": "没有这个服务", "en": "There is no such service"}


class ResourceUnknown(NotFound):
    code = "scheduling.resource_unknown"
    sentence = {"zh": "没有这个资源", "en": "There is no such resource"}


class ResourceUnsuitable(Invalid):
    code = "scheduling.resource_unsuitable"
    sentence = {
        "zh": "所选人员或场地不适用于该服务",
        "en": "The chosen person or room does not fit this service",
    }


class HoldUnknown(NotFound):
    code = "scheduling.hold_unknown"
    sentence = {"zh": "没有这个预占", "en": "There is no such hold"}


class SlotTaken(Conflict):
    """Shapes:  details["alternatives"] = [{"start", "end", "remaining"}], nearest first."""

    code = "scheduling.slot_taken"
    sentence = {"zh": "时间已被占用", "en": "That time is already taken"}


class HoldExpired(Conflict):
    code = "scheduling.hold_expired"
    sentence = {"zh": "预占已过期", "en": "The hold has expired"}


class HoldReleased(Conflict):
    code = "scheduling.hold_released"
    sentence = {"zh": "该档期已释放", "en": "That time has been released"}


class HoldDiffers(Conflict):
    code = "scheduling.hold_differs"
    sentence = {
        "zh": "该预约已占用其他时间",
        "en": "This booking already holds another time",
    }


class StartNotOffered(Invalid):
    code = "scheduling.start_not_offered"
    sentence = {
        "zh": "该时间不在可预约的时段内",
        "en": "That start is not one of the offered times",
    }


class StartPast(Invalid):
    code = "scheduling.start_past"
    sentence = {"zh": "不能预约过去的时间", "en": "That time has passed"}


class RangeInvalid(Invalid):
    code = "scheduling.range_invalid"
    sentence = {
        "zh": "日期范围无效",
        "en": "The range of dates is not valid",
    }


# --- shapes


class WeeklyHours(Contract):
    """Hours of one weekday (1 = Monday); `closes` ≤ `opens` means the next day."""

    weekday = fields.Integer(required=True, validate=validate.Range(1, 7))
    opens = fields.Time(required=True, format="%H:%M")
    closes = fields.Time(required=True, format="%H:%M")


class Branch(Contract):
    id = fields.UUID(required=True)
    name = Words(required=True)
    address = Words(required=True)
    phone = fields.String(required=True)
    timezone = fields.String(required=True)


class DefineBranch(Branch):
    hours = fields.List(fields.Nested(WeeklyHours), required=True)


class Resource(Contract):
    id = fields.UUID(required=True)
    branch_id = fields.UUID(required=True)
    resource_type = fields.String(required=True, validate=validate.OneOf(RESOURCE_TYPES))
    name = Words(required=True)
    level = Words(allow_none=True, load_default=None)
    bookable_by_name = fields.Boolean(load_default=True)


class DefineResource(Resource):
    roster = fields.List(fields.Nested(WeeklyHours), required=True)


class RoleLine(Contract):
    """One role of a service: how many of which type, and the part of the booking they serve."""

    resource_type = fields.String(required=True, validate=validate.OneOf(RESOURCE_TYPES))
    quantity = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, 20))
    offset_minutes = Minutes(load_default=0, validate=validate.Range(0, 1440))
    length_minutes = Minutes(required=True, validate=validate.Range(1, 1440))
    buffer_before_minutes = Minutes(load_default=0, validate=validate.Range(0, 480))
    buffer_after_minutes = Minutes(load_default=0, validate=validate.Range(0, 480))


class DefineRequirement(Contract):
    """What a service needs; at most one line per resource type."""

    service_id = fields.UUID(required=True)
    branch_ids = fields.List(fields.UUID(), required=True)
    slot_step_minutes = Minutes(load_default=30, validate=validate.Range(5, 1440))
    minimum_notice_minutes = Minutes(load_default=0, validate=validate.Range(0, 525_600))
    horizon_days = fields.Integer(strict=True, load_default=92, validate=validate.Range(1, 730))
    roles = fields.List(
        fields.Nested(RoleLine), required=True, validate=validate.Length(min=1, max=12)
    )


class Slot(Contract):
    start = fields.String(required=True, metadata={"format": "date-time"})
    end = fields.String(required=True, metadata={"format": "date-time"})
    remaining = fields.Integer(required=True, strict=True)


class Availability(Contract):
    timezone = fields.String(required=True)
    slots = fields.List(fields.Nested(Slot), required=True)


class FindSlots(Contract):
    service_id = fields.UUID(required=True)
    branch_id = fields.UUID(required=True)
    from_ = fields.Date(required=True, data_key="from")
    to = fields.Date(required=True)
    resource_ids = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=12))


class CrewMember(Contract):
    """One resource of a booking and the time it serves (without buffers)."""

    resource_id = fields.UUID(required=True)
    resource_type = fields.String(required=True)
    name = Words(required=True)
    start = Instant(required=True)
    end = Instant(required=True)


class HoldRequest(Contract):
    booking_id = fields.UUID(required=True)
    service_id = fields.UUID(required=True)
    branch_id = fields.UUID(required=True)
    start = Instant(required=True)
    resource_ids = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=12))


class Hold(Contract):
    """`revision` counts the moves of this booking's time; a higher one is newer."""

    booking_id = fields.UUID(required=True)
    branch = fields.Nested(Branch, required=True)
    state = fields.String(required=True)
    start = Instant(required=True)
    end = Instant(required=True)
    expires_at = Instant(required=True, allow_none=True)
    revision = fields.Integer(required=True, strict=True)
    reacquired = fields.Boolean(load_default=False)
    crew = fields.List(fields.Nested(CrewMember), required=True)


class BookingId(Contract):
    booking_id = fields.UUID(required=True)


class Move(Contract):
    booking_id = fields.UUID(required=True)
    start = Instant(required=True)


class Released(Contract):
    """`released` is false when there was nothing left to release."""

    released = fields.Boolean(required=True)


class BranchList(Contract):
    items = fields.List(fields.Nested(Branch), required=True)


class ListResources(Contract):
    branch_id = fields.UUID(required=True)
    service_id = fields.UUID(load_default=None, allow_none=True)


class ResourceList(Contract):
    items = fields.List(fields.Nested(Resource), required=True)


class CalendarQuery(Contract):
    branch_id = fields.UUID(required=True)
    from_ = fields.Date(required=True, data_key="from")
    to = fields.Date(required=True)


class CalendarResource(Contract):
    id = fields.UUID(required=True)
    resource_type = fields.String(required=True)
    type_name = Words(required=True)
    name = Words(required=True)


class CalendarEntry(Contract):
    id = fields.UUID(required=True)
    resource_id = fields.UUID(required=True)
    start = fields.String(required=True, metadata={"format": "date-time"})
    end = fields.String(required=True, metadata={"format": "date-time"})
    state = fields.String(required=True, validate=validate.OneOf(["held", "confirmed", "blocked"]))
    kind = fields.String(required=True, validate=validate.OneOf(["booking", "block"]))
    booking_id = fields.UUID(required=True, allow_none=True)
    hold_expires_at = fields.String(
        required=True, allow_none=True, metadata={"format": "date-time"}
    )


class RosterSpan(Contract):
    resource_id = fields.UUID(required=True)
    start = fields.String(required=True, metadata={"format": "date-time"})
    end = fields.String(required=True, metadata={"format": "date-time"})


class Calendar(Contract):
    timezone = fields.String(required=True)
    resources = fields.List(fields.Nested(CalendarResource), required=True)
    entries = fields.List(fields.Nested(CalendarEntry), required=True)
    rosters = fields.List(fields.Nested(RosterSpan), required=True)


class Empty(Contract):
    """Nothing."""


# --- RPCs

HELD_ERRORS = (BranchUnknown, ServiceUnknown, ResourceUnknown, ResourceUnsuitable)
START_ERRORS = (SlotTaken, StartNotOffered, StartPast)

DEFINE_BRANCH = Rpc(OWNER, "define_branch", DefineBranch(), Branch())
DEFINE_RESOURCE = Rpc(OWNER, "define_resource", DefineResource(), Resource(), (BranchUnknown,))
DEFINE_REQUIREMENT = Rpc(
    OWNER, "define_requirement", DefineRequirement(), DefineRequirement(), (BranchUnknown,)
)
LIST_BRANCHES = Rpc(OWNER, "list_branches", Empty(), BranchList())
LIST_RESOURCES = Rpc(
    OWNER, "list_resources", ListResources(), ResourceList(), (BranchUnknown, ServiceUnknown)
)
FIND_SLOTS = Rpc(
    OWNER,
    "find_slots",
    FindSlots(),
    Availability(),
    (*HELD_ERRORS, RangeInvalid),
    raw=True,
)
HOLD = Rpc(OWNER, "hold", HoldRequest(), Hold(), (*HELD_ERRORS, *START_ERRORS, HoldDiffers))
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
CALENDAR = Rpc(
    OWNER, "calendar", CalendarQuery(), Calendar(), (BranchUnknown, RangeInvalid), raw=True
)

# --- events


class HoldFact(Contract):
    booking_id = fields.UUID(required=True)
    branch_id = fields.UUID(required=True)
    start = Instant(required=True)
    end = Instant(required=True)
    revision = fields.Integer(required=True, strict=True)
    crew = fields.List(fields.Nested(CrewMember), required=True)


class HoldCreated(HoldFact):
    expires_at = Instant(required=True)


HOLD_CREATED = Event("hold.created", OWNER, HoldCreated(), "booking_id")
HOLD_EXPIRED = Event("hold.expired", OWNER, HoldFact(), "booking_id", ("booking",))
ALLOCATION_LOCKED = Event("allocation.locked", OWNER, HoldFact(), "booking_id")
ALLOCATION_MOVED = Event("allocation.moved", OWNER, HoldFact(), "booking_id", ("booking",))
ALLOCATION_RELEASED = Event("allocation.released", OWNER, HoldFact(), "booking_id")

"""Who works when: rosters, leave, busy times from elsewhere, and calendar links."""

from marshmallow import fields, validate

from services.contracts.fields import Contract, Flag, Instant, Line, Words
from services.contracts.registry import Event, Rpc
from services.contracts.scheduling.errors import (
    BranchUnknown,
    CalendarLinkUnknown,
    FeedAddressRefused,
    FeedUnknown,
    LeaveConflicts,
    LeaveDecided,
    LeaveDiffers,
    LeaveUnknown,
    ResourceUnknown,
    SpanInvalid,
)
from services.contracts.scheduling.studio import DAY_CODE, OWNER, DayHours, Id, Removed


class RosterRule(Contract):
    """When and where a resource works on some days.

    On a date the matching rules of the highest `priority` decide, and of equal ones those that
    name the kind of day (8, 9); `extra` rules add to them. No `hours` at all is a day off. Dates
    are both included and may be open. A rotation of `cycle_weeks` has a rule for each week, counted
    from the week of `cycle_from`, the first being 0.
    """

    branch_id = fields.UUID(required=True)
    priority = fields.Integer(strict=True, load_default=0, validate=validate.Range(-100, 100))
    extra = Flag(load_default=False)
    weekdays = fields.List(
        fields.Integer(strict=True, validate=DAY_CODE),
        required=True,
        validate=validate.Length(min=1, max=9),
    )
    first_day = fields.Date(load_default=None, allow_none=True)
    last_day = fields.Date(load_default=None, allow_none=True)
    cycle_weeks = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, 52))
    cycle_week = fields.Integer(strict=True, load_default=0, validate=validate.Range(0, 51))
    cycle_from = fields.Date(load_default=None, allow_none=True)
    hours = fields.List(fields.Nested(DayHours), required=True, validate=validate.Length(max=6))
    breaks = fields.List(
        fields.Nested(DayHours), load_default=list, validate=validate.Length(max=6)
    )


class DefineRoster(Contract):
    """The whole draft of one resource's roster; `publish` makes it count at once."""

    resource_id = fields.UUID(required=True)
    rules = fields.List(fields.Nested(RosterRule), required=True, validate=validate.Length(max=60))
    publish = Flag(load_default=False)


class ResourceId(Contract):
    resource_id = fields.UUID(required=True)


class Roster(Contract):
    """`draft` is null when there is none."""

    resource_id = fields.UUID(required=True)
    published = fields.List(fields.Nested(RosterRule), required=True)
    draft = fields.List(fields.Nested(RosterRule), required=True, allow_none=True)


class PublishRosters(Contract):
    """Whose drafts shall count; all of the branch's when no one is named."""

    branch_id = fields.UUID(required=True)
    resource_ids = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=500))


class Conflict(Contract):
    """A booking whose resource is not there any more."""

    booking_id = fields.UUID(required=True, allow_none=True)
    allocation_id = fields.UUID(required=True)
    resource_id = fields.UUID(required=True)
    start = Instant(required=True)
    end = Instant(required=True)


class Published(Contract):
    resource_ids = fields.List(fields.UUID(), required=True)
    conflicts = fields.List(fields.Nested(Conflict), required=True)


# --- leave


class RequestLeave(Contract):
    """`approve` decides at once (for who may)."""

    id = fields.UUID(required=True)
    resource_id = fields.UUID(required=True)
    start = Instant(required=True)
    end = Instant(required=True)
    reason = Line(load_default="", validate=validate.Length(max=200))
    approve = Flag(load_default=False)
    despite_conflicts = Flag(load_default=False)


class Leave(Contract):
    id = fields.UUID(required=True)
    resource_id = fields.UUID(required=True)
    resource_name = Words(required=True)
    branch_id = fields.UUID(required=True)
    start = Instant(required=True)
    end = Instant(required=True)
    reason = fields.String(required=True)
    state = fields.String(
        required=True, validate=validate.OneOf(["pending", "approved", "rejected", "cancelled"])
    )
    requested_by = fields.String(required=True)
    requested_at = Instant(required=True)
    decided_by = fields.String(required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)
    note = fields.String(required=True)
    conflicts = fields.List(fields.Nested(Conflict), load_default=list)


class DecideLeave(Contract):
    id = fields.UUID(required=True)
    approve = Flag(required=True)
    note = Line(load_default="", validate=validate.Length(max=200))
    despite_conflicts = Flag(load_default=False)


class ListLeaves(Contract):
    """Newest requests first."""

    branch_id = fields.UUID(load_default=None, allow_none=True)
    resource_id = fields.UUID(load_default=None, allow_none=True)
    state = fields.String(load_default=None, allow_none=True)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    cursor = fields.String(load_default=None, allow_none=True)


class LeaveList(Contract):
    items = fields.List(fields.Nested(Leave), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


# --- calendars elsewhere


class DefineBusyFeed(Contract):
    """An iCal address whose busy times the resource brings along."""

    id = fields.UUID(required=True)
    resource_id = fields.UUID(required=True)
    url = fields.String(required=True, validate=validate.Length(min=8, max=2000))


class BusyFeed(DefineBusyFeed):
    """`error` is why the last reading failed, empty when it did not."""

    fetched_at = Instant(required=True, allow_none=True)
    error = fields.String(required=True)
    busy_times = fields.Integer(required=True, strict=True)


class BusyFeedList(Contract):
    items = fields.List(fields.Nested(BusyFeed), required=True)


class DefineCalendarLink(Contract):
    """Either a branch or a resource."""

    branch_id = fields.UUID(load_default=None, allow_none=True)
    resource_id = fields.UUID(load_default=None, allow_none=True)


class CalendarLink(Contract):
    """`token` is the secret part of the address."""

    id = fields.UUID(required=True)
    branch_id = fields.UUID(required=True, allow_none=True)
    resource_id = fields.UUID(required=True, allow_none=True)
    created_at = Instant(required=True)
    token = fields.String(required=True)


class CalendarLinkList(Contract):
    items = fields.List(fields.Nested(CalendarLink), required=True)


class CalendarToken(Contract):
    token = fields.String(required=True, validate=validate.Length(min=16, max=128))


class CalendarFeed(Contract):
    """`text` is an iCalendar object (RFC 5545)."""

    text = fields.String(required=True)


DEFINE_ROSTER = Rpc(
    OWNER, "define_roster", DefineRoster(), Published(), (ResourceUnknown, BranchUnknown)
)
GET_ROSTER = Rpc(OWNER, "get_roster", ResourceId(), Roster(), (ResourceUnknown,))
PUBLISH_ROSTERS = Rpc(
    OWNER, "publish_rosters", PublishRosters(), Published(), (BranchUnknown, ResourceUnknown)
)
REQUEST_LEAVE = Rpc(
    OWNER,
    "request_leave",
    RequestLeave(),
    Leave(),
    (ResourceUnknown, SpanInvalid, LeaveDiffers, LeaveConflicts),
)
DECIDE_LEAVE = Rpc(
    OWNER, "decide_leave", DecideLeave(), Leave(), (LeaveUnknown, LeaveDecided, LeaveConflicts)
)
CANCEL_LEAVE = Rpc(OWNER, "cancel_leave", Id(), Leave(), (LeaveUnknown, LeaveDecided))
LIST_LEAVES = Rpc(OWNER, "list_leaves", ListLeaves(), LeaveList())
DEFINE_BUSY_FEED = Rpc(
    OWNER, "define_busy_feed", DefineBusyFeed(), BusyFeed(), (ResourceUnknown, FeedAddressRefused)
)
REMOVE_BUSY_FEED = Rpc(OWNER, "remove_busy_feed", Id(), Removed(), (FeedUnknown,))
LIST_BUSY_FEEDS = Rpc(OWNER, "list_busy_feeds", ResourceId(), BusyFeedList(), (ResourceUnknown,))
DEFINE_CALENDAR_LINK = Rpc(
    OWNER,
    "define_calendar_link",
    DefineCalendarLink(),
    CalendarLink(),
    (BranchUnknown, ResourceUnknown),
)
REVOKE_CALENDAR_LINK = Rpc(OWNER, "revoke_calendar_link", Id(), Removed(), (CalendarLinkUnknown,))
LIST_CALENDAR_LINKS = Rpc(OWNER, "list_calendar_links", DefineCalendarLink(), CalendarLinkList())
CALENDAR_FEED = Rpc(OWNER, "calendar_feed", CalendarToken(), CalendarFeed(), (CalendarLinkUnknown,))


class LeaveFact(Contract):
    leave_id = fields.UUID(required=True)
    resource_id = fields.UUID(required=True)
    branch_id = fields.UUID(required=True)
    start = Instant(required=True)
    end = Instant(required=True)
    reason = fields.String(required=True)


class RosterFact(Contract):
    branch_id = fields.UUID(required=True)
    resource_ids = fields.List(fields.UUID(), required=True)


class ConflictFact(Contract):
    """A booking keeps its time although its resource is not there: somebody must look at it.

    Each is told once as long as it lasts. `cause`: leave, roster, closure, busy (a calendar
    elsewhere) or forced.
    """

    booking_id = fields.UUID(required=True)
    branch_id = fields.UUID(required=True)
    allocation_id = fields.UUID(required=True)
    resource_id = fields.UUID(required=True)
    cause = fields.String(required=True)


LEAVE_REQUESTED = Event("leave.requested", OWNER, LeaveFact(), "leave_id")
LEAVE_APPROVED = Event("leave.approved", OWNER, LeaveFact(), "leave_id")
LEAVE_REJECTED = Event("leave.rejected", OWNER, LeaveFact(), "leave_id")
LEAVE_CANCELLED = Event("leave.cancelled", OWNER, LeaveFact(), "leave_id")
ROSTER_PUBLISHED = Event("roster.published", OWNER, RosterFact(), "branch_id")
ALLOCATION_CONFLICTED = Event(
    "allocation.conflicted", OWNER, ConflictFact(), "booking_id", ("booking",)
)

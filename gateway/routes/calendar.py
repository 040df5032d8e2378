"""The resource board: scheduling's calendar with what booking says, and what is dragged there."""

from typing import Any

from marshmallow import fields

from gateway.auth import Staff, staff_with
from gateway.guard import Guard
from gateway.http import Call, route
from services.contracts import booking, scheduling
from services.contracts.fields import Contract
from services.contracts.scheduling import calendar as words

READ = "calendar.read"
WRITE = "calendar.write"
FORCE = "calendar.force"

SUMMARISED_AT_ONCE = 5000  # the most booking answers in one call


class EntryBooking(booking.BookingSummary):
    """Name and phone are empty for staff who may not read bookings, or not those of its branch."""

    class Meta(Contract.Meta):
        exclude = ("id", "branch_id")


class BoardEntry(words.CalendarEntry):
    booking = fields.Nested(EntryBooking, required=True, allow_none=True)


class Board(scheduling.Calendar):
    entries = fields.List(fields.Nested(BoardEntry), required=True)


class BlockBody(words.Block):
    """`force` blocks also what is booked already."""

    class Meta(Contract.Meta):
        exclude = ("id",)


class AllocationMove(words.MoveAllocation):
    """Where it was dropped: another start, another resource, or both."""

    class Meta(Contract.Meta):
        exclude = ("id",)


class AllocationResize(words.ResizeAllocation):
    """The edges it was dragged to."""

    class Meta(Contract.Meta):
        exclude = ("id",)


class Calendar(Guard):
    @route(
        "GET",
        "/api/v1/calendar",
        zh="资源日历",
        en="Read the calendar of a branch",
        tag="calendar",
        query=words.CalendarQuery(),
        calls=(scheduling.CALENDAR, booking.SUMMARISE),
        answer=Board(),
        admission=staff_with(READ),
    )
    def read_calendar(self, call: Call) -> Any:
        call.staff.require(READ, call.query["branch_id"])
        calendar = self.scheduling.calendar(**call.query)
        entries = calendar["entries"]
        shown = self._summaries({entry["booking_id"] for entry in entries} - {None}, call.staff)
        board = [entry | {"booking": shown.get(entry["booking_id"])} for entry in entries]
        homes = {one["id"]: one.get("branch_id") for one in calendar["resources"]}
        away = [
            _discreet(span, homes.get(span["resource_id"]), call.staff) for span in calendar["away"]
        ]
        return {**calendar, "entries": board, "away": away}

    @route(
        "PUT",
        "/api/v1/blocks/<uuid:block_id>",
        zh="占用时间（外出、维护）",
        en="Block the time of a resource",
        tag="calendar",
        body=BlockBody(),
        calls=(scheduling.BLOCK, scheduling.LOCATE),
        admission=staff_with(WRITE),
    )
    def block_time(self, call: Call, block_id: str) -> Any:
        _check_force(call)
        self.require_at(call, "resource", call.body["resource_id"])
        self.require_at(call, "allocation", block_id)
        return self.scheduling.block(id=block_id, **call.body)

    @route(
        "DELETE",
        "/api/v1/blocks/<uuid:block_id>",
        zh="取消占用",
        en="Give blocked time free",
        tag="calendar",
        calls=(scheduling.UNBLOCK, scheduling.LOCATE),
        admission=staff_with(WRITE),
    )
    def unblock_time(self, call: Call, block_id: str) -> Any:
        self.require_at(call, "allocation", block_id)
        return self.scheduling.unblock(id=block_id)

    @route(
        "POST",
        "/api/v1/allocations/<uuid:allocation_id>/move",
        zh="拖动改期或换人",
        en="Move an entry of the calendar to another time or resource",
        tag="calendar",
        body=AllocationMove(),
        calls=(scheduling.MOVE_ALLOCATION, scheduling.LOCATE),
        admission=staff_with(WRITE),
    )
    def move_allocation(self, call: Call, allocation_id: str) -> Any:
        _check_force(call)
        self.require_at(call, "allocation", allocation_id)
        return self.scheduling.move_allocation(id=allocation_id, **call.body)

    @route(
        "POST",
        "/api/v1/allocations/<uuid:allocation_id>/resize",
        zh="拖动调整时长",
        en="Change when an entry of the calendar begins and ends",
        tag="calendar",
        body=AllocationResize(),
        calls=(scheduling.RESIZE_ALLOCATION, scheduling.LOCATE),
        admission=staff_with(WRITE),
    )
    def resize_allocation(self, call: Call, allocation_id: str) -> Any:
        _check_force(call)
        self.require_at(call, "allocation", allocation_id)
        return self.scheduling.resize_allocation(id=allocation_id, **call.body)

    def _summaries(self, booking_ids: set[str], staff: Staff) -> dict[str, Any]:
        wanted = sorted(booking_ids)
        found: list[dict[str, Any]] = []
        for at in range(0, len(wanted), SUMMARISED_AT_ONCE):
            some = wanted[at : at + SUMMARISED_AT_ONCE]
            found += self.booking.summarise(booking_ids=some)["items"]
        return {summary.pop("id"): _withheld(summary, staff) for summary in found}


def _withheld(summary: dict[str, Any], staff: Staff) -> dict[str, Any]:
    """Whose booking it is is not told elsewhere, where only its crew is shown with their time."""
    told = staff.works_at(summary.pop("branch_id")) and staff.may("booking.read")
    return summary if told else summary | {"contact_name": "", "contact_phone": ""}


def _discreet(span: dict[str, Any], home: str | None, staff: Staff) -> dict[str, Any]:
    """Why somebody is away is told to themselves and to who decides on leave, at their home."""
    decides = staff.may("resource.write") and staff.works_at(home)
    told = decides or span["resource_id"] == staff.resource_id
    return span if told else span | {"reason": ""}


def _check_force(call: Call) -> None:
    """Errors:  ForceForbidden."""
    if call.body["force"] and not call.staff.may(FORCE):
        raise scheduling.ForceForbidden()

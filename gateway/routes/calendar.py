"""The resource board: scheduling's calendar with what booking says of each entry."""

from typing import Any

from marshmallow import fields

from gateway.auth import Staff, staff_with
from gateway.http import Area, Call, route
from services.contracts import booking, scheduling
from services.contracts.fields import Contract

SUMMARISED_AT_ONCE = 5000  # the most booking answers in one call


class EntryBooking(booking.BookingSummary):
    """Name and phone are empty for staff who may not read bookings."""

    class Meta(Contract.Meta):
        exclude = ("id",)


class BoardEntry(scheduling.CalendarEntry):
    booking = fields.Nested(EntryBooking, required=True, allow_none=True)


class Board(scheduling.Calendar):
    entries = fields.List(fields.Nested(BoardEntry), required=True)


class Calendar(Area):
    @route(
        "GET",
        "/api/v1/calendar",
        zh="资源日历",
        en="Read the calendar of a branch",
        tag="calendar",
        query=scheduling.CalendarQuery(),
        calls=(scheduling.CALENDAR, booking.SUMMARISE),
        answer=Board(),
        admission=staff_with("calendar.read"),
    )
    def read_calendar(self, call: Call) -> Any:
        call.staff.require("calendar.read", call.query["branch_id"])
        calendar = self.scheduling.calendar(**call.query)
        entries = calendar["entries"]
        shown = self._summaries({entry["booking_id"] for entry in entries} - {None}, call.staff)
        board = [entry | {"booking": shown.get(entry["booking_id"])} for entry in entries]
        return {**calendar, "entries": board}

    def _summaries(self, booking_ids: set[str], staff: Staff) -> dict[str, Any]:
        wanted = sorted(booking_ids)
        found: list[dict[str, Any]] = []
        for at in range(0, len(wanted), SUMMARISED_AT_ONCE):
            some = wanted[at : at + SUMMARISED_AT_ONCE]
            found += self.booking.summarise(booking_ids=some)["items"]
        withheld = {} if staff.may("booking.read") else {"contact_name": "", "contact_phone": ""}
        return {summary.pop("id"): summary | withheld for summary in found}

"""Finding one's own booking by phone and lookup code."""

from typing import Any

from gateway.http import Area, Call, route
from services.contracts import lookup


class Lookup(Area):
    # A read, but by POST: a phone number and a code have no place in an address.
    @route(
        "POST",
        "/api/v1/bookings/lookup",
        zh="用手机号码和查询码查询预约",
        en="Find a booking by phone and lookup code",
        tag="bookings",
        body=lookup.FindBooking(),
        calls=(lookup.FIND_BOOKING,),
        limit="login",
    )
    def find_booking(self, call: Call) -> Any:
        return self.booking.find_booking(**call.body)

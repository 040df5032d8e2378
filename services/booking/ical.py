"""The only place here that speaks iCalendar (RFC 5545): one appointment for its customer."""

from datetime import datetime

import icalendar

from services.booking.domain import lifecycle
from services.booking.links import Links
from services.booking.models import Booking


def appointment(booking: Booking, links: Links, now: datetime) -> str:
    """Return a booking as a calendar file; imported again, a newer one replaces the older."""
    event = icalendar.Event()
    event.add("UID", f"{booking.id}@booking.yingqi")
    event.add("SEQUENCE", booking.version)
    event.add("DTSTAMP", now)
    event.add("DTSTART", booking.starts_at)
    event.add("DTEND", booking.ends_at)
    event.add("SUMMARY", booking.service_name["zh"])
    event.add("LOCATION", f"{booking.branch_name['zh']} {booking.branch_address['zh']}".strip())
    event.add("DESCRIPTION", links.url(booking.id, booking.manage_version))
    event.add("STATUS", _status(booking.status))
    calendar = icalendar.Calendar()
    calendar.add("PRODID", "-//Yingqi//booking//ZH")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    calendar.add_component(event)
    text: str = calendar.to_ical().decode()
    return text


def _status(status: str) -> str:
    if status in lifecycle.CLOSED:
        return "CANCELLED"
    return "TENTATIVE" if status in lifecycle.UNBOUND else "CONFIRMED"

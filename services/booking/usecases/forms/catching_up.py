"""Answering the form of a service after the booking was made, by its private link."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.booking.domain import lifecycle
from services.booking.links import Links
from services.booking.queries import bookings, catalogue
from services.booking.usecases import steps
from services.booking.usecases.forms import requested
from services.chassis.db import UnitOfWork
from services.contracts.booking import TransitionRefused
from services.contracts.forms import FormUnknown


def answer_form(
    *,
    uow: UnitOfWork,
    now: datetime,
    scheduling: Any,
    crm: Any,
    links: Links,
    booking_id: UUID,
    access: steps.Access,
    answers: dict[str, Any],
) -> dict[str, Any]:
    """Keep the answers to the form of a booking's service, in place of those there were.

    Errors:  BookingUnknown, ManageTokenInvalid; FormUnknown when its service has none;
             FormNotPublished, FormClosed; TransitionRefused when the booking is over; Invalid
             with a pointer below /answers per fault.
    """
    with uow.read() as session:
        booking = steps.check_access(bookings.booking(session, booking_id), access, links)
        service = catalogue.service(session, booking.service_id)
    if service is None or service.form_id is None:
        raise FormUnknown()
    checked = requested.check_answers(
        uow=uow,
        now=now,
        zone=ZoneInfo(booking.timezone),
        scheduling=scheduling,
        crm=crm,
        form_id=service.form_id,
        version=None,
        answers=answers,
    )
    with uow.begin() as tx:
        found = bookings.lock_booking(tx.session, booking_id)
        locked = steps.check_access(found, access, links)
        if not lifecycle.has_time(locked.status):
            raise TransitionRefused(booking_status=str(locked.status), action="answer_form")
        requested.attach(tx.session, checked, locked)
        locked.answers = checked.answers
        locked.version += 1
        return steps.describe(tx.session, locked, access=access, links=links, now=now)

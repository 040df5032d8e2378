"""Answering the forms of a visit after the booking was made, by its private link."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.booking.domain import lifecycle
from services.booking.links import Links
from services.booking.queries import bookings
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
    answers: dict[str, Any] | None,
    also_answers: dict[str, dict[str, Any]],
) -> dict[str, Any]:
    """Keep the answers to the forms of a booking's services, in place of those there were.

    Shapes:  contracts.forms.AnswerBookingForm; a form that nothing was sent for keeps its answers.
    Errors:  BookingUnknown, ManageTokenInvalid; FormUnknown when its services ask none of them;
             FormNotPublished, FormClosed; TransitionRefused when the booking is over; Invalid with
             a pointer per fault, below /answers or /also_answers/{form_id}.
    """
    with uow.read() as session:
        booking = steps.check_access(bookings.booking(session, booking_id), access, links)
        asked = requested.sheets(steps.forms_of(session, booking), answers, also_answers)
    sent = [sheet for sheet in asked if sheet.answers is not None]
    if not sent:
        raise FormUnknown()
    checked = requested.check_sheets(
        sheets=sent,
        skips_closed=False,
        uow=uow,
        now=now,
        zone=ZoneInfo(booking.timezone),
        scheduling=scheduling,
        crm=crm,
    )
    with uow.begin() as tx:
        found = bookings.lock_booking(tx.session, booking_id)
        locked = steps.check_access(found, access, links)
        if not lifecycle.has_time(locked.status):
            raise TransitionRefused(booking_status=str(locked.status), action="answer_form")
        for one in checked.values():
            requested.attach(tx.session, one, locked)
        requested.fill(locked, checked)
        locked.version += 1
        return steps.describe(tx.session, locked, access=access, links=links, now=now)

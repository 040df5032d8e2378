"""Forms that go with the request of a booking: opened by their id, answered with the booking."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from services.booking import form_views
from services.booking.models import Booking, Form, FormVersion
from services.booking.queries import forms
from services.booking.upload_links import UploadLinks
from services.booking.usecases.forms import answering, references, sources
from services.booking.usecases.forms.sharing import is_open
from services.chassis.db import UnitOfWork
from services.contracts.forms import FormClosed, FormNotPublished, FormUnknown


@dataclass(frozen=True)
class Checked:
    """Answers as a booking keeps them, and what chosen ones are called, {id: {zh, en}}."""

    version: FormVersion
    answers: dict[str, Any]
    labels: dict[str, Any]


def open_booking_form(
    *, uow: UnitOfWork, now: datetime, scheduling: Any, upload_links: UploadLinks, form_id: UUID
) -> dict[str, Any]:
    """Return the published form of a service with what its bound fields offer at this moment.

    Errors:  FormUnknown, also for a form of another kind than booking; FormNotPublished;
             FormClosed.
    """
    with uow.read() as session:
        form, live = _published(session, form_id)
        open_links = (link for link in forms.links_of(session, form_id) if is_open(form, link, now))
        code = next((link.code for link in open_links), None)
    definition = live.definition
    choices = sources.offered(uow=uow, scheduling=scheduling, definition=definition, public=True)
    return form_views.opened(form, live, code) | {
        **choices,
        "permits": answering.permits(live, upload_links, now),
    }


def check_answers(
    *,
    uow: UnitOfWork,
    now: datetime,
    zone: ZoneInfo,
    scheduling: Any,
    crm: Any,
    form_id: UUID,
    version: int | None,
    answers: dict[str, Any],
) -> Checked:
    """Return what is kept of the answers that come with a booking; outside of a transaction.

    Shapes:  `version` is the form that the customer saw, None for the published one. Inside the
             transaction that stores the booking, `attach` does what has to be done there.
    Errors:  FormUnknown; FormNotPublished; FormClosed; FormOutdated; Invalid with a pointer below
             /answers per fault.
    """
    with uow.read() as session:
        _, seen = _published(session, form_id)
        if version is not None:
            seen = answering.acceptable(session, seen, version, now)
    kept, choices = answering.judged(
        uow=uow,
        scheduling=scheduling,
        crm=crm,
        definition=seen.definition,
        answers=answers,
        today=now.astimezone(zone).date(),
    )
    return Checked(seen, kept, sources.labels(seen.definition, kept, choices))


def attach(session: Session, checked: Checked, booking: Booking) -> None:
    """Give the files that checked answers name to their booking, and hold the rows they refer to.

    To be called in the transaction that stores the booking, once the booking is flushed.

    Errors:  Invalid with a pointer below /answers for a row or a file that is gone meanwhile.
    """
    definition = checked.version.definition
    references.hold_rows(session, definition, checked.answers)
    files = references.take_files(
        session,
        definition=definition,
        kept=checked.answers,
        form_id=checked.version.form_id,
        taken_by=booking.id,
    )
    for file in files:
        file.form_id, file.booking_id = None, booking.id
    session.flush()


def _published(session: Session, form_id: UUID) -> tuple[Form, FormVersion]:
    form = forms.form(session, form_id)
    if form is None or form.kind != "booking":
        raise FormUnknown()
    live = forms.published(session, form)
    if live is None:
        raise FormNotPublished()
    if not form.active:
        raise FormClosed()
    return form, live

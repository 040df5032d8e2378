"""Forms that go with the request of a booking: opened by their id, answered with the booking."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
from services.contracts.errors import Invalid
from services.contracts.forms import FormClosed, FormNotPublished, FormUnknown


@dataclass(frozen=True)
class Checked:
    """Answers as a booking keeps them, and what chosen ones are called, {id: {zh, en}}.

    `pointer` is where they stood in what was sent.
    """

    version: FormVersion
    answers: dict[str, Any]
    labels: dict[str, Any]
    pointer: str = "/answers"


@dataclass(frozen=True)
class Sheet:
    """Answers to the form of one service of a visit as they were sent; None when none were.

    `place` is that of the service in the visit, 0 for the first.
    """

    place: int
    form_id: UUID
    pointer: str
    answers: dict[str, Any] | None


def sheets(
    form_ids: Sequence[UUID | None],
    answers: dict[str, Any] | None,
    also_answers: Mapping[str, dict[str, Any]],
) -> list[Sheet]:
    """Return a sheet for each form that a visit asks.

    Shapes:  `form_ids` as of visits.forms_asked; the rest as in contracts.booking.NewBooking.
    Errors:  Invalid at answers to a form that no later service asks.
    """
    first, *also = form_ids
    wrong = [sent for sent in also_answers if sent not in {str(form_id) for form_id in also}]
    if wrong:
        raise Invalid(errors=[_not_asked(sent) for sent in wrong])
    asked = [] if first is None else [Sheet(0, first, "/answers", answers)]
    for place, form_id in enumerate(also, 1):
        if form_id is not None:
            sent = also_answers.get(str(form_id))
            asked.append(Sheet(place, form_id, f"/also_answers/{form_id}", sent))
    return asked


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
    pointer: str = "/answers",
) -> Checked:
    """Return what is kept of the answers that come with a booking; outside of a transaction.

    Shapes:  `version` is the form that the customer saw, None for the published one. Inside the
             transaction that stores the booking, `attach` does what has to be done there.
    Errors:  FormUnknown; FormNotPublished; FormClosed; FormOutdated; Invalid with a pointer below
             `pointer` per fault.
    """
    with uow.read() as session:
        _, seen = _published(session, form_id)
        if version is not None:
            seen = answering.acceptable(session, seen, version, now)
    with _faults_below(pointer):
        kept, choices = answering.judged(
            uow=uow,
            scheduling=scheduling,
            crm=crm,
            definition=seen.definition,
            answers=answers,
            today=now.astimezone(zone).date(),
        )
    return Checked(seen, kept, sources.labels(seen.definition, kept, choices), pointer)


def check_sheets(
    *, sheets: Iterable[Sheet], skips_closed: bool, **judging: Any
) -> dict[int, Checked]:
    """Return what is kept of the answers to each form of a visit, by its place.

    Shapes:  `judging` is uow, now, zone, scheduling and crm of check_answers. `skips_closed`
             leaves out forms that take no answers at present.
    Errors:  those of check_answers, the faults of all sheets at once.
    """
    kept: dict[int, Checked] = {}
    faults: list[dict[str, Any]] = []
    for sheet in sheets:
        try:
            kept[sheet.place] = check_answers(
                **judging,
                form_id=sheet.form_id,
                version=None,
                answers=sheet.answers or {},
                pointer=sheet.pointer,
            )
        except (FormClosed, FormNotPublished):
            if not skips_closed:
                raise
        except Invalid as error:
            faults += error.details["errors"]
    if faults:
        raise Invalid(errors=faults)
    return kept


def fill(booking: Booking, checked: Mapping[int, Checked]) -> None:
    """Write checked answers down with the services of a booking that asked for them."""
    if 0 in checked:
        booking.answers = checked[0].answers
    booking.also = [
        each | {"answers": checked[place].answers} if place in checked else each
        for place, each in enumerate(booking.also, 1)
    ]


def attach(session: Session, checked: Checked, booking: Booking) -> None:
    """Give the files that checked answers name to their booking, and hold the rows they refer to.

    To be called in the transaction that stores the booking, once the booking is flushed.

    Errors:  Invalid with a pointer below its own for a row or a file that is gone meanwhile.
    """
    definition = checked.version.definition
    with _faults_below(checked.pointer):
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


@contextmanager
def _faults_below(pointer: str) -> Iterator[None]:
    """Say of faults where in the request they are: a form knows its own /answers only."""
    try:
        yield
    except Invalid as error:
        faults = error.details["errors"]
        raise Invalid(
            errors=[
                each | {"pointer": pointer + each["pointer"].removeprefix("/answers")}
                for each in faults
            ]
        ) from error


def _not_asked(form_id: str) -> dict[str, Any]:
    message = {"zh": "所选服务不需要填写此表单", "en": "No added service asks this form"}
    return {"pointer": f"/also_answers/{form_id}", "code": "field.invalid", "message": message}


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

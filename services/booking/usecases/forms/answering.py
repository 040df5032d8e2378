"""Answering: a form is opened by a link's code, its visitors are counted, answers are taken."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from services.booking import form_views, phones
from services.booking.answers import check_answers
from services.booking.domain import answered, words
from services.booking.form_links import FormLinks
from services.booking.models import Booking, Form, FormLink, FormVersion, Submission
from services.booking.queries import answers as stored
from services.booking.queries import bookings, forms
from services.booking.upload_links import PERMIT_TTL, Permit, UploadLinks
from services.booking.usecases.forms import references, sources
from services.booking.usecases.forms.sharing import is_open
from services.chassis import idempotency
from services.chassis.context import new_id
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.forms import (
    FormClosed,
    FormFieldUnknown,
    FormLinkUnknown,
    FormNotPublished,
    FormOutdated,
    SurveyAnswered,
    SurveyTokenInvalid,
)
from services.contracts.submissions import SUBMIT_FORM

REPLACED_ACCEPTED = timedelta(hours=24)
"""How long answers to a version are taken after the next was published: for a form that somebody is
filling in. With less, people lose what they wrote; with more, the studio gets answers to what it
does not ask any more."""


FILES_OF_A_VISITOR = 40
FILE_PURPOSES = {"image": "form_image", "file": "form_file"}


@dataclass(frozen=True)
class Opened:
    """A form that takes answers, as it is published; `booking` is the one a survey is about."""

    form: Form
    version: FormVersion
    link: FormLink
    booking: Booking | None


def open_form(
    *,
    uow: UnitOfWork,
    now: datetime,
    scheduling: Any,
    links: FormLinks,
    upload_links: UploadLinks,
    code: str,
    token: str | None,
) -> dict[str, Any]:
    """Return a published form with what its bound fields offer at this moment.

    Errors:  FormLinkUnknown; FormNotPublished; FormClosed; SurveyTokenInvalid; SurveyAnswered.
    """
    with uow.read() as session:
        opened = _opened(session, now, links, code, token)
        if opened.booking and stored.survey_of(session, opened.form.id, opened.booking.id):
            raise SurveyAnswered()
    definition = opened.version.definition
    choices = sources.offered(uow=uow, scheduling=scheduling, definition=definition, public=True)
    return form_views.opened(opened.form, opened.version, opened.link.code) | {
        **choices,
        "permits": permits(opened.version, upload_links, now),
    }


def search_choices(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: FormLinks,
    code: str,
    token: str | None,
    field: str,
    **asked: Any,
) -> dict[str, Any]:
    """Return a page of what a field of a published form offers of a data table.

    Shapes:  `asked` is q, cursor and limit of contracts.forms.SearchChoices.
    Errors:  those of open_form; FormFieldUnknown; Invalid for a cursor that is none.
    """
    with uow.read() as session:
        opened = _opened(session, now, links, code, token)
        found = sources.search(session, opened.version.definition, field=field, **asked)
    if found is None:
        raise FormFieldUnknown()
    return {"items": found[0], "next_cursor": found[1]}


def visit_form(
    *, uow: UnitOfWork, now: datetime, zone: ZoneInfo, code: str, step: str, visitor: str
) -> dict[str, Any]:
    """Count that somebody saw a form or began to fill it in, once a day; say if they were counted.

    Errors:  FormLinkUnknown; FormNotPublished; FormClosed.
    """
    day = now.astimezone(zone).date()
    with uow.begin() as tx:
        _, link, _ = _published(tx.session, now, code)
        digest = _digest(link, day, visitor)
        is_new = forms.note_visitor(tx.session, link_id=link.id, day=day, step=step, visitor=digest)
        if is_new:
            forms.count(tx.session, link=link, day=day, step=step)
    return {"counted": is_new}


def submit_form(
    *,
    uow: UnitOfWork,
    now: datetime,
    zone: ZoneInfo,
    scheduling: Any,
    crm: Any,
    links: FormLinks,
    idempotency_key: str,
    code: str,
    token: str | None,
    version: int,
    answers: dict[str, Any],
) -> dict[str, Any]:
    """Take somebody's answers, once however often they are sent under one key.

    Shapes:  `version` is the form they saw, and what the answers are checked against: the published
             one, or one that was replaced within REPLACED_ACCEPTED.
    Errors:  those of open_form; FormOutdated; Invalid with a pointer below /answers per fault, also
             of what the answers name; KeyReused.
    """
    key = f"submit:{uow.context.actor['kind']}:{idempotency_key}"
    digest = idempotency.fingerprint([code, token, version, answers])
    answer = idempotency.recall(uow, key=key, fingerprint=digest)
    if answer is None:
        with uow.read() as session:
            opened = _opened(session, now, links, code, token)
            seen = acceptable(session, opened.version, version, now)
        today = now.astimezone(zone).date()
        kept, choices = judged(
            uow=uow,
            scheduling=scheduling,
            crm=crm,
            definition=seen.definition,
            answers=answers,
            today=today,
        )
        submission = _submission(opened, seen, kept, choices, now)
        record = partial(_record, submission=submission, opened=opened, seen=seen, today=today)
        answer = idempotency.once(uow, key=key, fingerprint=digest, effect=record)
    loaded: dict[str, Any] = SUBMIT_FORM.response.load(answer)
    return loaded


def judged(
    *,
    uow: UnitOfWork,
    scheduling: Any,
    crm: Any,
    definition: dict[str, Any],
    answers: dict[str, Any],
    today: date,
) -> tuple[dict[str, Any], sources.Choices]:
    """Return what is kept of a customer's answers, and the choices they were compared with.

    Errors:  Invalid with a pointer below /answers per fault.
    """
    choices = sources.offered_of(
        uow=uow, scheduling=scheduling, definition=definition, values=answers, public=True
    )
    kept = check_answers(definition, answers, options=choices, today=today.isoformat())
    references.check_customers(crm, definition, kept)
    return kept, choices


def forget_visitors(*, uow: UnitOfWork, now: datetime) -> None:
    """Delete who was counted on days that are over everywhere."""
    with uow.begin() as tx:
        forms.forget_visits(tx.session, (now - timedelta(days=2)).date())


def permits(version: FormVersion, upload_links: UploadLinks, now: datetime) -> dict[str, str]:
    """Return the right to upload, for each purpose that a field of the form has."""
    kinds = {field["kind"] for field in version.definition["fields"]}
    return {
        purpose: upload_links.permit_token(
            Permit(
                id=UUID(new_id()),
                form_id=version.form_id,
                purpose=purpose,
                max_files=FILES_OF_A_VISITOR,
                expires_at=now + PERMIT_TTL,
            )
        )
        for kind, purpose in FILE_PURPOSES.items()
        if kind in kinds
    }


def _opened(
    session: Session, now: datetime, links: FormLinks, code: str, token: str | None
) -> Opened:
    form, link, live = _published(session, now, code)
    booking = None
    if token is not None:
        booking_id = links.booking_of(form.id, token)
        booking = None if booking_id is None else bookings.booking(session, booking_id)
        if booking is None:
            raise SurveyTokenInvalid()
    return Opened(form, live, link, booking)


def _published(session: Session, now: datetime, code: str) -> tuple[Form, FormLink, FormVersion]:
    link = forms.link_with_code(session, code)
    if link is None:
        raise FormLinkUnknown()
    form = session.get_one(Form, link.form_id)
    live = forms.published(session, form)
    if live is None:
        raise FormNotPublished()
    if not is_open(form, link, now):
        raise FormClosed()
    return form, link, live


def acceptable(session: Session, live: FormVersion, number: int, now: datetime) -> FormVersion:
    """Return the version that was seen, if answers to it are still wanted.

    Errors:  FormOutdated with the version to look at instead.
    """
    if number == live.number:
        return live
    seen = forms.version(session, live.form_id, number)
    replaced_at = forms.replaced_at(session, live.form_id, number)
    if seen is None or replaced_at is None or now - replaced_at > REPLACED_ACCEPTED:
        raise FormOutdated(version=live.number)
    return seen


def _submission(
    opened: Opened,
    seen: FormVersion,
    kept: dict[str, Any],
    choices: sources.Choices,
    now: datetime,
) -> Submission:
    """Return what is stored; the contact of a survey is that of its booking, and so its branch."""
    labels = sources.labels(seen.definition, kept, choices)
    branch_id = opened.link.branch_id or sources.branch_of(seen.definition, kept, choices)
    if opened.booking:
        branch_id = opened.booking.branch_id
        name: str | None = opened.booking.contact_name
        phone: str | None = opened.booking.contact_phone
    else:
        name = answered.contact_name(seen.definition, kept)
        phone = answered.contact_phone(seen.definition, kept)
    found = answered.haystack(seen.definition, kept, labels)
    dialled = phones.national(phone) if phone else ""
    text = words.haystack(name or "", phone or "", dialled) + " " + found
    return Submission(
        id=UUID(new_id()),
        form_id=opened.form.id,
        version=seen.number,
        link_id=opened.link.id,
        channel=opened.link.channel,
        booking_id=opened.booking and opened.booking.id,
        branch_id=branch_id,
        contact_name=name,
        contact_phone=phone,
        answers=kept,
        labels=labels,
        status="new",
        search_text=text,
        search_terms=words.grams(text),
        submitted_at=now,
    )


def _record(
    tx: Transaction, *, submission: Submission, opened: Opened, seen: FormVersion, today: date
) -> dict[str, Any]:
    tx.session.add(submission)
    tx.session.flush()
    references.hold_rows(tx.session, seen.definition, submission.answers)
    references.take_files(
        tx.session,
        definition=seen.definition,
        kept=submission.answers,
        form_id=opened.form.id,
        taken_by=submission.id,
    )
    forms.count(tx.session, link=opened.link, day=today, step="submit")
    about = {
        "submission_id": submission.id,
        "form_id": submission.form_id,
        "version": submission.version,
        "submitted_at": submission.submitted_at,
    }
    tx.emit(
        "form.submitted",
        about
        | {
            "form_name": opened.version.name,
            "form_kind": opened.form.kind,
            "link_id": submission.link_id,
            "channel": submission.channel,
            "booking_id": submission.booking_id,
            "branch_id": submission.branch_id,
            "contact": {"name": submission.contact_name, "phone": submission.contact_phone},
            "answers": submission.answers,
        },
    )
    stored_answer: dict[str, Any] = SUBMIT_FORM.response.dump(about)
    return stored_answer


def _digest(link: FormLink, day: date, visitor: str) -> str:
    """Return what a visitor is remembered by for a day; tomorrow the same person is another one."""
    return hashlib.sha256(f"{link.id}:{day}:{visitor}".encode()).hexdigest()

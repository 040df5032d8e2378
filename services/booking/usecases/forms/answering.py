"""Answering: a form is opened by a link's code, its visitors are counted, answers are taken."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from services.booking import phones
from services.booking.answers import check_answers
from services.booking.domain import answered, words
from services.booking.form_links import FormLinks
from services.booking.models import Booking, Form, FormLink, FormVersion, Submission
from services.booking.queries import answers as stored
from services.booking.queries import bookings, forms
from services.booking.upload_links import PERMIT_TTL, Permit, UploadLinks
from services.booking.usecases import uploads
from services.booking.usecases.forms import sources
from services.booking.usecases.forms.sharing import is_open
from services.chassis import idempotency
from services.chassis.context import new_id
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.forms import (
    FormClosed,
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
    return {
        "form_id": opened.form.id,
        "kind": opened.form.kind,
        "version": opened.version.number,
        "name": opened.version.name,
        "definition": definition,
        "options": sources.offered(uow=uow, scheduling=scheduling, definition=definition),
        "permits": _permits(opened, upload_links, now),
    }


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
    Errors:  those of open_form; FormOutdated; Invalid with a pointer below /answers per fault;
             UploadUnknown, UploadNotReady, FileRefused of files that are named; KeyReused.
    """
    key = f"submit:{uow.context.actor['kind']}:{idempotency_key}"
    digest = idempotency.fingerprint([code, token, version, answers])
    answer = idempotency.recall(uow, key=key, fingerprint=digest)
    if answer is None:
        with uow.read() as session:
            opened = _opened(session, now, links, code, token)
            seen = _acceptable(session, opened.version, version, now)
        choices = sources.offered_of(
            uow=uow, scheduling=scheduling, definition=seen.definition, values=answers
        )
        today = now.astimezone(zone).date()
        kept = check_answers(seen.definition, answers, options=choices, today=today.isoformat())
        called = sources.labels(seen.definition, kept, choices)
        submission = _submission(opened, seen, kept, called, now)
        files = answered.files(seen.definition, kept)
        record = partial(_record, submission=submission, opened=opened, files=files, today=today)
        answer = idempotency.once(uow, key=key, fingerprint=digest, effect=record)
    loaded: dict[str, Any] = SUBMIT_FORM.response.load(answer)
    return loaded


def forget_visitors(*, uow: UnitOfWork, now: datetime) -> None:
    """Delete who was counted on days that are over everywhere."""
    with uow.begin() as tx:
        forms.forget_visits(tx.session, (now - timedelta(days=2)).date())


def _permits(opened: Opened, upload_links: UploadLinks, now: datetime) -> dict[str, str]:
    """Return the right to upload, for each purpose that a field of the form has."""
    kinds = {field["kind"] for field in opened.version.definition["fields"]}
    return {
        purpose: upload_links.permit_token(
            Permit(
                id=UUID(new_id()),
                form_id=opened.form.id,
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


def _acceptable(session: Session, live: FormVersion, number: int, now: datetime) -> FormVersion:
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
    labels: dict[str, Any],
    now: datetime,
) -> Submission:
    """Return what is stored; the contact of a survey is that of its booking."""
    if opened.booking:
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
    tx: Transaction, *, submission: Submission, opened: Opened, files: list[str], today: date
) -> dict[str, Any]:
    tx.session.add(submission)
    tx.session.flush()
    uploads.take(
        tx.session,
        upload_ids=[UUID(id) for id in files],
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
            "contact": {"name": submission.contact_name, "phone": submission.contact_phone},
            "answers": submission.answers,
        },
    )
    stored_answer: dict[str, Any] = SUBMIT_FORM.response.dump(about)
    return stored_answer


def _digest(link: FormLink, day: date, visitor: str) -> str:
    """Return what a visitor is remembered by for a day; tomorrow the same person is another one."""
    return hashlib.sha256(f"{link.id}:{day}:{visitor}".encode()).hexdigest()

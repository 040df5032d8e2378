"""Sharing: links with codes of their own, what each of them brought, and surveys of one booking."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from services.booking import form_views
from services.booking.domain.faults import fault
from services.booking.form_links import FormLinks, new_code
from services.booking.models import Form, FormLink
from services.booking.queries import bookings, forms
from services.chassis.db import UnitOfWork
from services.contracts.booking import BookingUnknown
from services.contracts.errors import Forbidden, Invalid
from services.contracts.forms import (
    FormClosed,
    FormLinkUnknown,
    FormNotPublished,
    FormUnknown,
    NotASurvey,
    TableNotShared,
    TooManyFormLinks,
)

MOST_LINKS = 200
"""Of one form: a poster each for a year of fairs. A form shows them all at once."""

LONGEST_RANGE = timedelta(days=92)
"""Days of counts in one answer: with every link of a form in use it stays below 20 000 rows."""


def define_form_link(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: FormLinks,
    form_id: UUID,
    link_id: UUID,
    label: str,
    channel: str,
    branch_id: UUID | None,
    branch_ids: list[UUID] | None,
    expires_at: datetime | None,
    disabled: bool,
) -> dict[str, Any]:
    """Make a link of a form, or change one; its code stays, for it may be printed.

    Shapes:  `branch_ids` as everywhere those of the staff who ask; None means all.
    Errors:  FormUnknown; TableNotShared; FormLinkUnknown for a link of another form;
             TooManyFormLinks; Forbidden for a link that is, or would be, another branch's.
    """
    about: dict[str, Any] = {
        "label": label,
        "channel": channel,
        "branch_id": branch_id,
        "expires_at": expires_at,
        "disabled": disabled,
    }
    with uow.begin() as tx:
        form = forms.lock_form(tx.session, form_id)
        if form is None:
            raise FormUnknown()
        if form.kind == "table":
            raise TableNotShared()
        link = forms.link(tx.session, link_id)
        if link is None:
            if len(forms.links_of(tx.session, form_id)) >= MOST_LINKS:
                raise TooManyFormLinks(limit=MOST_LINKS)
            link = make_link(tx.session, link_id=link_id, form_id=form_id, now=now, **about)
        if link.form_id != form_id:
            raise FormLinkUnknown()
        theirs = {link.branch_id, branch_id} - {None}
        if branch_ids is not None and not theirs <= set(branch_ids):
            raise Forbidden()
        for name, value in about.items():
            setattr(link, name, value)
        tx.session.flush()
        return form_views.link(link, form, links=links)


def make_link(
    session: Session,
    *,
    form_id: UUID,
    channel: str,
    now: datetime,
    link_id: UUID | None = None,
    label: str = "",
    branch_id: UUID | None = None,
    expires_at: datetime | None = None,
    disabled: bool = False,
) -> FormLink:
    """Store a new link of a locked form under a code that no other has.

    Shapes:  one that somebody else stored under the same id a moment ago is returned instead.
    """
    link_id = link_id or uuid4()
    values: dict[str, Any] = {
        "label": label,
        "channel": channel,
        "branch_id": branch_id,
        "expires_at": expires_at,
        "disabled": disabled,
    }
    link = None
    while link is None:
        forms.add_link(
            session, id=link_id, form_id=form_id, code=new_code(), created_at=now, **values
        )
        link = forms.link(session, link_id)
    return link


def count_form(*, uow: UnitOfWork, form_id: UUID, from_: date, to: date) -> dict[str, Any]:
    """Return what each link of a form brought on each day.

    Errors:  FormUnknown; Invalid for days in the wrong order or too many of them.
    """
    if not timedelta(0) <= to - from_ < LONGEST_RANGE:
        wrong = fault("/to", zh="日期范围应为 1 到 92 天", en="Ask for 1 to 92 days")
        raise Invalid(errors=[wrong])
    with uow.read() as session:
        if forms.form(session, form_id) is None:
            raise FormUnknown()
        return {"items": forms.counts(session, form_id, from_, to)}


def link_survey(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: FormLinks,
    form_id: UUID,
    booking_id: UUID,
    branch_ids: list[UUID] | None,
) -> dict[str, Any]:
    """Return the link by which the customer of a booking answers a survey, always the same one.

    Errors:  FormUnknown; NotASurvey; FormNotPublished; FormClosed when no link of it is open;
             BookingUnknown, also for a booking of other branches than these.
    """
    with uow.read() as session:
        form = forms.form(session, form_id)
        if form is None:
            raise FormUnknown()
        if form.kind != "survey":
            raise NotASurvey()
        if form.published_version is None:
            raise FormNotPublished()
        booking = bookings.booking(session, booking_id)
        if booking is None or (branch_ids is not None and booking.branch_id not in branch_ids):
            raise BookingUnknown()
        found = forms.links_of(session, form_id)
    code = next((each.code for each in found if is_open(form, each, now)), None)
    if code is None:
        raise FormClosed()
    token = links.survey_token(form_id, booking_id)
    return {"url": links.url(code, token), "code": code, "token": token}


def is_open(form: Form, link: FormLink, now: datetime) -> bool:
    """Tell whether a form takes answers through a link now."""
    expired = link.expires_at is not None and link.expires_at <= now
    return form.active and not link.disabled and not expired

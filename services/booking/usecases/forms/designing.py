"""Designing: drafts that several people may edit, and the versions that customers see."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.booking import form_views
from services.booking.domain.faults import fault
from services.booking.domain.forms import definition as language
from services.booking.form_links import FormLinks
from services.booking.models import Form, FormVersion
from services.booking.queries import forms
from services.booking.usecases.forms import sources
from services.booking.usecases.forms.sharing import make_link
from services.chassis.db import UnitOfWork
from services.contracts.errors import Invalid
from services.contracts.forms import FormChanged, FormFaulty, FormKindFixed, FormUnknown

FIRST_CHANNEL = "web"
"""Of the link that a form gets when it is published for the first time."""

ONLY_TABLES_ARE_PUBLIC = fault(
    "/public", zh="只有数据表可以设为公开", en="Only a data table can be public"
)

SHOWN_VERSIONS = 50
"""The newest ones of a form; one that is published every week has a year of them in sight."""

REFUSED_IN_DRAFTS = {"form.cycle"}
"""What no draft may say, unfinished as it is: a page that shows it would compute for ever."""


def define_form(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: FormLinks,
    form_id: UUID,
    kind: str,
    name: dict[str, Any],
    definition: dict[str, Any],
    active: bool,
    public: bool,
    revision: int | None,
) -> dict[str, Any]:
    """Save a draft, or begin one; what customers see stays until it is published.

    Errors:  FormChanged when somebody else has saved another draft since `revision`;
             FormKindFixed; Invalid for fields that depend on each other in a circle, and for a
             public form that is no data table.
    """
    if public and kind != "table":
        raise Invalid(errors=[ONLY_TABLES_ARE_PUBLIC])
    _refuse_cycles(definition)
    draft = {"name": name, "definition": definition}
    with uow.begin() as tx:
        first = {"kind": kind, "revision": 1, "created_at": now, "changed_at": now}
        begun = insert(Form).values(id=form_id, active=active, public=public, **first, **draft)
        if revision is None:
            tx.session.execute(begun.on_conflict_do_nothing())
        form = _locked(tx.session, form_id)
        if form.kind != kind:
            raise FormKindFixed()
        if (form.name, form.definition) != (name, definition):
            _require(form, revision)
            form.name, form.definition = name, definition
            form.revision += 1
            form.changed_at = now
        form.active, form.public = active, public
        tx.session.flush()
        return _whole(tx.session, form, links)


def publish_form(
    *, uow: UnitOfWork, now: datetime, links: FormLinks, form_id: UUID, revision: int
) -> dict[str, Any]:
    """Show the draft to customers from now on; a draft that they see already stays as it is.

    Errors:  FormUnknown; FormChanged when the draft is another one than was seen; FormFaulty with
             all that is wrong with it.
    """
    with uow.begin() as tx:
        form = _locked(tx.session, form_id)
        _require(form, revision)
        live = forms.published(tx.session, form)
        if live is None or live.revision != revision:
            _refuse_faults(tx.session, form)
            _publish(tx.session, form, live, now)
        if live is None and form.kind != "table":
            make_link(tx.session, form_id=form.id, channel=FIRST_CHANNEL, now=now)
        return _whole(tx.session, form, links)


def get_form(*, uow: UnitOfWork, links: FormLinks, form_id: UUID) -> dict[str, Any]:
    """Return a form as its designer sees it.

    Errors:  FormUnknown.
    """
    with uow.read() as session:
        form = forms.form(session, form_id)
        if form is None:
            raise FormUnknown()
        return _whole(session, form, links)


def list_forms(*, uow: UnitOfWork, **question: Any) -> dict[str, Any]:
    """Return a page of forms, the newest first.

    Shapes:  `question` is contracts.forms.ListForms.
    Errors:  Invalid for a cursor that is none.
    """
    with uow.read() as session:
        page, more = forms.forms_page(session, **question)
        counted = forms.totals(session, [form.id for form, _ in page])
    items = [form_views.item(form, live, counted.get(form.id)) for form, live in page]
    return {"items": items, "next_cursor": more}


def _locked(session: Session, form_id: UUID) -> Form:
    form = forms.lock_form(session, form_id)
    if form is None:
        raise FormUnknown()
    return form


def _require(form: Form, revision: int | None) -> None:
    if form.revision != revision:
        raise FormChanged(revision=form.revision)


def _refuse_cycles(definition: dict[str, Any]) -> None:
    faults = language.check(definition)
    if circles := [fault for fault in faults if fault["code"] in REFUSED_IN_DRAFTS]:
        raise Invalid(errors=_below_definition(circles))


def _refuse_faults(session: Session, form: Form) -> None:
    faults = language.check(form.definition)
    if not faults:
        public = form.kind != "table"
        faults = sources.table_faults(session, form.definition, public=public)
    if faults:
        raise FormFaulty(errors=_below_definition(faults))


def _below_definition(faults: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [fault | {"pointer": f"/definition{fault['pointer']}"} for fault in faults]


def _publish(session: Session, form: Form, live: FormVersion | None, now: datetime) -> None:
    number = live.number + 1 if live else 1
    session.add(
        FormVersion(
            form_id=form.id,
            number=number,
            revision=form.revision,
            name=form.name,
            definition=form.definition,
            published_at=now,
        )
    )
    session.flush()  # the form refers to it
    form.published_version = number
    session.flush()


def _whole(session: Session, form: Form, links: FormLinks) -> dict[str, Any]:
    return form_views.whole(
        form,
        forms.published(session, form),
        forms.totals(session, [form.id]).get(form.id),
        found=forms.links_of(session, form.id),
        versions=forms.published_numbers(session, form.id, SHOWN_VERSIONS),
        links=links,
    )

"""Data tables: rows that staff write, checked against the table's published definition."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.booking import form_views
from services.booking.answers import check_answers
from services.booking.domain import answered, words
from services.booking.domain.forms import definition as language
from services.booking.models import Form, FormVersion, TableRow
from services.booking.queries import answers as stored
from services.booking.queries import forms
from services.booking.usecases.forms import references, sources
from services.chassis.db import UnitOfWork
from services.contracts.forms import FormNotPublished, FormUnknown
from services.contracts.tables import RowChanged, RowUnknown, TableUnknown


def list_choices(*, uow: UnitOfWork, scheduling: Any, form_id: UUID) -> dict[str, Any]:
    """Return what the bound fields of a draft offer now; a draft with faults offers nothing.

    Errors:  FormUnknown.
    """
    with uow.read() as session:
        form = forms.form(session, form_id)
    if form is None:
        raise FormUnknown()
    if language.check(form.definition):
        return {"options": {}, "more": []}
    return sources.offered(uow=uow, scheduling=scheduling, definition=form.definition, public=False)


def define_row(
    *,
    uow: UnitOfWork,
    now: datetime,
    zone: ZoneInfo,
    scheduling: Any,
    crm: Any,
    form_id: UUID,
    row_id: UUID,
    answers: dict[str, Any],
    revision: int | None,
) -> dict[str, Any]:
    """Add a row to a data table or change one; a row that refers to another needs it to exist.

    Errors:  TableUnknown; FormNotPublished; Invalid with a pointer below /answers per fault;
             RowUnknown for one that was deleted or is another table's; RowChanged when somebody
             else has changed it since `revision`.
    """
    with uow.read() as session:
        table = _published(session, form_id)
    choices = sources.offered_of(
        uow=uow, scheduling=scheduling, definition=table.definition, values=answers, public=False
    )
    today = now.astimezone(zone).date().isoformat()
    kept = check_answers(table.definition, answers, options=choices, today=today)
    references.check_customers(crm, table.definition, kept)
    content = _content(table, kept, sources.labels(table.definition, kept, choices))
    with uow.begin() as tx:
        first = {"form_id": form_id, "revision": 1, "created_at": now, "changed_at": now}
        begun = insert(TableRow).values(id=row_id, **first, **content).on_conflict_do_nothing()
        if revision is None:
            tx.session.execute(begun)
        references.hold_rows(tx.session, table.definition, kept, changing=row_id)
        row = _locked(tx.session, form_id, row_id)
        if row.deleted_at is not None:
            raise RowUnknown()
        if row.answers != kept:
            if row.revision != revision:
                raise RowChanged(revision=row.revision)
            for name, value in content.items():
                setattr(row, name, value)
            row.revision += 1
            row.changed_at = now
            tx.session.flush()
        references.take_files(
            tx.session,
            definition=table.definition,
            kept=kept,
            form_id=form_id,
            taken_by=row_id,
        )
        return form_views.row(row)


def get_row(*, uow: UnitOfWork, form_id: UUID, row_id: UUID) -> dict[str, Any]:
    """Return a row, deleted or not.

    Errors:  RowUnknown.
    """
    with uow.read() as session:
        row = stored.row(session, form_id, row_id)
        if row is None:
            raise RowUnknown()
        (told,) = _told(session, form_id, [row])
        return told


def list_rows(*, uow: UnitOfWork, form_id: UUID, **question: Any) -> dict[str, Any]:
    """Return a page of a table's rows, the newest first.

    Shapes:  `question` is the rest of contracts.tables.ListRows.
    Errors:  TableUnknown; Invalid for a cursor that is none.
    """
    with uow.read() as session:
        _table(session, form_id)
        page, more = stored.rows_page(session, form_id, **question)
        return {"items": _told(session, form_id, page), "next_cursor": more}


def delete_row(*, uow: UnitOfWork, now: datetime, form_id: UUID, row_id: UUID) -> dict[str, Any]:
    """Take a row out of its table; it can be brought back.

    Errors:  RowUnknown.
    """
    return _set_deleted(uow, form_id, row_id, now)


def restore_row(*, uow: UnitOfWork, form_id: UUID, row_id: UUID) -> dict[str, Any]:
    """Bring a deleted row back.

    Errors:  RowUnknown.
    """
    return _set_deleted(uow, form_id, row_id, None)


def _set_deleted(
    uow: UnitOfWork, form_id: UUID, row_id: UUID, at: datetime | None
) -> dict[str, Any]:
    with uow.begin() as tx:
        row = _locked(tx.session, form_id, row_id)
        if (row.deleted_at is None) != (at is None):  # not again: when it was deleted stays
            row.deleted_at = at
            tx.session.flush()
        return form_views.row(row)


def _table(session: Session, form_id: UUID) -> Form:
    form = forms.form(session, form_id)
    if form is None or form.kind != "table":
        raise TableUnknown()
    return form


def _published(session: Session, form_id: UUID) -> FormVersion:
    live = forms.published(session, _table(session, form_id))
    if live is None:
        raise FormNotPublished()
    return live


def _locked(session: Session, form_id: UUID, row_id: UUID) -> TableRow:
    row = stored.lock_row(session, row_id)
    if row is None or row.form_id != form_id:
        raise RowUnknown()
    return row


def _content(table: FormVersion, kept: dict[str, Any], labels: dict[str, Any]) -> dict[str, Any]:
    text = answered.haystack(table.definition, kept, labels)
    return {
        "version": table.number,
        "answers": kept,
        "labels": labels,
        "search_text": text,
        "search_terms": words.grams(text),
    }


def _told(session: Session, form_id: UUID, rows: list[TableRow]) -> list[dict[str, Any]]:
    """Return rows as they are told, with what the rows they refer to are called now."""
    called: dict[str, Any] = {}
    versions = forms.versions(session, form_id, {row.version for row in rows})
    for number, version in versions.items():
        of_version = [row for row in rows if row.version == number]
        called |= sources.row_labels(session, version.definition, of_version)
    return [
        form_views.row(row)
        | {"labels": {id: called.get(id, then) for id, then in row.labels.items()}}
        for row in rows
    ]

"""Finding submissions and rows of data tables by what was answered."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.booking.domain import words
from services.booking.models import Submission, TableRow
from services.chassis import paging

Answered = TypeVar("Answered", Submission, TableRow)


def submission(session: Session, submission_id: UUID) -> Submission | None:
    """Return a submission as it stands."""
    return session.get(Submission, submission_id)


def lock_submission(session: Session, submission_id: UUID) -> Submission | None:
    """Return a submission that nobody else changes until the transaction ends."""
    return session.get(Submission, submission_id, with_for_update=True)


def survey_of(session: Session, form_id: UUID, booking_id: UUID) -> UUID | None:
    """Return which submission answered a survey for a booking, if one did."""
    return session.scalar(
        sa.select(Submission.id).where(
            Submission.booking_id == booking_id, Submission.form_id == form_id
        )
    )


def submissions_page(
    session: Session,
    form_id: UUID,
    *,
    branch_ids: Collection[UUID] | None,
    branch_id: UUID | None,
    status: str | None,
    since: datetime | None,
    before: datetime | None,
    where: Mapping[str, str],
    q: str | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[Submission], str | None]:
    """Return a page of a form's submissions, the newest first, and the cursor of the next one.

    Shapes:  `branch_ids` those of who asks, None for all; what has no branch is everybody's.
    Errors:  Invalid for a cursor that is none.
    """
    asked = sa.select(Submission).where(Submission.form_id == form_id)
    if branch_ids is not None:
        asked = asked.where(
            sa.or_(Submission.branch_id.is_(None), Submission.branch_id.in_(branch_ids))
        )
    if branch_id is not None:
        asked = asked.where(Submission.branch_id == branch_id)
    if status is not None:
        asked = asked.where(Submission.status == status)
    if since is not None:
        asked = asked.where(Submission.submitted_at >= since)
    if before is not None:
        asked = asked.where(Submission.submitted_at < before)
    asked = _found_by(asked, Submission, where, q)
    key = (Submission.submitted_at, Submission.id)
    return paging.newest_first(session, asked, key=key, cursor=cursor, limit=limit)


def row(session: Session, form_id: UUID, row_id: UUID) -> TableRow | None:
    """Return a row of a data table, deleted or not."""
    found = session.get(TableRow, row_id)
    return found if found is not None and found.form_id == form_id else None


def lock_row(session: Session, row_id: UUID) -> TableRow | None:
    """Return a row that nobody else changes until the transaction ends."""
    return session.get(TableRow, row_id, with_for_update=True)


def rows_page(
    session: Session,
    form_id: UUID,
    *,
    deleted: bool,
    where: Mapping[str, str],
    q: str | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[TableRow], str | None]:
    """Return a page of a table's rows, the newest first, and the cursor of the next one.

    Errors:  Invalid for a cursor that is none.
    """
    gone = TableRow.deleted_at.is_not(None)
    asked = sa.select(TableRow).where(TableRow.form_id == form_id, gone if deleted else ~gone)
    asked = _found_by(asked, TableRow, where, q)
    key = (TableRow.created_at, TableRow.id)
    return paging.newest_first(session, asked, key=key, cursor=cursor, limit=limit)


def lock_rows(session: Session, ids: Collection[UUID], *, shared: bool) -> set[UUID]:
    """Return those of some rows that are there and that nobody deletes until the transaction ends.

    Shapes:  locked in the order of their ids; `shared` lets others refer to them meanwhile.
    """
    found = sa.select(TableRow.id).where(TableRow.id.in_(ids), TableRow.deleted_at.is_(None))
    return set(session.scalars(found.order_by(TableRow.id).with_for_update(read=shared)))


def choices_page(
    session: Session,
    form_id: UUID,
    *,
    key: str,
    q: str | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[TableRow], str | None]:
    """Return a page of the rows whose answer `key` has a text in it, the newest first.

    Only that answer is looked at: who chooses a row must not find out what else it says.

    Errors:  Invalid for a cursor that is none.
    """
    asked = sa.select(TableRow).where(TableRow.form_id == form_id, TableRow.deleted_at.is_(None))
    if q and (needle := words.squeeze(q)):
        if terms := words.grams(needle):
            asked = asked.where(TableRow.search_terms.contains(terms))
        squeezed = sa.func.regexp_replace(TableRow.answers[key].astext, r"[\s\-+()]", "", "g")
        asked = asked.where(sa.func.lower(squeezed).contains(needle, autoescape=True))
    by = (TableRow.created_at, TableRow.id)
    return paging.newest_first(session, asked, key=by, cursor=cursor, limit=limit)


def first_rows(session: Session, form_id: UUID, limit: int) -> list[TableRow]:
    """Return the rows that a table has had for longest."""
    return list(
        session.scalars(
            sa.select(TableRow)
            .where(TableRow.form_id == form_id, TableRow.deleted_at.is_(None))
            .order_by(TableRow.created_at, TableRow.id)
            .limit(limit)
        )
    )


def existing_rows(session: Session, form_id: UUID, ids: Collection[UUID]) -> list[TableRow]:
    """Return those of some rows that a table has now."""
    return list(
        session.scalars(
            sa.select(TableRow).where(
                TableRow.id.in_(ids), TableRow.form_id == form_id, TableRow.deleted_at.is_(None)
            )
        )
    )


def _found_by(
    asked: sa.Select[tuple[Answered]],
    kind: type[Answered],
    where: Mapping[str, str],
    q: str | None,
) -> sa.Select[tuple[Answered]]:
    for key, wanted in where.items():
        asked = asked.where(
            sa.or_(*(kind.answers.contains(each) for each in _spellings(key, wanted)))
        )
    if q and (needle := words.squeeze(q)):
        terms = words.grams(needle)
        # The index finds candidates that have all the pieces; the text says if they are in order.
        if terms:
            asked = asked.where(kind.search_terms.contains(terms))
        asked = asked.where(kind.search_text.contains(needle, autoescape=True))
    return asked


def _spellings(key: str, wanted: str) -> list[dict[str, Any]]:
    """Return what an answer may look like in JSON that a person writes so: 3 and "3", and among
    several."""
    values: list[Any] = [wanted]
    try:
        number = orjson.loads(wanted)
    except orjson.JSONDecodeError:
        number = None
    if isinstance(number, bool | int | float):
        values.append(number)
    return [{key: form} for value in values for form in (value, [value])]

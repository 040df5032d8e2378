"""Reading and locking forms, their versions and links, and adding up their counts."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, load_only

from services.booking.models import Form, FormCount, FormLink, FormVersion, FormVisit, Submission
from services.chassis import paging

COUNTED_AS = {"view": FormCount.views, "start": FormCount.starts, "submit": FormCount.submits}
"""What each step of a visitor adds to."""

IN_STATE: dict[str, tuple[sa.ColumnExpressionArgument[bool], ...]] = {
    "draft": (Form.active, Form.published_version.is_(None)),
    "published": (Form.active, Form.published_version.is_not(None)),
    "archived": (~Form.active,),
}


def form(session: Session, form_id: UUID) -> Form | None:
    """Return a form as it stands."""
    return session.get(Form, form_id)


def lock_form(session: Session, form_id: UUID) -> Form | None:
    """Return a form that nobody else edits or publishes until the transaction ends."""
    return session.get(Form, form_id, with_for_update={"key_share": True})


def version(session: Session, form_id: UUID, number: int) -> FormVersion | None:
    """Return one published version of a form."""
    return session.get(FormVersion, (form_id, number))


def published(session: Session, form: Form) -> FormVersion | None:
    """Return the version of a form that customers see, if there is one."""
    if form.published_version is None:
        return None
    return session.get_one(FormVersion, (form.id, form.published_version))


def versions(session: Session, form_id: UUID, numbers: Collection[int]) -> dict[int, FormVersion]:
    """Return some versions of a form by their numbers."""
    found = sa.select(FormVersion).where(
        FormVersion.form_id == form_id, FormVersion.number.in_(numbers)
    )
    return {one.number: one for one in session.scalars(found)}


def answered_versions(session: Session, form_id: UUID) -> dict[int, FormVersion]:
    """Return the versions of a form that somebody has answered, by their numbers, oldest first."""
    answered = sa.exists().where(
        Submission.form_id == FormVersion.form_id, Submission.version == FormVersion.number
    )
    found = sa.select(FormVersion).where(FormVersion.form_id == form_id, answered)
    return {one.number: one for one in session.scalars(found.order_by(FormVersion.number))}


def published_tables(
    session: Session, form_ids: Collection[UUID], *, public_only: bool = False
) -> dict[UUID, FormVersion]:
    """Return the published versions of those of some forms that are data tables."""
    found = (
        sa.select(FormVersion)
        .join(
            Form,
            sa.and_(Form.id == FormVersion.form_id, Form.published_version == FormVersion.number),
        )
        .where(Form.kind == "table", Form.id.in_(form_ids))
    )
    if public_only:
        found = found.where(Form.public)
    return {one.form_id: one for one in session.scalars(found)}


def published_numbers(session: Session, form_id: UUID, limit: int) -> list[FormVersion]:
    """Return the versions of a form without what they ask, the newest first."""
    found = (
        sa.select(FormVersion)
        .options(load_only(FormVersion.revision, FormVersion.published_at))
        .where(FormVersion.form_id == form_id)
    )
    return list(session.scalars(found.order_by(FormVersion.number.desc()).limit(limit)))


def forms_page(
    session: Session,
    *,
    kind: str | None,
    without_tables: bool,
    state: str | None,
    q: str | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[tuple[Form, FormVersion | None]], str | None]:
    """Return a page of forms with their published versions, the newest form first.

    Shapes:  `q` is a part of a name; there are as many forms as a studio has made by hand.
    Errors:  Invalid for a cursor that is none.
    """
    asked = sa.select(Form).where(*IN_STATE[state]) if state else sa.select(Form)
    if kind is not None:
        asked = asked.where(Form.kind == kind)
    if without_tables:
        asked = asked.where(Form.kind != "table")
    if q:
        names = (Form.name[language].astext for language in ("zh", "en"))
        asked = asked.where(sa.or_(*(name.icontains(q, autoescape=True) for name in names)))
    key = (Form.created_at, Form.id)
    page, more = paging.newest_first(session, asked, key=key, cursor=cursor, limit=limit)
    live = _live_versions(session, page)
    return [(each, live.get(each.id)) for each in page], more


def _live_versions(session: Session, page: list[Form]) -> dict[UUID, FormVersion]:
    keys = [(each.id, each.published_version) for each in page if each.published_version]
    pair = sa.tuple_(FormVersion.form_id, FormVersion.number)
    return {
        one.form_id: one for one in session.scalars(sa.select(FormVersion).where(pair.in_(keys)))
    }


# --- links


def link(session: Session, link_id: UUID) -> FormLink | None:
    """Return a link by its id."""
    return session.get(FormLink, link_id)


def link_with_code(session: Session, code: str) -> FormLink | None:
    """Return the link of a code; people who type it may begin with a capital."""
    return session.scalars(sa.select(FormLink).where(FormLink.code == code.lower())).one_or_none()


def links_of(session: Session, form_id: UUID) -> list[FormLink]:
    """Return the links of a form, oldest first: the first was made when it was published."""
    found = sa.select(FormLink).where(FormLink.form_id == form_id)
    return list(session.scalars(found.order_by(FormLink.created_at, FormLink.id)))


def add_link(session: Session, **values: Any) -> bool:
    """Store a new link; False when its id or its code is taken."""
    made = insert(FormLink).values(**values).on_conflict_do_nothing()
    return bool(session.execute(made).rowcount)  # type: ignore[attr-defined]


# --- counts


def note_visitor(session: Session, *, link_id: UUID, day: date, step: str, visitor: str) -> bool:
    """Remember that a visitor was counted on a day; False when they were already."""
    seen = insert(FormVisit).values(link_id=link_id, day=day, step=step, visitor=visitor)
    return bool(session.execute(seen.on_conflict_do_nothing()).rowcount)  # type: ignore[attr-defined]


def count(session: Session, *, link: FormLink, day: date, step: str) -> None:
    """Add one to what a link has done on a day."""
    zero = {"views": 0, "starts": 0, "submits": 0}
    name = COUNTED_AS[step].key
    first = insert(FormCount).values(
        link_id=link.id, day=day, form_id=link.form_id, **zero | {name: 1}
    )
    session.execute(
        first.on_conflict_do_update(
            index_elements=[FormCount.link_id, FormCount.day],
            set_={name: COUNTED_AS[step] + 1},
        )
    )


def counts(session: Session, form_id: UUID, from_: date, to: date) -> list[dict[str, Any]]:
    """Return what each link of a form has done on each day that had any, oldest first."""
    found = session.execute(
        sa.select(FormCount.__table__, FormLink.channel)
        .join_from(FormCount, FormLink)
        .where(FormCount.form_id == form_id, FormCount.day.between(from_, to))
        .order_by(FormCount.day, FormLink.created_at, FormLink.id)
    ).mappings()
    return [dict(row) for row in found]


def totals(session: Session, form_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """Return what all links of some forms have done so far; forms that nobody saw are left out."""
    sums = (sa.func.sum(column).label(column.key) for column in COUNTED_AS.values())
    found = session.execute(
        sa.select(FormCount.form_id, *sums)
        .where(FormCount.form_id.in_(form_ids))
        .group_by(FormCount.form_id)
    )
    return {
        row.form_id: {"views": row.views, "starts": row.starts, "submits": row.submits}
        for row in found
    }


def forget_visits(session: Session, before: date) -> None:
    """Delete who was counted on days that are over."""
    session.execute(sa.delete(FormVisit).where(FormVisit.day < before))


def replaced_at(session: Session, form_id: UUID, number: int) -> datetime | None:
    """Return when a version was followed by the next, if it was."""
    return session.scalar(
        sa.select(FormVersion.published_at).where(
            FormVersion.form_id == form_id, FormVersion.number == number + 1
        )
    )

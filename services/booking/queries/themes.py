"""Reading themes: the newest draft, what visitors see, and what was published before."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.booking.models import Theme, ThemeVersion
from services.chassis import paging


def draft(session: Session) -> Theme | None:
    """Return the draft as it was saved last."""
    return session.scalars(_newest_draft()).one_or_none()


def lock_draft(session: Session) -> Theme | None:
    """Return the draft; who else would publish it waits until the transaction ends."""
    return session.scalars(_newest_draft().with_for_update()).one_or_none()


def published(session: Session) -> ThemeVersion | None:
    """Return what visitors see."""
    newest = sa.select(ThemeVersion).order_by(ThemeVersion.version.desc()).limit(1)
    return session.scalars(newest).one_or_none()


def version(session: Session, number: int) -> ThemeVersion | None:
    """Return one publication by its number."""
    return session.scalars(
        sa.select(ThemeVersion).where(ThemeVersion.version == number)
    ).one_or_none()


def content_of(session: Session, publication: ThemeVersion) -> Theme:
    """Return the draft that was published."""
    return session.get_one(Theme, publication.revision)


def versions_page(
    session: Session, *, cursor: str | None, limit: int
) -> tuple[list[tuple[ThemeVersion, Theme]], str | None]:
    """Return a page of publications with what they show, the newest first.

    Errors:  Invalid for a cursor that is none.
    """
    key = (ThemeVersion.published_at, ThemeVersion.id)
    page, more = paging.newest_first(
        session, sa.select(ThemeVersion), key=key, cursor=cursor, limit=limit
    )
    asked = sa.select(Theme).where(Theme.revision.in_([each.revision for each in page]))
    shown = {each.revision: each for each in session.scalars(asked)}
    return [(each, shown[each.revision]) for each in page], more


def _newest_draft() -> sa.Select[tuple[Theme]]:
    return sa.select(Theme).order_by(Theme.revision.desc()).limit(1)

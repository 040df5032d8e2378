"""The theme: drafts are saved, published at once, and earlier versions brought back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.booking.domain import themes as rules
from services.booking.models import Theme, ThemeVersion
from services.booking.queries import themes
from services.booking.upload_links import PUBLIC_WINDOW, UploadLinks
from services.booking.usecases import uploads
from services.chassis.context import new_id
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.themes import (
    ThemeChanged,
    ThemeContent,
    ThemeUnreadable,
    ThemeVersionUnknown,
)

Json = dict[str, Any]

CONTENT = ThemeContent()


def get_public_theme(*, uow: UnitOfWork, now: datetime, upload_links: UploadLinks) -> Json:
    """Return what visitors see: what was published last, or what comes with the product."""
    with uow.read() as session:
        live = themes.published(session)
        content = rules.DEFAULT if live is None else themes.content_of(session, live).content
    return _look(content, upload_links, now) | {"version": live.version if live else 0}


def get_theme(*, uow: UnitOfWork, now: datetime, upload_links: UploadLinks) -> Json:
    """Return the draft, and what of it visitors see."""
    with uow.read() as session:
        return _whole(session, upload_links, now)


def save_theme(
    *,
    uow: UnitOfWork,
    now: datetime,
    upload_links: UploadLinks,
    revision: int,
    content: Json,
    staff_id: UUID | None,
) -> Json:
    """Save a draft; visitors see nothing of it. The same content again is saved already.

    Errors:  ThemeChanged when somebody else has saved another draft since `revision`;
             ThemeUnreadable; UploadUnknown, UploadNotReady, FileRefused for its pictures.
    """
    kept: Json = CONTENT.dump(content)
    if faults := rules.check(kept):
        raise ThemeUnreadable(errors=faults)
    with uow.begin() as tx:
        draft = themes.draft(tx.session)
        if draft is None or draft.content != kept:
            _require(draft, revision)
            uploads.take_pictures(tx.session, [UUID(one) for one in rules.pictures(kept)])
            _save(tx, kept, revision + 1, staff_id, now)
        return _whole(tx.session, upload_links, now)


def publish_theme(
    *,
    uow: UnitOfWork,
    now: datetime,
    upload_links: UploadLinks,
    revision: int,
    staff_id: UUID | None,
) -> Json:
    """Show the draft to visitors from now on; one that they see already stays as it is.

    Errors:  ThemeChanged when the draft is another one than was seen, or there is none.
    """
    with uow.begin() as tx:
        draft = themes.lock_draft(tx.session)
        _require(draft, revision)
        if draft is None:
            raise ThemeChanged(revision=0)
        live = themes.published(tx.session)
        if live is None or live.revision != revision:
            _publish(tx, draft, live, None, staff_id, now)
        return _whole(tx.session, upload_links, now)


def restore_theme(
    *,
    uow: UnitOfWork,
    now: datetime,
    upload_links: UploadLinks,
    revision: int,
    version: int,
    staff_id: UUID | None,
) -> Json:
    """Show what an earlier version showed, and make it the draft: the next version, not the past.

    Errors:  ThemeVersionUnknown; ThemeChanged as in `publish_theme`.
    """
    with uow.begin() as tx:
        draft = themes.lock_draft(tx.session)
        _require(draft, revision)
        earlier, live = themes.version(tx.session, version), themes.published(tx.session)
        if earlier is None:
            raise ThemeVersionUnknown()
        content = themes.content_of(tx.session, earlier).content
        copy = _save(tx, content, revision + 1, staff_id, now)
        _publish(tx, copy, live, version, staff_id, now)
        return _whole(tx.session, upload_links, now)


def list_theme_versions(
    *, uow: UnitOfWork, now: datetime, upload_links: UploadLinks, cursor: str | None, limit: int
) -> Json:
    """Return a page of what was published, the newest first.

    Errors:  Invalid for a cursor that is none.
    """
    with uow.read() as session:
        page, more = themes.versions_page(session, cursor=cursor, limit=limit)
    items = [
        {
            "version": publication.version,
            "revision": publication.revision,
            "restored": publication.restored,
            "published_at": publication.published_at,
            "look": _look(theme.content, upload_links, now),
        }
        for publication, theme in page
    ]
    return {"items": items, "next_cursor": more}


def _require(draft: Theme | None, revision: int) -> None:
    stands = draft.revision if draft else 0
    if stands != revision:
        raise ThemeChanged(revision=stands)


def _save(
    tx: Transaction, content: Json, revision: int, staff_id: UUID | None, now: datetime
) -> Theme:
    """Add a draft; of two that follow the same one, the second meets the primary key."""
    theme = Theme(revision=revision, content=content, saved_by=staff_id, saved_at=now)
    tx.session.add(theme)
    tx.session.flush()
    return theme


def _publish(
    tx: Transaction,
    draft: Theme,
    live: ThemeVersion | None,
    restored: int | None,
    staff_id: UUID | None,
    now: datetime,
) -> None:
    publication = ThemeVersion(
        id=UUID(new_id()),
        version=live.version + 1 if live else 1,
        revision=draft.revision,
        restored=restored,
        published_by=staff_id,
        published_at=now,
    )
    tx.session.add(publication)
    tx.session.flush()
    tx.emit(
        "theme.published",
        {
            "publication_id": publication.id,
            "version": publication.version,
            "restored": restored,
        },
    )


def _whole(session: Session, upload_links: UploadLinks, now: datetime) -> Json:
    draft, live = themes.draft(session), themes.published(session)
    content = draft.content if draft else rules.DEFAULT
    return {
        "revision": draft.revision if draft else 0,
        "saved_at": draft.saved_at if draft else None,
        "version": live.version if live else 0,
        "published_revision": live.revision if live else 0,
        "published_at": live.published_at if live else None,
        "draft": _look(content, upload_links, now),
    }


def _look(content: Json, upload_links: UploadLinks, now: datetime) -> Json:
    """Return a content as answers have it, with the addresses of its pictures."""

    def address(upload_id: str | None, variant: str) -> str | None:
        if upload_id is None:
            return None
        return upload_links.file_url(UUID(upload_id), variant, now, PUBLIC_WINDOW)

    look: Json = CONTENT.load(content)
    return look | {
        "logo_url": address(content["logo"], "small"),
        "hero_url": address(content["hero"]["picture"], "large"),
    }

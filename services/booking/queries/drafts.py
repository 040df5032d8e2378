"""Reading, locking and removing drafts."""

from collections.abc import Collection
from typing import cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.booking.domain import words
from services.booking.models import Draft
from services.chassis import paging


def draft(session: Session, draft_id: UUID) -> Draft | None:
    """Return a draft as it stands."""
    return session.get(Draft, draft_id)


def lock_draft(session: Session, draft_id: UUID) -> Draft | None:
    """Return a draft that nobody else changes until the transaction ends."""
    return session.get(Draft, draft_id, with_for_update=True)


def remove_draft(session: Session, draft_id: UUID, branch_ids: Collection[UUID] | None) -> bool:
    """Remove a draft of these branches, null for any; return false when there is none."""
    gone = sa.delete(Draft).where(Draft.id == draft_id)
    if branch_ids is not None:
        gone = gone.where(Draft.branch_id.in_(branch_ids))
    return bool(cast(sa.CursorResult[object], session.execute(gone)).rowcount)


def drafts_page(
    session: Session,
    *,
    branch_id: UUID | None,
    branch_ids: list[UUID] | None,
    q: str | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[Draft], str | None]:
    """Return a page of drafts, the newest first, and the cursor of the next one.

    Errors:  Invalid for a cursor that is none.
    """
    asked = sa.select(Draft)
    if branch_id is not None:
        asked = asked.where(Draft.branch_id == branch_id)
    if branch_ids is not None:
        asked = asked.where(Draft.branch_id.in_(branch_ids))
    if q and (needle := words.squeeze(q)):
        if terms := words.grams(needle):
            asked = asked.where(Draft.search_terms.contains(terms))
        asked = asked.where(Draft.search_text.contains(needle, autoescape=True))
    key = (Draft.created_at, Draft.id)
    return paging.newest_first(session, asked, key=key, cursor=cursor, limit=limit)

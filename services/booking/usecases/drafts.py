"""Drafting: staff write a wish down before it becomes a booking, or nothing."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.booking.domain import words
from services.booking.models import Draft
from services.booking.queries import drafts
from services.chassis.db import UnitOfWork
from services.contracts.drafts import DraftChanged, DraftUnknown
from services.contracts.drafts import Wish as WishShape

WISH = WishShape(partial=True)

Wish = dict[str, Any]


def save_draft(
    *,
    uow: UnitOfWork,
    now: datetime,
    draft_id: UUID,
    branch_id: UUID,
    branch_ids: list[UUID] | None,
    staff_id: UUID,
    wish: Wish,
    note: str,
    version: int | None,
) -> dict[str, Any]:
    """Begin a draft or change one; the same content again changes nothing.

    Shapes:  `wish` is contracts.drafts.Wish.
    Errors:  DraftUnknown for one that is gone or of a branch that the asker does not see;
             DraftChanged when somebody else has changed it since `version`.
    """
    content = _content(branch_id, wish, note)
    with uow.begin() as tx:
        if version is None:
            first = {"version": 1, "created_by": staff_id, "created_at": now, "updated_at": now}
            begun = insert(Draft).values(id=draft_id, **first, **content)
            tx.session.execute(begun.on_conflict_do_nothing(index_elements=[Draft.id]))
        draft = _check_seen(drafts.lock_draft(tx.session, draft_id), branch_ids)
        if any(getattr(draft, name) != value for name, value in content.items()):
            if draft.version != version:
                raise DraftChanged(version=draft.version)
            for name, value in content.items():
                setattr(draft, name, value)
            draft.version += 1
            draft.updated_at = now
        return _told(draft)


def get_draft(*, uow: UnitOfWork, draft_id: UUID, branch_ids: list[UUID] | None) -> dict[str, Any]:
    """Return a draft.

    Errors:  DraftUnknown.
    """
    with uow.read() as session:
        return _told(_check_seen(drafts.draft(session, draft_id), branch_ids))


def list_drafts(*, uow: UnitOfWork, **question: Any) -> dict[str, Any]:
    """Return a page of drafts, the newest first.

    Shapes:  `question` is contracts.drafts.ListDrafts.
    Errors:  Invalid for a cursor that is none.
    """
    with uow.read() as session:
        page, more = drafts.drafts_page(session, **question)
        return {"items": [_told(draft) for draft in page], "next_cursor": more}


def remove_draft(
    *, uow: UnitOfWork, draft_id: UUID, branch_ids: list[UUID] | None
) -> dict[str, Any]:
    """Throw a draft away."""
    with uow.begin() as tx:
        return {"removed": drafts.remove_draft(tx.session, draft_id, branch_ids)}


def _check_seen(draft: Draft | None, branch_ids: list[UUID] | None) -> Draft:
    if draft is None or (branch_ids is not None and draft.branch_id not in branch_ids):
        raise DraftUnknown()
    return draft


def _content(branch_id: UUID, wish: Wish, note: str) -> dict[str, Any]:
    contact = wish.get("contact", {})
    text = words.haystack(contact.get("name", ""), contact.get("phone", ""))
    return {
        "branch_id": branch_id,
        "wish": WISH.dump(wish),
        "note": note,
        "search_text": text,
        "search_terms": words.grams(text),
    }


def _told(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.id,
        "branch_id": draft.branch_id,
        "wish": WISH.load(draft.wish),
        "note": draft.note,
        "version": draft.version,
        "created_by": draft.created_by,
        "created_at": draft.created_at,
        "updated_at": draft.updated_at,
    }

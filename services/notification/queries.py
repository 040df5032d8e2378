"""Every SELECT and lock of notification, one named function each."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.notification.models import Message


def messages_of(session: Session, subject_id: UUID) -> Sequence[Message]:
    """Return the messages about one subject, oldest first."""
    return session.scalars(
        sa.select(Message)
        .where(Message.subject_id == subject_id)
        .order_by(Message.created_at, Message.id)
    ).all()


def lock_due_message(session: Session, now: datetime) -> Message | None:
    """Return and lock the message that has waited longest; those of other processes are left."""
    return session.scalars(
        sa.select(Message)
        .where(Message.state == "queued", Message.next_try_at <= now)
        .order_by(Message.next_try_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()


def lock_attempt(session: Session, message_id: UUID, attempt: int) -> Message | None:
    """Return and lock a queued message, unless a later attempt has it by now."""
    return session.scalars(
        sa.select(Message)
        .where(Message.id == message_id, Message.state == "queued", Message.attempts == attempt)
        .with_for_update()
    ).one_or_none()

"""Reading and locking uploads."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.booking.domain.uploads import CHECK_LEASE, State
from services.booking.models import Upload, UploadPiece, UploadSender

COUNTED = (State.RECEIVING, State.CHECKING, State.READY)


def upload(session: Session, upload_id: UUID) -> Upload | None:
    """Return an upload as it stands."""
    return session.get(Upload, upload_id)


def uploads(session: Session, upload_ids: Collection[UUID]) -> list[Upload]:
    """Return those of some uploads that exist, oldest first."""
    asked = sa.select(Upload).where(Upload.id.in_(upload_ids))
    return list(session.scalars(asked.order_by(Upload.created_at, Upload.id)))


def lock_upload(session: Session, upload_id: UUID) -> Upload | None:
    """Return an upload that nobody else changes until the transaction ends."""
    return session.get(Upload, upload_id, with_for_update=True)


def lock_uploads(session: Session, upload_ids: Collection[UUID]) -> list[Upload]:
    """Return those of some uploads that exist, locked in the order of their ids."""
    asked = sa.select(Upload).where(Upload.id.in_(upload_ids)).order_by(Upload.id)
    return list(session.scalars(asked.with_for_update()))


def uploads_of(session: Session, booking_id: UUID) -> list[Upload]:
    """Return the uploads of a booking that have not ended, oldest first."""
    return list(
        session.scalars(
            sa.select(Upload)
            .where(Upload.booking_id == booking_id, Upload.state != State.EXPIRED)
            .order_by(Upload.created_at, Upload.id)
        )
    )


def count_of_booking(session: Session, booking_id: UUID) -> int:
    """Return how many files a booking has or is getting."""
    return _count(session, Upload.booking_id == booking_id)


def count_of_permit(session: Session, permit_id: UUID) -> int:
    """Return how many files came or are coming by one permit."""
    return _count(session, Upload.permit_id == permit_id)


def count_sent(session: Session, sender: bytes, size: int, now: datetime) -> int:
    """Add to what a sender has sent, and return the sum; locked until the transaction ends."""
    first = insert(UploadSender).values(sender=sender, received=size, began_at=now)
    counted = first.on_conflict_do_update(
        index_elements=[UploadSender.sender], set_={"received": UploadSender.received + size}
    )
    return session.execute(counted.returning(UploadSender.received)).scalar_one()


def sent(session: Session, sender: bytes) -> int:
    """Return what a sender has sent."""
    asked = sa.select(UploadSender.received).where(UploadSender.sender == sender)
    return session.scalar(asked) or 0


def pieces_of(session: Session, upload_id: UUID) -> list[UploadPiece]:
    """Return the pieces of an upload in their order."""
    return list(
        session.scalars(
            sa.select(UploadPiece)
            .where(UploadPiece.upload_id == upload_id)
            .order_by(UploadPiece.start)
        )
    )


def forget_pieces(session: Session, upload_id: UUID) -> None:
    """Delete what is known of the pieces of an upload."""
    session.execute(sa.delete(UploadPiece).where(UploadPiece.upload_id == upload_id))


def lock_unchecked(session: Session, now: datetime) -> Upload | None:
    """Return the upload that has waited longest for a check that nobody is at."""
    idle = sa.or_(Upload.check_started_at.is_(None), Upload.check_started_at <= now - CHECK_LEASE)
    return session.scalars(
        sa.select(Upload)
        .where(Upload.state == State.CHECKING, idle)
        .order_by(Upload.created_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()


def lock_overdue(session: Session, now: datetime, limit: int) -> list[Upload]:
    """Return uploads whose time is over and that nobody works on; some replica takes each."""
    return list(
        session.scalars(
            sa.select(Upload)
            .where(Upload.expires_at <= now, Upload.state != State.CHECKING)
            .order_by(Upload.expires_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


def delete_expired(session: Session, upload_ids: Collection[UUID]) -> None:
    """Delete uploads that have ended."""
    session.execute(
        sa.delete(Upload).where(Upload.id.in_(upload_ids), Upload.state == State.EXPIRED)
    )


def in_state(session: Session, upload_ids: Collection[UUID], states: Collection[str]) -> set[UUID]:
    """Return which of some uploads exist and are in one of some states."""
    return set(
        session.scalars(
            sa.select(Upload.id).where(Upload.id.in_(upload_ids), Upload.state.in_(states))
        )
    )


def _count(session: Session, whose: sa.ColumnElement[bool]) -> int:
    asked = sa.select(sa.func.count()).where(whose, Upload.state.in_(COUNTED))
    return session.execute(asked).scalar_one()

"""Files that people send, and the pieces in which they arrive."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.domain.uploads import PURPOSES, State
from services.booking.models.base import Base, Json


class Upload(Base):
    """One file, of a booking, of a form, or of the theme.

    `sender` is the digest of a visitor's client address, under which what they send is counted.
    `taken_by` is the submission or table row that holds a form's file, `permit_id` the permit by
    which a visitor sent it. `declared_type` is what the sender believes, `content_type` what the
    content says. `files` are the variants in which it can be read, [{variant, content_type, size}].
    `expires_at` is null once it belongs to something for good.
    """

    __tablename__ = "upload"
    __table_args__ = (
        sa.CheckConstraint(
            "num_nonnulls(booking_id, form_id) = (purpose <> 'theme_image')::int", name="owner"
        ),
        sa.CheckConstraint(sa.column("purpose").in_(list(PURPOSES)), name="purpose"),
        sa.CheckConstraint(sa.column("state").in_([str(s) for s in State]), name="state"),
        sa.CheckConstraint("received >= 0 AND received <= size", name="received"),
        sa.CheckConstraint("state <> 'ready' OR content_type IS NOT NULL", name="ready"),
        sa.CheckConstraint("state <> 'refused' OR refusal IS NOT NULL", name="refusal"),
        sa.Index("upload_booking_id_created_at_idx", "booking_id", "created_at"),
        sa.Index("upload_taken_by_idx", "taken_by"),
        sa.Index("upload_permit_id_idx", "permit_id"),
        sa.Index(
            "upload_expires_at_idx",
            "expires_at",
            postgresql_where=sa.text("expires_at IS NOT NULL"),
        ),
        sa.Index(
            "upload_checking_idx", "created_at", postgresql_where=sa.text("state = 'checking'")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    booking_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("booking.id"))
    form_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("form.id"))
    taken_by: Mapped[UUID | None]
    permit_id: Mapped[UUID | None]
    sender: Mapped[bytes | None]
    staff_id: Mapped[UUID | None]
    purpose: Mapped[str]
    name: Mapped[str]
    declared_type: Mapped[str]
    note: Mapped[str]
    size: Mapped[int | None] = mapped_column(sa.BigInteger)
    received: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    state: Mapped[str] = mapped_column(default=State.RECEIVING)
    refusal: Mapped[str | None]
    content_type: Mapped[str | None]
    sha256: Mapped[str | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    files: Mapped[list[Json]] = mapped_column(default=list)
    checks: Mapped[int] = mapped_column(default=0)
    check_started_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class UploadSender(Base):
    """How much visitors of one client address have sent on one day. Pruned when old.

    `sender` is a keyed digest of address and day: it names nobody, and tomorrow another one.
    """

    __tablename__ = "upload_sender"
    __table_args__ = (
        sa.CheckConstraint("received >= 0", name="received"),
        sa.Index("upload_sender_began_at_idx", "began_at"),
    )

    sender: Mapped[bytes] = mapped_column(primary_key=True)
    received: Mapped[int] = mapped_column(sa.BigInteger)
    began_at: Mapped[datetime]


class UploadPiece(Base):
    """A piece of an upload that has arrived; the pieces lie in the store one after the other."""

    __tablename__ = "upload_piece"
    __table_args__ = (sa.CheckConstraint("size > 0", name="size"),)

    upload_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("upload.id", ondelete="CASCADE"), primary_key=True
    )
    start: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    key: Mapped[str]


SENDERS_KEPT = timedelta(days=3)
"""Longer than an upload waits that began on the day: pruned sooner, its rest would not count."""

PRUNED = ((UploadSender.__tablename__, "began_at", SENDERS_KEPT),)

"""Uploads: begun, continued, ended, listed and read by whoever has the right to."""

import math
from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.booking.domain.uploads import (
    MAX_FILES_PER_BOOKING,
    PURPOSES,
    UNFINISHED_KEPT,
    Purpose,
    State,
    VisitorLimits,
    name_for,
)
from services.booking.links import Links
from services.booking.models import Upload, UploadPiece
from services.booking.queries import bookings, uploads
from services.booking.upload_links import UploadLinks
from services.booking.usecases import steps
from services.chassis.context import new_id
from services.chassis.db import UnitOfWork
from services.contracts.booking import BookingUnknown
from services.contracts.uploads import (
    FileRefused,
    FileUnknown,
    OffsetConflict,
    PermitInvalid,
    PurposeRefused,
    TooManyUploads,
    UploadNotReady,
    UploadTooLarge,
    UploadUnknown,
    VisitorLimitReached,
)

SHOWN = ("image/", "video/")
"""What a browser may show at our own address: all of these were decoded or never run anything."""


def start_upload(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: Links,
    upload_links: UploadLinks,
    purpose: str,
    name: str,
    content_type: str,
    size: int | None,
    note: str,
    permit: str | None,
    booking_id: UUID | None,
    form_id: UUID | None,
    client: str,
    limits: VisitorLimits,
    access: steps.Access | None,
) -> dict[str, Any]:
    """Begin an upload, of which nothing has been received.

    Errors:  PermitInvalid, PurposeRefused, UploadTooLarge, TooManyUploads, VisitorLimitReached;
             BookingUnknown, ManageTokenInvalid, FormUnknown.
    """
    rules = PURPOSES[purpose]
    most = limits.max_bytes(purpose, is_visitor=permit is not None)
    if size is not None and size > most:
        raise UploadTooLarge(max_bytes=most)
    with uow.begin() as tx:
        owner: dict[str, Any]
        if permit is not None:
            owner = _by_permit(tx.session, upload_links, permit, purpose, now)
            owner["sender"] = upload_links.sender_of(client, now)
            _check_day(uploads.sent(tx.session, owner["sender"]) + (size or 1), limits, now)
        elif access is None:
            raise PermitInvalid()
        elif rules.to == "form":
            owner = {"form_id": form_id, "staff_id": access["staff_id"]}
        elif rules.to == "theme":
            owner = {"staff_id": access["staff_id"]}
        else:
            owner = _by_access(tx.session, links, access, booking_id)
        _check_sender(rules, owner)
        upload = Upload(
            id=UUID(new_id()),
            purpose=purpose,
            name=name,
            declared_type=content_type,
            note=note,
            size=size,
            received=0,
            state=State.RECEIVING,
            files=[],
            checks=0,
            created_at=now,
            expires_at=now + UNFINISHED_KEPT,
            **owner,
        )
        tx.session.add(upload)
        return _own_view(upload, upload_links, limits, now)


def get_upload(
    *,
    uow: UnitOfWork,
    now: datetime,
    upload_links: UploadLinks,
    limits: VisitorLimits,
    token: str,
) -> dict[str, Any]:
    """Return an upload to its sender.

    Errors:  UploadUnknown.
    """
    with uow.read() as session:
        upload = _open(uploads.upload(session, _id_in(upload_links, token)), now)
        return _own_view(upload, upload_links, limits, now)


def append_upload(
    *,
    uow: UnitOfWork,
    now: datetime,
    upload_links: UploadLinks,
    limits: VisitorLimits,
    token: str,
    offset: int,
    pieces: list[dict[str, Any]],
    size: int | None,
) -> dict[str, Any]:
    """Count pieces that are in the store; of several that begin at one offset one is counted.

    What visitors send is counted for their address in the same transaction, however many gateways
    receive it.

    Errors:  UploadUnknown; OffsetConflict, also once everything was received; UploadTooLarge;
             VisitorLimitReached.
    """
    with uow.begin() as tx:
        upload = _open(uploads.lock_upload(tx.session, _id_in(upload_links, token)), now)
        if offset != upload.received or (pieces and upload.state != State.RECEIVING):
            raise OffsetConflict(offset=upload.received)
        for piece in pieces:
            tx.session.add(
                UploadPiece(
                    upload_id=upload.id,
                    start=upload.received,
                    size=piece["size"],
                    key=piece["key"],
                )
            )
            upload.received += piece["size"]
        if upload.size is None:
            upload.size = size
        limit = _max_bytes(upload, limits)
        whole = limit if upload.size is None else upload.size
        if whole > limit or upload.received > whole:
            raise UploadTooLarge(max_bytes=min(limit, whole))
        if upload.sender is not None and pieces:
            new = sum(piece["size"] for piece in pieces)
            _check_day(uploads.count_sent(tx.session, upload.sender, new, now), limits, now)
        if upload.state == State.RECEIVING:
            upload.expires_at = now + UNFINISHED_KEPT
            if upload.received == upload.size:
                upload.state = State.CHECKING
        return _own_view(upload, upload_links, limits, now)


def end_upload(*, uow: UnitOfWork, now: datetime, upload_links: UploadLinks, token: str) -> None:
    """End an upload before it belongs to anything; what there is of it is swept away.

    Errors:  UploadUnknown, also once it belongs to a booking or submission.
    """
    with uow.begin() as tx:
        upload = _open(uploads.lock_upload(tx.session, _id_in(upload_links, token)), now)
        if upload.expires_at is None:
            raise UploadUnknown()
        _end(upload, now)


def list_uploads(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: Links,
    upload_links: UploadLinks,
    booking_id: UUID,
    access: steps.Access,
    crew_id: UUID | None,
) -> dict[str, Any]:
    """Return the files of a booking, oldest first: to its customer, its staff and its crew.

    Errors:  BookingUnknown, ManageTokenInvalid.
    """
    with uow.read() as session:
        booking = bookings.booking(session, booking_id)
        if crew_id is None:
            steps.check_access(booking, access, links)
        elif booking is None or str(crew_id) not in {m["resource_id"] for m in booking.crew}:
            raise BookingUnknown()
        found = uploads.uploads_of(session, booking_id)
    told = crew_id is not None or steps.is_staff(access)
    shown = [upload for upload in found if told or PURPOSES[upload.purpose].told]
    return {"items": [_view(upload, upload_links, now) for upload in shown]}


def remove_upload(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: Links,
    booking_id: UUID,
    upload_id: UUID,
    access: steps.Access,
) -> None:
    """Take a file away from its booking.

    Errors:  BookingUnknown, ManageTokenInvalid; UploadUnknown, also for what its asker is not told.
    """
    with uow.begin() as tx:
        steps.check_access(bookings.booking(tx.session, booking_id), access, links)
        upload = uploads.lock_upload(tx.session, upload_id)
        if upload is None or upload.booking_id != booking_id or upload.state == State.EXPIRED:
            raise UploadUnknown()
        if not (steps.is_staff(access) or PURPOSES[upload.purpose].told):
            raise UploadUnknown()
        _end(upload, now)


def locate_file(
    *, uow: UnitOfWork, now: datetime, upload_links: UploadLinks, token: str
) -> dict[str, Any]:
    """Return where a file lies that somebody has a signed address of.

    Errors:  FileUnknown.
    """
    asked = upload_links.file_of(token, now)
    if asked is None:
        raise FileUnknown()
    upload_id, variant, expires_at = asked
    with uow.read() as session:
        upload = uploads.upload(session, upload_id)
    if upload is None or upload.state != State.READY:
        raise FileUnknown()
    file = next((one for one in upload.files if one["variant"] == variant), None)
    if file is None:
        raise FileUnknown()
    return {
        "key": object_key(upload.id, variant),
        "name": name_for(upload.name, file["content_type"]),
        "content_type": file["content_type"],
        "size": file["size"],
        "etag": f"{upload.id.hex}-{variant}",
        "inline": file["content_type"].startswith(SHOWN),
        "expires_at": expires_at,
    }


def take(session: Session, *, upload_ids: Collection[UUID], form_id: UUID, taken_by: UUID) -> None:
    """Give a form's files to the submission or table row that names them, for good.

    To be called inside that one's transaction; repeated, it changes nothing.

    Errors:  UploadUnknown for files of other forms and of other submissions; UploadNotReady;
             FileRefused.
    """
    found = uploads.lock_uploads(session, upload_ids)
    if len(found) != len(set(upload_ids)):
        raise UploadUnknown()
    for upload in found:
        # What a booking has taken belongs to it, and no more to the form.
        is_free = upload.form_id == form_id and upload.taken_by is None
        if not is_free and upload.taken_by != taken_by:
            raise UploadUnknown()
        _require_ready(upload)
        upload.taken_by = taken_by
        upload.expires_at = None


def take_pictures(session: Session, upload_ids: Collection[UUID]) -> None:
    """Keep pictures of the theme for good; repeated, it changes nothing.

    Errors:  UploadUnknown, also for files that were not sent for the theme; UploadNotReady;
             FileRefused.
    """
    found = uploads.lock_uploads(session, upload_ids)
    if len(found) != len(set(upload_ids)):
        raise UploadUnknown()
    for upload in found:
        if PURPOSES[upload.purpose].to != "theme":
            raise UploadUnknown()
        _require_ready(upload)
        upload.expires_at = None


def shown(
    session: Session, upload_ids: Collection[UUID], upload_links: UploadLinks, now: datetime
) -> list[dict[str, Any]]:
    """Return the files that an answer names, with addresses at which they can be read."""
    found = uploads.uploads(session, upload_ids)
    return [_view(one, upload_links, now) for one in found]


def object_key(upload_id: UUID, variant: str) -> str:
    """Return under which key a variant is kept."""
    return f"uploads/{upload_id}/{variant}"


def _check_sender(rules: Purpose, owner: dict[str, Any]) -> None:
    """Errors:  PurposeRefused for who may not send this, and for what belongs to nothing."""
    by = "visitor" if owner.get("permit_id") else "staff" if owner.get("staff_id") else "holder"
    belongs = rules.to == "theme" or owner.get("booking_id") or owner.get("form_id")
    if by not in rules.by or not belongs:
        raise PurposeRefused()


def _by_permit(
    session: Session, upload_links: UploadLinks, token: str, purpose: str, now: datetime
) -> dict[str, Any]:
    permit = upload_links.permit_of(token, now)
    if permit is None:
        raise PermitInvalid()
    if permit.purpose != purpose:
        raise PurposeRefused()
    # A brake, not an account: files that are begun at the same instant may exceed it.
    if uploads.count_of_permit(session, permit.id) >= permit.max_files:
        raise TooManyUploads(max_files=permit.max_files)
    return {"form_id": permit.form_id, "permit_id": permit.id}


def _by_access(
    session: Session, links: Links, access: steps.Access, booking_id: UUID | None
) -> dict[str, Any]:
    if booking_id is None:
        raise BookingUnknown()
    steps.check_access(bookings.booking(session, booking_id), access, links)
    if uploads.count_of_booking(session, booking_id) >= MAX_FILES_PER_BOOKING:
        raise TooManyUploads(max_files=MAX_FILES_PER_BOOKING)
    return {"booking_id": booking_id, "staff_id": access["staff_id"]}


def _id_in(upload_links: UploadLinks, token: str) -> UUID:
    upload_id = upload_links.upload_of(token)
    if upload_id is None:
        raise UploadUnknown()
    return upload_id


def _open(upload: Upload | None, now: datetime) -> Upload:
    """Return an upload that its sender still has; the sweeper may not have come by yet."""
    if upload is None or upload.state == State.EXPIRED:
        raise UploadUnknown()
    if upload.expires_at is not None and upload.expires_at <= now:
        raise UploadUnknown()
    return upload


def _end(upload: Upload, now: datetime) -> None:
    upload.state = State.EXPIRED
    upload.expires_at = now


def _view(upload: Upload, upload_links: UploadLinks, now: datetime) -> dict[str, Any]:
    files = upload.files if upload.state == State.READY else []
    return {
        "id": upload.id,
        "purpose": upload.purpose,
        "name": upload.name,
        "state": upload.state,
        "refusal": upload.refusal,
        "size": upload.size,
        "received": upload.received,
        "content_type": upload.content_type,
        "width": upload.width,
        "height": upload.height,
        "sha256": upload.sha256,
        "created_at": upload.created_at,
        "expires_at": upload.expires_at,
        "files": [
            file | {"url": upload_links.file_url(upload.id, file["variant"], now)} for file in files
        ],
    }


def _require_ready(upload: Upload) -> None:
    if upload.state in {State.RECEIVING, State.CHECKING}:
        raise UploadNotReady(upload_id=str(upload.id))
    if upload.state == State.REFUSED:
        raise FileRefused(reason=upload.refusal)
    if upload.state == State.EXPIRED:
        raise UploadUnknown()


def _max_bytes(upload: Upload, limits: VisitorLimits) -> int:
    return limits.max_bytes(upload.purpose, is_visitor=upload.permit_id is not None)


def _check_day(day_bytes: int, limits: VisitorLimits, now: datetime) -> None:
    """Errors:  VisitorLimitReached."""
    if not limits.allow(day_bytes):
        tomorrow = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
        seconds = math.ceil((tomorrow - now).total_seconds())
        raise VisitorLimitReached(retry_after_seconds=seconds)


def _own_view(
    upload: Upload, upload_links: UploadLinks, limits: VisitorLimits, now: datetime
) -> dict[str, Any]:
    return _view(upload, upload_links, now) | {
        "token": upload_links.upload_token(upload.id),
        "max_bytes": _max_bytes(upload, limits),
        "note": upload.note,
    }

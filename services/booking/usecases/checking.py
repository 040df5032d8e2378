"""Checking: what was received is looked into, made anew and kept, or refused."""

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from eventlet import tpool

from services.booking import contents, videos
from services.booking.contents import Finding
from services.booking.domain.uploads import (
    CHECK_LEASE,
    HEAD_BYTES,
    MAX_BYTES,
    MAX_CHECKS,
    PURPOSES,
    UNFINISHED_KEPT,
    Kind,
    Refused,
    State,
    kind_of,
    sniff,
)
from services.booking.models import Upload
from services.booking.queries import bookings, uploads
from services.booking.usecases.uploads import object_key
from services.chassis.db import Transaction, UnitOfWork
from services.chassis.storage import Store
from services.contracts.errors import Unavailable

STORE_PAUSE = timedelta(seconds=30)
"""When a file is tried again whose store was away."""


@dataclass(frozen=True)
class Task:
    """What a check needs to know of an upload; `keys` are its pieces in their order."""

    upload_id: UUID
    purpose: str
    name: str
    size: int
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Checked:
    """What a check found.

    Shapes:  `files` as in the upload's column; `refusal` None when there are any.
    """

    refusal: str | None = None
    content_type: str | None = None
    sha256: str | None = None
    width: int | None = None
    height: int | None = None
    files: tuple[dict[str, Any], ...] = ()


def check_next(*, uow: UnitOfWork, store: Store, now: datetime) -> bool:
    """Check the upload that has waited longest; return false when none waits.

    Any number of processes may do so at once. One that dies leaves its upload to the next.

    Errors:  Unavailable when the store is away; the upload then waits a little.
    """
    task = _claim(uow, now)
    if task is None:
        return False
    try:
        checked = _check(store, task)
    except Refused as refused:
        checked = Checked(refusal=refused.reason)
    except Unavailable:
        _give_back(uow, task.upload_id, now)
        raise
    if not _settle(uow, task.upload_id, checked, now):
        remove_objects(store, f"uploads/{task.upload_id}/")
    remove_objects(store, f"pieces/{task.upload_id}/")
    return True


def remove_objects(store: Store, prefix: str) -> None:
    """Delete all that is kept under a prefix."""
    for kept in list(store.kept(prefix)):
        store.delete(kept.key)


def _claim(uow: UnitOfWork, now: datetime) -> Task | None:
    with uow.begin() as tx:
        upload = uploads.lock_unchecked(tx.session, now)
        if upload is None:
            return None
        upload.check_started_at = now
        upload.checks += 1
        pieces = uploads.pieces_of(tx.session, upload.id)
        # What has ended the process every time is not looked at again.
        keys = () if upload.checks > MAX_CHECKS else tuple(piece.key for piece in pieces)
        return Task(upload.id, upload.purpose, upload.name, upload.received, keys)


def _check(store: Store, task: Task) -> Checked:
    """Errors:  Refused."""
    if not task.keys:
        raise Refused("damaged")
    digest = hashlib.sha256()
    content = _hashed(_content(store, task.keys), digest)
    head, content = _peek(content)
    content_type = sniff(head)
    if content_type is None or (kind := kind_of(content_type)) not in PURPOSES[task.purpose].kinds:
        raise Refused("type_refused")
    if task.size > MAX_BYTES[kind]:
        raise Refused("too_large")
    if kind is Kind.VIDEO:
        # Read twice: what is to be overwritten may be told by the file's very end.
        patches = videos.find_locations(content)
        kept = videos.overwrite(_content(store, task.keys), patches)
        store.put(object_key(task.upload_id, "original"), kept, content_type)
        files = [{"variant": "original", "content_type": content_type, "size": task.size}]
        return Checked(None, content_type, digest.hexdigest(), None, None, tuple(files))
    data = b"".join(content)
    found: Finding = tpool.execute(contents.examine, data, content_type, task.name)
    for made in found.renditions:
        store.put(object_key(task.upload_id, made.variant), made.data, made.content_type)
    files = [
        {"variant": made.variant, "content_type": made.content_type, "size": len(made.data)}
        for made in found.renditions
    ]
    return Checked(
        None, found.content_type, digest.hexdigest(), found.width, found.height, tuple(files)
    )


def _settle(uow: UnitOfWork, upload_id: UUID, checked: Checked, now: datetime) -> bool:
    """Note what a check found; return whether what it made is wanted."""
    with uow.begin() as tx:
        upload = uploads.lock_upload(tx.session, upload_id)
        if upload is None or upload.state != State.CHECKING:
            return upload is not None and upload.state == State.READY
        uploads.forget_pieces(tx.session, upload_id)
        upload.state = State.READY if checked.refusal is None else State.REFUSED
        upload.refusal = checked.refusal
        upload.content_type = checked.content_type
        upload.sha256 = checked.sha256
        upload.width, upload.height = checked.width, checked.height
        upload.files = list(checked.files)
        kept_for_good = upload.booking_id is not None and checked.refusal is None
        upload.expires_at = None if kept_for_good else now + UNFINISHED_KEPT
        if checked.refusal is None:
            _tell(tx, upload)
        return checked.refusal is None


def _tell(tx: Transaction, upload: Upload) -> None:
    booking = upload.booking_id and bookings.booking(tx.session, upload.booking_id)
    tx.emit(
        "upload.ready",
        {
            "upload_id": upload.id,
            "booking_id": upload.booking_id,
            "form_id": upload.form_id,
            "branch_id": booking.branch_id if booking else None,
            "purpose": upload.purpose,
            "name": upload.name,
            "content_type": upload.content_type,
            "size": upload.received,
        },
    )


def _give_back(uow: UnitOfWork, upload_id: UUID, now: datetime) -> None:
    """Let an upload be checked soon that could not be read; it is not the file's fault."""
    with uow.begin() as tx:
        upload = uploads.lock_upload(tx.session, upload_id)
        if upload is not None:
            upload.checks -= 1
            upload.check_started_at = now - CHECK_LEASE + STORE_PAUSE


def _content(store: Store, keys: tuple[str, ...]) -> Iterator[bytes]:
    for key in keys:
        yield from store.chunks(key)


def _hashed(content: Iterator[bytes], digest: Any) -> Iterator[bytes]:
    for chunk in content:
        digest.update(chunk)
        yield chunk


def _peek(content: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return the beginning of a content, and the whole of it."""
    seen: list[bytes] = []
    length = 0
    for chunk in content:
        seen.append(chunk)
        length += len(chunk)
        if length >= HEAD_BYTES:
            break
    return b"".join(seen)[:HEAD_BYTES], itertools.chain(seen, content)

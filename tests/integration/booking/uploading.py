"""Uploads for tests: booking's use cases with a store in a folder, as the gateway calls them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.booking.domain.uploads import MEBIBYTE, VisitorLimits
from services.booking.models import Form, Upload
from services.booking.queries import uploads as queries
from services.booking.upload_links import Permit, UploadLinks
from services.booking.usecases import checking, sweeping, uploads
from services.chassis.context import new_id
from services.chassis.db import UnitOfWork
from services.chassis.storage import Store
from services.contracts.uploads import PIECE_BYTES
from tests.integration.booking.studio import NOW, Studio

FORM = UUID("00000000-0000-4000-8000-00000000f001")


class Desk:
    """The verbs of uploads with everything they need; `now` moves as the test says."""

    def __init__(self, studio: Studio, store: Store) -> None:
        self.studio = studio
        self.store = store
        self.upload_links = UploadLinks(secret="test-manage-secret")
        self.limits = VisitorLimits(file_bytes=100 * MEBIBYTE, day_bytes=0)

    @property
    def uow(self) -> UnitOfWork:
        return self.studio.uow

    @property
    def now(self) -> datetime:
        return self.studio.now

    # --- who may send

    def booking(self) -> UUID:
        booking_id: UUID = self.studio.request()["id"]
        return booking_id

    def by_link(self, booking_id: UUID) -> dict[str, Any]:
        return {"booking_id": booking_id, "access": self.studio.customer(booking_id)}

    def by_staff(self, booking_id: UUID) -> dict[str, Any]:
        return {"booking_id": booking_id, "access": self.studio.staff()}

    def by_permit(self, purpose: str = "form_image", **changes: Any) -> dict[str, Any]:
        permit = {
            "id": UUID(new_id()),
            "form_id": FORM,
            "purpose": purpose,
            "max_files": 5,
            "expires_at": self.now + timedelta(hours=1),
        }
        token = self.upload_links.permit_token(Permit(**(permit | changes)))
        return {"permit": token, "purpose": purpose}

    def form(self, form_id: UUID = FORM) -> UUID:
        with self.uow.begin() as tx:
            tx.session.add(
                Form(
                    id=form_id,
                    kind="survey",
                    name={"zh": "客片征集", "en": ""},
                    definition={},
                    revision=1,
                    published_version=None,
                    active=True,
                    created_at=NOW,
                    changed_at=NOW,
                )
            )
        return form_id

    # --- verbs

    def start(self, **wish: Any) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "purpose": "reference",
            "name": "参考.jpg",
            "content_type": "image/jpeg",
            "size": None,
            "note": "",
            "permit": None,
            "booking_id": None,
            "form_id": None,
            "client": "203.0.113.9",
            "access": None,
        }
        return uploads.start_upload(
            uow=self.uow,
            now=self.now,
            links=self.studio.links,
            upload_links=self.upload_links,
            limits=self.limits,
            **(asked | wish),
        )

    def keep(self, upload: dict[str, Any], data: bytes, at: int = 0) -> list[dict[str, Any]]:
        """Store pieces as the gateway does, and tell nobody."""
        pieces = []
        for begin in range(0, len(data), PIECE_BYTES):
            piece = data[begin : begin + PIECE_BYTES]
            key = f"pieces/{upload['id']}/{at + begin:015d}-{new_id()[-8:]}"
            self.store.put(key, piece, "application/octet-stream")
            pieces.append({"key": key, "size": len(piece)})
        return pieces

    def count(
        self, upload: dict[str, Any], offset: int, pieces: list[dict[str, Any]], size: int | None
    ) -> dict[str, Any]:
        return uploads.append_upload(
            uow=self.uow,
            now=self.now,
            upload_links=self.upload_links,
            limits=self.limits,
            token=upload["token"],
            offset=offset,
            pieces=pieces,
            size=size,
        )

    def append(
        self, upload: dict[str, Any], data: bytes, *, at: int = 0, size: int | None = None
    ) -> dict[str, Any]:
        return self.count(upload, at, self.keep(upload, data, at), size)

    def send(self, data: bytes, **wish: Any) -> dict[str, Any]:
        """Send a whole file, unchecked."""
        return self.append(self.start(**wish), data, size=len(data))

    def check(self) -> bool:
        return checking.check_next(uow=self.uow, store=self.store, now=self.now)

    def sent(self, data: bytes, **wish: Any) -> dict[str, Any]:
        """Send a whole file and have it checked."""
        upload = self.send(data, **wish)
        assert self.check()
        return self.get(upload)

    def get(self, upload: dict[str, Any]) -> dict[str, Any]:
        return uploads.get_upload(
            uow=self.uow,
            now=self.now,
            upload_links=self.upload_links,
            limits=self.limits,
            token=upload["token"],
        )

    def end(self, upload: dict[str, Any]) -> None:
        uploads.end_upload(
            uow=self.uow, now=self.now, upload_links=self.upload_links, token=upload["token"]
        )

    def list(self, booking_id: UUID, **who: Any) -> list[dict[str, Any]]:
        asked = {"access": self.studio.staff(), "crew_id": None} | who
        found: list[dict[str, Any]] = uploads.list_uploads(
            uow=self.uow,
            now=self.now,
            links=self.studio.links,
            upload_links=self.upload_links,
            booking_id=booking_id,
            **asked,
        )["items"]
        return found

    def remove(self, booking_id: UUID, upload: dict[str, Any], access: dict[str, Any]) -> None:
        uploads.remove_upload(
            uow=self.uow,
            now=self.now,
            links=self.studio.links,
            booking_id=booking_id,
            upload_id=upload["id"],
            access=access,
        )

    def locate(self, url: str) -> dict[str, Any]:
        return uploads.locate_file(
            uow=self.uow,
            now=self.now,
            upload_links=self.upload_links,
            token=url.removeprefix("/files/"),
        )

    def take(self, *taken: dict[str, Any], by: UUID, form_id: UUID = FORM) -> None:
        with self.uow.begin() as tx:
            ids = [upload["id"] for upload in taken]
            uploads.take(tx.session, upload_ids=ids, form_id=form_id, taken_by=by)

    def shown(self, *upload_ids: UUID) -> Any:
        with self.uow.read() as session:
            return uploads.shown(session, upload_ids, self.upload_links, self.now)

    def sweep(self) -> int:
        return sweeping.sweep_uploads(uow=self.uow, store=self.store, now=self.now)

    # --- what is remembered

    def row(self, upload: dict[str, Any]) -> Upload | None:
        with self.uow.read() as session:
            return queries.upload(session, upload["id"])

    def objects(self) -> set[str]:
        """What lies in the store, without the random ends."""
        found = [*self.store.kept("pieces/"), *self.store.kept("uploads/")]
        return {kept.key for kept in found}

    def meanwhile(self, work: Callable[[], Any]) -> "Interrupting":
        """Return the store, in whose next reading something happens elsewhere."""
        return Interrupting(self.store, work)


class Interrupting:
    """A store in which something happens once, when the first object has been opened."""

    def __init__(self, store: Store, work: Callable[[], Any]) -> None:
        self._store = store
        self._work: Callable[[], Any] | None = work

    def chunks(self, key: str) -> Any:
        found = list(self._store.chunks(key))
        work, self._work = self._work, None
        if work is not None:
            work()
        return iter(found)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

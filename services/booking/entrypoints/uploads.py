"""RPCs of files that people send, and the work that follows from them."""

from typing import Any

from nameko.timer import timer

from services.booking.entrypoints.base import Parts
from services.booking.usecases import checking, sweeping, uploads
from services.chassis.rpc import rpc

CHECK_SECONDS = 0.5
"""Seconds between two looks for files to be checked: people wait for them to appear."""

CHECKED_AT_ONCE = 20
"""Files of one look; a process that is to stop waits until the look ends."""

SWEEP_SECONDS = 60
"""Seconds between two looks for uploads that have ended."""

ORPHAN_SECONDS = 6 * 60 * 60
"""Seconds between two walks through the whole store, which takes a request a thousand objects."""


class Uploads(Parts):
    @rpc
    def start_upload(self, **wish: Any) -> dict[str, Any]:
        return uploads.start_upload(**self.receiving_files, links=self.links, **wish)

    @rpc
    def get_upload(self, **question: Any) -> dict[str, Any]:
        return uploads.get_upload(**self.receiving_files, **question)

    @rpc
    def append_upload(self, **command: Any) -> dict[str, Any]:
        return uploads.append_upload(**self.receiving_files, **command)

    @rpc
    def end_upload(self, **command: Any) -> dict[str, Any]:
        uploads.end_upload(**self.reading_files, **command)
        return {}

    @rpc
    def list_uploads(self, **question: Any) -> dict[str, Any]:
        return uploads.list_uploads(**self.telling, upload_links=self.upload_links, **question)

    @rpc
    def remove_upload(self, **command: Any) -> dict[str, Any]:
        uploads.remove_upload(**self.telling, **command)
        return {}

    @rpc
    def locate_file(self, **question: Any) -> dict[str, Any]:
        return uploads.locate_file(**self.reading_files, **question)

    # One file at a time in each process: an image takes half a gigabyte while it is made anew.
    @timer(interval=CHECK_SECONDS)
    def check_uploads(self) -> None:
        for _ in range(CHECKED_AT_ONCE):
            if not checking.check_next(uow=self.uow, store=self.store, now=self.now()):
                return

    @timer(interval=SWEEP_SECONDS)
    def sweep_uploads(self) -> None:
        sweeping.sweep_uploads(uow=self.uow, store=self.store, now=self.now())

    @timer(interval=ORPHAN_SECONDS)
    def sweep_orphans(self) -> None:
        sweeping.sweep_orphans(uow=self.uow, store=self.store, now=self.now())

    @property
    def receiving_files(self) -> dict[str, Any]:
        """What a verb needs that is about a file on its way in."""
        return {**self.reading_files, "limits": self.settings.visitor_limits}

    @property
    def reading_files(self) -> dict[str, Any]:
        """What a verb needs that is given a token about a file."""
        return {"uow": self.uow, "now": self.now(), "upload_links": self.upload_links}

"""RPCs of bookings that are not made yet."""

from typing import Any

from services.booking.entrypoints.base import Parts
from services.booking.usecases import drafts
from services.chassis.rpc import rpc


class Drafts(Parts):
    @rpc
    def save_draft(self, **draft: Any) -> dict[str, Any]:
        return drafts.save_draft(uow=self.uow, now=self.now(), **draft)

    @rpc
    def get_draft(self, **question: Any) -> dict[str, Any]:
        return drafts.get_draft(uow=self.uow, **question)

    @rpc
    def list_drafts(self, **question: Any) -> dict[str, Any]:
        return drafts.list_drafts(uow=self.uow, **question)

    @rpc
    def remove_draft(self, **command: Any) -> dict[str, Any]:
        return drafts.remove_draft(uow=self.uow, **command)

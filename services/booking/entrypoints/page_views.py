"""RPCs of how often pages are seen."""

from typing import Any

from services.booking.entrypoints.base import Parts
from services.booking.usecases import viewing
from services.chassis.rpc import rpc


class PageViews(Parts):
    @rpc
    def count_page_visits(self, **command: Any) -> dict[str, Any]:
        zone = self.settings.studio_zone
        return viewing.count_page_visits(uow=self.uow, now=self.now(), zone=zone, **command)

    @rpc
    def list_page_counts(self, **question: Any) -> dict[str, Any]:
        return viewing.list_page_counts(uow=self.uow, **question)

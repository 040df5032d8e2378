"""What scheduling answers about where a thing belongs."""

from typing import Any

from services.chassis.rpc import rpc
from services.scheduling.entrypoints.base import Parts
from services.scheduling.usecases import whereabouts


class Whereabouts(Parts):
    @rpc
    def locate(self, **thing: Any) -> dict[str, Any]:
        return whereabouts.locate(uow=self.uow, **thing)

    @rpc
    def locate_all(self, **things: Any) -> dict[str, Any]:
        return whereabouts.locate_all(uow=self.uow, **things)

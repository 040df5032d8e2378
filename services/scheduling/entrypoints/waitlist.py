"""The waitlist on the wire."""

from typing import Any

from nameko.timer import timer

from services.chassis.rpc import rpc
from services.scheduling.entrypoints.base import Parts
from services.scheduling.usecases.waitlist import lapses, offering, places


class Waitlist(Parts):
    """RPCs about waiting for time, and the timers that offer it."""

    @rpc
    def join_waitlist(self, **request: Any) -> dict[str, Any]:
        return places.join_waitlist(uow=self.uow, now=self.now(), links=self.links, **request)

    @rpc
    def get_waitlist_entry(self, **secret: Any) -> dict[str, Any]:
        return places.get_waitlist_entry(uow=self.uow, links=self.links, **secret)

    @rpc
    def list_waitlist(self, **filters: Any) -> dict[str, Any]:
        return places.list_waitlist(uow=self.uow, **filters)

    @rpc
    def accept_offer(self, **secret: Any) -> dict[str, Any]:
        ttl = self.settings.hold_ttl_seconds
        return places.accept_offer(
            uow=self.uow, now=self.now(), links=self.links, ttl_seconds=ttl, **secret
        )

    @rpc
    def leave_waitlist(self, **secret: Any) -> dict[str, Any]:
        return places.leave_waitlist(uow=self.uow, links=self.links, **secret)

    @rpc
    def remove_waitlist_entry(self, **entry: Any) -> dict[str, Any]:
        return places.remove_waitlist_entry(uow=self.uow, **entry)

    @timer(interval=1)
    def offer_freed_time(self) -> None:
        offering.offer_freed_time(uow=self.uow, now=self.now(), links=self.links)

    @timer(interval=60)
    def tidy_waitlist(self) -> None:
        lapses.tidy_up(uow=self.uow, now=self.now())

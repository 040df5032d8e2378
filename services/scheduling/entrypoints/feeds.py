"""Calendars on the wire: those that come in, and those that other programs read."""

from typing import Any

from nameko.timer import timer

from services.chassis.rpc import rpc
from services.scheduling.entrypoints.base import Parts
from services.scheduling.usecases import busy_feeds, calendar_links

READ_A_TURN = 20
"""Calendars that one turn of the timer reads at most: a stopping process waits for its end."""


class Feeds(Parts):
    """RPCs about calendars elsewhere, and the timer that reads them."""

    @rpc
    def define_busy_feed(self, **feed: Any) -> dict[str, Any]:
        allowed = self.settings.feed_private_addresses
        return busy_feeds.define_busy_feed(
            uow=self.uow, now=self.now(), private_addresses=allowed, **feed
        )

    @rpc
    def remove_busy_feed(self, **feed: Any) -> dict[str, Any]:
        return busy_feeds.remove_busy_feed(uow=self.uow, now=self.now(), **feed)

    @rpc
    def list_busy_feeds(self, **resource: Any) -> dict[str, Any]:
        return busy_feeds.list_busy_feeds(uow=self.uow, **resource)

    @timer(interval=2)
    def read_busy_feeds(self) -> None:
        for _ in range(READ_A_TURN):
            if not busy_feeds.read_next(
                uow=self.uow,
                now=self.now(),
                timeout_seconds=self.settings.feed_timeout_seconds,
                private_addresses=self.settings.feed_private_addresses,
            ):
                break

    @rpc
    def define_calendar_link(self, **target: Any) -> dict[str, Any]:
        return calendar_links.define_calendar_link(uow=self.uow, links=self.links, **target)

    @rpc
    def revoke_calendar_link(self, **link: Any) -> dict[str, Any]:
        return calendar_links.revoke_calendar_link(uow=self.uow, now=self.now(), **link)

    @rpc
    def list_calendar_links(self, **target: Any) -> dict[str, Any]:
        return calendar_links.list_calendar_links(uow=self.uow, links=self.links, **target)

    @rpc
    def calendar_feed(self, **secret: Any) -> dict[str, Any]:
        return calendar_links.calendar_feed(
            uow=self.uow, now=self.now(), links=self.links, **secret
        )

"""What changed, for open pages: every gateway process hears all events and fans them out.

A change says what to fetch again, never what it became: it carries ids, and nothing of a person.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypedDict

from eventlet.queue import Full, LightQueue
from kombu import Queue
from nameko import config
from nameko.extensions import DependencyProvider

from services.chassis import amqp

logger = logging.getLogger(__name__)

REMEMBERED_CHANGES = 1000
"""Changes kept for pages that come back with Last-Event-ID; some minutes of a busy studio."""

WAITING_CHANGES = 100
"""Changes that may wait for one slow page; then it is cut, and fetches all when it returns."""

PREFETCH = 200
"""Events taken from the broker at once; each takes microseconds."""

# The first word of an event's type, and what a page shows of it.
RESOURCES = {
    "agreement": "booking",
    "allocation": "calendar",
    "block": "calendar",
    "booking": "booking",
    "branch": "branch",
    "customer": "customer",
    "form": "form",
    "hold": "calendar",
    "leave": "leave",
    "message": "booking",
    "order": "booking",
    "payment": "booking",
    "payout": "booking",
    "pool": "resource",
    "refund": "booking",
    "resource": "resource",
    "resource_type": "resource",
    "roster": "roster",
    "skill": "resource",
    "stored_value": "customer",
    "task": "task",
    "theme": "theme",
    "upload": "booking",
    "waitlist": "waitlist",
}


class Change(TypedDict):
    """Shapes:  `branch_id` is null where the event knows none."""

    id: str
    resource: str
    type: str
    subject: str
    branch_id: str | None


def change_of(envelope: dict[str, Any]) -> Change | None:
    """Return the change in an event, or None when no page shows anything of it."""
    resource = RESOURCES.get(envelope["type"].partition(".")[0])
    if resource is None:
        return None
    return Change(
        id=envelope["id"],
        resource=resource,
        type=envelope["type"],
        subject=envelope["subject"],
        branch_id=envelope["payload"].get("branch_id"),
    )


class Subscriber:
    """One open stream: the changes it has still to send; None among them means it ends."""

    def __init__(self, wants: Callable[[Change], bool]) -> None:
        self.wants = wants
        self.waiting: LightQueue = LightQueue(WAITING_CHANGES)
        self.is_cut = False

    def offer(self, change: Change) -> None:
        """Queue a change; a stream that is too slow for its queue is cut instead of growing."""
        if self.is_cut or not self.wants(change):
            return
        try:
            self.waiting.put_nowait(change)
        except Full:
            self.cut()

    def cut(self) -> None:
        """End the stream; its page returns by itself and fetches all again."""
        self.is_cut = True
        with suppress(Full):  # then it is not asleep and sees that it is cut
            self.waiting.put_nowait(None)


class Hub:
    """All open streams of this process, and the last changes for those that come back."""

    def __init__(self) -> None:
        self.recent: deque[Change] = deque(maxlen=REMEMBERED_CHANGES)
        self.subscribers: set[Subscriber] = set()
        self.is_fed = False

    def publish(self, change: Change) -> None:
        """Give a change to every stream that wants it."""
        self.recent.append(change)
        for subscriber in self.subscribers:
            subscriber.offer(change)

    def since(self, last_id: str | None) -> list[Change]:
        """Return what came after a change; everything remembered when it is too old to be known."""
        if last_id is None:
            return []
        remembered = list(self.recent)
        for at, change in enumerate(remembered):
            if change["id"] == last_id:
                return remembered[at + 1 :]
        return remembered

    @contextmanager
    def subscribe(self, wants: Callable[[Change], bool]) -> Iterator[Subscriber]:
        """Hear of changes from now on, until the block ends."""
        subscriber = Subscriber(wants)
        self.subscribers.add(subscriber)
        try:
            yield subscriber
        finally:
            self.subscribers.discard(subscriber)

    def cut_all(self) -> None:
        """End every stream: pages return by themselves and fetch what they may have missed."""
        for subscriber in self.subscribers:
            subscriber.cut()


class Listener(amqp.DrainingConsumer):
    """Consumes from a queue that lives as long as its connection, and tells the hub of gaps.

    The broker names the queue: after a broken connection it may still hold the old one.
    """

    def __init__(self, hub: Hub, uri: str, **options: Any) -> None:
        self.hub = hub
        queue = Queue(
            "",
            exchange=amqp.EVENTS_EXCHANGE,
            routing_key="#",
            durable=False,
            exclusive=True,
            auto_delete=True,
        )
        super().__init__(uri, queues=[queue], callbacks=[self.hear], **options)

    def on_consume_ready(self, connection: Any, channel: Any, consumers: Any, **how: Any) -> None:
        if self.ready.is_set():
            self.hub.cut_all()
        self.hub.is_fed = True
        super().on_consume_ready(connection, channel, consumers, **how)

    def on_connection_error(self, exc: Any, interval: float) -> None:
        self.hub.is_fed = False
        super().on_connection_error(exc, interval)

    def hear(self, envelope: dict[str, Any], message: Any) -> None:
        """Pass an event on. It is acknowledged at once: a lost change costs one late refresh."""
        self.ack_message(message)
        try:
            change = change_of(envelope)
        except (KeyError, TypeError, AttributeError):
            logger.warning("a message among the events is no event")
            return
        if change is not None:
            self.hub.publish(change)


class ChangeFeed(DependencyProvider):
    """Give routes the hub, and feed it with every event of the system."""

    def __init__(self) -> None:
        self.hub = Hub()

    def setup(self) -> None:
        self.listener = Listener(
            self.hub, config["AMQP_URI"], heartbeat=60, prefetch_count=PREFETCH, accept=["json"]
        )

    def start(self) -> None:
        self.container.spawn_managed_thread(self.listener.run, identifier="change feed")
        self.listener.wait_until_consumer_ready()

    def stop(self) -> None:
        self.listener.stop()
        self.hub.cut_all()

    def get_dependency(self, worker_ctx: Any) -> Hub:
        return self.hub

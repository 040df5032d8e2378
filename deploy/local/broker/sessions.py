"""Who takes messages: sessions (AMQP's channels), their consumers, and what each has in hand."""

import enum
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from deploy.local.broker.messages import Message
    from deploy.local.broker.queues import Queue


class Verdict(enum.Enum):
    """What a consumer says of a message: done, not wanted, or to be given out again."""

    ACK = "ack"
    REJECT = "reject"
    REQUEUE = "requeue"


class Mailbox(Protocol):
    """Where a session's messages go.

    Both methods are called under the broker's lock: they only hand over (append to an inbox) and
    return.
    """

    def deliver(self, delivery: "Delivery") -> None: ...

    def consumer_cancelled(self, consumer_tag: str) -> None: ...


@dataclass(eq=False, slots=True)
class Consumer:
    """`prefetch` is how many unacked messages it may hold; 0 means any number."""

    session: "Session"
    tag: str
    queue: "Queue"
    no_ack: bool
    exclusive: bool
    prefetch: int
    unacked: int = 0

    def has_room(self) -> bool:
        return self.no_ack or not self.prefetch or self.unacked < self.prefetch


@dataclass(frozen=True, eq=False, slots=True)
class Delivery:
    """One message on its way to, or in the hands of, a session; `consumer` is None for a get."""

    tag: int
    queue: "Queue"
    message: "Message"
    consumer: Consumer | None

    @property
    def consumer_tag(self) -> str:
        return self.consumer.tag if self.consumer else ""

    @property
    def redelivered(self) -> bool:
        return self.message.returns > 0

    @property
    def broker_headers(self) -> dict[str, Any]:
        """Headers that the queue adds to what the publisher sent."""
        if self.queue.policy.is_quorum and self.message.returns:
            return {"x-delivery-count": self.message.returns}
        return {}


@dataclass(eq=False, slots=True)
class Session:
    """What AMQP calls a channel; `owner` is the connection, which exclusive queues belong to."""

    owner: object
    mailbox: Mailbox
    prefetch: int = 0
    consumers: dict[str, Consumer] = field(default_factory=dict)
    unacked: dict[int, Delivery] = field(default_factory=dict)
    _tags: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def take(self, queue: "Queue", message: "Message", consumer: Consumer | None) -> Delivery:
        return Delivery(next(self._tags), queue, message, consumer)

    def hold(self, delivery: Delivery) -> None:
        self.unacked[delivery.tag] = delivery
        if delivery.consumer:
            delivery.consumer.unacked += 1

    def release(self, tag: int) -> Delivery:
        delivery = self.unacked.pop(tag)
        if delivery.consumer:
            delivery.consumer.unacked -= 1
        return delivery

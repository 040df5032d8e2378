"""Queues: what their arguments ask for, which messages wait in them, whose turn it is."""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.local.broker.messages import Message
from deploy.local.broker.sessions import Consumer

QUEUE_TYPES = ("classic", "quorum")
# Both strategies are one here: a message cannot be lost between two queues of one process.
DEAD_LETTER_STRATEGIES = ("at-most-once", "at-least-once")
OVERFLOWS = ("drop-head", "reject-publish", "reject-publish-dlx")


@dataclass(frozen=True, slots=True)
class Policy:
    """What a queue's `x-` arguments ask for; None where they ask for nothing."""

    is_quorum: bool
    message_ttl_ms: int | None
    unused_ttl_ms: int | None
    max_length: int | None
    refuses_when_full: bool
    dead_letter_exchange: str | None
    dead_letter_routing_key: str | None
    delivery_limit: int | None

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> "Policy":
        """Read the arguments; ValueError names the first that RabbitMQ would refuse."""
        queue_type = _choice(arguments, "x-queue-type", QUEUE_TYPES)
        _choice(arguments, "x-dead-letter-strategy", DEAD_LETTER_STRATEGIES)
        overflow = _choice(arguments, "x-overflow", OVERFLOWS)
        dead_letter_key = arguments.get("x-dead-letter-routing-key")
        dead_letter_exchange = arguments.get("x-dead-letter-exchange")
        if dead_letter_key is not None and dead_letter_exchange is None:
            raise ValueError("x-dead-letter-routing-key")
        return cls(
            is_quorum=queue_type == "quorum",
            message_ttl_ms=_number(arguments, "x-message-ttl"),
            unused_ttl_ms=_number(arguments, "x-expires", least=1),
            max_length=_number(arguments, "x-max-length"),
            refuses_when_full=overflow != "drop-head",
            dead_letter_exchange=dead_letter_exchange,
            dead_letter_routing_key=dead_letter_key,
            delivery_limit=_number(arguments, "x-delivery-limit"),
        )


def _choice(arguments: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    value = arguments.get(name, allowed[0])
    if value not in allowed:
        raise ValueError(name)
    return str(value)


def _number(arguments: Mapping[str, Any], name: str, least: int = 0) -> int | None:
    value = arguments.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or value < least:
        raise ValueError(name)
    return value


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """What a queue is declared with; a second declaration must say the same."""

    durable: bool = False
    exclusive: bool = False
    auto_delete: bool = False
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Queue:
    """Messages in order, and consumers that take turns.

    `owner` is the connection of an exclusive queue. The broker notes in `wakes_at` and
    `watches_disuse` which alarms it has already set, so that each queue has at most two.
    """

    name: str
    spec: QueueSpec
    policy: Policy
    owner: object | None
    ready: deque[Message] = field(default_factory=deque)
    consumers: deque[Consumer] = field(default_factory=deque)
    used_at: float = field(default_factory=time.monotonic)
    wakes_at: float | None = None
    watches_disuse: bool = False

    def expiry_of(self, message: Message, now: float) -> float | None:
        """Compute when a message that arrives now expires: the shorter of its TTL and ours."""
        own_ttl = message.properties.get("expiration")
        ttls_ms = [int(ttl) for ttl in (own_ttl, self.policy.message_ttl_ms) if ttl is not None]
        return now + min(ttls_ms) / 1000 if ttls_ms else None

    def is_full(self) -> bool:
        return self.policy.max_length is not None and len(self.ready) >= self.policy.max_length

    def is_overfull(self) -> bool:
        return self.policy.max_length is not None and len(self.ready) > self.policy.max_length

    def gives_up(self, message: Message) -> bool:
        """Tell whether a message has come back more often than the delivery limit allows."""
        limit = self.policy.delivery_limit
        return limit is not None and message.returns > limit

    def next_consumer(self) -> Consumer | None:
        """Choose, in turn, a consumer that has room for one more message."""
        for _ in range(len(self.consumers)):
            consumer = self.consumers[0]
            self.consumers.rotate(-1)
            if consumer.has_room():
                return consumer
        return None

    def disused_at(self) -> float | None:
        """Compute when the queue goes away if nobody uses it; None when it stays."""
        if self.policy.unused_ttl_ms is None or self.consumers:
            return None
        return self.used_at + self.policy.unused_ttl_ms / 1000

"""A message in a queue, and what becomes of its headers when it dies; no queue and no lock."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

# AMQP's basic properties by name; header values as the AMQP codec yields them.
Properties = dict[str, Any]


@dataclass(slots=True)
class Message:
    """One copy of a message, in one queue.

    `properties` is shared between the copies and is never changed in place.
    """

    exchange: str
    routing_key: str
    properties: Properties
    body: bytes
    expires_at: float | None = None
    returns: int = 0

    @property
    def message_id(self) -> str | None:
        value: str | None = self.properties.get("message_id")
        return value

    @property
    def headers(self) -> dict[str, Any]:
        return self.properties.get("application_headers") or {}

    @property
    def deaths(self) -> list[dict[str, Any]]:
        """What `x-death` records, the latest death first."""
        return list(self.headers.get("x-death") or ())

    def is_expired(self, now: float) -> bool:
        return self.expires_at is not None and self.expires_at < now


def properties_after_death(message: Message, queue_name: str, reason: str) -> Properties:
    """Record a death in the headers as RabbitMQ does, and drop the message's own expiration.

    Without the latter the message would expire again in the queue that it is sent to.
    """
    properties = dict(message.properties)
    expiration = properties.pop("expiration", None)
    headers = dict(message.headers)
    death, others = _current_death(message, queue_name, reason)
    death["count"] += 1
    if expiration is not None:
        death["original-expiration"] = expiration
    headers["x-death"] = [death, *others]
    headers.setdefault("x-first-death-reason", reason)
    headers.setdefault("x-first-death-queue", queue_name)
    headers.setdefault("x-first-death-exchange", message.exchange)
    properties["application_headers"] = headers
    return properties


def _current_death(
    message: Message, queue_name: str, reason: str
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Find the entry of this queue and reason, or begin one; return it and all the others."""
    others = []
    current: dict[str, Any] | None = None
    for death in message.deaths:
        if (death.get("queue"), death.get("reason")) == (queue_name, reason):
            current = dict(death)
        else:
            others.append(death)
    if current is None:
        current = {
            "count": 0,
            "exchange": message.exchange,
            "queue": queue_name,
            "reason": reason,
            "routing-keys": [message.routing_key],
            # The AMQP codec reads timestamps as naive UTC of whole seconds.
            "time": datetime.now(UTC).replace(microsecond=0, tzinfo=None),
        }
    return current, others


def would_cycle(deaths: list[dict[str, Any]], queue_name: str) -> bool:
    """Tell whether a dead message comes back to a queue with no rejection on the way.

    RabbitMQ drops such a message: nobody has looked at it, so it would go round for ever.
    """
    for position, death in enumerate(deaths):
        if death.get("queue") == queue_name:
            return all(each.get("reason") != "rejected" for each in deaths[: position + 1])
    return False

"""The context of a piece of work: who caused it and which request it belongs to."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import uuid6

SYSTEM: dict[str, Any] = {"kind": "system", "id": None}


def new_id() -> str:
    """Return a UUIDv7: unique, and sortable by the time it was made."""
    return str(uuid6.uuid7())


@dataclass(frozen=True)
class Context:
    """Travels with every RPC and event.

    Shapes:  `actor` = {"kind": customer | staff | system | provider, "id": str | None}.
             `message_id` and `handler` are set while an event is handled.
    """

    correlation_id: str = field(default_factory=new_id)
    actor: dict[str, Any] = field(default_factory=lambda: dict(SYSTEM))
    message_id: str | None = None
    handler: str | None = None

    @classmethod
    def of_worker(cls, data: dict[str, Any]) -> "Context":
        """Return the context that a worker's headers carry."""
        return cls(
            correlation_id=data.get("correlation_id") or new_id(),
            actor=data.get("actor") or dict(SYSTEM),
            message_id=data.get("message_id"),
            handler=data.get("handler"),
        )

    def headers(self) -> dict[str, Any]:
        """Return what a call to another service carries of this context."""
        return {"correlation_id": self.correlation_id, "actor": self.actor}


current: ContextVar[Context | None] = ContextVar("context", default=None)

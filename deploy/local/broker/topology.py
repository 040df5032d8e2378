"""The exchanges and queues of one virtual host, by name; no message moves, nothing locks."""

import time
import uuid
from collections.abc import Mapping
from typing import Any

from deploy.local.broker.errors import (
    BASIC_PUBLISH,
    EXCHANGE_DECLARE,
    EXCHANGE_DELETE,
    QUEUE_BIND,
    QUEUE_DECLARE,
    QUEUE_UNBIND,
    MethodNumber,
    not_found,
    not_implemented,
    precondition_failed,
    resource_locked,
)
from deploy.local.broker.exchanges import KINDS, Exchange, ExchangeSpec
from deploy.local.broker.queues import Policy, Queue, QueueSpec


class Topology:
    """`vhost` is the virtual host's name, for the error texts."""

    def __init__(self, vhost: str) -> None:
        self._vhost = vhost
        self._queues: dict[str, Queue] = {}
        self._exchanges = {
            f"amq.{kind}": Exchange(f"amq.{kind}", ExchangeSpec(kind, durable=True))
            for kind in KINDS
        }

    # -- Exchanges ---------------------------------------------------------------------------

    def declare_exchange(self, name: str, spec: ExchangeSpec) -> None:
        if spec.kind not in KINDS:
            raise not_implemented(f"exchange type '{spec.kind}'", EXCHANGE_DECLARE)
        exchange = self._exchanges.setdefault(name, Exchange(name, spec))
        if exchange.spec != spec:
            raise self._refusal(f"inequivalent arg for exchange '{name}'", EXCHANGE_DECLARE)

    def exchange(self, name: str, method: MethodNumber) -> Exchange:
        if name not in self._exchanges:
            raise not_found(f"exchange '{name}' in vhost '{self._vhost}'", method)
        return self._exchanges[name]

    def delete_exchange(self, name: str, *, if_unused: bool) -> None:
        exchange = self._exchanges.get(name)
        if exchange and exchange.bindings and if_unused:
            raise self._refusal(f"exchange '{name}' in use", EXCHANGE_DELETE)
        self._exchanges.pop(name, None)

    def route(self, exchange_name: str, routing_key: str) -> list[Queue]:
        """List the queues that get a message; the exchange "" leads to the queue of that name."""
        if exchange_name == "":
            names = [routing_key]
        else:
            names = self.exchange(exchange_name, BASIC_PUBLISH).route(routing_key)
        return [self._queues[name] for name in names if name in self._queues]

    def has_exchange(self, name: str) -> bool:
        return name == "" or name in self._exchanges

    # -- Queues ------------------------------------------------------------------------------

    def declare_queue(self, name: str, spec: QueueSpec, owner: object) -> Queue:
        name = name or f"amq.gen-{uuid.uuid4().hex}"
        if name not in self._queues:
            policy = self._policy(name, spec.arguments)
            if policy.is_quorum and (not spec.durable or spec.exclusive or spec.auto_delete):
                raise self._refusal(f"invalid property for quorum queue '{name}'", QUEUE_DECLARE)
            self._queues[name] = Queue(name, spec, policy, owner if spec.exclusive else None)
        queue = self.queue(name, owner, QUEUE_DECLARE)
        if queue.spec != spec:
            raise self._refusal(f"inequivalent arg for queue '{name}'", QUEUE_DECLARE)
        return queue

    def queue(self, name: str, owner: object, method: MethodNumber) -> Queue:
        """Find a queue for a connection, which thereby uses it."""
        queue = self._queues.get(name)
        if queue is None:
            raise not_found(f"queue '{name}' in vhost '{self._vhost}'", method)
        if queue.spec.exclusive and queue.owner is not owner:
            raise resource_locked(f"cannot obtain exclusive access to queue '{name}'", method)
        queue.used_at = time.monotonic()
        return queue

    def bind(self, queue_name: str, exchange_name: str, routing_key: str, owner: object) -> None:
        queue = self.queue(queue_name, owner, QUEUE_BIND)
        self.exchange(exchange_name, QUEUE_BIND).bind(queue.name, routing_key)

    def unbind(self, queue_name: str, exchange_name: str, routing_key: str, owner: object) -> None:
        queue = self.queue(queue_name, owner, QUEUE_UNBIND)
        exchange = self.exchange(exchange_name, QUEUE_UNBIND)
        exchange.unbind(queue.name, routing_key)
        self._drop_if_unbound(exchange)

    def has_queue(self, name: str) -> bool:
        return name in self._queues

    def holds(self, queue: Queue) -> bool:
        """Tell whether this very queue still exists, and not another that took its name."""
        return self._queues.get(queue.name) is queue

    def exclusive_to(self, owner: object) -> list[Queue]:
        queues = self._queues.values()
        return [queue for queue in queues if queue.spec.exclusive and queue.owner is owner]

    def remove_queue(self, queue: Queue) -> None:
        del self._queues[queue.name]
        bound = [
            exchange
            for exchange in self._exchanges.values()
            if any(binding.queue_name == queue.name for binding in exchange.bindings)
        ]
        for exchange in bound:
            exchange.unbind_queue(queue.name)
            self._drop_if_unbound(exchange)

    # -- Inside ------------------------------------------------------------------------------

    def _drop_if_unbound(self, exchange: Exchange) -> None:
        if exchange.spec.auto_delete and not exchange.bindings:
            self._exchanges.pop(exchange.name, None)

    def _policy(self, queue_name: str, arguments: Mapping[str, Any]) -> Policy:
        try:
            return Policy.from_arguments(arguments)
        except ValueError as error:
            why = f"invalid arg '{error}' for queue '{queue_name}'"
            raise self._refusal(why, QUEUE_DECLARE) from None

    def _refusal(self, why: str, method: MethodNumber) -> Exception:
        return precondition_failed(f"{why} in vhost '{self._vhost}'", method)

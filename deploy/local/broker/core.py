"""The broker: what happens to each message, under one lock; names and bindings are topology's."""

import threading
import time
from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

from deploy.local.broker.alarm import Alarm
from deploy.local.broker.errors import (
    BASIC_ACK,
    BASIC_CONSUME,
    BASIC_GET,
    EXCHANGE_DECLARE,
    QUEUE_DECLARE,
    QUEUE_DELETE,
    QUEUE_PURGE,
    access_refused,
    not_allowed,
    precondition_failed,
)
from deploy.local.broker.exchanges import ExchangeSpec
from deploy.local.broker.ledger import Ledger
from deploy.local.broker.messages import Message, Properties, properties_after_death, would_cycle
from deploy.local.broker.queues import Queue, QueueSpec
from deploy.local.broker.sessions import Consumer, Delivery, Session, Verdict
from deploy.local.broker.topology import Topology


class QueueStatus(NamedTuple):
    name: str
    ready: int
    consumers: int


class Published(NamedTuple):
    """How many queues a message was routed to, and whether a full one refused it."""

    routed: int
    refused: bool


class Broker:
    """One virtual host.

    Every public method may be called from any thread. A session's mailbox is called under the
    lock, in the order in which messages are given out. `owner` is a connection: only the one that
    declared an exclusive queue may use it.
    """

    def __init__(self, vhost: str = "/") -> None:
        self._lock = threading.RLock()
        self._alarm = Alarm(f"broker {vhost}")
        self._ledger = Ledger()
        self._topology = Topology(vhost)

    def close(self) -> None:
        """Stop the timers; the broker is not used afterwards."""
        self._alarm.close()

    def is_settled(self, message_id: str) -> bool:
        """Tell whether no copy of a message waits in a queue or is unacked with a consumer."""
        with self._lock:
            return not self._ledger.holds(message_id)

    # -- Exchanges and queues ----------------------------------------------------------------

    def declare_exchange(self, name: str, spec: ExchangeSpec) -> None:
        with self._lock:
            self._topology.declare_exchange(name, spec)

    def check_exchange(self, name: str) -> None:
        """Refuse if there is no such exchange (AMQP's passive declaration)."""
        with self._lock:
            self._topology.exchange(name, EXCHANGE_DECLARE)

    def delete_exchange(self, name: str, *, if_unused: bool = False) -> None:
        with self._lock:
            self._topology.delete_exchange(name, if_unused=if_unused)

    def declare_queue(self, name: str, spec: QueueSpec, owner: object = None) -> QueueStatus:
        """Create the queue unless it exists; one with an empty name gets a name."""
        with self._lock:
            queue = self._topology.declare_queue(name, spec, owner)
            self._watch_disuse(queue)
            return _status(queue)

    def check_queue(self, name: str, owner: object = None) -> QueueStatus:
        """Refuse if there is no such queue (AMQP's passive declaration)."""
        with self._lock:
            return _status(self._topology.queue(name, owner, QUEUE_DECLARE))

    def bind(
        self, queue_name: str, exchange_name: str, routing_key: str, owner: object = None
    ) -> None:
        with self._lock:
            self._topology.bind(queue_name, exchange_name, routing_key, owner)

    def unbind(
        self, queue_name: str, exchange_name: str, routing_key: str, owner: object = None
    ) -> None:
        with self._lock:
            self._topology.unbind(queue_name, exchange_name, routing_key, owner)

    def purge(self, queue_name: str, owner: object = None) -> int:
        """Drop the waiting messages of a queue; return how many they were."""
        with self._lock:
            return self._empty(self._topology.queue(queue_name, owner, QUEUE_PURGE))

    def delete_queue(
        self, name: str, *, if_unused: bool = False, if_empty: bool = False, owner: object = None
    ) -> int:
        """Delete a queue; return how many messages it held. One that is not there is no error."""
        with self._lock:
            if not self._topology.has_queue(name):
                return 0
            queue = self._topology.queue(name, owner, QUEUE_DELETE)
            if if_unused and queue.consumers:
                raise precondition_failed(f"queue '{name}' in use", QUEUE_DELETE)
            if if_empty and queue.ready:
                raise precondition_failed(f"queue '{name}' not empty", QUEUE_DELETE)
            return self._delete(queue)

    # -- Messages ----------------------------------------------------------------------------

    def publish(
        self, exchange_name: str, routing_key: str, properties: Properties, body: bytes
    ) -> Published:
        with self._lock:
            queues = self._topology.route(exchange_name, routing_key)
            now = time.monotonic()
            taken = [
                self._enqueue(queue, Message(exchange_name, routing_key, properties, body), now)
                for queue in queues
            ]
            return Published(routed=len(queues), refused=not all(taken))

    def consume(
        self, session: Session, queue_name: str, tag: str, *, no_ack: bool, exclusive: bool = False
    ) -> None:
        with self._lock:
            queue = self._topology.queue(queue_name, session.owner, BASIC_CONSUME)
            if tag in session.consumers:
                raise not_allowed(f"attempt to reuse consumer tag '{tag}'", BASIC_CONSUME)
            if queue.consumers and (exclusive or queue.consumers[0].exclusive):
                raise access_refused(f"queue '{queue_name}' in exclusive use", BASIC_CONSUME)
            consumer = Consumer(session, tag, queue, no_ack, exclusive, session.prefetch)
            session.consumers[tag] = consumer
            queue.consumers.append(consumer)
            self._serve(queue)

    def cancel(self, session: Session, tag: str) -> None:
        with self._lock:
            consumer = session.consumers.pop(tag, None)
            if consumer:
                self._retire([consumer])

    def get(
        self, session: Session, queue_name: str, *, no_ack: bool
    ) -> tuple[Delivery, int] | None:
        """Take one message, and say how many are left; None when there is none."""
        with self._lock:
            queue = self._topology.queue(queue_name, session.owner, BASIC_GET)
            self._serve(queue)
            if not queue.ready:
                return None
            delivery = session.take(queue, queue.ready.popleft(), consumer=None)
            self._hand_over(session, delivery, no_ack)
            self._serve(queue)
            return delivery, len(queue.ready)

    def settle(
        self, session: Session, tag: int, verdict: Verdict, *, multiple: bool = False
    ) -> None:
        """Hear what a consumer says of one delivery, or of all up to it (0: all there are)."""
        with self._lock:
            if multiple:
                tags = [each for each in session.unacked if not tag or each <= tag]
            elif tag in session.unacked:
                tags = [tag]
            else:
                raise precondition_failed(f"unknown delivery tag {tag}", BASIC_ACK)
            self._settle(session, tags, verdict)

    def recover(self, session: Session) -> None:
        """Put everything that a session has in hand back into its queues."""
        with self._lock:
            self._settle(session, list(session.unacked), Verdict.REQUEUE)

    def close_session(self, session: Session) -> None:
        with self._lock:
            consumers = list(session.consumers.values())
            session.consumers.clear()
            # Out of the rotation before anything is handed back, so that it goes to others.
            for consumer in consumers:
                consumer.queue.consumers.remove(consumer)
            self._settle(session, list(session.unacked), Verdict.REQUEUE)
            self._retire(consumers)

    def close_owner(self, owner: object) -> None:
        """Delete the exclusive queues of a connection that is going away."""
        with self._lock:
            for queue in self._topology.exclusive_to(owner):
                self._delete(queue)

    # -- The journey of a message, always under the lock -------------------------------------

    def _enqueue(self, queue: Queue, message: Message, now: float) -> bool:
        """Append a message and give out what can be given out; tell whether the queue took it."""
        if queue.is_full() and queue.policy.refuses_when_full:
            return False
        message.expires_at = queue.expiry_of(message, now)
        queue.ready.append(message)
        self._ledger.enter(message)
        self._serve(queue, now)
        if queue.is_overfull():
            self._bury(queue, queue.ready.popleft(), "maxlen")
        return True

    def _serve(self, queue: Queue, now: float | None = None) -> None:
        """Expire what is too old and give out what a consumer has room for; see to the rest later.

        Like RabbitMQ's, a message expires only at the head of its queue.
        """
        now = time.monotonic() if now is None else now
        while queue.ready:
            if queue.ready[0].is_expired(now):
                self._bury(queue, queue.ready.popleft(), "expired")
                continue
            consumer = queue.next_consumer()
            if consumer is None:
                self._wake_at(queue, queue.ready[0].expires_at)
                return
            delivery = consumer.session.take(queue, queue.ready.popleft(), consumer)
            self._hand_over(consumer.session, delivery, consumer.no_ack)
            consumer.session.mailbox.deliver(delivery)

    def _hand_over(self, session: Session, delivery: Delivery, no_ack: bool) -> None:
        if no_ack:
            self._ledger.strike(delivery.message)
        else:
            session.hold(delivery)

    def _settle(self, session: Session, tags: Iterable[int], verdict: Verdict) -> None:
        touched: dict[Queue, None] = {}
        # The latest first, so that those that go back to the head end up in their old order.
        for tag in sorted(tags, reverse=True):
            delivery = session.release(tag)
            self._apply(verdict, delivery.queue, delivery.message)
            touched[delivery.queue] = None
        for queue in touched:
            if self._topology.holds(queue):
                self._serve(queue)

    def _apply(self, verdict: Verdict, queue: Queue, message: Message) -> None:
        if verdict is Verdict.ACK or not self._topology.holds(queue):
            self._ledger.strike(message)
        elif verdict is Verdict.REJECT:
            self._bury(queue, message, "rejected")
        else:
            message.returns += 1
            if queue.gives_up(message):
                self._bury(queue, message, "delivery_limit")
            else:
                queue.ready.appendleft(message)

    def _bury(self, queue: Queue, message: Message, reason: str) -> None:
        """Drop a message, by way of the queue's dead-letter exchange if it has one."""
        exchange_name = queue.policy.dead_letter_exchange
        if exchange_name is not None and self._topology.has_exchange(exchange_name):
            self._dead_letter(exchange_name, queue, message, reason)
        # After its copies are in: a retry must not look settled in between.
        self._ledger.strike(message)

    def _dead_letter(self, exchange_name: str, queue: Queue, message: Message, reason: str) -> None:
        routing_key = queue.policy.dead_letter_routing_key or message.routing_key
        properties = properties_after_death(message, queue.name, reason)
        now = time.monotonic()
        for target in self._topology.route(exchange_name, routing_key):
            copy = Message(exchange_name, routing_key, properties, message.body)
            if not would_cycle(copy.deaths, target.name):
                self._enqueue(target, copy, now)

    # -- What happens by itself, and the end of queues ---------------------------------------

    def _wake_at(self, queue: Queue, instant: float | None) -> None:
        """Serve the queue again at an instant, unless that is to happen earlier anyway."""
        if instant is None or (queue.wakes_at is not None and queue.wakes_at <= instant):
            return
        queue.wakes_at = instant
        self._alarm.call_at(instant, partial(self._wake, queue))

    def _wake(self, queue: Queue) -> None:
        with self._lock:
            queue.wakes_at = None
            if self._topology.holds(queue):
                self._serve(queue)

    def _watch_disuse(self, queue: Queue) -> None:
        instant = queue.disused_at()
        if instant is not None and not queue.watches_disuse:
            queue.watches_disuse = True
            self._alarm.call_at(instant, partial(self._check_disuse, queue))

    def _check_disuse(self, queue: Queue) -> None:
        with self._lock:
            queue.watches_disuse = False
            instant = queue.disused_at()
            if instant is None or not self._topology.holds(queue):
                return
            if instant <= time.monotonic():
                self._delete(queue)
            else:
                self._watch_disuse(queue)

    def _retire(self, consumers: Iterable[Consumer]) -> None:
        """Take consumers out of their queues; delete the queues that lived for them only."""
        for consumer in consumers:
            queue = consumer.queue
            if consumer in queue.consumers:
                queue.consumers.remove(consumer)
            queue.used_at = time.monotonic()
            if queue.spec.auto_delete and not queue.consumers and self._topology.holds(queue):
                self._delete(queue)
            else:
                self._watch_disuse(queue)

    def _delete(self, queue: Queue) -> int:
        self._topology.remove_queue(queue)
        for consumer in queue.consumers:
            del consumer.session.consumers[consumer.tag]
            consumer.session.mailbox.consumer_cancelled(consumer.tag)
        queue.consumers.clear()
        return self._empty(queue)

    def _empty(self, queue: Queue) -> int:
        count = len(queue.ready)
        for message in queue.ready:
            self._ledger.strike(message)
        queue.ready.clear()
        return count


def _status(queue: Queue) -> QueueStatus:
    return QueueStatus(queue.name, len(queue.ready), len(queue.consumers))

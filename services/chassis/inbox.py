"""Handling events: one durable queue per service, each event's effect exactly once.

`@handles("booking.confirmed")` marks the method that hears a type. The unit of work claims the
message in the transaction of the effect, so a message that comes again changes nothing. A
handler that fails is tried again after growing pauses; then, or at once when the error is
permanent, the message is kept as a dead letter in the service's own database, from where it
can be replayed.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from kombu import Connection
from marshmallow import ValidationError
from nameko import config
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint, ProviderCollector, SharedExtension
from sqlalchemy.dialects.postgresql import insert

from services.chassis import amqp, metrics, settings
from services.chassis.db import (
    TABLES,
    AlreadyHandledError,
    Database,
    DatabaseBusy,
    DatabaseDown,
)
from services.chassis.rpc import RpcTimedOut
from services.contracts.errors import Unavailable, YingqiError
from services.contracts.registry import EVENTS

logger = logging.getLogger(__name__)

Method = TypeVar("Method", bound=Callable[..., Any])

DEAD_LETTER = TABLES["dead_letter"]
RETRIES_HEADER = "x-retries"


@dataclass(frozen=True)
class Fact:
    """What a handler is given.

    Shapes:  `payload` is loaded by the event's contract: instants are datetimes, ids are UUIDs.
    """

    id: str
    type: str
    occurred_at: datetime
    subject: str
    actor: dict[str, Any]
    correlation_id: str
    payload: dict[str, Any]


def decode(envelope: dict[str, Any]) -> Fact:
    """Return the fact in an envelope.

    Errors:  ValidationError when the payload breaks its contract; KeyError for an unknown type.
    """
    return Fact(
        id=envelope["id"],
        type=envelope["type"],
        occurred_at=datetime.fromisoformat(envelope["occurred_at"]),
        subject=envelope["subject"],
        actor=envelope["actor"],
        correlation_id=envelope["correlation_id"],
        payload=EVENTS[envelope["type"]].decode(envelope["payload"]),
    )


def is_permanent(error: BaseException) -> bool:
    """Tell whether trying again is pointless: a broken rule stays broken, an outage ends."""
    if isinstance(error, YingqiError):
        return not isinstance(error, Unavailable)
    return isinstance(error, ValidationError)


def is_outage(error: BaseException) -> bool:
    """Tell whether a part of the system is away: an event outlasts that, however long it takes."""
    return isinstance(error, DatabaseDown | DatabaseBusy | amqp.BrokerDown | RpcTimedOut)


class Listener(SharedExtension, ProviderCollector):
    """The consumer of a service's event queue."""

    def setup(self) -> None:
        service = self.container.service_name
        own = settings.of(service)
        self.uri: str = config["AMQP_URI"]
        self.delays: tuple[float, ...] = own.retry_delays_seconds
        self.consumer = amqp.DrainingConsumer(
            self.uri,
            queues=[amqp.event_queue(service)],
            callbacks=[self.handle_message],
            heartbeat=60,
            # More than the workers can take would only wait here instead of in the queue.
            prefetch_count=own.max_workers,
            accept=["json"],
        )

    def start(self) -> None:
        self._declare()
        self.container.spawn_managed_thread(self.consumer.run, identifier="event listener")
        self.consumer.wait_until_consumer_ready()

    def stop(self) -> None:
        self.consumer.stop()

    def unregister_provider(self, provider: Any) -> None:
        self.stop()
        super().unregister_provider(provider)

    def _declare(self) -> None:
        service = self.container.service_name
        types = sorted(provider.event_type for provider in self._providers)
        with Connection(self.uri, connect_timeout=5) as connection:
            connection.ensure_connection(max_retries=None, interval_start=0.5, interval_max=5)
            channel = connection.channel()
            amqp.declare_consumer(channel, service, types)
            for delay in self.delays:
                amqp.retry_queue(service, delay).bind(channel).declare()

    def handle_message(self, body: dict[str, Any], message: Any) -> None:
        handler = next((p for p in self._providers if p.event_type == body.get("type")), None)
        if handler is None:
            # A binding of an older release; this one no longer listens.
            self.consumer.ack_message(message)
            return
        try:
            fact = decode(body)
        except Exception as error:
            self._fail(message, body, handler.event_type, error)
            return
        handler.handle(fact, message)

    def settle(self, message: Any, handler: str, error: BaseException | None) -> None:
        """Acknowledge what was handled; keep or postpone what was not."""
        if error is None:
            self._count(handler, "done")
        elif isinstance(error, AlreadyHandledError):
            self._count(handler, "repeated")
        else:
            self._fail(message, message.payload, handler, error)
            return
        self.consumer.ack_message(message)

    def _fail(self, message: Any, body: Any, handler: str, error: BaseException) -> None:
        tried = int(message.headers.get(RETRIES_HEADER, 0))
        try:
            if is_permanent(error) or (tried >= len(self.delays) and not is_outage(error)):
                self._bury(body, handler, error)
            else:
                self._postpone(message, tried)
                self._count(handler, "retried")
        except (DatabaseDown, DatabaseBusy) as outage:
            self._fail(message, body, handler, outage)
            return
        except amqp.BrokerDown as outage:
            logger.warning("an event waits for the broker", extra={"code": outage.code})
            self.consumer.requeue_message(message)
            return
        self.consumer.ack_message(message)

    def _postpone(self, message: Any, tried: int) -> None:
        delay = self.delays[min(tried, len(self.delays) - 1)]
        queue = amqp.retry_queue(self.container.service_name, delay)
        amqp.publish(
            self.uri,
            message.body,
            confirms=True,
            mandatory=True,
            exchange="",
            routing_key=queue.name,
            serializer=None,
            content_type=message.content_type,
            content_encoding=message.content_encoding,
            message_id=message.properties.get("message_id"),
            headers={**message.headers, RETRIES_HEADER: tried + 1},
            delivery_mode=amqp.PERSISTENT,
        )

    def _bury(self, body: dict[str, Any], handler: str, error: BaseException) -> None:
        logger.error(
            "an event was set aside as a dead letter",
            exc_info=error,
            extra={"event_type": handler, "message_id": body.get("id")},
        )
        letter = insert(DEAD_LETTER).values(
            message_id=body["id"], handler=handler, envelope=body, error=repr(error)[:2000]
        )
        with Database.of(self.container).unit_of_work().begin() as tx:
            tx.session.execute(letter.on_conflict_do_nothing())
        self._count(handler, "dead")

    def _count(self, handler: str, outcome: str) -> None:
        metrics.EVENTS_HANDLED.labels(self.container.service_name, handler, outcome).inc()


class Handler(Entrypoint):
    """Hear one type of event; the method takes a `Fact` and opens at most one transaction."""

    listener = Listener()

    def __init__(self, event_type: str, **kwargs: Any) -> None:
        self.event_type = event_type
        super().__init__(expected_exceptions=(YingqiError, AlreadyHandledError), **kwargs)

    def setup(self) -> None:
        if self.container.service_name not in EVENTS[self.event_type].consumers:
            raise TypeError(
                f"{self.container.service_name} is no declared consumer of {self.event_type}"
            )
        # Names the claim in the inbox, so that two services on one database stay apart.
        self.inbox_name = f"{self.container.service_name}:{self.event_type}"
        self.listener.register_provider(self)

    def stop(self) -> None:
        self.listener.unregister_provider(self)

    def handle(self, fact: Fact, message: Any) -> None:
        """Run the handler in a worker of its own."""
        data = {
            "correlation_id": fact.correlation_id,
            "actor": fact.actor,
            "message_id": fact.id,
            "handler": self.inbox_name,
        }

        def spawn() -> None:
            try:
                self.container.spawn_worker(
                    self,
                    (fact,),
                    {},
                    context_data=data,
                    handle_result=partial(self._settle, message),
                )
            except ContainerBeingKilled:
                self.listener.consumer.requeue_message(message)

        # In a thread of its own: waiting for a free worker here would starve the heartbeats.
        self.container.spawn_managed_thread(spawn, identifier=f"{self.event_type} waits")

    def _settle(
        self, message: Any, worker_ctx: Any, result: Any = None, exc_info: Any = None
    ) -> tuple[Any, Any]:
        self.listener.settle(message, self.event_type, exc_info[1] if exc_info else None)
        return result, exc_info


def handles(event_type: str) -> Callable[[Method], Method]:
    """Mark the method that hears one type of event; one method may hear several."""

    def mark(method: Method) -> Method:
        Handler.decorator(event_type)(method)
        return method

    return mark


def replay(database: Database, uri: str, service: str) -> int:
    """Put every dead letter of a service back into its queue; return how many.

    A letter is deleted after the broker has confirmed it; the inbox makes a repetition harmless.
    """
    with database.unit_of_work().read() as session:
        letters = session.execute(DEAD_LETTER.select().order_by(DEAD_LETTER.c.died_at)).all()
    for letter in letters:
        amqp.publish(
            uri,
            letter.envelope,
            confirms=True,
            mandatory=True,
            exchange="",
            routing_key=amqp.event_queue(service).name,
            message_id=letter.message_id,
            delivery_mode=amqp.PERSISTENT,
        )
        with database.unit_of_work().begin() as tx:
            tx.session.execute(
                DEAD_LETTER.delete().where(
                    DEAD_LETTER.c.message_id == letter.message_id,
                    DEAD_LETTER.c.handler == letter.handler,
                )
            )
    return len(letters)

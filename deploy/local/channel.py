"""A kombu channel over the in-process broker: py-amqp's methods, and messages as it makes them."""

import uuid
from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import amqp
from amqp.exceptions import (
    ChannelError,
    ConsumerCancelled,
    MessageNacked,
    RecoverableConnectionError,
    error_for_code,
)
from amqp.protocol import queue_declare_ok_t
from kombu.transport import base, pyamqp

from deploy.local.broker import (
    BrokerError,
    Delivery,
    ExchangeSpec,
    Properties,
    QueueSpec,
    Session,
    Verdict,
)
from deploy.local.broker.errors import BASIC_QOS, not_implemented

if TYPE_CHECKING:
    from deploy.local.transport import LocalConnection

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")

BASIC_CLASS = 60  # AMQP's number of the class whose properties every message carries
NO_ROUTE = 312  # AMQP's reply code for a mandatory message that no queue takes
BASIC_RETURN = (60, 50)


class LocalChannel(base.StdChannel):
    """A channel with py-amqp's methods; it is also the mailbox of its session.

    Its parameters are named as py-amqp names them, because kombu calls them so.
    """

    Message = pyamqp.Message
    prepare_message = pyamqp.Channel.prepare_message
    prepare_queue_arguments = pyamqp.Channel.prepare_queue_arguments
    message_to_python = pyamqp.Channel.message_to_python

    def __init__(self, connection: "LocalConnection", channel_id: int) -> None:
        self.connection: LocalConnection | None = connection
        self.channel_id = channel_id
        self.is_open = True
        # kombu reads it, and its base class declares it with None.
        self.no_ack_consumers: set[str] = set()
        self.events: defaultdict[str, set[Callable[..., None]]] = defaultdict(set)
        self._broker = connection.broker
        self._session = Session(owner=connection, mailbox=self)
        self._callbacks: dict[str, Callable[[amqp.Message], None]] = {}
        self._cancel_callbacks: dict[str, Callable[[str], None] | None] = {}

    # -- Exchanges and queues ----------------------------------------------------------------

    def exchange_declare(
        self,
        exchange: str,
        type: str = "direct",
        passive: bool = False,
        durable: bool = False,
        auto_delete: bool = True,
        **_: Any,
    ) -> None:
        if passive:
            self._ask(self._broker.check_exchange, exchange)
        else:
            spec = ExchangeSpec(type, bool(durable), bool(auto_delete))
            self._ask(self._broker.declare_exchange, exchange, spec)

    def exchange_delete(self, exchange: str, if_unused: bool = False, **_: Any) -> None:
        self._ask(self._broker.delete_exchange, exchange, if_unused=if_unused)

    def queue_declare(
        self,
        queue: str = "",
        passive: bool = False,
        durable: bool = False,
        exclusive: bool = False,
        auto_delete: bool = True,
        nowait: bool = False,
        arguments: dict[str, Any] | None = None,
        **_: Any,
    ) -> queue_declare_ok_t:
        if passive:
            status = self._ask(self._broker.check_queue, queue, self.connection)
        else:
            spec = QueueSpec(bool(durable), bool(exclusive), bool(auto_delete), arguments or {})
            status = self._ask(self._broker.declare_queue, queue, spec, self.connection)
        return queue_declare_ok_t(*status)

    def queue_bind(
        self, queue: str, exchange: str = "", routing_key: str = "", *_: Any, **__: Any
    ) -> None:
        self._ask(self._broker.bind, queue, exchange, routing_key, self.connection)

    def queue_unbind(
        self, queue: str, exchange: str, routing_key: str = "", *_: Any, **__: Any
    ) -> None:
        self._ask(self._broker.unbind, queue, exchange, routing_key, self.connection)

    def queue_purge(self, queue: str = "", *_: Any, **__: Any) -> int:
        return self._ask(self._broker.purge, queue, self.connection)

    def queue_delete(
        self, queue: str = "", if_unused: bool = False, if_empty: bool = False, **_: Any
    ) -> int:
        return self._ask(
            self._broker.delete_queue,
            queue,
            if_unused=if_unused,
            if_empty=if_empty,
            owner=self.connection,
        )

    # -- Publishing --------------------------------------------------------------------------

    def basic_publish(
        self,
        msg: amqp.Message,
        exchange: str = "",
        routing_key: str = "",
        mandatory: bool = False,
        **_: Any,
    ) -> None:
        body = msg.body.encode() if isinstance(msg.body, str) else bytes(msg.body)
        properties = _as_on_the_wire(msg)
        published = self._ask(self._broker.publish, exchange, routing_key, properties, body)
        if mandatory and not published.routed:
            self._return(msg, exchange, routing_key)
        if published.refused and self.connection and self.connection.confirms:
            raise MessageNacked()

    # Here a message is in its queues when `basic_publish` returns: there is nothing to wait for.
    basic_publish_confirm = basic_publish

    def _return(self, message: amqp.Message, exchange: str, routing_key: str) -> None:
        error = error_for_code(NO_ROUTE, "NO_ROUTE", BASIC_RETURN, ChannelError)
        handlers = self.events.get("basic_return")
        if not handlers:
            raise error
        for handler in handlers:
            handler(error, exchange, routing_key, message)

    def confirm_select(self, nowait: bool = False) -> None:
        """Do nothing: see `basic_publish_confirm`."""

    # -- Consuming ---------------------------------------------------------------------------

    def basic_qos(
        self, prefetch_size: int = 0, prefetch_count: int = 0, apply_global: bool = False, **_: Any
    ) -> None:
        """Limit the unacked messages of each consumer that this channel starts from now on."""
        if apply_global:
            self._ask(self._refuse_global_prefetch)
        self._session.prefetch = prefetch_count

    @staticmethod
    def _refuse_global_prefetch() -> None:
        # RabbitMQ 4 refuses it too for quorum queues; the code base must not come to rely on it.
        raise not_implemented("prefetch for a whole channel", BASIC_QOS)

    def basic_consume(
        self,
        queue: str = "",
        consumer_tag: str = "",
        no_local: bool = False,
        no_ack: bool = False,
        exclusive: bool = False,
        nowait: bool = False,
        callback: Callable[[amqp.Message], None] | None = None,
        arguments: dict[str, Any] | None = None,
        on_cancel: Callable[[str], None] | None = None,
        **_: Any,
    ) -> str:
        tag = consumer_tag or f"ctag-{uuid.uuid4().hex}"
        # Before the broker knows of the consumer: another thread may drain its first message.
        self._callbacks.setdefault(tag, callback or (lambda message: None))
        self._cancel_callbacks.setdefault(tag, on_cancel)
        self._ask(
            self._broker.consume, self._session, queue, tag, no_ack=no_ack, exclusive=exclusive
        )
        if no_ack:
            self.no_ack_consumers.add(tag)
        return tag

    def basic_cancel(self, consumer_tag: str, nowait: bool = False, **_: Any) -> None:
        self._ask(self._broker.cancel, self._session, consumer_tag)
        self._forget_consumer(consumer_tag)

    def basic_get(self, queue: str = "", no_ack: bool = False, **_: Any) -> amqp.Message | None:
        found = self._ask(self._broker.get, self._session, queue, no_ack=no_ack)
        if found is None:
            return None
        delivery, message_count = found
        message = self._message(delivery)
        message.delivery_info["message_count"] = message_count
        return message

    def basic_ack(self, delivery_tag: int = 0, multiple: bool = False, **_: Any) -> None:
        self._ask(self._broker.settle, self._session, delivery_tag, Verdict.ACK, multiple=multiple)

    def basic_reject(self, delivery_tag: int, requeue: bool = False, **_: Any) -> None:
        verdict = Verdict.REQUEUE if requeue else Verdict.REJECT
        self._ask(self._broker.settle, self._session, delivery_tag, verdict)

    def basic_recover(self, requeue: bool = False, **_: Any) -> None:
        self._ask(self._broker.recover, self._session)

    def flow(self, active: bool = True) -> None:
        """Do nothing: nobody here publishes faster than the process can take."""

    # -- The mailbox of the session ----------------------------------------------------------

    def deliver(self, delivery: Delivery) -> None:
        if self.connection:
            self.connection.post(lambda: self._on_delivery(delivery))

    def consumer_cancelled(self, consumer_tag: str) -> None:
        if self.connection:
            self.connection.post(lambda: self._on_cancel(consumer_tag))

    def _on_delivery(self, delivery: Delivery) -> bool:
        consumer = delivery.consumer
        if consumer is None or consumer.session is not self._session or not self.is_open:
            return False  # closed meanwhile: the broker has it back
        callback = self._callbacks.get(consumer.tag)
        if callback is not None:
            callback(self._message(delivery))
        elif not consumer.no_ack:
            self.basic_reject(delivery.tag, requeue=True)  # cancelled meanwhile
        return callback is not None

    def _on_cancel(self, consumer_tag: str) -> bool:
        if consumer_tag not in self._callbacks:
            return False
        on_cancel = self._cancel_callbacks.get(consumer_tag)
        self._forget_consumer(consumer_tag)
        if on_cancel is None:
            raise ConsumerCancelled(consumer_tag)
        on_cancel(consumer_tag)
        return True

    def _message(self, delivery: Delivery) -> amqp.Message:
        source = delivery.message
        properties = dict(source.properties)
        headers = {**source.headers, **delivery.broker_headers}
        if headers:
            # A copy per delivery: consumers may change what they get.
            properties["application_headers"] = _copy(headers)
        body = _decoded(source.body, properties.get("content_encoding"))
        message = amqp.Message(body, channel=self, **properties)
        message.delivery_info = {
            "consumer_tag": delivery.consumer_tag,
            "delivery_tag": delivery.tag,
            "redelivered": delivery.redelivered,
            "exchange": source.exchange,
            "routing_key": source.routing_key,
        }
        return message

    # -- Life --------------------------------------------------------------------------------

    def close(self, *_: Any, **__: Any) -> None:
        if not self.is_open:
            return
        self.is_open = False
        self._broker.close_session(self._session)
        connection, self.connection = self.connection, None
        if connection:
            connection.channels.pop(self.channel_id, None)
        self._callbacks.clear()
        self._cancel_callbacks.clear()
        self.no_ack_consumers.clear()

    collect = close

    def _forget_consumer(self, consumer_tag: str) -> None:
        self._callbacks.pop(consumer_tag, None)
        self._cancel_callbacks.pop(consumer_tag, None)
        self.no_ack_consumers.discard(consumer_tag)

    def _ask(
        self,
        question: Callable[Parameters, Answer],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Answer:
        """Ask the broker; a refusal closes the session, as AMQP has it, and opens another.

        That is what py-amqp does: the channel stays usable, and its consumers are gone.
        """
        if not self.is_open:
            raise RecoverableConnectionError("channel closed")
        try:
            return question(*args, **kwargs)
        except BrokerError as error:
            self._broker.close_session(self._session)
            self._session = Session(owner=self.connection, mailbox=self)
            raise error_for_code(error.code, error.text, error.method, ChannelError) from None


def _as_on_the_wire(message: amqp.Message) -> Properties:
    """Serialise the properties and read them back: fail and coerce where RabbitMQ's client would.

    It also parts them from the publisher, who may change its own afterwards.
    """
    copy = amqp.Message()
    copy._load_properties(BASIC_CLASS, message._serialize_properties(), 0)
    properties: Properties = copy.properties
    return properties


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_copy(each) for each in value]
    return value


def _decoded(body: bytes, encoding: str | None) -> bytes | str:
    """Decode a body as py-amqp does, which leaves alone what it cannot decode."""
    if not encoding or encoding == "binary":
        return body
    try:
        return body.decode(encoding)
    except (LookupError, UnicodeDecodeError):
        return body

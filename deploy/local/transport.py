"""The kombu transport `inproc://localhost/<vhost>`: RabbitMQ's semantics inside one process.

Importing this module registers the scheme. Services that share the process need nothing else than
`AMQP_URI=inproc://localhost/`; they connect, publish and consume as with `pyamqp://`.

A relay can ask this transport, and only this one, whether a message has been handled, because here
a published message dies with the process:

    transport = kombu.Connection(amqp_uri).transport        # opens no connection
    if getattr(transport, "settles_when_handled", False):
        done = transport.is_settled(message_id)
"""

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import amqp
from amqp.exceptions import RecoverableConnectionError
from kombu import pools
from kombu.transport import TRANSPORT_ALIASES, base

from deploy.local.broker import Broker
from deploy.local.channel import LocalChannel

_brokers: dict[str, Broker] = {}
_brokers_lock = threading.RLock()


def broker_of(vhost: str) -> Broker:
    """Find the broker of a virtual host, or make it: they need no declaration here."""
    with _brokers_lock:
        return _brokers.setdefault(vhost, Broker(vhost))


def reset() -> None:
    """Forget, between tests, every broker and the pooled connections of kombu that lead to them."""
    pools.reset()
    with _brokers_lock:
        for broker in _brokers.values():
            broker.close()
        _brokers.clear()


class LocalConnection:
    """What kombu takes for a connection: an inbox, filled by its channels and read by one thread.

    An item of the inbox does its work when called, and tells whether that was an event.
    """

    def __init__(self, client: Any) -> None:
        self.client = client
        self.broker = broker_of(client.virtual_host or "/")
        self.confirms = bool((client.transport_options or {}).get("confirm_publish"))
        self.connected = True
        self.channels: dict[int, LocalChannel] = {}
        self._channel_ids = itertools.count(1)
        self._inbox: deque[Callable[[], bool]] = deque()
        self._changed = threading.Condition()

    def open_channel(self) -> LocalChannel:
        channel_id = next(self._channel_ids)
        self.channels[channel_id] = LocalChannel(self, channel_id)
        return self.channels[channel_id]

    def post(self, item: Callable[[], bool]) -> None:
        with self._changed:
            self._inbox.append(item)
            self._changed.notify()

    def drain_events(self, timeout: float | None = None) -> None:
        """Wait for one event and handle it; socket.timeout when there is none in time."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._next_item(deadline)():
            pass

    def _next_item(self, deadline: float | None) -> Callable[[], bool]:
        with self._changed:
            while not self._inbox:
                if not self.connected:
                    raise RecoverableConnectionError("connection closed")
                seconds_left = None if deadline is None else deadline - time.monotonic()
                if seconds_left is not None and seconds_left <= 0:
                    raise TimeoutError("timed out")
                self._changed.wait(seconds_left)
            return self._inbox.popleft()

    def close(self) -> None:
        for channel in list(self.channels.values()):
            channel.close()
        self.broker.close_owner(self)
        with self._changed:
            self.connected = False
            self._changed.notify_all()


class Transport(base.Transport):
    """The transport class that kombu makes for the scheme `inproc`."""

    Connection = LocalConnection
    driver_type = driver_name = "inproc"
    default_port = 0  # kombu writes it without a type
    client: Any
    connection_errors = amqp.Connection.connection_errors
    channel_errors = amqp.Connection.channel_errors
    recoverable_connection_errors = amqp.Connection.recoverable_connection_errors
    recoverable_channel_errors = amqp.Connection.recoverable_channel_errors
    implements = base.Transport.implements.extend(
        exchange_type=frozenset(["direct", "topic", "fanout"])
    )

    # A published message lives in this process only, so it is safe when it has been handled, and
    # not yet when it has been published.
    settles_when_handled = True

    def is_settled(self, message_id: str) -> bool:
        """Tell whether a message has been handled by everybody who was to get it.

        It is while no copy waits in a queue (a retry or dead-letter queue included) or is unacked
        with a consumer. An id that was never published is settled too: ask after publishing.
        """
        return broker_of(self.client.virtual_host or "/").is_settled(message_id)

    def establish_connection(self) -> LocalConnection:
        return LocalConnection(self.client)

    def create_channel(self, connection: LocalConnection) -> LocalChannel:
        return connection.open_channel()

    def drain_events(
        self, connection: LocalConnection, timeout: float | None = None, **_: Any
    ) -> None:
        connection.drain_events(timeout)

    def close_connection(self, connection: LocalConnection) -> None:
        connection.client = None
        connection.close()

    def verify_connection(self, connection: LocalConnection | None) -> bool:
        return connection is not None and connection.connected

    def driver_version(self) -> str:
        return "1"

    @property
    def default_connection_params(self) -> dict[str, Any]:
        return {"hostname": "localhost", "port": 0, "virtual_host": "/"}

    def _collect(self, connection: LocalConnection | None) -> None:
        if connection is not None:
            connection.close()


TRANSPORT_ALIASES["inproc"] = "deploy.local.transport:Transport"

"""The kombu transport over the in-process broker, where kombu or a relay sees it."""

from collections.abc import Iterator

import amqp
import pytest
from kombu import Connection, Queue

from deploy.local import transport

URI = "inproc://localhost/unit"


@pytest.fixture
def connection() -> Iterator[Connection]:
    with Connection(URI) as opened:
        yield opened
    transport.reset()


def declare(connection: Connection, name: str) -> Queue:
    queue = Queue(name).bind(connection.default_channel)
    queue.declare()
    return queue


def test_a_relay_learns_without_a_connection_when_a_message_is_settled(
    connection: Connection,
) -> None:
    queue = declare(connection, "work")
    connection.Producer().publish("x", routing_key="work", message_id="m-1")
    asked = Connection(URI).transport
    assert asked.settles_when_handled
    assert not asked.is_settled("m-1")
    queue.get().ack()
    assert asked.is_settled("m-1")
    assert Connection("inproc://localhost/other").transport.is_settled("m-1")


def test_virtual_hosts_do_not_see_each_other(connection: Connection) -> None:
    declare(connection, "work")
    with Connection("inproc://localhost/other") as other, pytest.raises(amqp.NotFound):
        other.default_channel.queue_declare("work", passive=True)


def test_a_reset_forgets_everything(connection: Connection) -> None:
    declare(connection, "work")
    transport.reset()
    with Connection(URI) as fresh, pytest.raises(amqp.NotFound):
        fresh.default_channel.queue_declare("work", passive=True)


def test_headers_that_the_wire_cannot_carry_fail_at_the_publisher(
    connection: Connection,
) -> None:
    declare(connection, "work")
    with pytest.raises(amqp.exceptions.FrameSyntaxError):
        connection.Producer().publish("x", routing_key="work", headers={"bad": object()})


def test_a_publisher_that_changes_its_headers_changes_no_message(connection: Connection) -> None:
    queue = declare(connection, "work")
    headers = {"list": [1]}
    connection.Producer().publish("x", routing_key="work", headers=headers)
    headers["list"].append(2)
    assert queue.get().headers["list"] == [1]


def test_a_consumer_learns_that_its_queue_is_gone(connection: Connection) -> None:
    queue = declare(connection, "work")
    connection.Consumer([queue], on_message=lambda message: None).consume()
    with connection.channel() as channel:
        channel.queue_delete("work")
    with pytest.raises(amqp.ConsumerCancelled):
        connection.drain_events(timeout=1)


def test_a_message_for_a_consumer_that_has_cancelled_goes_back(connection: Connection) -> None:
    queue = declare(connection, "work")
    consumer = connection.Consumer([queue], on_message=lambda message: None)
    consumer.consume()
    connection.Producer().publish("x", routing_key="work")
    consumer.cancel()
    with pytest.raises(TimeoutError):
        connection.drain_events(timeout=0.01)
    assert queue.get().payload == "x"


def test_a_prefetch_for_a_whole_channel_is_not_offered(connection: Connection) -> None:
    with pytest.raises(amqp.AMQPError, match="NOT_IMPLEMENTED"):
        connection.default_channel.basic_qos(0, 1, apply_global=True)


def test_a_closed_connection_wakes_those_who_wait_on_it(connection: Connection) -> None:
    opened = connection.connection
    opened.close()
    with pytest.raises(amqp.RecoverableConnectionError):
        connection.transport.drain_events(opened, timeout=1)

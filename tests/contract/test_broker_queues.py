"""What the chassis relies on in queues, on the in-process broker and on RabbitMQ.

Retry queues that give their messages back in time, delivery limits, dead letters and their
headers, confirmed and returned messages.
"""

import time
from typing import Any

import amqp
import pytest
from amqp.exceptions import MessageNacked, NotFound, PreconditionFailed, ResourceLocked
from kombu import Connection, Exchange, Producer, Queue

from tests.contract.cluster import until

pytestmark = pytest.mark.timeout(30)

# What the chassis asks of every queue from which messages move on to another queue.
SAFE = {"x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish"}


def declare(connection: Connection, name: str, **arguments: Any) -> Queue:
    """Declare a quorum queue; underscores of the arguments stand for dashes."""
    named = {f"x-{key.replace('_', '-')}": value for key, value in arguments.items()}
    queue = Queue(name, durable=True, queue_arguments={"x-queue-type": "quorum", **named})
    bound = queue.bind(connection.default_channel)
    bound.declare()
    return bound


def retry_queue(connection: Connection, target: str, delay_ms: int) -> Queue:
    return declare(
        connection,
        f"{target}.retry.{delay_ms}ms",
        message_ttl=delay_ms,
        dead_letter_exchange="",
        dead_letter_routing_key=target,
        dead_letter_strategy="at-least-once",
        overflow="reject-publish",
    )


def publish(connection: Connection, routing_key: str, body: Any = "x", **options: Any) -> None:
    producer = Producer(connection.default_channel)
    producer.publish(body, routing_key=routing_key, delivery_mode=2, **options)


def wait_for_message(queue: Queue, seconds: float = 6.0) -> Any:
    """Get one message, unacked; fail when none comes."""
    found: list[Any] = []

    def fetch() -> bool:
        message = queue.get(no_ack=False)
        if message is not None:
            found.append(message)
        return bool(found)

    assert until(fetch, seconds), f"nothing arrived in {queue.name}"
    return found[0]


# -- Messages that wait ----------------------------------------------------------------------


def test_a_retry_queue_without_consumers_gives_its_message_back_in_time(
    connection: Connection,
) -> None:
    work = declare(connection, "work")
    retry = retry_queue(connection, "work", delay_ms=300)
    published_at = time.monotonic()
    publish(connection, retry.name, {"n": 1}, message_id="m-1", headers={"x-retries": 1})
    assert work.get() is None
    message = wait_for_message(work)
    assert 0.29 <= time.monotonic() - published_at < 1.5
    assert message.payload == {"n": 1}
    assert message.properties["message_id"] == "m-1"
    assert message.headers["x-retries"] == 1
    message.ack()


def test_messages_leave_a_retry_queue_in_their_order(connection: Connection) -> None:
    work = declare(connection, "work")
    retry = retry_queue(connection, "work", delay_ms=100)
    for number in range(5):
        publish(connection, retry.name, number)
    assert [wait_for_message(work).payload for _ in range(5)] == list(range(5))


def test_a_message_that_was_retried_says_where_it_died(connection: Connection) -> None:
    work = declare(connection, "work")
    retry = retry_queue(connection, "work", delay_ms=50)
    publish(connection, retry.name)
    headers = wait_for_message(work).headers
    death = headers["x-death"][0]
    assert (death["queue"], death["reason"], death["count"]) == (retry.name, "expired", 1)
    assert (death["exchange"], death["routing-keys"]) == ("", [retry.name])
    assert headers["x-first-death-queue"] == retry.name
    assert headers["x-first-death-reason"] == "expired"


def test_a_message_may_go_through_the_same_retry_queue_twice(connection: Connection) -> None:
    work = declare(connection, "work")
    retry = retry_queue(connection, "work", delay_ms=50)
    publish(connection, retry.name)
    first = wait_for_message(work)
    publish(connection, retry.name, headers=first.headers)
    first.ack()
    second = wait_for_message(work)
    assert second.headers["x-death"][0]["count"] == 2


def test_a_message_expires_by_its_own_time_and_without_a_dead_letter_exchange_is_gone(
    connection: Connection,
) -> None:
    queue = declare_classic(connection, "short")
    publish(connection, queue.name, expiration=0.05)
    assert until(lambda: queue.queue_declare(passive=True).message_count == 0)


def test_a_queue_that_nobody_uses_goes_away(connection: Connection) -> None:
    declare_classic(connection, "reply", {"x-expires": 100})

    def is_gone() -> bool:
        with connection.channel() as channel:
            try:
                channel.queue_declare("reply", passive=True)
            except NotFound:
                return True
        return False

    # Each look counts as a use and begins the time anew, so the test looks only after a while.
    time.sleep(0.5)
    assert is_gone()


def declare_classic(
    connection: Connection, name: str, arguments: dict[str, Any] | None = None
) -> Queue:
    queue = Queue(name, durable=True, queue_arguments=arguments or {})
    bound = queue.bind(connection.default_channel)
    bound.declare()
    return bound


# -- Messages that come back -----------------------------------------------------------------


def test_a_message_over_its_delivery_limit_becomes_a_dead_letter(connection: Connection) -> None:
    dead = declare(connection, "work.dead")
    work = declare(
        connection,
        "work",
        delivery_limit=2,
        dead_letter_exchange="",
        dead_letter_routing_key=dead.name,
        dead_letter_strategy="at-least-once",
        overflow="reject-publish",
    )
    publish(connection, work.name, message_id="poison")
    counts = []
    for _ in range(3):
        message = wait_for_message(work)
        # Missing or 0 the first time: RabbitMQ 3.10 differs between consuming and getting.
        counts.append(message.headers.get("x-delivery-count", 0))
        message.requeue()
    assert counts == [0, 1, 2]
    letter = wait_for_message(dead)
    assert letter.properties["message_id"] == "poison"
    assert letter.headers["x-death"][0]["reason"] == "delivery_limit"
    assert not letter.headers.get("x-delivery-count")
    assert work.get() is None


def test_a_rejected_message_becomes_a_dead_letter(connection: Connection) -> None:
    dead = declare(connection, "work.dead")
    work = declare(connection, "work", dead_letter_exchange="", dead_letter_routing_key=dead.name)
    publish(connection, work.name)
    wait_for_message(work).reject()
    assert wait_for_message(dead).headers["x-death"][0]["reason"] == "rejected"


def test_a_dead_letter_goes_by_a_named_exchange_under_its_own_key(connection: Connection) -> None:
    letters = Exchange("letters", "topic", durable=True)
    dead = Queue("dead", letters, "work.#", durable=True).bind(connection.default_channel)
    dead.declare()
    work = declare(connection, "work.urgent", dead_letter_exchange="letters")
    publish(connection, work.name)
    wait_for_message(work).reject()
    letter = wait_for_message(dead)
    assert letter.delivery_info["exchange"] == "letters"
    assert letter.delivery_info["routing_key"] == "work.urgent"


def test_a_message_comes_back_when_its_channel_closes(connection: Connection) -> None:
    work = declare(connection, "work")
    publish(connection, work.name, 1)
    with connection.channel() as channel:
        taken = work.bind(channel).get()
        assert not taken.delivery_info["redelivered"]
    again = wait_for_message(work)
    assert again.payload == 1
    assert again.delivery_info["redelivered"]


def test_a_consumer_holds_no_more_messages_than_its_prefetch(connection: Connection) -> None:
    work = declare(connection, "work")
    for number in range(5):
        publish(connection, work.name, number)
    held: list[Any] = []
    with connection.channel() as channel:
        consumer = connection.Consumer(
            [work], channel=channel, on_message=held.append, prefetch_count=2
        )
        consumer.consume()
        drain(connection, 0.3)
        assert len(held) == 2
        held[0].ack()
        drain(connection, 0.3)
        assert len(held) == 3


def drain(connection: Connection, seconds: float) -> None:
    """Handle what arrives until nothing has arrived for a while."""
    while True:
        try:
            connection.drain_events(timeout=seconds)
        except TimeoutError:
            return


# -- Publishing ------------------------------------------------------------------------------


def test_a_mandatory_message_that_no_queue_takes_is_returned(connection: Connection) -> None:
    with pytest.raises(amqp.ChannelError, match="NO_ROUTE"):
        publish(connection, "nobody", mandatory=True)


def test_a_message_to_an_unknown_exchange_is_refused(connection: Connection) -> None:
    with pytest.raises(NotFound):
        publish(connection, "any", exchange="nowhere")


def test_a_channel_is_usable_after_a_refusal(connection: Connection) -> None:
    work = declare(connection, "work")
    with pytest.raises(NotFound):
        publish(connection, "any", exchange="nowhere")
    publish(connection, work.name, "after")
    assert wait_for_message(work).payload == "after"


def test_a_full_queue_that_refuses_lets_the_publisher_know(connection: Connection) -> None:
    full = declare(connection, "full", max_length=1, overflow="reject-publish")

    def publish_until_refused() -> None:
        # A quorum queue of RabbitMQ takes a few more before it notices that it is full.
        for _ in range(200):
            publish(connection, full.name)

    with pytest.raises(MessageNacked):
        publish_until_refused()


def test_a_topic_binding_hears_only_what_its_pattern_covers(connection: Connection) -> None:
    events = Exchange("events", "topic", durable=True)
    queue = Queue("bookings", events, "booking.*", durable=True).bind(connection.default_channel)
    queue.declare()
    for key in ("booking.confirmed", "hold.expired", "booking.note.added", "booking"):
        publish(connection, key, key, exchange="events")
    assert wait_for_message(queue).payload == "booking.confirmed"
    assert queue.get() is None


def test_what_a_consumer_changes_in_a_message_the_others_do_not_see(
    connection: Connection,
) -> None:
    events = Exchange("events", "fanout", durable=True)
    queues = [Queue(name, events, durable=True) for name in ("one", "two")]
    bound = [queue.bind(connection.default_channel) for queue in queues]
    for queue in bound:
        queue.declare()
    publish(connection, "", exchange="events", headers={"list": [1]})
    wait_for_message(bound[0]).headers["list"].append(2)
    assert wait_for_message(bound[1]).headers["list"] == [1]


# -- Declarations ----------------------------------------------------------------------------


def test_the_same_declaration_may_be_repeated(connection: Connection) -> None:
    for _ in range(2):
        retry_queue(connection, "work", delay_ms=5000)


@pytest.mark.parametrize(
    "other",
    [
        {"x-queue-type": "quorum", "x-message-ttl": 1000},
        {"x-queue-type": "quorum", "x-delivery-limit": 3, **SAFE},
    ],
)
def test_a_different_declaration_is_refused(connection: Connection, other: dict[str, Any]) -> None:
    declare(connection, "work", delivery_limit=2)
    with pytest.raises(PreconditionFailed):
        connection.channel().queue_declare("work", durable=True, auto_delete=False, arguments=other)


@pytest.mark.parametrize(
    ("how", "arguments"),
    [
        ({"durable": False}, {"x-queue-type": "quorum"}),
        ({"durable": True}, {"x-queue-type": "no-such-type"}),
        ({"durable": True}, {"x-message-ttl": -1}),
        ({"durable": True}, {"x-dead-letter-routing-key": "without an exchange"}),
    ],
)
def test_a_queue_that_cannot_be_is_refused(
    connection: Connection, how: dict[str, Any], arguments: dict[str, Any]
) -> None:
    with pytest.raises(PreconditionFailed):
        connection.channel().queue_declare("work", auto_delete=False, arguments=arguments, **how)


def test_an_exclusive_queue_is_locked_to_others_and_goes_with_its_connection(
    amqp_uri: str, connection: Connection
) -> None:
    with Connection(amqp_uri) as owner:
        owner.default_channel.queue_declare("mine", exclusive=True, auto_delete=False)
        with pytest.raises(ResourceLocked):
            connection.channel().queue_declare("mine", passive=True)
    with pytest.raises(NotFound):
        connection.channel().queue_declare("mine", passive=True)

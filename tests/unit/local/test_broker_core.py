"""The in-process broker by itself: what its consumers see, and what it counts as settled."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from deploy.local.broker import (
    Broker,
    BrokerError,
    Delivery,
    ExchangeSpec,
    QueueSpec,
    Session,
    Verdict,
)
from deploy.local.broker.exchanges import topic_matches
from deploy.local.broker.ledger import Ledger
from deploy.local.broker.messages import Message, would_cycle

QUORUM = {"x-queue-type": "quorum"}


class Reader:
    """A session that notes what it gets."""

    def __init__(self, broker: Broker, prefetch: int = 0) -> None:
        self.broker = broker
        self.session = Session(owner=self, mailbox=self, prefetch=prefetch)
        self.deliveries: list[Delivery] = []
        self.cancelled: list[str] = []

    def deliver(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)

    def consumer_cancelled(self, consumer_tag: str) -> None:
        self.cancelled.append(consumer_tag)

    def read(self, queue: str, tag: str = "tag", no_ack: bool = False) -> "Reader":
        self.broker.consume(self.session, queue, tag, no_ack=no_ack)
        return self

    def settle(self, position: int, verdict: Verdict = Verdict.ACK) -> None:
        self.broker.settle(self.session, self.deliveries[position].tag, verdict)

    def close(self) -> None:
        self.broker.close_session(self.session)

    @property
    def bodies(self) -> list[bytes]:
        return [delivery.message.body for delivery in self.deliveries]


@pytest.fixture
def broker() -> Iterator[Broker]:
    made = Broker("test")
    yield made
    made.close()


def declare(broker: Broker, name: str, **arguments: Any) -> None:
    """Declare a durable queue; underscores of the arguments stand for dashes."""
    named = {f"x-{key.replace('_', '-')}": value for key, value in arguments.items()}
    broker.declare_queue(name, QueueSpec(durable=True, arguments=named))


def declare_retry(broker: Broker, name: str, target: str, delay_ms: int) -> None:
    declare(
        broker,
        name,
        message_ttl=delay_ms,
        dead_letter_exchange="",
        dead_letter_routing_key=target,
    )


def publish(broker: Broker, key: str, body: bytes = b"x", exchange: str = "", **props: Any) -> int:
    return broker.publish(exchange, key, props, body).routed


def waiting(broker: Broker, queue: str) -> int:
    return broker.check_queue(queue).ready


def wait_until(condition: Callable[[], object], seconds: float = 2.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


# -- Routing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "key", "matches"),
    [
        ("a.b", "a.b", True),
        ("a.*", "a.b", True),
        ("a.*", "a", False),
        ("a.*", "a.b.c", False),
        ("a.#", "a", True),
        ("a.#", "a.b.c", True),
        ("#.c", "a.b.c", True),
        ("#", "", True),
        ("*", "", False),
        ("a.#.d", "a.d", True),
        ("a.#.d", "a.b.c", False),
    ],
)
def test_a_topic_pattern_covers_words(pattern: str, key: str, matches: bool) -> None:
    assert topic_matches(pattern, key) is matches


def test_the_default_exchange_leads_to_the_queue_of_that_name(broker: Broker) -> None:
    declare(broker, "a")
    assert publish(broker, "a") == 1
    assert publish(broker, "b") == 0


def test_a_queue_bound_twice_gets_one_copy(broker: Broker) -> None:
    declare(broker, "a")
    broker.declare_exchange("events", ExchangeSpec("topic"))
    broker.bind("a", "events", "x.*")
    broker.bind("a", "events", "#")
    assert publish(broker, "x.y", exchange="events") == 1
    assert waiting(broker, "a") == 1


def test_an_unbound_queue_gets_nothing_more(broker: Broker) -> None:
    declare(broker, "a")
    broker.declare_exchange("events", ExchangeSpec("fanout", auto_delete=True))
    broker.bind("a", "events", "")
    assert publish(broker, "", exchange="events") == 1
    broker.unbind("a", "events", "")
    with pytest.raises(BrokerError, match="NOT_FOUND"):
        publish(broker, "", exchange="events")  # it was to go with its last binding


# -- Giving out ------------------------------------------------------------------------------


def test_consumers_take_turns_and_one_that_is_full_is_passed_over(broker: Broker) -> None:
    declare(broker, "a")
    narrow, wide = Reader(broker, prefetch=1).read("a"), Reader(broker).read("a")
    for body in (b"1", b"2", b"3", b"4"):
        publish(broker, "a", body)
    assert narrow.bodies == [b"1"]
    assert wide.bodies == [b"2", b"3", b"4"]
    narrow.settle(0)
    publish(broker, "a", b"5")
    assert narrow.bodies == [b"1", b"5"]


def test_what_is_requeued_comes_again_in_its_old_order(broker: Broker) -> None:
    declare(broker, "a")
    first = Reader(broker).read("a")
    for body in (b"1", b"2", b"3"):
        publish(broker, "a", body)
    first.close()
    second = Reader(broker).read("a")
    assert second.bodies == [b"1", b"2", b"3"]
    assert all(delivery.redelivered for delivery in second.deliveries)


def test_a_closed_session_hands_its_messages_to_other_consumers(broker: Broker) -> None:
    broker.declare_queue("a", QueueSpec(auto_delete=True))
    first = Reader(broker).read("a")
    publish(broker, "a", b"1")
    second = Reader(broker).read("a")
    first.close()
    assert second.bodies == [b"1"]


def test_one_word_settles_all_deliveries_up_to_it(broker: Broker) -> None:
    declare(broker, "a")
    reader = Reader(broker).read("a")
    for _ in range(3):
        publish(broker, "a")
    broker.settle(reader.session, reader.deliveries[1].tag, Verdict.ACK, multiple=True)
    assert list(reader.session.unacked) == [reader.deliveries[2].tag]
    with pytest.raises(BrokerError, match="unknown delivery tag"):
        reader.settle(0)


def test_a_consumer_whose_queue_is_deleted_is_told(broker: Broker) -> None:
    declare(broker, "a")
    reader = Reader(broker).read("a", tag="mine")
    broker.delete_queue("a")
    assert reader.cancelled == ["mine"]
    assert broker.delete_queue("a") == 0


def test_a_queue_with_an_exclusive_consumer_takes_no_other(broker: Broker) -> None:
    declare(broker, "a")
    only = Reader(broker)
    broker.consume(only.session, "a", "tag", no_ack=False, exclusive=True)
    with pytest.raises(BrokerError, match="ACCESS_REFUSED"):
        Reader(broker).read("a")


# -- Time ------------------------------------------------------------------------------------


def test_a_message_in_a_queue_without_consumers_dies_by_itself(broker: Broker) -> None:
    declare(broker, "work")
    declare_retry(broker, "retry", "work", delay_ms=30)
    started = time.monotonic()
    publish(broker, "retry")
    assert waiting(broker, "work") == 0
    wait_until(lambda: waiting(broker, "work"))
    assert time.monotonic() - started >= 0.03
    assert waiting(broker, "retry") == 0


def test_the_timer_serves_a_shorter_time_that_comes_later(broker: Broker) -> None:
    declare(broker, "work")
    declare_retry(broker, "slow", "work", delay_ms=60_000)
    declare_retry(broker, "quick", "work", delay_ms=20)
    publish(broker, "slow")
    publish(broker, "quick")
    wait_until(lambda: waiting(broker, "work") == 1)
    assert waiting(broker, "slow") == 1


def test_a_message_that_expires_at_once_still_reaches_a_consumer_that_waits(
    broker: Broker,
) -> None:
    declare(broker, "a", message_ttl=0)
    reader = Reader(broker).read("a")
    publish(broker, "a", b"1")
    assert reader.bodies == [b"1"]


def test_a_queue_that_nobody_uses_is_deleted_and_one_with_a_consumer_is_not(
    broker: Broker,
) -> None:
    declare(broker, "unused", expires=20)
    declare(broker, "used", expires=20)
    reader = Reader(broker).read("used")

    def exists(name: str) -> bool:
        return publish(broker, name) > 0  # which, unlike a declaration, is no use of the queue

    wait_until(lambda: not exists("unused"))
    assert exists("used")
    reader.close()
    wait_until(lambda: not exists("used"))


# -- Dead letters ----------------------------------------------------------------------------


def test_a_queue_that_is_full_drops_its_oldest_message_as_a_dead_letter(broker: Broker) -> None:
    declare(broker, "dead")
    declare(broker, "a", max_length=2, dead_letter_exchange="", dead_letter_routing_key="dead")
    for body in (b"1", b"2", b"3"):
        publish(broker, "a", body)
    reader = Reader(broker).read("dead")
    assert reader.bodies == [b"1"]
    assert reader.deliveries[0].message.deaths[0]["reason"] == "maxlen"


def test_a_queue_that_is_full_may_refuse_instead(broker: Broker) -> None:
    declare(broker, "a", max_length=1, overflow="reject-publish")
    assert not broker.publish("", "a", {}, b"1").refused
    assert broker.publish("", "a", {"message_id": "m"}, b"2").refused
    assert broker.is_settled("m")
    assert waiting(broker, "a") == 1


def test_a_message_over_the_delivery_limit_dies_when_its_consumers_crash(broker: Broker) -> None:
    declare(broker, "dead")
    declare(
        broker,
        "a",
        queue_type="quorum",
        delivery_limit=1,
        dead_letter_exchange="",
        dead_letter_routing_key="dead",
    )
    publish(broker, "a")
    headers = []
    for _ in range(2):
        reader = Reader(broker).read("a")
        headers.append(reader.deliveries[0].broker_headers)
        reader.close()
    assert headers == [{}, {"x-delivery-count": 1}]
    assert waiting(broker, "a") == 0
    reader = Reader(broker).read("dead")
    assert reader.deliveries[0].message.deaths[0]["reason"] == "delivery_limit"


def test_a_dead_letter_loses_its_own_expiration(broker: Broker) -> None:
    declare(broker, "dead")
    declare(broker, "a", dead_letter_exchange="", dead_letter_routing_key="dead")
    publish(broker, "a", expiration="10")
    wait_until(lambda: waiting(broker, "dead"))
    letter = Reader(broker).read("dead").deliveries[0].message
    assert "expiration" not in letter.properties
    assert letter.deaths[0]["original-expiration"] == "10"


def test_messages_that_would_go_round_for_ever_are_dropped(broker: Broker) -> None:
    declare_retry(broker, "a", target="b", delay_ms=5)
    declare_retry(broker, "b", target="a", delay_ms=5)
    publish(broker, "a", message_id="m")
    wait_until(lambda: broker.is_settled("m"))


def test_a_rejection_on_the_way_makes_a_round_trip_legitimate() -> None:
    deaths = [{"queue": "retry", "reason": "expired"}, {"queue": "work", "reason": "rejected"}]
    assert not would_cycle(deaths, "work")
    assert would_cycle(deaths, "retry")
    assert not would_cycle(deaths, "elsewhere")


# -- Settled or not --------------------------------------------------------------------------


def test_a_message_that_no_queue_takes_is_settled(broker: Broker) -> None:
    publish(broker, "nobody", message_id="m")
    assert broker.is_settled("m")


def test_a_message_is_settled_when_all_its_consumers_have_acked(broker: Broker) -> None:
    broker.declare_exchange("events", ExchangeSpec("fanout"))
    for name in ("a", "b"):
        declare(broker, name)
        broker.bind(name, "events", "")
    publish(broker, "", exchange="events", message_id="m")
    first, second = Reader(broker).read("a"), Reader(broker).read("b")
    first.settle(0)
    assert not broker.is_settled("m")
    second.settle(0)
    assert broker.is_settled("m")


@pytest.mark.parametrize("end", ["reject", "purge", "delete", "no_ack", "get"])
def test_a_message_that_is_dropped_or_taken_for_good_is_settled(broker: Broker, end: str) -> None:
    declare(broker, "a")
    publish(broker, "a", message_id="m")
    assert not broker.is_settled("m")
    if end == "reject":
        Reader(broker).read("a").settle(0, Verdict.REJECT)
    elif end == "purge":
        assert broker.purge("a") == 1
    elif end == "delete":
        assert broker.delete_queue("a") == 1
    elif end == "no_ack":
        Reader(broker).read("a", no_ack=True)
    else:
        assert broker.get(Reader(broker).session, "a", no_ack=True)
    assert broker.is_settled("m")


def test_a_message_acked_after_its_queue_was_deleted_is_settled(broker: Broker) -> None:
    declare(broker, "a")
    publish(broker, "a", message_id="m")
    reader = Reader(broker).read("a")
    broker.delete_queue("a")
    reader.settle(0)
    assert broker.is_settled("m")


def test_a_message_is_unsettled_all_the_way_through_its_retries(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice back to the queue and twice through the retry queue, then acked."""
    settled_after_strike: list[bool] = []
    strike = Ledger.strike

    def strike_and_look(ledger: Ledger, message: Message) -> None:
        strike(ledger, message)
        settled_after_strike.append(not ledger.holds("m"))

    monkeypatch.setattr(Ledger, "strike", strike_and_look)
    declare(broker, "work", queue_type="quorum", delivery_limit=5)
    declare_retry(broker, "retry", "work", delay_ms=10)
    reader = Reader(broker, prefetch=1).read("work")
    publish(broker, "work", message_id="m")
    for round_number in range(2):
        reader.settle(-1, Verdict.REQUEUE)
        publish(broker, "retry", message_id="m")
        reader.settle(-1, Verdict.ACK)
        wait_until(lambda expected=2 * round_number + 3: len(reader.deliveries) == expected)
        assert not broker.is_settled("m")
    reader.settle(-1)
    assert broker.is_settled("m")
    assert settled_after_strike == [False] * (len(settled_after_strike) - 1) + [True]


# -- Declarations ----------------------------------------------------------------------------


def test_a_queue_without_a_name_gets_one(broker: Broker) -> None:
    assert broker.declare_queue("", QueueSpec()).name.startswith("amq.gen-")


def test_an_auto_delete_queue_goes_with_its_last_consumer(broker: Broker) -> None:
    broker.declare_queue("a", QueueSpec(auto_delete=True))
    first, second = Reader(broker).read("a"), Reader(broker).read("a")
    first.close()
    assert broker.check_queue("a").consumers == 1
    broker.cancel(second.session, "tag")
    with pytest.raises(BrokerError, match="NOT_FOUND"):
        broker.check_queue("a")


@pytest.mark.parametrize(
    ("spec", "named"),
    [
        (QueueSpec(arguments=QUORUM), "quorum"),
        (QueueSpec(durable=True, exclusive=True, arguments=QUORUM), "quorum"),
        (QueueSpec(arguments={"x-queue-type": "stream"}), "x-queue-type"),
        (QueueSpec(arguments={"x-message-ttl": "5"}), "x-message-ttl"),
        (QueueSpec(arguments={"x-expires": 0}), "x-expires"),
        (QueueSpec(arguments={"x-overflow": "drop-tail"}), "x-overflow"),
        (QueueSpec(arguments={"x-dead-letter-strategy": "once"}), "x-dead-letter-strategy"),
        (QueueSpec(arguments={"x-dead-letter-routing-key": "a"}), "x-dead-letter-routing-key"),
    ],
)
def test_a_queue_that_rabbitmq_would_refuse_is_refused(
    broker: Broker, spec: QueueSpec, named: str
) -> None:
    with pytest.raises(BrokerError, match=named) as caught:
        broker.declare_queue("a", spec)
    assert caught.value.code == 406


def test_an_exchange_of_another_kind_is_refused(broker: Broker) -> None:
    broker.declare_exchange("events", ExchangeSpec("topic"))
    with pytest.raises(BrokerError, match="inequivalent"):
        broker.declare_exchange("events", ExchangeSpec("direct"))
    with pytest.raises(BrokerError, match="NOT_IMPLEMENTED"):
        broker.declare_exchange("other", ExchangeSpec("headers"))

"""Events: nothing is lost, nothing takes effect twice, failures end as dead letters."""

import eventlet
import sqlalchemy as sa

from services.chassis import amqp, inbox
from services.chassis.db import OUTBOX, TABLES, Database
from services.chassis.outbox import Relay
from tests.integration.chassis.toy import Echo, Toy, eventually


def envelopes(engine):
    with engine.connect() as connection:
        return list(connection.scalars(sa.select(OUTBOX.c.envelope).order_by(OUTBOX.c.id)))


def published(engine):
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.bool_and(OUTBOX.c.published_at.is_not(None))))


def deliver_again(broker_uri, envelope):
    amqp.publish(
        broker_uri,
        envelope,
        confirms=True,
        exchange=amqp.EVENTS_EXCHANGE,
        routing_key=envelope["type"],
        message_id=envelope["id"],
    )


def dead_letters(engine):
    with engine.connect() as connection:
        return connection.execute(sa.select(TABLES["dead_letter"])).all()


def test_an_event_reaches_its_handler_and_its_row_is_marked(toys, words, toy_engine):
    toy = toys.start()
    toys.start(Echo)
    toys.caller(toy).say(word="hello")
    eventually(lambda: sorted(words()) == ["echo hello", "hello"])
    assert eventually(lambda: published(toy_engine))


def test_an_event_that_is_delivered_three_times_takes_effect_once(
    toys, words, toy_engine, broker_uri
):
    toy = toys.start()
    toys.caller(toy).say(word="once")
    eventually(lambda: words() == ["once"])
    for _ in range(2):
        deliver_again(broker_uri, envelopes(toy_engine)[0])
    toys.caller(toy).say(word="after")
    eventually(lambda: "after" in words())
    assert words() == ["once", "after"]


def test_an_effect_that_fails_is_rolled_back_and_tried_again_until_it_holds(toys, words):
    Toy.failures["hard"] = 2
    toy = toys.start()
    toys.caller(toy).say(word="hard")
    eventually(lambda: words() == ["hard"])
    assert Toy.failures["hard"] == 0


def test_an_event_that_keeps_failing_becomes_a_dead_letter_and_can_be_replayed(
    toys, words, toy_engine, broker_uri
):
    Toy.failures["cursed"] = 3
    toy = toys.start()
    toys.start(Echo)
    toys.caller(toy).say(word="cursed")
    eventually(lambda: dead_letters(toy_engine))
    assert words() == ["echo cursed"]
    assert eventually(lambda: published(toy_engine)), "a dead letter does not hold up its row"

    assert inbox.replay(Database.of(toy), broker_uri, "toy") == 1
    eventually(lambda: words() == ["echo cursed", "cursed"])
    assert dead_letters(toy_engine) == []


def test_a_permanent_error_is_not_tried_again(toys, words, toy_engine):
    Toy.failures["never"] = 5
    toy = toys.start()
    toys.caller(toy).say(word="never")
    eventually(lambda: dead_letters(toy_engine))
    assert Toy.failures["never"] == 4
    assert words() == []


def test_a_payload_that_breaks_its_contract_becomes_a_dead_letter(
    toys, words, toy_engine, broker_uri
):
    toy = toys.start()
    toys.caller(toy).say(word="good")
    eventually(lambda: words() == ["good"])
    broken = envelopes(toy_engine)[0] | {
        "id": "01939d2c-0000-7000-8000-000000000000",
        "payload": {"speaker": "nobody"},
    }
    deliver_again(broker_uri, broken)
    assert eventually(lambda: dead_letters(toy_engine))[0].handler == "word.spoken"


def test_a_consumer_that_never_ran_before_misses_nothing(toys, words):
    toy = toys.start()
    toys.caller(toy).say(word="early")
    eventually(lambda: "early" in words())
    toys.start(Echo)
    eventually(lambda: "echo early" in words())


def test_events_of_one_subject_leave_in_the_order_in_which_they_were_written(toys, words, uow):
    expected = [f"{number:03d}" for number in range(60)]
    for word in expected:
        with uow.begin() as tx:
            tx.emit("word.spoken", {"speaker": "0" * 32, "word": word})
    toys.start(max_workers=1)
    eventually(lambda: len(words()) == 60)
    assert words() == expected


def test_two_relays_share_one_outbox_without_publishing_twice_in_vain(toys, words, uow):
    for number in range(100):
        with uow.begin() as tx:
            tx.emit("word.spoken", {"speaker": f"{number:032x}", "word": str(number)})
    toys.start()
    toys.start()
    eventually(lambda: len(words()) >= 100)
    eventlet.sleep(0.3)
    assert sorted(words(), key=int) == [str(number) for number in range(100)]


def test_a_row_published_by_a_process_that_died_before_marking_it_takes_effect_once(
    toys, words, uow, toy_engine, broker_uri
):
    toy = toys.start()
    toys.start(Echo)
    toys.caller(toy).say(word="twice")
    eventually(lambda: published(toy_engine))
    with uow.begin() as tx:
        tx.session.execute(OUTBOX.update().values(published_at=None))
    relay = next(d for d in toy.dependencies if isinstance(d, Relay))
    relay.wake()
    eventually(lambda: published(toy_engine))
    eventlet.sleep(0.2)
    assert sorted(words()) == ["echo twice", "twice"]


def test_a_stopping_service_finishes_what_it_has_begun(toys, words, toy_engine):
    toy = toys.start()
    toys.caller(toy).say(word="slow one")
    eventlet.sleep(0.25)
    toy.stop()
    assert words() == ["slow one"]
    toys.start()
    eventlet.sleep(0.6)
    assert words() == ["slow one"]

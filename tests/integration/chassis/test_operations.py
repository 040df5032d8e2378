"""What an operator sees and does: events that wait, dead letters that are listed and replayed."""

import sys
import types

import eventlet
import pytest
from prometheus_client import REGISTRY

from services.chassis import dead_letters, outbox
from services.chassis.settings import ServiceSettings
from tests.integration.chassis.toy import Echo, Outage, Toy, eventually


def waiting(name):
    return REGISTRY.get_sample_value(f"yingqi_outbox_{name}", {"service": "toy"})


@pytest.fixture
def environ(broker_uri, toy_url):
    return {"AMQP_URI": broker_uri, "DATABASE_URL": toy_url}


@pytest.fixture(autouse=True)
def toy_package(monkeypatch):
    """`services.toy`, as far as the command looks at it."""
    package = types.ModuleType("services.toy.settings")
    package.Settings = ServiceSettings
    monkeypatch.setitem(sys.modules, package.__name__, package)


def test_events_that_cannot_be_published_are_counted_and_their_age_is_told(toys, monkeypatch, uow):
    monkeypatch.setattr(outbox, "MEASURE_SECONDS", 0.0)
    toy = toys.start()
    toys.start(Echo)
    eventually(lambda: waiting("pending") == 0)

    def broker_is_away(relay, envelope):
        raise Outage()

    with monkeypatch.context() as patch:
        patch.setattr(outbox.Relay, "_publish", broker_is_away)
        for word in ("one", "two"):
            toys.caller(toy).say(word=word)
        eventually(lambda: waiting("pending") == 2)
        eventlet.sleep(0.3)
        eventually(lambda: waiting("oldest_seconds") >= 0.3)
    eventually(lambda: waiting("pending") == 0)
    assert waiting("oldest_seconds") == 0


def test_dead_letters_are_listed_without_what_they_carry_and_replayed(toys, words, environ, capsys):
    Toy.failures["never again"] = 1
    toy = toys.start()
    toys.caller(toy).say(word="never again")

    def listed():
        assert dead_letters.main(["services.toy", "list"], environ) == 0
        return capsys.readouterr().out.splitlines()

    *letters, count = eventually(lambda: (found := listed())[-1] == "1 dead letters" and found)
    assert count == "1 dead letters"
    assert "word.spoken" in letters[0]
    assert "toy.word_refused" in letters[0] or "WordRefused" in letters[0]
    assert "never again" not in letters[0]

    assert dead_letters.main(["services.toy", "replay"], environ) == 0
    assert capsys.readouterr().out == "1 replayed\n"
    eventually(lambda: words() == ["never again"])
    assert listed() == ["0 dead letters"]


def test_an_unknown_verb_is_explained(capsys):
    assert dead_letters.main(["services.toy", "burn"], {}) == 2
    assert "usage" in capsys.readouterr().err

"""A service of the tests' own: it counts, it fails when told, and it hears what it says."""

import time
import uuid
from typing import Any

import eventlet
import sqlalchemy as sa
from marshmallow import fields

from services.chassis.clock import Clock
from services.chassis.db import Database, new_metadata
from services.chassis.inbox import Fact, handles
from services.chassis.outbox import Relay
from services.chassis.rpc import Client, rpc
from services.chassis.settings import ServiceSettings
from services.chassis.telemetry import Telemetry
from services.contracts.errors import Conflict, Unavailable
from services.contracts.fields import Contract, Instant
from services.contracts.registry import EVENTS, RPCS, Event, Rpc

metadata = new_metadata()
EFFECT = sa.Table(
    "effect",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("word", sa.Text, nullable=False),
)


class Spoken(Contract):
    speaker = fields.UUID(required=True)
    word = fields.String(required=True)


class Word(Contract):
    word = fields.String(required=True)


class Said(Contract):
    word = fields.String(required=True)
    at = Instant(required=True)


class WordRefused(Conflict):
    code = "toy.word_refused"
    sentence = {"zh": "此词不可", "en": "Not that word"}


if "word.spoken" not in EVENTS:
    Event("word.spoken", "toy", Spoken(), "speaker", ("toy", "echo"))
if ("toy", "say") not in RPCS:
    for method in ("say", "refuse", "fail", "lie", "nap", "call_inside"):
        Rpc("toy", method, Word(), Said(), (WordRefused,))


class Toy:
    """Says words as events and hears them itself."""

    name = "toy"
    failures: dict[str, int] = {}
    running = 0

    telemetry = Telemetry()
    now = Clock()
    uow = Database()
    relay = Relay()
    toy = Client("toy")

    @rpc
    def say(self, word: str) -> dict[str, Any]:
        with self.uow.begin() as tx:
            tx.emit("word.spoken", {"speaker": uuid.uuid5(uuid.NAMESPACE_DNS, "toy"), "word": word})
        return {"word": word, "at": self.now()}

    @rpc
    def refuse(self, word: str) -> dict[str, Any]:
        raise WordRefused(word=word, times=3)

    @rpc
    def fail(self, word: str) -> dict[str, Any]:
        raise RuntimeError("the text of a bug stays in the log")

    @rpc
    def lie(self, word: str) -> Any:
        return {"word": word, "at": "not an instant"}

    @rpc
    def nap(self, word: str) -> dict[str, Any]:
        eventlet.sleep(float(word))
        return {"word": word, "at": self.now()}

    @rpc
    def call_inside(self, word: str) -> Any:
        with self.uow.begin():
            return self.toy.say(word=word)

    @handles("word.spoken")
    def hear(self, fact: Fact) -> None:
        word = fact.payload["word"]
        if word.startswith("slow"):
            eventlet.sleep(0.4)
        with self.uow.begin() as tx:
            tx.session.execute(EFFECT.insert().values(word=word))
            if Toy.failures.get(word, 0) > 0:
                Toy.failures[word] -= 1
                raise (WordRefused() if word.startswith("never") else Outage())


class Outage(Unavailable):
    code = "toy.outage"


class Echo:
    """A second consumer of the same event, which may start long after the first word."""

    name = "echo"

    telemetry = Telemetry()
    uow = Database()

    @handles("word.spoken")
    def hear(self, fact: Fact) -> None:
        with self.uow.begin() as tx:
            tx.session.execute(EFFECT.insert().values(word=f"echo {fact.payload['word']}"))


def toy_settings(amqp_uri: str, database_url: str, **more: Any) -> ServiceSettings:
    """Settings under which pauses are short."""
    values: dict[str, Any] = {
        "retry_delays_seconds": (0.05, 0.1),
        "rpc_timeout_seconds": 5.0,
        "outbox_poll_seconds": 0.2,
        **more,
    }
    return ServiceSettings(amqp_uri=amqp_uri, database_url=database_url, **values)


def eventually(condition: Any, seconds: float = 8.0) -> Any:
    """Wait until a condition holds; return what it returned."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "waited in vain"
        eventlet.sleep(0.02)
    return found

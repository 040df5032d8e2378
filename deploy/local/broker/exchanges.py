"""Exchanges and their bindings: which queues a routing key leads to; no message passes here."""

from collections.abc import Iterator
from dataclasses import dataclass, field

KINDS = ("direct", "fanout", "topic")


@dataclass(frozen=True, slots=True)
class Binding:
    queue_name: str
    routing_key: str


@dataclass(frozen=True, slots=True)
class ExchangeSpec:
    """What an exchange is declared with; a second declaration must say the same."""

    kind: str = "direct"
    durable: bool = False
    auto_delete: bool = False


@dataclass(eq=False, slots=True)
class Exchange:
    name: str
    spec: ExchangeSpec
    # A dict for its order: messages reach queues in the order in which they were bound.
    bindings: dict[Binding, None] = field(default_factory=dict)

    def bind(self, queue_name: str, routing_key: str) -> None:
        self.bindings[Binding(queue_name, routing_key)] = None

    def unbind(self, queue_name: str, routing_key: str) -> None:
        self.bindings.pop(Binding(queue_name, routing_key), None)

    def unbind_queue(self, queue_name: str) -> None:
        self.bindings = {each: None for each in self.bindings if each.queue_name != queue_name}

    def route(self, routing_key: str) -> list[str]:
        """List the names of the queues that get a message with this key, each of them once."""
        return list(dict.fromkeys(self._matching(routing_key)))

    def _matching(self, routing_key: str) -> Iterator[str]:
        for binding in self.bindings:
            if (
                self.spec.kind == "fanout"
                or binding.routing_key == routing_key
                or (self.spec.kind == "topic" and topic_matches(binding.routing_key, routing_key))
            ):
                yield binding.queue_name


def topic_matches(pattern: str, routing_key: str) -> bool:
    """Match a topic pattern, in which `*` is one word and `#` any number of words."""
    return _words_match(_words(pattern), _words(routing_key))


def _words(key: str) -> list[str]:
    return key.split(".") if key else []


def _words_match(pattern: list[str], words: list[str]) -> bool:
    if not pattern:
        return not words
    if pattern[0] == "#":
        return any(_words_match(pattern[1:], words[skip:]) for skip in range(len(words) + 1))
    if not words or pattern[0] not in ("*", words[0]):
        return False
    return _words_match(pattern[1:], words[1:])

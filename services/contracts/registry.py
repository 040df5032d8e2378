"""Event and Rpc, the two kinds of contract, and the lists of all that the owners declare."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from marshmallow import Schema, ValidationError

from services.contracts.encoding import DoubtError, Encode, plain
from services.contracts.errors import Invalid, YingqiError
from services.contracts.fields import faults

EVENTS: dict[str, "Event"] = {}
RPCS: dict[tuple[str, str], "Rpc"] = {}


@dataclass(frozen=True, eq=False)
class Event:
    """A past-tense fact: its type is the routing key, the webhook type and the trigger of a flow.

    Shapes:  `consumers` names the services that handle it; each has a durable queue from the
             moment the owner starts, so that nothing is lost before a consumer's first start.
             `subject` names the payload field that identifies what the fact is about; facts about
             one subject are published in order.
    """

    type: str
    owner: str
    payload: Schema
    subject: str
    consumers: tuple[str, ...] = ()
    version: int = 1

    def __post_init__(self) -> None:
        if self.type in EVENTS:
            raise TypeError(f"event {self.type!r} is declared twice")
        EVENTS[self.type] = self

    def encode(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return the payload as JSON-able data, validated (marshmallow's dump checks nothing)."""
        with suppress(DoubtError):
            plainly: dict[str, Any] = self._plain(payload)
            return plainly
        data: dict[str, Any] = self.payload.dump(payload)
        self.payload.load(data)
        return data

    @cached_property
    def _plain(self) -> Encode:
        return plain(self.payload)

    def decode(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the payload with instants as datetimes; unknown fields are ignored."""
        loaded: dict[str, Any] = self.payload.load(data)
        return loaded


@dataclass(frozen=True, eq=False)
class Rpc:
    """A question or command that one service answers; `name` is the method's wire name."""

    owner: str
    name: str
    request: Schema
    response: Schema
    errors: tuple[type[YingqiError], ...] = ()
    raw: bool = False  # the answer is JSON already: large lists made by PostgreSQL

    def __post_init__(self) -> None:
        if (self.owner, self.name) in RPCS:
            raise TypeError(f"rpc {self.owner}.{self.name} is declared twice")
        RPCS[self.owner, self.name] = self

    def decode(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the loaded arguments.

        Errors:  Invalid with one JSON pointer per fault.
        """
        try:
            loaded: dict[str, Any] = self.request.load(arguments)
        except ValidationError as error:
            raise Invalid(errors=faults(error)) from error
        return loaded

    def encode(self, answer: Any) -> Any:
        """Return the answer as JSON-able data."""
        return answer if self.raw else self.response.dump(answer)

"""The ways to reach a person, one file each behind one protocol.

A channel is a module here with `channel(settings)`; the setting MESSAGE_CHANNELS names the ones
in use, in order of preference.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib import import_module
from typing import Protocol
from uuid import UUID

from services.notification.settings import Settings


@dataclass(frozen=True)
class Letter:
    """A rendered message on its way; `attempt` counts from 1."""

    id: UUID
    recipient: str
    subject: str
    body: str
    created_at: datetime
    channel: str
    attempt: int


class Undelivered(Exception):
    """The channel did not take a letter. `reason` names no person; it is kept and logged."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason, permanent)
        self.reason = reason
        self.permanent = permanent


class Channel(Protocol):
    """One way to reach a person.

    Shapes:  a `local` channel's `deliver` stays within this process and cannot fail, so it runs
             in the transaction that keeps the message; the others' runs outside any.
    """

    name: str
    local: bool

    def accepts(self, recipient: str) -> bool:
        """Tell whether this channel can reach a recipient."""

    def deliver(self, letter: Letter) -> None:
        """Hand over a letter; the same letter may come twice.

        Errors:  Undelivered.
        """


@lru_cache
def channels_of(settings: Settings) -> dict[str, Channel]:
    """Return the channels in use by name, the preferred one first."""
    return {
        name: import_module(f"{__name__}.{name}").channel(settings)
        for name in settings.message_channels
    }


def choose(channels: dict[str, Channel], recipient: str) -> Channel:
    """Return the preferred channel that reaches a recipient; the inbox reaches everybody."""
    return next(channel for channel in channels.values() if channel.accepts(recipient))

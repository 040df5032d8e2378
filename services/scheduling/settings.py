"""The settings of scheduling."""

from dataclasses import dataclass

from services.chassis.settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """How long a hold keeps its time, and how calendars come in and go out.

    `link_secret` signs the secret addresses of calendars and of places on the waitlist; another
    value makes all of them invalid. `feed_private_addresses` lets calendars be read from machines
    that are not on the public internet, for a studio whose calendar server stands next door.

    Units:   seconds. Fifteen minutes: long enough to pay, short enough that an abandoned slot is
             offered again the same quarter of an hour. A calendar that takes longer than ten is
             read next time.
    """

    link_secret: str
    public_url: str
    hold_ttl_seconds: int = 900
    hold_extension_seconds: int = 900
    feed_timeout_seconds: float = 10.0
    feed_private_addresses: bool = False

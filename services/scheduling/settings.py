"""The settings of scheduling."""

from dataclasses import dataclass

from services.chassis.settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """How long a hold keeps its time.

    Units:   seconds. Fifteen minutes: long enough to pay, short enough that an abandoned slot is
             offered again the same quarter of an hour.
    """

    hold_ttl_seconds: int = 900
    hold_extension_seconds: int = 900

"""The settings of automation."""

from dataclasses import dataclass

from services.chassis.settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """How often due runs are looked for; a message leaves that much later at worst."""

    run_poll_seconds: float = 0.25

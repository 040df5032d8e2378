"""Settings of a process: one frozen dataclass per service, read from the environment once."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_args, get_type_hints

from nameko import config
from nameko.extensions import DependencyProvider

S = TypeVar("S", bound="ProcessSettings")


class SettingsError(Exception):
    """Some settings are missing or malformed; the text names all of them at once."""


@dataclass(frozen=True, kw_only=True)
class ProcessSettings:
    """What every process needs. The environment's name of a field is the field in upper case."""

    amqp_uri: str
    max_workers: int = 16
    rpc_timeout_seconds: float = 8.0
    health_port: int = 8081
    log_level: str = "INFO"


@dataclass(frozen=True, kw_only=True)
class ServiceSettings(ProcessSettings):
    """What every process with a database needs."""

    database_url: str
    statement_timeout_ms: int = 15_000
    outbox_poll_seconds: float = 1.0
    retry_delays_seconds: tuple[float, ...] = (1.0, 5.0, 30.0, 300.0)


def load(settings: type[S], environ: Mapping[str, str]) -> S:
    """Read one dataclass from the environment.

    Errors:  SettingsError naming every missing and every malformed setting.
    """
    hints = get_type_hints(settings)
    values: dict[str, Any] = {}
    faults: list[str] = []
    for field in dataclasses.fields(settings):
        name = field.name.upper()
        text = environ.get(name, "")
        if text == "":
            if field.default is dataclasses.MISSING:
                faults.append(f"{name} is missing")
            continue
        try:
            values[field.name] = _parse(hints[field.name], text)
        except ValueError as error:
            faults.append(f"{name} is malformed: {error}")
    if faults:
        raise SettingsError(f"{settings.__module__}: " + "; ".join(faults))
    return settings(**values)


def _parse(kind: Any, text: str) -> Any:
    if kind is bool:
        if text.lower() not in {"true", "false", "1", "0", "yes", "no"}:
            raise ValueError("expected true or false")
        return text.lower() in {"true", "1", "yes"}
    if getattr(kind, "__origin__", None) is tuple:
        inner = get_args(kind)[0]
        return tuple(_parse(inner, part.strip()) for part in text.split(",") if part.strip())
    return kind(text)


def install(service: str, settings: ProcessSettings) -> None:
    """Make the settings of one service known to its providers (several share a local process)."""
    config.setdefault("services", {})[service] = settings


def of(service: str) -> Any:
    """Return the installed settings of a service."""
    return config["services"][service]


class Settings(DependencyProvider):
    """Give a service its settings as an attribute."""

    def get_dependency(self, worker_ctx: Any) -> Any:
        return of(self.container.service_name)

"""One service as one process: settings, container, health, and an orderly end.

    python -m services.chassis.process services.booking

A service is a package with `settings.Settings` and `entrypoints.Service`.
"""

import services.chassis.green  # noqa: F401  (first: makes the process cooperative)

import importlib
import logging
import os
import signal
import sys
from collections.abc import Mapping
from typing import Any

import eventlet
from eventlet.greenthread import GreenThread
from eventlet.support.greenlets import GreenletExit
from nameko import config
from nameko.containers import ServiceContainer

from services.chassis import amqp, health, logs, settings
from services.chassis.db import Database

logger = logging.getLogger(__name__)


def configure(amqp_uri: str) -> None:
    """Set what all services of this process share."""
    amqp.register_serializer()
    config.update({"AMQP_URI": amqp_uri, "serializer": "json", "ACCEPT": ["json"]})


def container_of(package: str, environ: Mapping[str, str]) -> ServiceContainer:
    """Build the container of one service from its package and environment.

    Errors:  SettingsError naming all that is missing.
    """
    own = settings.load(importlib.import_module(f"{package}.settings").Settings, environ)
    service = importlib.import_module(f"{package}.entrypoints").Service
    settings.install(service.name, own)
    config["max_workers"] = own.max_workers  # read once, when the container is built
    return ServiceContainer(service)


def checks_of(container: ServiceContainer) -> dict[str, health.Check]:
    """Return the readiness checks of one service."""
    name = container.service_name
    checks: dict[str, health.Check] = {
        f"{name}.broker": lambda: health.broker_answers(config["AMQP_URI"])
    }
    if any(isinstance(d, Database) for d in container.dependencies):
        checks[f"{name}.database"] = lambda: health.database_answers(Database.of(container))
    return checks


def main(package: str, environ: Mapping[str, str] = os.environ) -> int:
    """Run a service until SIGTERM or SIGINT; workers finish what they have begun.

    A service that cannot start yet, because the broker is away, ends at once instead.
    """
    logs.configure(environ.get("LOG_LEVEL") or "INFO")
    try:
        configure(environ.get("AMQP_URI", ""))
        container = container_of(package, environ)
    except settings.SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    own: Any = settings.of(container.service_name)
    health.HealthServer(checks_of(container)).start(own.health_port)
    starting = eventlet.spawn(container.start)
    for number in (signal.SIGTERM, signal.SIGINT):
        # A signal handler runs inside the hub, which must not wait for the workers.
        signal.signal(number, lambda *_: eventlet.spawn(_stop, container, starting))
    try:
        starting.wait()
    except GreenletExit:
        logger.info("stopped before it had started", extra={"service": container.service_name})
        return 0
    logger.info("started", extra={"service": container.service_name})
    container.wait()
    return 0


def _stop(container: ServiceContainer, starting: GreenThread) -> None:
    if starting.dead:
        container.stop()
    else:  # stopping in order would wait for what has not started
        starting.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

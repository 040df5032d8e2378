"""Health and metrics of a process, over HTTP on a private port."""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import eventlet
import eventlet.wsgi
import orjson
import sqlalchemy as sa
from kombu import Connection
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from services.chassis.amqp import BROKER_DOWN
from services.chassis.db import Database
from services.contracts.errors import Unavailable

Check = Callable[[], None]


def broker_answers(uri: str) -> None:
    """Raise when the broker does not answer."""
    with Connection(uri, connect_timeout=2) as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=2)


def database_answers(database: Database) -> None:
    """Raise when the database does not answer."""
    with database.unit_of_work().read() as session:
        session.execute(sa.text("SELECT 1"))


def verdict(checks: Mapping[str, Check]) -> dict[str, str]:
    """Run every check; a part is "ok" or the kind of its failure."""
    found: dict[str, str] = {}
    for part, check in checks.items():
        try:
            check()
            found[part] = "ok"
        except (Unavailable, *BROKER_DOWN) as error:
            found[part] = type(error).__name__
    return found


class HealthServer:
    """Serves /healthz (the process lives), /readyz (its parts answer) and /metrics."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self.checks = checks

    def start(self, port: int, address: str = "0.0.0.0") -> None:  # noqa: S104  (private network)
        """Listen on a port of the private network."""
        socket = eventlet.listen((address, port))
        quiet = logging.getLogger(f"{__name__}.requests")
        quiet.setLevel("WARNING")
        eventlet.spawn(eventlet.wsgi.server, socket, self._answer, log=quiet, log_output=False)

    def _answer(self, environ: Mapping[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            start_response("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
            return [generate_latest()]
        if path not in {"/healthz", "/readyz"}:
            start_response("404 Not Found", [])
            return []
        found = verdict(self.checks) if path == "/readyz" else {}
        well = all(state == "ok" for state in found.values())
        status = "200 OK" if well else "503 Service Unavailable"
        start_response(status, [("Content-Type", "application/json")])
        return [orjson.dumps({"status": "ok" if well else "down", "parts": found})]

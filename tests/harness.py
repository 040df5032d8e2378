"""Running real services inside a test: their databases, containers and RPC callers."""

import atexit
import functools
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import eventlet
import eventlet.hubs
import sqlalchemy as sa
from nameko.containers import ServiceContainer

from deploy.local.postgres import LocalPostgres
from services.chassis import migrations, process, settings
from services.chassis.context import Context
from services.chassis.db import UnitOfWork
from services.chassis.rpc import Caller, Client
from services.chassis.settings import ProcessSettings

SERVICES = (
    "analytics",
    "automation",
    "booking",
    "crm",
    "identity",
    "notification",
    "scheduling",
)
STORAGE = Path(tempfile.gettempdir()) / f"yingqi-test-storage-{os.getpid()}"
atexit.register(shutil.rmtree, STORAGE, ignore_errors=True)
UNLIMITED = {
    f"{limit}_RATE_PER_MINUTE": "0"
    for limit in ("LOGIN", "BOOKING", "COUPON", "FORM", "UPLOAD", "VISIT")
}
"""All requests of a test come from one address, and many within a second."""

SETTINGS = {
    **UNLIMITED,
    "VISITOR_DAY_MEGABYTES": "0",
    "MANAGE_SECRET": "test-manage-secret",
    "LINK_SECRET": "test-link-secret",
    "SANDBOX_SECRET": "test-sandbox-secret",
    "SANDBOX_PAYMENTS": "true",
    "PUBLIC_URL": "http://127.0.0.1:8000",
    "STORAGE_URL": f"file://{STORAGE}",
    "RETRY_DELAYS_SECONDS": "0.05,0.1,0.2",
    "OUTBOX_POLL_SECONDS": "0.2",
}


class Databases:
    """One database per service and test, copied from a template migrated once per session."""

    def __init__(self, server: LocalPostgres) -> None:
        self.server = server
        self.urls: dict[str, str] = {}
        self.engines: list[sa.Engine] = []

    def url(self, service: str) -> str:
        """Return the address of this test's database of a service."""
        if service not in self.urls:
            _template(self.server, service)
            name = f"t_{service}_{time.monotonic_ns()}"
            self.server.execute(f'CREATE DATABASE "{name}" TEMPLATE "template_{service}"')
            self.urls[service] = self.server.url(name)
        return self.urls[service]

    def uow(self, service: str, pool_size: int = 20) -> UnitOfWork:
        """Return a unit of work on this test's database of a service."""
        module = __import__(f"services.{service}.models", fromlist=["CONSTRAINT_ERRORS"])
        engine = sa.create_engine(self.url(service), pool_size=pool_size, max_overflow=0)
        self.engines.append(engine)
        return UnitOfWork(engine, constraint_errors=module.CONSTRAINT_ERRORS)

    def drop(self) -> None:
        """Drop what this test made."""
        for engine in self.engines:
            engine.dispose()
        for url in self.urls.values():
            name = sa.make_url(url).database
            self.server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@functools.cache
def _template(server: LocalPostgres, service: str) -> None:
    name = f"template_{service}"
    server.execute(f'CREATE DATABASE "{name}"')
    for extension in ("btree_gist", "pg_trgm"):
        server.execute(f"CREATE EXTENSION {extension}", database=name)
    migrations.upgrade(f"services.{service}", server.url(name))


class Probe:
    """A service without entrypoints, from which a test calls the others."""

    name = "probe"

    analytics = Client("analytics")
    automation = Client("automation")
    booking = Client("booking")
    crm = Client("crm")
    identity = Client("identity")
    notification = Client("notification")
    scheduling = Client("scheduling")


class Running:
    """The containers of some services, started; `.stop()` ends them."""

    def __init__(
        self, broker_uri: str, databases: Databases, names: Sequence[str], environ: dict[str, str]
    ) -> None:
        self.databases = databases
        self.containers: dict[str, ServiceContainer] = {}
        self.port = free_port()
        common = {
            **SETTINGS,
            "AMQP_URI": broker_uri,
            "LISTEN_ADDRESS": f"127.0.0.1:{self.port}",
            "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            **environ,
        }
        for name in names:
            package = "gateway" if name == "gateway" else f"services.{name}"
            own = common if name == "gateway" else {**common, "DATABASE_URL": databases.url(name)}
            self.containers[name] = process.container_of(package, own)
            self.containers[name].start()
        settings.install("probe", ProcessSettings(amqp_uri=broker_uri))
        self.probe = ServiceContainer(Probe)
        self.probe.start()

    @property
    def address(self) -> str:
        """Where the gateway listens."""
        return f"http://127.0.0.1:{self.port}"

    def call(self, service: str, context: Context | None = None) -> Caller:
        """Return an RPC caller of a service: `.call("booking").get_booking(…)`."""
        client = next(d for d in self.probe.dependencies if d.attr_name == service)
        caller: Caller = client.caller(context or Context())
        return caller

    def uow(self, service: str) -> UnitOfWork:
        """Return a unit of work on a running service's database."""
        return self.databases.uow(service, pool_size=4)

    def wait(self, condition: Callable[[], Any], seconds: float = 8.0) -> Any:
        """Wait until a condition holds, letting the services work; return what it returned."""
        until = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < until, "waited in vain"
            eventlet.sleep(0.02)
        return found

    def stop(self) -> None:
        """Stop every container that still runs."""
        for container in (self.probe, *reversed(self.containers.values())):
            container.stop()


def free_port() -> int:
    """Return a port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


ROOT = Path(__file__).resolve().parent.parent

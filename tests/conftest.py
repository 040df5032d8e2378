"""Fixtures of the whole suite: a real PostgreSQL, fresh databases, real containers."""

import os
import shutil
import ssl
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import nameko
import pytest
import urllib3.util.ssl_

import deploy.local.transport
import services.chassis.green  # noqa: F401  (first: makes the process cooperative)
from deploy.local.postgres import LocalPostgres
from deploy.local.rabbitmq import LocalRabbit, RabbitMissing, find_server
from services.chassis import process
from services.chassis.db import UnitOfWork
from tests.harness import Databases, Running

# Plugins of pytest import urllib3 before the process is cooperative; a service never does.
urllib3.util.ssl_.SSLContext = ssl.SSLContext  # type: ignore[misc]

BROKER = os.environ.get("YINGQI_TEST_BROKER", "inproc")


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A folder that another user may enter: PostgreSQL never runs as root."""
    folder = Path(tempfile.mkdtemp(prefix="yingqi-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(server_folder: Path) -> Iterator[LocalPostgres]:
    """One ephemeral server for the whole session."""
    with LocalPostgres(server_folder / "postgres", ephemeral=True) as server:
        yield server


@pytest.fixture(scope="session")
def rabbit_installed() -> None:
    """Skip without a RabbitMQ server; fail instead where one is required."""
    try:
        find_server()
    except RabbitMissing as missing:
        if os.environ.get("YINGQI_REQUIRE_RABBITMQ"):
            pytest.fail(missing.en)
        pytest.skip(missing.en)


@pytest.fixture(scope="session")
def rabbit(server_folder: Path, rabbit_installed: None) -> Iterator[LocalRabbit]:
    """One private RabbitMQ node for the whole session."""
    node = LocalRabbit(server_folder / "rabbit").start()
    yield node
    node.kill()  # nobody wants the data: an orderly stop takes six seconds more


@pytest.fixture
def databases(postgres: LocalPostgres) -> Iterator[Databases]:
    """Freshly migrated databases, made when first asked for and dropped after the test."""
    made = Databases(postgres)
    yield made
    made.drop()


@pytest.fixture
def service_uow(databases: Databases) -> Callable[[str], UnitOfWork]:
    """`service_uow("booking")`: a unit of work on that service's own fresh database."""
    return databases.uow


@pytest.fixture
def broker_uri(request: pytest.FixtureRequest) -> Iterator[str]:
    """A broker that holds nothing yet: in this process, or a RabbitMQ (YINGQI_TEST_BROKER)."""
    vhost = f"test-{os.urandom(6).hex()}"
    if BROKER == "rabbitmq":
        node: LocalRabbit = request.getfixturevalue("rabbit")
        node.create_vhost(vhost)
        yield node.uri(vhost)
        node.delete_vhost(vhost)
    else:
        yield f"inproc://localhost/{vhost}"
        deploy.local.transport.reset()


@pytest.fixture
def running(broker_uri: str, databases: Databases) -> Iterator[Callable[..., Running]]:
    """`running("scheduling", "booking")`: these services' real containers on a broker."""
    before = dict(nameko.config)
    process.configure(broker_uri)
    started: list[Running] = []

    def start(*names: str, **environ: str) -> Running:
        started.append(Running(broker_uri, databases, names, environ))
        return started[-1]

    yield start
    for system in reversed(started):
        system.stop()
    nameko.config.clear()
    nameko.config.update(before)

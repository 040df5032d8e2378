"""The toy service on a database and a broker of its own."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import nameko
import pytest
import sqlalchemy as sa
from nameko.containers import ServiceContainer

from deploy.local.postgres import LocalPostgres
from services.chassis import process, settings
from services.chassis.context import Context
from services.chassis.db import UnitOfWork
from services.chassis.rpc import Caller
from tests.integration.chassis.toy import EFFECT, Toy, metadata, toy_settings


@pytest.fixture
def toy_url(postgres: LocalPostgres) -> Iterator[str]:
    name = f"toy_{uuid.uuid4().hex[:12]}"
    postgres.execute(f'CREATE DATABASE "{name}"')
    engine = sa.create_engine(postgres.url(name))
    metadata.create_all(engine)
    engine.dispose()
    yield postgres.url(name)
    postgres.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def toy_engine(toy_url: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine(toy_url, pool_size=20, max_overflow=0)
    yield engine
    engine.dispose()


@pytest.fixture
def uow(toy_engine: sa.Engine) -> UnitOfWork:
    return UnitOfWork(toy_engine)


@pytest.fixture
def words(toy_engine: sa.Engine) -> Callable[[], list[str]]:
    def read() -> list[str]:
        with toy_engine.connect() as connection:
            return list(connection.scalars(sa.select(EFFECT.c.word).order_by(EFFECT.c.id)))

    return read


class Toys:
    """Starts and stops containers of the toy services."""

    def __init__(self, broker_uri: str, url: str) -> None:
        self.broker_uri, self.url = broker_uri, url
        self.containers: list[ServiceContainer] = []

    def start(self, service: type = Toy, **more: Any) -> ServiceContainer:
        own = toy_settings(self.broker_uri, self.url, **more)
        settings.install(service.name, own)  # type: ignore[attr-defined]
        nameko.config["max_workers"] = own.max_workers
        container = ServiceContainer(service)
        container.start()
        self.containers.append(container)
        return container

    def caller(self, container: ServiceContainer) -> Caller:
        client = next(d for d in container.dependencies if d.attr_name == "toy")
        caller: Caller = client.caller(Context())
        return caller


@pytest.fixture
def toys(broker_uri: str, toy_url: str) -> Iterator[Toys]:
    before = dict(nameko.config)
    process.configure(broker_uri)
    Toy.failures.clear()
    made = Toys(broker_uri, toy_url)
    yield made
    for container in made.containers:
        container.stop()
    nameko.config.clear()
    nameko.config.update(before)

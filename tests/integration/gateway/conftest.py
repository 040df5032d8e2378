"""A real gateway before fake services, and staff who are signed in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import nameko
import pytest
from nameko.containers import ServiceContainer

from services.chassis import process
from tests.harness import SETTINGS, UNLIMITED, free_port
from tests.integration.gateway import samples
from tests.integration.gateway.browser import Browser
from tests.integration.gateway.fakes import Fakes


@dataclass(frozen=True)
class Site:
    """A running gateway; `anybody` is not signed in."""

    container: ServiceContainer
    services: Fakes
    address: str

    @property
    def anybody(self) -> Browser:
        return Browser(self.address)

    def staff(
        self,
        role: str = "owner",
        branch_ids: list[str] | None = None,
        resource_id: str | None = None,
    ) -> Browser:
        """Return a browser of staff who call with a bearer token."""
        return self.anybody.with_headers(
            {"Authorization": f"Bearer {self.token(role, branch_ids, resource_id)}"}
        )

    def signed_in(self, role: str = "owner", branch_ids: list[str] | None = None) -> Browser:
        """Return a browser of staff who call with the session cookie."""
        return self.anybody.with_headers(
            {"Cookie": f"yingqi_session={self.token(role, branch_ids)}"}
        )

    def token(self, role: str, branch_ids: list[str] | None, resource_id: str | None = None) -> str:
        token = (
            f"{role}-{branch_ids}-{resource_id}".replace(" ", "").replace("'", "").replace(",", "+")
        )
        self.services.staff[token] = samples.staff(role, branch_ids, resource_id)
        return token


StartSite = Callable[..., Site]


@pytest.fixture
def start_site(broker_uri: str) -> Iterator[StartSite]:
    """`start_site(LOGIN_RATE_PER_MINUTE="3")`: a gateway with these settings."""
    before = dict(nameko.config)
    process.configure(broker_uri)
    services = Fakes(broker_uri)
    containers: list[ServiceContainer] = []

    def start(**environ: str) -> Site:
        port = free_port()
        own = {
            "AMQP_URI": broker_uri,
            "LISTEN_ADDRESS": f"127.0.0.1:{port}",
            "STORAGE_URL": SETTINGS["STORAGE_URL"],
            **UNLIMITED,
            **environ,
        }
        containers.append(process.container_of("gateway", own))
        containers[-1].start()
        return Site(containers[-1], services, f"http://127.0.0.1:{port}")

    yield start
    for container in containers:
        container.stop()
    services.stop()
    nameko.config.clear()
    nameko.config.update(before)


@pytest.fixture
def site(start_site: StartSite) -> Site:
    return start_site()

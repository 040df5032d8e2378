"""One running studio for the tests that only talk to it, on the broker that is asked for."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import BROKER
from tests.e2e.local_run import LocalRun, local_run
from tests.e2e.studio import Studio


@pytest.fixture(scope="session")
def new_broker(request: pytest.FixtureRequest) -> Callable[[], dict[str, str]]:
    """Call it for what a run needs to know of its broker: nothing, or a RabbitMQ of its own."""

    def new() -> dict[str, str]:
        if BROKER != "rabbitmq":
            return {}
        node = request.getfixturevalue("rabbit")
        vhost = f"run-{os.urandom(6).hex()}"
        node.create_vhost(vhost)
        return {"AMQP_URI": node.uri(vhost)}

    return new


@pytest.fixture(scope="session")
def run(new_broker: Callable[[], dict[str, str]]) -> Iterator[LocalRun]:
    with local_run(**new_broker()) as started:
        yield started.start()


@pytest.fixture(scope="session")
def studio(run: LocalRun) -> Studio:
    return Studio(run)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    chromium = Path("/usr/bin/chromium")
    if not chromium.exists():
        if os.environ.get("YINGQI_REQUIRE_CHROMIUM"):
            pytest.fail("Chromium is missing")
        pytest.skip("Chromium is not installed")
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    started = sync_playwright().start().chromium.launch(executable_path=str(chromium), args=flags)
    yield started
    started.close()
    # Its driver is not asked to stop, which hangs in a cooperative process: it ends with us.

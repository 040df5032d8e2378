"""One running studio for the tests that only talk to it, on the broker that is asked for."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import BROKER
from tests.e2e.local_run import LocalRun, local_run
from tests.e2e.studio import Studio


@pytest.fixture(scope="session")
def broker_environment(request: pytest.FixtureRequest) -> dict[str, str]:
    """What the run needs to know of its broker: nothing, or where RabbitMQ is."""
    if BROKER == "rabbitmq":
        return {"AMQP_URI": request.getfixturevalue("rabbit").uri()}
    return {}


@pytest.fixture(scope="session")
def run(broker_environment: dict[str, str]) -> Iterator[LocalRun]:
    with local_run(**broker_environment) as started:
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
    started = sync_playwright().start().chromium.launch(
        executable_path=str(chromium), args=flags
    )
    yield started
    started.close()
    # Its driver is not asked to stop, which hangs in a cooperative process: it ends with us.

"""A real process: it stops at once even when it could not start, and says why in its log."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import orjson
import pytest

from tests.harness import ROOT, SETTINGS, free_port

STOP_SECONDS = 2.0

Process = subprocess.Popen[bytes]


@pytest.fixture
def lost() -> Iterator[Process]:
    """A service whose broker and database do not listen, and which waits for them."""
    environ = {
        **os.environ,
        **SETTINGS,
        "AMQP_URI": f"amqp://guest:guest@127.0.0.1:{free_port()}//",
        "DATABASE_URL": f"postgresql+psycopg2://nobody@127.0.0.1:{free_port()}/none",
        "HEALTH_PORT": str(free_port()),
        "LOG_LEVEL": "INFO",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "services.chassis.process", "services.identity"],
        cwd=ROOT,
        env=environ,
        stderr=subprocess.PIPE,
    )
    yield process
    process.kill()
    process.wait()
    assert process.stderr is not None
    process.stderr.close()


def wait_until_it_waits(process: Process) -> None:
    assert process.stderr is not None
    assert any(b"Error connecting to broker" in line for line in process.stderr), "it ended"


@pytest.mark.parametrize(("number", "seconds"), [(signal.SIGINT, 0.0), (signal.SIGTERM, 3.0)])
def test_a_process_that_waits_for_its_broker_and_database_ends_at_once_when_told(
    lost: Process, number: signal.Signals, seconds: float
) -> None:
    wait_until_it_waits(lost)
    time.sleep(seconds)  # the pauses between attempts grow
    told = time.monotonic()
    lost.send_signal(number)
    assert lost.wait(10) == 0
    assert time.monotonic() - told < STOP_SECONDS
    assert lost.stderr is not None
    lines = [orjson.loads(line) for line in lost.stderr]
    assert lines[-1]["message"] == "stopped before it had started"
    assert not any("traceback" in line for line in lines)

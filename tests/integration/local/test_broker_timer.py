"""The timer of the in-process broker in a process of its own, with eventlet and without."""

import subprocess
import sys

import pytest

RETRY = """
import threading, time
from kombu import Connection, Queue
from deploy.local import transport

with Connection("inproc://localhost/") as connection:
    channel = connection.default_channel
    arguments = {
        "x-message-ttl": 50, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "work"
    }
    work = Queue("work").bind(channel)
    work.declare()
    Queue("retry", queue_arguments=arguments).bind(channel).declare()
    idle_threads = threading.active_count()
    started = time.monotonic()
    connection.Producer().publish("x", routing_key="retry")
    connection.Consumer([work], channel=channel, on_message=lambda message: None).consume()
    connection.drain_events(timeout=5)
    assert 0.05 <= time.monotonic() - started < 1
    time.sleep(0.01)
    assert threading.active_count() == idle_threads, "the timer's thread outlives its deadlines"
    print("done")
"""


@pytest.mark.parametrize("first_line", ["", "import eventlet; eventlet.monkey_patch()"])
def test_a_consumer_asleep_is_woken_by_a_message_that_comes_back(first_line: str) -> None:
    script = f"{first_line}\n{RETRY}"
    command = [sys.executable, "-W", "ignore", "-c", script]
    run = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert (run.stdout, run.returncode) == ("done\n", 0), run.stderr

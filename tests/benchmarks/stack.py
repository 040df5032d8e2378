"""The system under measurement, as a process of its own that is told what to do line by line.

It serves HTTP like the local run and, on request, fills the databases or measures RPC: the
measuring process stays free of eventlet and talks to it as any client would.
"""

import services.chassis.green  # noqa: F401, I001  (first: makes the process cooperative)

import json
import os
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

import eventlet
import eventlet.tpool
from kombu import Connection, Consumer, Producer, Queue

import deploy.local.transport  # noqa: F401  (registers the scheme)
from services.chassis import logs, process
from tests.benchmarks.data import BRANCH, RESOURCES, ROSTER, SERVICE
from tests.harness import SERVICES, Databases, Running

RPC_CALLS = 2_000

# Tests poll more often than anybody else; nothing that is measured may expire meanwhile.
ENVIRON = {"OUTBOX_POLL_SECONDS": "1", "HOLD_TTL_SECONDS": "3600"}


def main() -> None:
    broker_uri, postgres_folder = sys.argv[1:3]
    from pathlib import Path

    from deploy.local.postgres import LocalPostgres

    logs.configure("WARNING")
    process.configure(broker_uri)
    with LocalPostgres(Path(postgres_folder)) as server:
        databases = Databases(server)
        everything = (*SERVICES, "gateway")
        system = Running(broker_uri, databases, everything, ENVIRON)
        _define(system)
        _say({"address": system.address, "urls": databases.urls})
        while command := eventlet.tpool.execute(sys.stdin.readline).strip():
            _say(measure_rpc(system) if command == "rpc" else measure_kombu(broker_uri))
        system.stop()


def _say(answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _define(system: Running) -> None:
    scheduling = system.call("scheduling")
    scheduling.define_branch(**BRANCH)
    for resource in RESOURCES:
        scheduling.define_resource(**resource, roster=ROSTER)
    system.call("booking").define_service(**SERVICE)


def _timed(call: Callable[[], Any], callers: int) -> dict[str, float]:
    """Return calls per second and the median time of one, in ms."""
    times: list[float] = []

    def one(_: int) -> None:
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)

    for warm in range(50):
        one(warm)
    times.clear()
    begun = time.perf_counter()
    for _ in eventlet.GreenPool(callers).imap(one, range(RPC_CALLS)):
        pass
    seconds = time.perf_counter() - begun
    return {"per_second": RPC_CALLS / seconds, "p50_ms": sorted(times)[len(times) // 2] * 1000}


def measure_rpc(system: Running) -> dict[str, Any]:
    """Measure the chassis' RPC with a question that asks no database."""
    call = system.call("booking").list_providers
    return {str(callers): _timed(call, callers) for callers in (1, 16)}


def measure_kombu(uri: str) -> dict[str, Any]:
    """Measure the floor: a request and its reply through bare kombu on the same broker."""
    asks, answers = f"floor-{uuid.uuid4()}", f"floor-{uuid.uuid4()}"

    def serve() -> None:
        with Connection(uri) as connection:
            channel = connection.channel()
            producer = Producer(channel)

            def reply(body: Any, message: Any) -> None:
                producer.publish(
                    body,
                    routing_key=message.properties["reply_to"],
                    correlation_id=message.properties["correlation_id"],
                    delivery_mode=1,
                )
                message.ack()

            queue = Queue(asks, auto_delete=True, durable=False)
            with Consumer(channel, [queue], callbacks=[reply], accept=["json"]) as consumer:
                consumer.qos(prefetch_count=16)
                while True:
                    connection.drain_events()

    pending: dict[str, Any] = {}

    def listen() -> None:
        with Connection(uri) as connection:

            def take(body: Any, message: Any) -> None:
                message.ack()
                pending.pop(message.properties["correlation_id"]).send(body)

            queue = Queue(answers, auto_delete=True, durable=False)
            with Consumer(connection.channel(), [queue], callbacks=[take], accept=["json"]):
                while True:
                    connection.drain_events()

    threads = [eventlet.spawn(serve), eventlet.spawn(listen)]
    eventlet.sleep(0.5)
    with Connection(uri) as connection:
        producer = Producer(connection.channel())

        def call() -> None:
            correlation_id = str(uuid.uuid4())
            pending[correlation_id] = answer = eventlet.event.Event()
            producer.publish(
                {"args": [], "kwargs": {}},
                routing_key=asks,
                reply_to=answers,
                correlation_id=correlation_id,
                delivery_mode=1,
            )
            answer.wait()

        result = {str(callers): _timed(call, callers) for callers in (1, 16)}
    for thread in threads:
        thread.kill()
    return result


if __name__ == "__main__":
    os.environ.setdefault("NO_COLOR", "1")
    main()

"""What nameko relies on in a broker, on the in-process one and on RabbitMQ: RPC and events.

What the code base itself relies on in queues stands in `test_broker_queues.py`.
"""

import socket
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from eventlet import sleep
from nameko.events import BROADCAST, SERVICE_POOL, SINGLETON, EventDispatcher, event_handler
from nameko.exceptions import MethodNotFound, RemoteError, RpcTimeout, UnknownService
from nameko.extensions import DependencyProvider
from nameko.rpc import ServiceRpc, rpc
from nameko.runners import ServiceRunner
from nameko.testing.services import entrypoint_hook
from nameko.web.handlers import http

from tests.contract.cluster import Cluster, until

pytestmark = pytest.mark.timeout(40)

# Time for what must not happen: a message that is on its way in spite of all arrives in less.
A_MOMENT = 0.2


class CallContext(DependencyProvider):
    def get_dependency(self, worker_ctx: Any) -> dict[str, Any]:
        context: dict[str, Any] = worker_ctx.context_data
        return context


class Echo:
    name = "echo"
    dispatch = EventDispatcher()
    context = CallContext()

    @rpc
    def echo(self, value: Any) -> Any:
        return value

    @rpc
    def fail(self) -> None:
        raise ValueError("boom")

    @rpc
    def answer_with_an_object(self) -> object:
        return object()

    @rpc
    def emit(self, count: int) -> None:
        for number in range(count):
            self.dispatch("thing", {"number": number})

    @rpc
    def echo_slowly(self, seconds: float) -> float:
        sleep(seconds)
        return seconds

    @rpc
    def tenant(self) -> Any:
        return self.context.get("tenant")


class Front:
    name = "front"
    echo = ServiceRpc("echo")
    nobody = ServiceRpc("nobody")

    @rpc
    def relay(self, value: Any) -> Any:
        return self.echo.echo(value)

    @rpc
    def relay_slowly(self, count: int, seconds: float) -> list[float]:
        replies = [self.echo.echo_slowly.call_async(seconds) for _ in range(count)]
        return [reply.result() for reply in replies]

    @rpc
    def call_nobody(self) -> str:
        try:
            self.nobody.anything()
        except UnknownService as error:
            return f"no {error._service_name}"
        return "somebody"

    @http("GET", "/echo/<int:number>")
    def echo_by_http(self, request: Any, number: int) -> str:
        return str(self.echo.echo(number))


Heard = list[tuple[str, int]]


def listener(
    service_name: str,
    heard: Heard,
    *,
    tag: str = "",
    kind: str = SERVICE_POOL,
    reliable: bool = True,
    requeue: bool = False,
    body: Callable[[], None] = lambda: None,
) -> type:
    """Make a service that runs `body` for each event and then notes it under its tag."""

    class Listener:
        name = service_name

        @event_handler(
            "echo", "thing", handler_type=kind, reliable_delivery=reliable, requeue_on_error=requeue
        )
        def on_thing(self, payload: dict[str, int]) -> None:
            body()
            heard.append((tag, payload["number"]))

    return Listener


# -- RPC -------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [1, "ü€影", [1, {"a": None}], None])
def test_a_call_brings_back_what_the_service_answers(cluster: Cluster, value: Any) -> None:
    cluster.host(Echo)
    assert cluster.client().echo.echo(value) == value


def test_an_error_in_the_service_reaches_the_caller(cluster: Cluster) -> None:
    cluster.host(Echo)
    with pytest.raises(RemoteError) as caught:
        cluster.client().echo.fail()
    assert (caught.value.exc_type, caught.value.value) == ("ValueError", "boom")


def test_a_call_of_an_unknown_method_says_so(cluster: Cluster) -> None:
    cluster.host(Echo)
    with pytest.raises(MethodNotFound):
        cluster.client().echo.no_such_method()


def test_a_call_of_an_unknown_service_is_returned_to_a_client(cluster: Cluster) -> None:
    cluster.host(Echo)
    with pytest.raises(UnknownService):
        cluster.client().nobody.anything()


def test_a_call_of_an_unknown_service_is_returned_to_a_service(cluster: Cluster) -> None:
    cluster.host(Front)
    assert cluster.client().front.call_nobody() == "no nobody"


def test_an_answer_that_cannot_be_sent_is_an_error_and_the_service_lives_on(
    cluster: Cluster,
) -> None:
    cluster.host(Echo)
    client = cluster.client()
    with pytest.raises(RemoteError) as caught:
        client.echo.answer_with_an_object()
    assert caught.value.exc_type == "UnserializableValueError"
    assert client.echo.echo(1) == 1


def test_a_service_calls_another(cluster: Cluster) -> None:
    cluster.host(Echo)
    cluster.host(Front)
    assert cluster.client().front.relay(7) == 7


def test_ten_calls_at_once_run_at_once(cluster: Cluster) -> None:
    cluster.host(Echo)
    cluster.host(Front)
    client = cluster.client()
    started = time.monotonic()
    assert client.front.relay_slowly(10, 0.3) == [0.3] * 10
    assert time.monotonic() - started < 2.0


def test_an_entrypoint_can_be_called_without_the_broker(cluster: Cluster) -> None:
    cluster.host(Echo)
    front = cluster.host(Front)
    with entrypoint_hook(front, "relay") as relay:
        assert relay(3) == 3


def test_the_context_of_a_call_travels_with_it(cluster: Cluster) -> None:
    cluster.host(Echo)
    assert cluster.client(context_data={"tenant": "studio-1"}).echo.tenant() == "studio-1"


def test_a_call_that_times_out_leaves_the_client_usable(cluster: Cluster) -> None:
    cluster.host(Echo)
    client = cluster.client(timeout=1)
    with pytest.raises(RpcTimeout):
        client.echo.echo_slowly(1.5)
    assert client.echo.echo(2) == 2


def test_an_answer_of_800_kilobytes_arrives_whole(cluster: Cluster) -> None:
    cluster.host(Echo)
    text = "é" * 400_000
    assert cluster.client().echo.echo(text) == text


def test_a_call_behind_http_is_answered(cluster: Cluster) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    cluster.host(Echo)
    cluster.host(Front, WEB_SERVER_ADDRESS=address)
    with urllib.request.urlopen(f"http://{address}/echo/42", timeout=10) as answer:
        assert answer.read() == b"42"


# -- Events: who hears them ------------------------------------------------------------------


def test_the_instances_of_a_service_share_its_events(cluster: Cluster) -> None:
    heard: Heard = []
    cluster.host(Echo)
    for tag in ("first", "second"):
        cluster.host(listener("pool", heard, tag=tag))
    cluster.host(listener("other", heard, tag="other"))
    cluster.client().echo.emit(20)
    assert until(lambda: len(heard) >= 40)
    sleep(A_MOMENT)
    assert sorted(number for tag, number in heard if tag != "other") == list(range(20))
    assert sorted(number for tag, number in heard if tag == "other") == list(range(20))
    assert {tag for tag, _ in heard} == {"first", "second", "other"}


def test_three_services_each_hear_an_event(cluster: Cluster) -> None:
    heard: Heard = []
    cluster.host(Echo)
    for name in ("one", "two", "three"):
        cluster.host(listener(name, heard, tag=name))
    cluster.client().echo.emit(3)
    assert until(lambda: len(heard) >= 9)
    assert sorted(heard) == sorted((tag, n) for tag in ("one", "two", "three") for n in range(3))


def test_every_instance_hears_a_broadcast(cluster: Cluster) -> None:
    heard: Heard = []
    cluster.host(Echo)
    for tag in ("first", "second"):
        cluster.host(listener("all", heard, tag=tag, kind=BROADCAST, reliable=False))
    cluster.client().echo.emit(5)
    assert until(lambda: len(heard) >= 10)
    sleep(A_MOMENT)
    assert sorted(heard) == sorted((tag, n) for tag in ("first", "second") for n in range(5))


def test_a_broadcast_is_not_kept_for_an_instance_that_has_stopped(cluster: Cluster) -> None:
    heard: Heard = []
    cluster.host(Echo)
    client = cluster.client()
    first = cluster.host(listener("all", heard, tag="first", kind=BROADCAST, reliable=False))
    client.echo.emit(1)
    assert until(lambda: heard)
    first.stop()
    client.echo.emit(3)
    cluster.host(listener("all", heard, tag="second", kind=BROADCAST, reliable=False))
    sleep(A_MOMENT)
    assert heard == [("first", 0)]


def test_one_service_of_all_hears_a_singleton_event(cluster: Cluster) -> None:
    heard: Heard = []
    cluster.host(Echo)
    for name in ("one", "two"):
        cluster.host(listener(name, heard, kind=SINGLETON))
    cluster.client().echo.emit(6)
    assert until(lambda: len(heard) >= 6)
    sleep(A_MOMENT)
    assert sorted(number for _, number in heard) == list(range(6))


def test_events_from_outside_any_service_are_heard(cluster: Cluster) -> None:
    heard: Heard = []
    cluster.host(listener("outside", heard))
    dispatch = cluster.dispatcher()
    for number in range(3):
        dispatch("echo", "thing", {"number": number})
    assert until(lambda: len(heard) == 3)


# -- Events: what is kept and what comes again -----------------------------------------------


def test_events_wait_for_a_service_that_is_down(cluster: Cluster) -> None:
    heard: Heard = []
    cluster.host(Echo)
    client = cluster.client()
    first = cluster.host(listener("kept", heard))
    client.echo.emit(2)
    assert until(lambda: len(heard) == 2)
    first.stop()
    client.echo.emit(3)
    assert len(heard) == 2
    cluster.host(listener("kept", heard))
    assert until(lambda: len(heard) == 5)


def test_unreliable_events_do_not_wait(cluster: Cluster) -> None:
    heard: Heard = []
    cluster.host(Echo)
    client = cluster.client()
    first = cluster.host(listener("dropped", heard, reliable=False))
    client.echo.emit(1)
    assert until(lambda: len(heard) == 1)
    first.stop()
    client.echo.emit(3)
    cluster.host(listener("dropped", heard, reliable=False))
    sleep(A_MOMENT)
    assert len(heard) == 1


def test_a_handler_that_requeues_gets_the_event_again(cluster: Cluster) -> None:
    heard: Heard = []
    attempts: list[int] = []

    def succeed_the_third_time() -> None:
        attempts.append(1)
        if len(attempts) < 3:
            raise RuntimeError("not yet")

    cluster.host(Echo)
    cluster.host(listener("again", heard, requeue=True, body=succeed_the_third_time))
    cluster.client().echo.emit(1)
    assert until(lambda: heard)
    assert len(attempts) == 3


def test_a_handler_that_fails_without_requeueing_loses_the_event(cluster: Cluster) -> None:
    attempts: list[int] = []

    def fail() -> None:
        attempts.append(1)
        raise RuntimeError("no")

    cluster.host(Echo)
    cluster.host(listener("lost", [], body=fail))
    cluster.client().echo.emit(2)
    assert until(lambda: len(attempts) == 2)
    sleep(A_MOMENT)
    assert len(attempts) == 2


def test_an_event_in_the_hands_of_a_killed_service_goes_to_another(cluster: Cluster) -> None:
    heard: Heard = []
    started: list[int] = []

    def hang() -> None:
        started.append(1)
        sleep(30)

    cluster.host(Echo)
    first = cluster.host(listener("killed", heard, tag="first", body=hang))
    cluster.client().echo.emit(1)
    assert until(lambda: started)
    first.kill()
    cluster.host(listener("killed", heard, tag="second"))
    assert until(lambda: heard == [("second", 0)])


def test_a_service_that_stops_finishes_what_it_has_begun(cluster: Cluster) -> None:
    heard: Heard = []
    started: list[int] = []

    def take_time() -> None:
        started.append(1)
        sleep(0.3)

    cluster.host(Echo)
    service = cluster.host(listener("finishing", heard, body=take_time))
    cluster.client().echo.emit(1)
    assert until(lambda: started)
    service.stop()
    assert len(heard) == 1


# -- Load and order --------------------------------------------------------------------------


def test_no_more_events_are_in_hand_than_prefetch_allows(cluster: Cluster) -> None:
    heard: Heard = []
    at_once, most = [0], [0]

    def count() -> None:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        sleep(0.03)
        at_once[0] -= 1

    cluster.host(Echo)
    cluster.host(listener("limited", heard, body=count), PREFETCH_COUNT=2)
    cluster.client().echo.emit(12)
    assert until(lambda: len(heard) == 12)
    assert most[0] == 2


def test_one_worker_hears_events_in_their_order(cluster: Cluster) -> None:
    heard: Heard = []
    cluster.host(Echo)
    cluster.host(listener("ordered", heard), max_workers=1)
    cluster.client().echo.emit(30)
    assert until(lambda: len(heard) == 30)
    assert [number for _, number in heard] == list(range(30))


def test_services_start_within_two_seconds_and_stop_within_six(cluster: Cluster) -> None:
    begun = time.monotonic()
    services = [cluster.host(Echo), cluster.host(Front)]
    started = time.monotonic()
    for service in services:
        service.stop()
    assert started - begun < 2
    assert time.monotonic() - started < 6


def test_a_runner_hosts_three_services_in_one_process(cluster: Cluster) -> None:
    heard: Heard = []
    runner = ServiceRunner()
    for service in (Echo, Front, listener("third", heard)):
        runner.add_service(service)
    runner.start()
    client = cluster.client()
    assert client.front.relay(1) == 1
    client.echo.emit(2)
    assert until(lambda: len(heard) == 2)
    runner.stop()

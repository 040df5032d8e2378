"""Services hosted by a test, and patience with what they do; brokers come from the fixtures."""

import time
from collections.abc import Callable
from typing import Any

import eventlet
from nameko import config
from nameko.containers import ServiceContainer
from nameko.standalone.events import event_dispatcher
from nameko.standalone.rpc import ClusterRpcClient


def until(condition: Callable[[], Any], seconds: float = 6.0) -> bool:
    """Wait for a condition; return whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not (came_true := condition()) and time.monotonic() < deadline:
        eventlet.sleep(0.01)
    return bool(came_true)


class Cluster:
    """Services hosted in this process, and what a test needs to talk to them."""

    def __init__(self) -> None:
        self._hosts: list[ServiceContainer] = []
        self._clients: list[ClusterRpcClient] = []

    def host(self, service: type, **settings: Any) -> ServiceContainer:
        """Start a service; the same class may be hosted several times."""
        with config.patch(settings):
            container = ServiceContainer(service)
            container.start()
        self._hosts.append(container)
        return container

    def client(self, **options: Any) -> Any:
        self._clients.append(ClusterRpcClient(**options))
        return self._clients[-1].start()

    def dispatcher(self) -> Any:
        return event_dispatcher()

    def close(self) -> None:
        for client in self._clients:
            client.stop()
        for container in self._hosts:
            container.kill()

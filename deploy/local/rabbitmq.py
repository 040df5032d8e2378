"""A RabbitMQ node of the project's own for tests and CI, without root or systemd, on loopback."""

import base64
import json
import os
import shutil
import signal
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import amqp

from deploy.local.errors import LocalRunError, ServerDidNotStart
from deploy.local.processes import LOOPBACK, Child, free_port, start_child

NAME = "RabbitMQ"
START_SECONDS = 90.0  # an idle machine needs seven; CI machines are slow and run things beside it
STOP_SECONDS = 20.0
POLL_SECONDS = 0.1

# The plain scripts first: the wrapper that Debian puts in /usr/sbin insists on being root or
# rabbitmq.
SERVERS = (
    "/usr/lib/rabbitmq/bin/rabbitmq-server",  # Debian, Ubuntu, Fedora
    "/opt/rabbitmq/sbin/rabbitmq-server",  # the official container
    "/opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server",  # macOS, arm64
    "/usr/local/opt/rabbitmq/sbin/rabbitmq-server",  # macOS, x86_64
)
ERLANGS = ("/usr/lib/erlang", "/opt/erlang/lib/erlang", "/usr/local/lib/erlang")


class RabbitMissing(LocalRunError):
    code = "local.rabbitmq_missing"

    def __init__(self) -> None:
        super().__init__(
            zh="找不到 RabbitMQ。请安装 rabbitmq-server，"
            "或用 YINGQI_RABBITMQ_SERVER 指定其启动脚本。",
            en="There is no RabbitMQ. Install rabbitmq-server, or name its start script in "
            "YINGQI_RABBITMQ_SERVER.",
        )


class LocalRabbit:
    """One node over one folder, with its own name daemon (epmd), cookie and ports.

    `stop` and `kill`, then `start`, simulate an outage: ports and data stay the same.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.port = free_port()
        self._management_port = free_port()
        self._distribution_port = free_port()
        self._epmd_port = free_port()
        self._epmd: Child | None = None
        self._node: Child | None = None

    def start(self) -> Self:
        """Start the node and wait until it answers an AMQP handshake, not only until it listens.

        Errors:  RabbitMissing; ServerDidNotStart.
        """
        server, epmd = find_server(), find_epmd()
        self._configure()
        log = self.folder / "console.log"
        environment = self._environment()
        # In the foreground and ours; the node would start one as a daemon that outlives it.
        arguments = ["-address", LOOPBACK, "-port", str(self._epmd_port)]
        self._epmd = start_child(
            [epmd, *arguments], log=log, death_signal=signal.SIGKILL, environment=environment
        )
        self._node = start_child(
            [server], log=log, death_signal=signal.SIGTERM, environment=environment
        )
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            if not self._node.is_running() or time.monotonic() > deadline:
                last_lines = self._node.log_tail()
                self.kill()
                raise ServerDidNotStart(NAME, log, last_lines)
            time.sleep(POLL_SECONDS)
        return self

    def stop(self) -> None:
        """Stop in good order; the data stays."""
        for child in (self._node, self._epmd):
            if child:
                child.stop((signal.SIGTERM, STOP_SECONDS))

    def kill(self) -> None:
        """End it as a power cut would; the data stays.

        A queue that was declared in the last second may not come back: RabbitMQ 3.10 writes its
        list of quorum queues to disk only now and then. Wait before, where that matters.
        """
        for child in (self._node, self._epmd):
            if child:
                child.kill()

    def uri(self, vhost: str = "/") -> str:
        return f"pyamqp://guest:guest@{LOOPBACK}:{self.port}/{quote(vhost, safe='')}"

    def create_vhost(self, vhost: str) -> None:
        """Make an empty virtual host; by HTTP it takes 20 ms, by rabbitmqctl two seconds."""
        self.manage("PUT", f"vhosts/{quote(vhost, safe='')}", {})
        everything = {"configure": ".*", "read": ".*", "write": ".*"}
        self.manage("PUT", f"permissions/{quote(vhost, safe='')}/guest", everything)

    def delete_vhost(self, vhost: str) -> None:
        """Remove a virtual host with all its queues; connections to it are closed."""
        self.manage("DELETE", f"vhosts/{quote(vhost, safe='')}")

    def manage(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call the node's management API; return its answer, None when it has no body."""
        credentials = base64.b64encode(b"guest:guest").decode()
        request = urllib.request.Request(
            f"http://{LOOPBACK}:{self._management_port}/api/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Basic {credentials}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    # -- Inside ------------------------------------------------------------------------------

    def _configure(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        lines = (
            f"listeners.tcp.1 = {LOOPBACK}:{self.port}",
            f"management.tcp.ip = {LOOPBACK}",
            f"management.tcp.port = {self._management_port}",
            # Statistics cost more than the tests do, and nobody reads them.
            "management.disable_stats = true",
            "log.console = false",
            "log.file.level = warning",
            "vm_memory_high_watermark.absolute = 256MB",
            "raft.wal_max_size_bytes = 64000000",  # quorum queues keep that much in memory
            "disk_free_limit.absolute = 50MB",
        )
        (self.folder / "rabbitmq.conf").write_text("\n".join(lines) + "\n")
        (self.folder / "enabled_plugins").write_text("[rabbitmq_management].\n")

    def _environment(self) -> dict[str, str]:
        folder = str(self.folder)
        return os.environ | {
            "HOME": folder,  # where Erlang makes the cookie
            "RABBITMQ_NODENAME": "yingqi@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RABBITMQ_CONF_ENV_FILE": os.devnull,  # not the machine's /etc/rabbitmq
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{folder}/advanced.config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
            "RABBITMQ_MNESIA_BASE": f"{folder}/mnesia",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_PID_FILE": f"{folder}/rabbit.pid",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{folder}/generated",
            "RABBITMQ_PLUGINS_EXPAND_DIR": f"{folder}/plugins-expand",
            # One scheduler is plenty for tests, and leaves the other core to them.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +A 4",
            # Makes the script exec the server, so that the child's process is the node itself.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def _is_ready(self) -> bool:
        try:
            with amqp.Connection(f"{LOOPBACK}:{self.port}", connect_timeout=2) as connection:
                connection.connect()
            self.manage("GET", "vhosts")
        except (OSError, amqp.AMQPError, urllib.error.URLError):
            return False
        return True


def find_server() -> str:
    """Find the start script; RabbitMissing when there is none."""
    for candidate in (os.environ.get("YINGQI_RABBITMQ_SERVER"), *SERVERS):
        if candidate and os.access(candidate, os.X_OK):
            return candidate
    found = shutil.which("rabbitmq-server")
    if found is None:
        raise RabbitMissing()
    return found


def find_epmd() -> str:
    """Find Erlang's name daemon; RabbitMissing when there is none."""
    for folder in ERLANGS:
        for candidate in sorted(Path(folder).glob("erts-*/bin/epmd")):
            return str(candidate)
    found = shutil.which("epmd")
    if found is None:
        raise RabbitMissing()
    return found

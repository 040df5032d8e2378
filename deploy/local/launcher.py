"""The whole system in one process, in the right order, and its orderly end.

State folder → PostgreSQL → migrations → services → gateway → demo studio; at the end back again.
"""

import services.chassis.green  # noqa: F401  (first: makes the process cooperative)

# isort: split

import logging
import os
import sys
import time
from collections.abc import Mapping

import eventlet
import eventlet.debug
from eventlet.event import Event
from eventlet.greenthread import GreenThread
from kombu import Connection
from nameko.containers import ServiceContainer

import deploy.local.transport  # noqa: F401  (registers inproc://)
from deploy.local import databases, logfile, seed, signals
from deploy.local.databases import NamedServer
from deploy.local.errors import LocalRunError, PortTaken
from deploy.local.options import Options
from deploy.local.postgres import LocalPostgres
from deploy.local.processes import port_is_free
from deploy.local.state import StateFolder
from deploy.local.terminal import Terminal
from services.chassis import amqp, migrations, process
from services.chassis.settings import SettingsError

logger = logging.getLogger(__name__)

# In the order in which they start: who is asked before who asks.
SERVICES = (
    "identity",
    "scheduling",
    "notification",
    "analytics",
    "booking",
    "crm",
    "automation",
)
INPROC_URI = "inproc://localhost/"

MAX_WORKERS = 16
"""Of each service. A worker has a connection of its own and a service two more: seven services
stay well below the 200 that the local PostgreSQL takes."""

GATEWAY_STOP_SECONDS = 0.4
DRAIN_SECONDS = 0.8
"""Ctrl-C is to take less than two seconds. What has not finished by then is cut off, and is as
safe as in a crash: it is rolled back, or it stands in the outbox."""

WATCH_SECONDS = 0.5

RESTARTS = 5
"""So often in a row PostgreSQL is started again before the run gives up."""

RESTART_PAUSE_SECONDS = 1.0
"""Times the attempts before: none, then 1, 2, 3, 4 s. Killed with `kill -9`, the server leaves
children that hold its memory until their statements end; meanwhile a start is refused."""

STEADY_SECONDS = 60.0
"""A server that has run so long is well: the attempts count anew."""

FINISHED, FAILED, REFUSED = 0, 1, 2  # exit codes


class BrokerUnreachable(LocalRunError):
    code = "local.broker_unreachable"

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(
            zh=f"无法连接 AMQP_URI 指定的 RabbitMQ（{server}）：{reason}。",
            en=f"The RabbitMQ that AMQP_URI names ({server}) cannot be reached: {reason}.",
        )


class SettingsRefused(LocalRunError):
    code = "local.settings_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(
            zh=f"设置缺失或无效（{reason}）。", en=f"Settings are missing or malformed ({reason})."
        )


class PartDiedError(Exception):
    """A part of the run has ended without being asked to."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


class LocalRun:
    """All parts of one run, and `ended`: why it is over.

    `ended` holds None when it was asked to stop, else the error that ends it.
    """

    def __init__(self, options: Options, state: StateFolder, terminal: Terminal) -> None:
        self.ended = Event()
        self._options = options
        self._state = state
        self._terminal = terminal
        self._postgres: LocalPostgres | None = None
        self._postgres_watch: GreenThread | None = None
        self._containers: dict[str, ServiceContainer] = {}
        self._started: list[str] = []

    def end(self, error: BaseException | None = None) -> None:
        """Give the reason for the end; the first one counts."""
        if not self.ended.ready():
            self.ended.send(error)

    # -- Start -------------------------------------------------------------------------------

    def start(self, environ: Mapping[str, str]) -> None:
        """Start every part in its turn.

        Errors:  LocalRunError.
        """
        phase = self._terminal.phase
        with phase("数据库", "database"):
            urls = databases.ensure(self._server(), SERVICES)
        with phase("数据结构", "migrations"):
            for service, url in urls.items():
                migrations.upgrade(f"services.{service}", url)
        with phase("七个服务", "seven services"):
            self._build(environ, urls)
            for service in SERVICES:
                self._start_part(service)
        with phase("网关", "gateway"):
            self._start_part("gateway")
        callers = seed.callers_of(self._containers["gateway"])
        if seed.is_due(self._state, callers):
            with phase("演示影楼", "demo studio"):
                seed.sow(self._state, callers, self._options.owner_password)

    def _server(self) -> databases.Server:
        if self._options.database_url:
            server = NamedServer(self._options.database_url, self._state.secrets)
            server.check()
            return server
        self._postgres = LocalPostgres(self._state.folder("postgres")).start()
        self._postgres_watch = eventlet.spawn(self._watch_postgres, self._postgres)
        return self._postgres

    def _build(self, environ: Mapping[str, str], urls: Mapping[str, str]) -> None:
        """Build every container before the first starts, so that nothing runs half configured."""
        amqp_uri = self._options.amqp_uri or INPROC_URI
        if self._options.amqp_uri:
            check_broker(amqp_uri)
        process.configure(amqp_uri)
        common = {
            "SANDBOX_PAYMENTS": "true",
            "MANAGE_SECRET": self._state.secrets.get("manage"),
            "LINK_SECRET": self._state.secrets.get("link"),
            "SANDBOX_SECRET": self._state.secrets.get("sandbox"),
            "STORAGE_URL": self._state.folder("storage").as_uri(),
            **environ,
            "AMQP_URI": amqp_uri,
            "PUBLIC_URL": self._options.public_url,
            "LISTEN_ADDRESS": f"{self._options.host}:{self._options.port}",
        }
        try:
            for service, url in urls.items():
                own = {"MAX_WORKERS": str(MAX_WORKERS), **common, "DATABASE_URL": url}
                self._containers[service] = process.container_of(f"services.{service}", own)
            self._containers["gateway"] = process.container_of("gateway", common)
        except SettingsError as error:
            raise SettingsRefused(str(error)) from error

    def _start_part(self, name: str) -> None:
        container = self._containers[name]
        container.start()
        self._started.append(name)
        eventlet.spawn(self._watch, name, container)

    # -- While it runs -----------------------------------------------------------------------

    def _watch(self, name: str, container: ServiceContainer) -> None:
        try:
            container.wait()
        except Exception:
            logger.exception("a part of the run has died", extra={"service": name})
        self.end(PartDiedError(name))

    def _watch_postgres(self, server: LocalPostgres) -> None:
        """Start PostgreSQL again whenever it ends by itself; end the run when that is in vain."""
        attempts = 0
        while True:
            since = time.monotonic()
            while server.is_running():
                eventlet.sleep(WATCH_SECONDS)
            if time.monotonic() - since > STEADY_SECONDS:
                attempts = 0
            if attempts == RESTARTS:
                break
            eventlet.sleep(attempts * RESTART_PAUSE_SECONDS)
            attempts += 1
            self._restart_postgres(server)
        self.end(PartDiedError("PostgreSQL"))

    def _restart_postgres(self, server: LocalPostgres) -> None:
        logger.warning("PostgreSQL has ended unexpectedly")
        phase = self._terminal.phase
        try:
            with phase("PostgreSQL 意外停止，已重新启动", "PostgreSQL had ended and is back"):
                server.restart()
        except Exception:
            logger.exception("PostgreSQL did not start again")

    # -- End ---------------------------------------------------------------------------------

    def stop(self) -> None:
        """Stop what has started: nothing new comes in, what was begun ends, then the database."""
        self.end()
        if self._postgres_watch:
            self._postgres_watch.kill()
        if "gateway" in self._started:
            self._stop_within(GATEWAY_STOP_SECONDS, ["gateway"])
        self._stop_within(DRAIN_SECONDS, [name for name in self._started if name != "gateway"])
        if self._postgres:
            self._postgres.stop()

    def _stop_within(self, seconds: float, names: list[str]) -> None:
        pool = eventlet.GreenPool()
        for name in names:
            pool.spawn(self._containers[name].stop)
        with eventlet.Timeout(seconds, False):
            pool.waitall()
            return
        for name in names:
            self._containers[name].kill()


def check_broker(uri: str) -> None:
    """Make sure that a broker can be used; BrokerUnreachable says why it cannot."""
    with Connection(uri, connect_timeout=5) as connection:
        try:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=5)
        except amqp.BROKER_DOWN as error:
            raise BrokerUnreachable(connection.host, str(error)) from error


def run(
    options: Options, state: StateFolder, terminal: Terminal, environ: Mapping[str, str]
) -> int:
    """Start everything, show where it is, and stop it when asked; return the exit code.

    Errors:  LocalRunError when it cannot start.
    """
    local_run = LocalRun(options, state, terminal)

    def start() -> None:
        try:
            local_run.start(environ)
            welcome(options, state, terminal)
        except Exception as error:
            local_run.end(error)

    signals.on_stop(local_run.end)
    starting = eventlet.spawn(start)
    error = local_run.ended.wait()
    terminal.say()
    starting.kill()
    with terminal.phase("已停止", "stopped"):
        local_run.stop()
    if error is not None:
        raise error
    return FINISHED


def welcome(options: Options, state: StateFolder, terminal: Terminal) -> None:
    """Show where everything is."""
    rows = [
        ("客户预约", "portal", f"{options.public_url}/portal/"),
        ("管理后台", "console", f"{options.public_url}/console/"),
        ("接口文档", "API", f"{options.public_url}/docs"),
    ]
    for login, password in seed.first_logins(state).items():
        rows.append(("初始登录", "first login", f"{login} / {password}"))
    terminal.say(terminal.title("\n影期已启动 · Yingqi is running\n"))
    terminal.table(rows)
    log = logfile.path_of(state)
    terminal.say(f"\n  数据 data {state.path}   日志 log {log}\n  Ctrl-C 停止 · to stop\n")


def main(environ: Mapping[str, str] = os.environ) -> int:
    """Run until asked to stop; say in two languages why it cannot."""
    terminal = Terminal(sys.stdout)
    eventlet.debug.hub_exceptions(False)  # it would write tracebacks to the terminal
    try:
        options = Options.of(environ)
        if not port_is_free(options.port):
            raise PortTaken(options.port)
        with StateFolder.from_environment() as state:
            logfile.begin(state, terminal, environ.get("LOG_LEVEL") or "INFO")
            return _run(options, state, terminal, environ)
    except LocalRunError as error:
        terminal.refuse(error)
        return REFUSED


def _run(
    options: Options, state: StateFolder, terminal: Terminal, environ: Mapping[str, str]
) -> int:
    log = logfile.path_of(state)
    try:
        return run(options, state, terminal, environ)
    except PartDiedError as error:
        zh, en = f"{error.part} 意外停止", f"{error.part} has ended unexpectedly"
    except LocalRunError:
        raise
    except Exception:  # a bug: the person gets a sentence, the log the traceback
        logger.exception("the run has failed")
        zh, en = "启动失败", "The start has failed"
    terminal.complain(f"{zh}，详情见 {log}。", f"{en}; see {log}.")
    return FAILED

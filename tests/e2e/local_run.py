"""The local run as a process of its own, as `make run` starts it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from deploy.local.postgres import SUPERUSER
from tests.harness import ROOT, UNLIMITED, free_port

PASSWORD = "an-owner-password"
START_SECONDS = 90.0  # two seconds on an idle machine; these tests share theirs with others


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    status: int
    body: Any
    headers: dict[str, str]


class LocalRun:
    """One state folder and one port, over as many starts as a test needs."""

    def __init__(self, state: Path, port: int | None = None, **environ: str) -> None:
        self.state = state
        self.port = port or free_port()
        self.environ = {**UNLIMITED, "VISITOR_DAY_MEGABYTES": "0", **environ}
        self._process: subprocess.Popen[bytes] | None = None
        self._output = state.with_name(f"output-{self.port}")

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None, "not started"
        return self._process

    # -- Life --------------------------------------------------------------------------------

    def launch(self) -> "LocalRun":
        """Start the process without waiting for anything."""
        ours = {
            "PORT": str(self.port),
            "YINGQI_STATE": str(self.state),
            "YINGQI_OWNER_PASSWORD": PASSWORD,
        }
        inherited = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "AMQP_URI"}}
        with open(self._output, "wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "deploy.local"],
                cwd=ROOT,
                env={**inherited, **ours, **self.environ},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def start(self) -> "LocalRun":
        """Start it and wait until it says that it runs."""
        self.launch()
        self.wait_for("Ctrl-C")
        return self

    def wait_for(self, text: str, seconds: float = START_SECONDS) -> None:
        """Wait until this text is printed."""
        deadline = time.monotonic() + seconds
        while text not in self.output:
            assert self.is_running(), f"it ended early:\n{self.output}\n{self.log_tail()}"
            assert time.monotonic() < deadline, f"waited in vain:\n{self.output}"
            time.sleep(0.05)

    def wait(self, seconds: float = START_SECONDS) -> int:
        """Wait for its end; return its exit code."""
        return self.process.wait(seconds)

    def stop(self, how: signal.Signals = signal.SIGINT) -> tuple[int, float]:
        """Ask it to stop; return its exit code and the seconds that it took."""
        began = time.monotonic()
        self.process.send_signal(how)
        return self.wait(), time.monotonic() - began

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.wait()

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    # -- What it says ------------------------------------------------------------------------

    @property
    def output(self) -> str:
        return self._output.read_text()

    def log_tail(self) -> str:
        log = self.state / "logs" / "yingqi.log"
        return log.read_text()[-3000:] if log.exists() else ""

    def printed(self, label: str) -> str:
        """Return the value that is printed beside a label."""
        found = re.search(rf"{label}\s+(.+)", self.output)
        assert found, f"no {label} in:\n{self.output}"
        return found.group(1).strip()

    # -- Its databases -----------------------------------------------------------------------

    def sql(self, service: str, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement in the database of a service, as PostgreSQL's administrator."""
        port = (self.state / "postgres/data/postmaster.pid").read_text().splitlines()[3]
        passwords = json.loads((self.state / "postgres/passwords.json").read_text())
        connection = psycopg2.connect(
            host="127.0.0.1",
            port=port,
            user=SUPERUSER,
            password=passwords[f"role.{SUPERUSER}"],
            dbname=f"yingqi_{service}",
        )
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    # -- HTTP --------------------------------------------------------------------------------

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """Call the API; `headers` are written with underscores.

        Errors:  OSError when there is no answer.
        """
        request = urllib.request.Request(
            f"{self.address}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Content-Type": "application/json",
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return _reply(answer)
        except urllib.error.HTTPError as error:
            with error:
                return _reply(error)

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Call the API, which must not refuse; return what it says."""
        reply = self.request(method, f"/api/v1/{path}", body, **headers)
        assert reply.status < 300, (method, path, reply)
        return reply.body

    def sign_in(self, login: str = "owner", password: str = PASSWORD) -> str:
        """Return the Authorization header of a member of staff."""
        session = self.api("POST", "sessions", {"login": login, "password": password})
        return f"Bearer {session['token']}"


def _reply(answer: Any) -> Reply:
    text = answer.read()
    is_json = "json" in answer.headers.get("Content-Type", "")
    body = json.loads(text) if is_json and text else text.decode(errors="replace")
    return Reply(answer.status, body, {k.lower(): v for k, v in answer.headers.items()})


@contextmanager
def state_folder() -> Iterator[Path]:
    """A folder that any user may enter, unlike pytest's own: PostgreSQL never runs as root."""
    made = Path(tempfile.mkdtemp(prefix="yingqi-run-"))
    made.chmod(0o711)
    yield made / "state"
    shutil.rmtree(made, ignore_errors=True)


@contextmanager
def local_run(**environ: str) -> Iterator[LocalRun]:
    """A run with a state folder of its own, which is ended and forgotten afterwards."""
    with state_folder() as state:
        made = LocalRun(state, free_port(), **environ)
        try:
            yield made
        finally:
            if made.is_running():
                made.stop(signal.SIGTERM)

"""The image: one file for every process, small, without secrets, run by nobody in particular."""

import os
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.unit.deploy.checks import SECRET
from tests.unit.deploy.files import ROOT, Files, words

BASE = "PYTHON_IMAGE"


@pytest.fixture(scope="module")
def files() -> Files:
    return Files.read()


def arguments_of(files: Files, instruction: str) -> list[str]:
    return [rest for word, rest in files.instructions if word == instruction]


def last_stage(files: Files) -> list[tuple[str, str]]:
    at = max(i for i, (word, _) in enumerate(files.instructions) if word == "FROM")
    return files.instructions[at:]


def it_stands_on_a_pinned_slim_python(files: Files) -> Iterator[str]:
    default = next((a for a in arguments_of(files, "ARG") if a.startswith(BASE)), "")
    if not re.fullmatch(rf"{BASE}=python:3\.11-slim-[a-z]+", default):
        yield "the base is not pinned"
    for base in arguments_of(files, "FROM"):
        if not base.startswith(f"${{{BASE}}}"):
            yield f"{base} is another base"


def it_serves_whichever_service_is_named(files: Files) -> Iterator[str]:
    if "SERVICE" not in arguments_of(files, "ARG"):
        yield "no ARG SERVICE"
    if not any("SERVICE=${SERVICE}" in env for env in arguments_of(files, "ENV")):
        yield "SERVICE does not reach the process"


def it_does_not_run_as_root(files: Files) -> Iterator[str]:
    users = [rest for word, rest in last_stage(files) if word == "USER"]
    if not users or users[-1].split(":")[0] in {"root", "0"}:
        yield "it runs as root"
    after = [word for word, _ in last_stage(files)]
    if users and "RUN" in after[after.index("USER") :]:
        yield "something is installed by the user that runs it"


def its_process_hears_signals(files: Files) -> Iterator[str]:
    (entrypoint,) = arguments_of(files, "ENTRYPOINT") or [""]
    if not entrypoint.startswith("[") or " services.chassis.process " not in entrypoint:
        yield "the entrypoint does not run a process"
    if words(entrypoint)[:1] == ["/bin/sh"] and not words(entrypoint)[-1].startswith("exec "):
        yield "the shell stays process 1 and swallows SIGTERM"


def its_health_is_asked_for(files: Files) -> Iterator[str]:
    (health,) = arguments_of(files, "HEALTHCHECK") or [""]
    if "/readyz" not in health or "HEALTH_PORT" not in health:
        yield "nobody asks whether it is ready"


def it_holds_nothing_that_only_builds(files: Files) -> Iterator[str]:
    for word, rest in last_stage(files):
        if word == "RUN" and re.search(
            r"apt-get|gcc|build-essential|pip wheel|\[(local|test)", rest
        ):
            yield f"{rest} belongs to the builder"
        if word == "COPY" and rest.split()[0] not in {"services", "gateway"}:
            yield f"{rest} is not needed to run"


def it_holds_no_secret(files: Files) -> Iterator[str]:
    for word, rest in files.instructions:
        if word in {"ARG", "ENV"} and SECRET.search(rest):
            yield rest


Check = Callable[[Files], Iterator[str]]
CHECKS: dict[Check, tuple[str, str]] = {
    it_stands_on_a_pinned_slim_python: ("python:3.11-slim-bookworm", "python:latest"),
    it_serves_whichever_service_is_named: ("ARG SERVICE", "ARG NAME"),
    it_does_not_run_as_root: ("USER 10001", "USER root"),
    its_process_hears_signals: ("exec python", "python"),
    its_health_is_asked_for: ("/readyz", "/"),
    it_holds_nothing_that_only_builds: ("COPY services services", "COPY . ."),
    it_holds_no_secret: ("ARG SERVICE", "ARG SERVICE\nENV MANAGE_SECRET=hunter2"),
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_holds(files, check):
    assert list(check(files)) == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_violation_is_found(files, check):
    old, new = CHECKS[check]
    changed = files.copy()
    assert old in changed.dockerfile
    changed.dockerfile = changed.dockerfile.replace(old, new)
    assert list(check(changed))


def test_the_builder_takes_the_pins_of_the_runtime_alone(files, tmp_path):
    (build,) = [run for run in arguments_of(files, "RUN") if "pip wheel" in run]
    program = re.search(r'python -c "(.*?)"', build)
    assert program is not None
    printed = subprocess.run(
        [sys.executable, "-c", program[1].replace(r"\n", "\n").replace("'\n'", r"'\n'")],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert printed == project["dependencies"]
    assert all("==" in pin for pin in printed)


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_health_check_fails_when_the_process_is_not_ready(files, status, code):
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (health,) = arguments_of(files, "HEALTHCHECK")
    command = words(health[health.index("CMD") + 3 :])
    done = subprocess.run(
        [sys.executable, *command[1:]],
        env={"HEALTH_PORT": str(server.server_port)},
        capture_output=True,
        check=False,
    )
    server.shutdown()
    server.server_close()
    assert (done.returncode, asked) == (code, ["/readyz"])


def test_the_entrypoint_runs_the_service_and_names_what_it_misses(files):
    (entrypoint,) = arguments_of(files, "ENTRYPOINT")
    folder = os.path.dirname(sys.executable)
    done = subprocess.run(
        words(entrypoint),
        cwd=ROOT,
        env={
            **files.environment("booking"),
            "PATH": f"{folder}:/usr/bin:/bin",
            "SERVICE": "services.booking",
            "AMQP_URI": "",
            "MANAGE_SECRET": "",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "AMQP_URI is missing" in done.stderr
    assert "MANAGE_SECRET is missing" in done.stderr


def test_nothing_enters_the_build_that_is_not_named():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    named = {line[1:] for line in rules if line.startswith("!")}
    assert named == {"pyproject.toml", "services", "gateway"}

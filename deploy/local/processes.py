"""Servers as child processes: they start tied to our life, stop in order, and show their log."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
LOG_TAIL_LINES = 15
PR_SET_PDEATHSIG = 1  # from linux/prctl.h

# Loaded now, because between fork and exec next to nothing is safe.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class RunAs:
    """As whom a child runs: as we do unless a user, or a wrapper command, is given."""

    uid: int | None = None
    gid: int | None = None
    wrapper: tuple[str, ...] = ()

    def own(self, path: Path) -> None:
        """Give a file or folder to that user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


@dataclass(frozen=True, slots=True)
class Child:
    """A running server and where its log stands."""

    process: "subprocess.Popen[bytes]"
    log: Path
    log_start: int

    def is_running(self) -> bool:
        return self.process.poll() is None

    def log_tail(self) -> str:
        """Return the last lines that it has written since its start."""
        with open(self.log, "rb") as file:
            file.seek(self.log_start)
            lines = file.read().decode(errors="replace").splitlines()
        return "\n".join(lines[-LOG_TAIL_LINES:])

    def stop(self, *steps: tuple[signal.Signals, float]) -> None:
        """Send signals in turn, each with the seconds to wait for its effect; kill in the end."""
        for step, seconds in steps:
            if not self.is_running():
                return
            self.process.send_signal(step)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
        self.kill()

    def kill(self) -> None:
        """End it and its children at once, as a power cut would."""
        if self.is_running():
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def start_child(
    command: Sequence[str | Path],
    *,
    log: Path,
    death_signal: signal.Signals,
    run_as: RunAs = RunAs(),
    environment: Mapping[str, str] | None = None,
) -> Child:
    """Start a server in a session of its own, so that Ctrl-C reaches us and not the server.

    On Linux the server gets `death_signal` when we end, also by `kill -9`. The system watches the
    thread, not the process: start it from the main thread.
    """
    descriptor = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    with open(descriptor, "ab") as output:
        log_start = os.fstat(output.fileno()).st_size
        process = subprocess.Popen(
            [*run_as.wrapper, *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=environment,
            start_new_session=True,
            preexec_fn=_tie_to_us(death_signal),
            user=run_as.uid,
            group=run_as.gid,
            extra_groups=None if run_as.uid is None else [],
        )
    return Child(process, log, log_start)


def run_tool(command: Sequence[str | Path], run_as: RunAs = RunAs()) -> tuple[bool, str]:
    """Run a program to its end; return whether it succeeded and what it printed."""
    done = subprocess.run(
        [*run_as.wrapper, *map(str, command)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        user=run_as.uid,
        group=run_as.gid,
        extra_groups=None if run_as.uid is None else [],
    )
    return done.returncode == 0, done.stdout


def free_port() -> int:
    """Choose a port that nobody has; somebody may take it before its user does."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still winding down counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def command_line(pid: int) -> str:
    """Read what a process was started with; empty when there is none, or only its remains."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, UnicodeDecodeError):
            return ""
    found, output = run_tool(["ps", "-o", "command=", "-p", str(pid)])
    return output if found else ""


def _tie_to_us(death_signal: signal.Signals) -> Callable[[], None] | None:
    if _libc is None:
        return None
    libc, parent = _libc, os.getpid()

    def between_fork_and_exec() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:
            os._exit(1)  # we ended before the line above: nobody would ever tell the child

    return between_fork_and_exec

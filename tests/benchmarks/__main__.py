"""`make bench`: the system beside its floor, with growing data, as a table for docs/benchmarks.md.

python -m tests.benchmarks [--quick] [--broker rabbitmq] [--write]
"""

import argparse
import itertools
import json
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.benchmarks import load, page
from tests.benchmarks.data import CREWS, ZONE, fill
from tests.benchmarks.load import Figure, measure

ROOT = Path(__file__).resolve().parents[2]
SIZES = (0, 10_000, 100_000)
CALLERS = (1, 16)


SECTION = """{broker}

`{command}` on {machine}.

| what | stored | callers | ours, 1/s | p50 ms | p95 ms | floor, 1/s | p50 ms | floor ÷ ours |
|---|--:|--:|--:|--:|--:|--:|--:|--:|
"""


class Stack:
    """The system in a process of its own."""

    def __init__(self, broker_uri: str, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.stack", broker_uri, str(folder / "postgres")],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        described = self._read()
        self.address: str = described["address"]
        self.urls: dict[str, str] = described["urls"]

    def ask(self, command: str) -> Any:
        """Let the system measure something inside itself."""
        assert self.process.stdin is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)


class Shared:
    """An iterator that threads may share."""

    def __init__(self, inner: Iterator[Any]) -> None:
        self._inner = inner
        self._lock = threading.Lock()

    def __iter__(self) -> "Shared":
        return self

    def __next__(self) -> Any:
        with self._lock:
            return next(self._inner)


def main() -> int:
    options = _options()
    machine = page.machine()
    sizes = SIZES[:2] if options.quick else SIZES
    folder = Path(tempfile.mkdtemp(prefix="yingqi-bench-"))
    folder.chmod(0o711)
    rabbit = None
    uri = "inproc://localhost/bench"
    if options.broker == "rabbitmq":
        from deploy.local.rabbitmq import LocalRabbit

        rabbit = LocalRabbit(folder / "rabbit").start()
        uri = rabbit.uri()
    try:
        stack = Stack(uri, folder)
        lines = [*_http(stack, sizes, options.quick), *_rpc(stack)]
        stack.stop()
    finally:
        if rabbit is not None:
            rabbit.kill()
        shutil.rmtree(folder, ignore_errors=True)
    section = _section(lines, options.broker, machine)
    sys.stdout.write(section)
    if options.write:
        page.replace(options.broker, section)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--quick", action="store_true", help="fewer calls, up to 10 000 bookings")
    parser.add_argument("--broker", choices=["inproc", "rabbitmq"], default="inproc")
    parser.add_argument(
        "--write", action="store_true", help="replace the broker's part of docs/benchmarks.md"
    )
    return parser.parse_args()


def _http(stack: Stack, sizes: tuple[int, ...], quick: bool) -> Iterator[str]:
    today = datetime.now(ZONE).date()
    ranges = {"one day": (7, 7), "one month": (1, 30)}
    far = itertools.count(60, 20)  # days ahead: beyond what is stored, within the horizon
    existing = 0
    calls = 60 if quick else 300
    for size in sizes:
        fill(stack.urls, size, existing)
        existing = size
        for label, (first, last) in ranges.items():
            days = (today + timedelta(days=first), today + timedelta(days=last))
            for callers in CALLERS:
                yield _row(
                    f"availability, {label}",
                    size,
                    callers,
                    measure(
                        lambda d=days: load.ask_availability(stack.address, *d),
                        callers=callers,
                        calls=calls,
                    ),
                    measure(
                        lambda d=days: load.select_availability(stack.urls["scheduling"], *d),
                        callers=callers,
                        calls=calls,
                    ),
                )
        for callers in CALLERS:
            starts = Shared(load.far_starts(next(far), CREWS))
            ours = measure(
                lambda s=starts: load.book(stack.address, s), callers=callers, calls=calls
            )
            starts = Shared(load.far_starts(next(far), CREWS))
            crews = Shared(itertools.cycle(range(CREWS)))
            floor = measure(
                lambda s=starts, c=crews: load.insert_booking(stack.urls, s, c),
                callers=callers,
                calls=calls,
            )
            yield _row("booking", size, callers, ours, floor)


def _rpc(stack: Stack) -> Iterator[str]:
    ours, floor = stack.ask("rpc"), stack.ask("floor")
    for callers in map(str, CALLERS):
        yield _row(
            "RPC round trip",
            None,
            int(callers),
            Figure(ours[callers]["per_second"], ours[callers]["p50_ms"], 0),
            Figure(floor[callers]["per_second"], floor[callers]["p50_ms"], 0),
        )


def _row(what: str, size: int | None, callers: int, ours: Figure, floor: Figure) -> str:
    stored = "–" if size is None else f"{size:,}".replace(",", " ")
    p95 = f"{ours.p95_ms:.1f}" if ours.p95_ms else "–"
    ratio = floor.per_second / ours.per_second
    line = (
        f"| {what} | {stored} | {callers} | {ours.per_second:.0f} | {ours.p50_ms:.1f} | {p95}"
        f" | {floor.per_second:.0f} | {floor.p50_ms:.1f} | {ratio:.1f} |"
    )
    sys.stderr.write(line + "\n")
    return line


def _section(lines: list[str], broker: str, machine: str) -> str:
    command = shlex.join(["python", "-m", "tests.benchmarks", *sys.argv[1:]])
    head = SECTION.format(broker=broker, command=command, machine=machine)
    return head + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())

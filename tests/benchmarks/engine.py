"""The slot engine alone, beside bare SQL on the same data, connections and process.

python -m tests.benchmarks.engine [--quick] [--write]
"""

import services.chassis.green  # noqa: F401, I001  (first: makes the process cooperative)

import argparse
import itertools
import os
import shlex
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import eventlet
import sqlalchemy as sa

import deploy.local.transport  # noqa: F401  (registers the scheme)
from deploy.local.postgres import LocalPostgres
from services.chassis import logs, process
from services.chassis.context import new_id
from services.chassis.db import UnitOfWork
from services.contracts.errors import YingqiError
from services.scheduling.queries import availability, holds, look, supply
from services.scheduling.queries.prepared import as_json
from services.scheduling.usecases import holds as hold_usecases
from services.scheduling.usecases import offers, slots
from tests.benchmarks import page
from tests.benchmarks.data import BRANCH, PHASES, SERVICE, ZONE, id_of
from tests.benchmarks.engine_data import PLACES, RACES, define, fill
from tests.harness import Databases, Running

CALLERS = 16
SIZES = (10_000, 1_000_000)
SERVICE_ID, BRANCH_ID = UUID(SERVICE["service_id"]), UUID(BRANCH["id"])
HEAD = """
`find_slots`: a month of starts every half hour for a service of four lines over thirty resources.
Bare SQL is the same prepared statement through the same pool, its answer unread. `hold + confirm`
at sixteen callers: "SQL" is the same statements with a crew known beforehand, "rows" only the rows
and commits that must be left behind; both through the same pool in the same process. The relay,
which would publish in this process what the use cases leave in the outbox, works for RPC only.

"""


def main() -> int:
    options = _options()
    machine = page.machine()
    logs.configure("WARNING")
    process.configure("inproc://localhost/engine")
    with tempfile.TemporaryDirectory(prefix="yingqi-engine-") as folder:
        Path(folder).chmod(0o711)
        with LocalPostgres(Path(folder) / "postgres") as server:
            databases = Databases(server)
            system = Running(
                "inproc://localhost/engine",
                databases,
                ("scheduling",),
                {"HOLD_TTL_SECONDS": "3600", "OUTBOX_POLL_SECONDS": "3600"},
            )
            define(system.call("scheduling"))
            uow = databases.uow("scheduling", pool_size=CALLERS)
            text = "\n".join(_measured(uow, system, options.quick)) + "\n"
            system.stop()
            databases.drop()
    command = shlex.join(["python", "-m", "tests.benchmarks.engine", *sys.argv[1:]])
    section = f"engine\n\n`{command}` on {machine}.\n{HEAD}{text}"
    sys.stdout.write(section)
    if options.write:
        page.replace("engine", section)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.engine")
    parser.add_argument("--quick", action="store_true", help="up to 100 000 allocations")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    return parser.parse_args()


def _measured(uow: UnitOfWork, system: Running, quick: bool) -> Iterator[str]:
    sizes = (SIZES[0], 100_000) if quick else SIZES
    yield from _said("| allocations | find_slots, ms | bare SQL, ms | ours ÷ SQL | growth |")
    yield from _said("|--:|--:|--:|--:|--:|")
    first = None
    for size in sizes:
        fill(uow, size)
        ours, bare = _month(uow)
        first = first or ours
        yield from _said(
            f"| {size:,} | {ours:.1f} | {bare:.1f} | {ours / bare:.2f} | {ours / first:.2f} |"
        )
    yield from _said("\n| hold + confirm, 16 callers | pairs/s | SQL ÷ | rows ÷ |")
    yield from _said("|---|--:|--:|--:|")
    yield from _throughput(uow, system, 150 if quick else 400)
    yield from _said("\n| race of 64 on one start, 10 rounds | places | won | refused | other |")
    yield from _said("|---|--:|--:|--:|--:|")
    yield from _races(system)


def _said(line: str) -> Iterator[str]:
    sys.stderr.write(line + "\n")
    yield line


# --- a month of slots


def _month(uow: UnitOfWork) -> tuple[float, float]:
    """Return the median ms of the use case and of its statement alone, taken in turns."""
    first = datetime.now(ZONE).date() + timedelta(days=1)
    last = first + timedelta(days=30)
    now = datetime.now(UTC)
    with uow.read() as session:
        offer = _offer(session, now)
        parameters = offer.question(first, last).parameters(now)

    def ours() -> None:
        found = slots.find_slots(
            uow=uow,
            now=now,
            service_id=SERVICE_ID,
            branch_id=BRANCH_ID,
            from_=first,
            to=last,
            resource_ids=[],
        )
        assert len(found["slots"]) > 300

    def bare() -> None:
        with uow.read() as session:
            supply.speak(session, offer.zone)
            availability._SLOTS.run(session, parameters).scalar_one()

    times: dict[Callable[[], None], list[float]] = {ours: [], bare: []}
    for _ in range(30):
        for call, taken in times.items():
            begun = time.perf_counter()
            call()
            taken.append(time.perf_counter() - begun)
    return tuple(sorted(taken[5:])[12] * 1000 for taken in times.values())  # type: ignore[return-value]


def _offer(session: Any, now: datetime) -> offers.Offer:
    return offers.of_request(
        session, service_id=SERVICE_ID, branch_id=BRANCH_ID, resource_ids=[], now=now
    )


# --- hold and confirm


def _throughput(uow: UnitOfWork, system: Running, pairs: int) -> Iterator[str]:
    now = datetime.now(UTC)
    call = system.call("scheduling")

    def through_usecases(start: datetime) -> None:
        booking_id = uuid4()
        hold_usecases.hold(
            uow=_own(uow),
            now=now,
            ttl_seconds=900,
            booking_id=booking_id,
            service_id=SERVICE_ID,
            branch_id=BRANCH_ID,
            start=start,
            resource_ids=[],
        )
        hold_usecases.confirm(uow=_own(uow), now=now, booking_id=booking_id)

    def through_rpc(start: datetime) -> None:
        booking_id = str(uuid4())
        call.hold(
            booking_id=booking_id,
            service_id=str(SERVICE_ID),
            branch_id=str(BRANCH_ID),
            start=start.isoformat(),
        )
        call.confirm(booking_id=booking_id)

    rows = _bare(uow, now, crew=0, looking=False)
    sql = _bare(uow, now, crew=1, looking=True)
    rates = {
        name: _rate(work, pairs)
        for name, work in {
            "rows": rows,
            "sql": sql,
            "RPC": through_rpc,
            "use cases": through_usecases,
        }.items()
    }
    for name, label in (
        ("use cases", "the use cases"),
        ("RPC", "the same by RPC"),
        ("sql", "bare SQL"),
        ("rows", "bare rows"),
    ):
        rate = rates[name]
        yield from _said(
            f"| {label} | {rate:.0f} | {rate / rates['sql']:.2f} | {rate / rates['rows']:.2f} |"
        )


def _own(uow: UnitOfWork) -> UnitOfWork:
    return UnitOfWork(uow.engine, constraint_errors=uow._constraint_errors)


def _rate(work: Callable[[datetime], None], pairs: int) -> float:
    """Return pairs per second of sixteen callers, none of whom wants what another wants."""
    pool = eventlet.GreenPool(CALLERS)
    starts = list(itertools.islice(_starts(), pairs + CALLERS))
    for start in starts[:CALLERS]:
        pool.spawn(work, start)
    pool.waitall()
    begun = time.perf_counter()
    for _ in pool.imap(work, starts[CALLERS:]):
        pass
    return pairs / (time.perf_counter() - begun)


def _starts() -> Iterator[datetime]:
    """Yield starts beyond what is stored, no two of which want the same time."""
    for ahead in itertools.count(60):
        day = datetime.now(ZONE).date() + timedelta(days=ahead)
        for hour, minute in ((9, 0), (13, 30), (17, 30)):
            start = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)
            yield start.astimezone(UTC)


def _bare(
    uow: UnitOfWork, now: datetime, *, crew: int, looking: bool
) -> Callable[[datetime], None]:
    """Return what hold and confirm must say to the database, with nothing decided by anybody."""
    with uow.read() as session:
        offer = _offer(session, now)
    hold = sa.text(
        "INSERT INTO hold (booking_id, service_id, branch_id, start_at, end_at, state, expires_at,"
        " resource_ids) VALUES (:id, :service, :branch, :start, :end, 'held', :expires, '{}')"
    )
    event = sa.text(
        "INSERT INTO outbox (message_id, subject, envelope, published_at)"
        " VALUES (:id, 'floor', '{}', now())"
    )
    lock = sa.text("SELECT * FROM hold WHERE booking_id = :id FOR UPDATE")
    kept = sa.text(
        "UPDATE allocation SET state = 'confirmed', expires_at = NULL WHERE booking_id = :id"
    )
    done = sa.text("UPDATE hold SET state = 'confirmed', expires_at = NULL WHERE booking_id = :id")

    def pair(start: datetime) -> None:
        booking_id = uuid4()
        end = start + timedelta(minutes=210)
        with uow.engine.begin() as connection:
            session = sa.orm.Session(connection)
            if looking:
                question = offer.question_at(start)
                asked = {**question.parameters(now), "start": start, "zone": offer.zone}
                look._LOOK.run(session, asked, after=supply.HOLD_STILL).all()
            connection.execute(
                hold,
                {
                    "id": booking_id,
                    "service": SERVICE_ID,
                    "branch": BRANCH_ID,
                    "start": start,
                    "end": end,
                    "expires": now + timedelta(hours=1),
                },
            )
            taken = {"rows": as_json(_rows(booking_id, start, crew, now))}
            holds._TAKE.run(session, taken, after="SAVEPOINT take")
            connection.execute(event, {"id": str(new_id())})
        with uow.engine.begin() as connection:
            connection.execute(lock, {"id": booking_id}).all()
            connection.execute(kept, {"id": booking_id})
            connection.execute(done, {"id": booking_id})
            connection.execute(event, {"id": str(new_id())})

    return pair


def _rows(booking_id: UUID, start: datetime, crew: int, now: datetime) -> list[dict[str, Any]]:
    rows = []
    for kind, (offset, length) in PHASES.items():
        begins = start + timedelta(minutes=offset)
        span = f"[{begins.isoformat()},{(begins + timedelta(minutes=length)).isoformat()})"
        rows.append(
            {
                "id": new_id(),
                "booking_id": booking_id,
                "resource_id": id_of(f"{kind} {crew}"),
                "resource_type": kind,
                "line": kind,
                "during": span,
                "serving": span,
                "units": "[1,)",
                "state": "held",
                "expires_at": now + timedelta(hours=1),
                "chosen_by": "",
            }
        )
    return sorted(rows, key=lambda row: row["resource_id"])


# --- races


def _races(system: Running) -> Iterator[str]:
    call = system.call("scheduling")
    for name, service_id in RACES.items():
        outcomes: Counter[str] = Counter()
        for round in range(10):
            day = datetime.now(ZONE).date() + timedelta(days=500 + round)
            start = datetime(day.year, day.month, day.day, 10, tzinfo=ZONE).isoformat()

            def book(_: int, start: str = start, service_id: str = service_id) -> str:
                try:
                    call.hold(
                        booking_id=str(uuid4()),
                        service_id=service_id,
                        branch_id=str(BRANCH_ID),
                        start=start,
                    )
                except YingqiError as error:
                    return error.code
                return "won"

            outcomes.update(eventlet.GreenPool(64).imap(book, range(64)))
        won, refused = outcomes.pop("won", 0), outcomes.pop("scheduling.slot_taken", 0)
        other = ", ".join(f"{code} {count}" for code, count in outcomes.items()) or "0"
        yield from _said(f"| {name} | {PLACES[name] * 10} | {won} | {refused} | {other} |")


if __name__ == "__main__":
    os.environ.setdefault("NO_COLOR", "1")
    sys.exit(main())

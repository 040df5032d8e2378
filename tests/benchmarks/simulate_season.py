"""A season of the same demand on the same staff: once as a paper diary, once through the engine.

python -m tests.benchmarks.simulate_season [--seed 7] [--days 21] [--write]

The diary is kept as small studios keep one: each photographer has a fixed make-up artist and a
fixed room, a customer is given the team that they ask for or whose turn it is, and if that team is
busy at the wanted time the request is lost. The engine is the product: any free crew, other times
within what the customer can do, and a waitlist to which cancelled time is offered. Both are asked
the same requests, in the same order, and lose the same customers who change their minds.
"""

import services.chassis.green  # noqa: F401, I001  (first: makes the process cooperative)

import argparse
import random
import shlex
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from deploy.local.postgres import LocalPostgres
from services.chassis import logs
from services.chassis.db import UnitOfWork
from services.contracts.errors import YingqiError
from services.scheduling.links import WAITLIST, Links
from services.scheduling.usecases import expiry, holds
from services.scheduling.usecases.waitlist import lapses, offering, places
from tests.benchmarks import page
from tests.harness import Databases
from tests.integration.scheduling.studio import Studio, role, week

ZONE = ZoneInfo("Asia/Shanghai")
FIRST_DAY = date(2026, 9, 1)
TEAMS = 4
LENGTH = timedelta(hours=3)
STARTS = (time(9), time(10, 30), time(12), time(13, 30), time(15))
OPEN_MINUTES = 9 * 60
PER_WEEKDAY, PER_WEEKEND = 9, 22
"""Requests for a day: on weekdays there is room, at weekends there is not."""

WISHES, CHANGES_MIND = 0.35, 0.12
"""Shares of customers who ask for somebody by name, and who cancel before the day."""

SAME_DAY, NEXT_DAYS, ANYBODY, ACCEPTS = 0.75, 0.35, 0.7, 0.8
"""Shares who would take another time that day, another day near it, somebody else than the one
they asked for, and a time that they are offered later."""

NAMESPACE = UUID("0b5b5f5e-0c1f-4a50-9a8d-0a3b64a9d3a7")


@dataclass(frozen=True)
class Request:
    """What somebody wants, when they ask, and what else they could live with."""

    number: int
    asked_at: datetime
    start: datetime
    wished: int | None
    same_day: bool
    next_days: bool
    anybody: bool
    accepts: bool
    cancels_at: datetime | None

    def can_come(self, start: datetime) -> bool:
        """Tell whether another start would do."""
        apart = abs((start.astimezone(ZONE).date() - self.start.astimezone(ZONE).date()).days)
        return self.same_day if apart == 0 else self.next_days and apart <= 3


def demand(seed: int, days: int) -> list[Request]:
    """Return a season's requests in the order in which they are made."""
    dice = random.Random(seed)
    found = []
    for ahead in range(days):
        day = FIRST_DAY + timedelta(days=ahead)
        mean = PER_WEEKEND if day.isoweekday() >= 6 else PER_WEEKDAY
        for _ in range(max(0, round(dice.gauss(mean, mean**0.5)))):
            start = datetime.combine(day, dice.choice(STARTS), ZONE).astimezone(UTC)
            asked_at = start - timedelta(days=dice.triangular(1, 40, 14))
            leaves = dice.random() < CHANGES_MIND
            found.append(
                Request(
                    number=len(found),
                    asked_at=asked_at,
                    start=start,
                    wished=dice.randrange(TEAMS) if dice.random() < WISHES else None,
                    same_day=dice.random() < SAME_DAY,
                    next_days=dice.random() < NEXT_DAYS,
                    anybody=dice.random() < ANYBODY,
                    accepts=dice.random() < ACCEPTS,
                    cancels_at=asked_at + (start - asked_at) * dice.uniform(0.1, 0.9)
                    if leaves
                    else None,
                )
            )
    return sorted(found, key=lambda request: (request.asked_at, request.number))


@dataclass
class Result:
    """How a season went. Units: minutes of each team's working time."""

    outcomes: Counter[str]
    booked_minutes: float

    def lines(self, days: int) -> Iterator[tuple[str, str]]:
        """Yield what is printed of it."""
        requests = sum(self.outcomes[name] for name in ("as asked", "otherwise", "later", "lost"))
        yield "requests", f"{requests}"
        yield "booked as asked", f"{self.outcomes['as asked']}"
        yield "booked at another time or with others", f"{self.outcomes['otherwise']}"
        yield "booked from the waitlist", f"{self.outcomes['later']}"
        yield "**lost requests**", f"**{self.outcomes['lost']}**"
        yield "cancelled by the customer", f"{self.outcomes['cancelled']}"
        used = self.booked_minutes / (TEAMS * days * OPEN_MINUTES)
        yield "**utilisation of the staff**", f"**{used:.1%}**"


# --- the paper diary


def diary(requests: Sequence[Request]) -> Result:
    """Keep a season's diary: one page a team, first come first served."""
    pages: list[dict[int, tuple[datetime, Request]]] = [{} for _ in range(TEAMS)]
    outcomes: Counter[str] = Counter()
    for turn, request in enumerate(requests):
        for written in pages:  # who has cancelled by now is crossed out
            for number, (_, booked) in list(written.items()):
                if booked.cancels_at is not None and booked.cancels_at <= request.asked_at:
                    del written[number]
        team = request.wished if request.wished is not None else turn % TEAMS
        busy = any(abs(start - request.start) < LENGTH for start, _ in pages[team].values())
        outcomes["lost" if busy else "as asked"] += 1
        if not busy:
            outcomes["cancelled"] += request.cancels_at is not None
            pages[team][request.number] = (request.start, request)
    kept = sum(each[1].cancels_at is None for written in pages for each in written.values())
    return Result(outcomes, kept * LENGTH / timedelta(minutes=1))


# --- the engine


class Season:
    """The same season through the product's use cases, on a real database."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.uow = uow
        self.links = Links("secret", "https://studio.example")
        types = ("photographer", "makeup_artist", "studio_room")
        self.studio = Studio(
            uow,
            hours=week("09:00", "18:00"),
            crew=dict.fromkeys(types, TEAMS),
            roles=[role(kind, length_minutes=180) for kind in types],
            step=30,
            horizon=92,
        )
        self.outcomes: Counter[str] = Counter()
        self.booked: dict[UUID, Request] = {}
        self.waiting: dict[UUID, Request] = {}

    def run(self, requests: Sequence[Request]) -> Result:
        """Live through the season, event by event."""
        for request in requests:
            self._pass_time(request.asked_at)
            self._ask(request)
        self._pass_time(requests[-1].start + timedelta(days=2))
        self.outcomes["lost"] += len(self.waiting)
        return Result(self.outcomes, len(self.booked) * LENGTH / timedelta(minutes=1))

    def _pass_time(self, now: datetime) -> None:
        """Let customers cancel whose time for that has come, and offer what becomes free."""
        due = [
            (request.cancels_at, booking_id)
            for booking_id, request in self.booked.items()
            if request.cancels_at is not None and request.cancels_at <= now
        ]
        for at, booking_id in sorted(due):
            del self.booked[booking_id]
            self.outcomes["cancelled"] += 1
            holds.release(uow=self.uow, booking_id=booking_id)
            self._offer(at)
        self._offer(now)

    def _offer(self, now: datetime) -> None:
        while True:
            expiry.sweep(uow=self.uow, now=now)
            offering.offer_freed_time(uow=self.uow, now=now, links=self.links)
            lapses.tidy_up(uow=self.uow, now=now)
            answered = [self._answer(id, request, now) for id, request in [*self.waiting.items()]]
            if not any(answered):
                return

    def _answer(self, id: UUID, request: Request, now: datetime) -> bool:
        """Let somebody who waits look at what they are offered; return whether they were."""
        token = self.links.token(WAITLIST, id)
        entry = places.get_waitlist_entry(uow=self.uow, links=self.links, token=token)
        if entry["state"] != "offered":
            return False
        del self.waiting[id]
        if not request.accepts:
            self.outcomes["lost"] += 1
            places.leave_waitlist(uow=self.uow, links=self.links, token=token)
            return True
        accepted = places.accept_offer(
            uow=self.uow, now=now, links=self.links, token=token, ttl_seconds=900
        )
        self._confirm(accepted["hold"]["booking_id"], request, now, "later")
        return True

    def _ask(self, request: Request) -> None:
        refused = self._hold(request, request.start, request.wished)
        if refused is None:
            return
        if request.wished is not None and request.anybody:
            refused = self._hold(request, request.start, None)
            if refused is None:
                return
        others = [
            datetime.fromisoformat(each["start"])
            for each in refused
            if each.get("kind", "time") != "branch"
        ]
        for start in others:
            wished = None if request.anybody else request.wished
            if request.can_come(start) and self._hold(request, start, wished) is None:
                return
        self._wait(request)

    def _hold(
        self, request: Request, start: datetime, wished: int | None
    ) -> list[dict[str, Any]] | None:
        """Book a start, or return what else there is."""
        booking_id = uuid5(NAMESPACE, f"{request.number} {start} {wished}")
        names = [] if wished is None else [f"photographer-{wished + 1}"]
        try:
            self.studio.hold(start, booking_id=booking_id, now=request.asked_at, wished=names)
        except YingqiError as refused:
            others: list[dict[str, Any]] = refused.details.get("alternatives", [])
            return others
        same = start == request.start and wished == request.wished
        self._confirm(booking_id, request, request.asked_at, "as asked" if same else "otherwise")
        return None

    def _confirm(self, booking_id: UUID, request: Request, now: datetime, outcome: str) -> None:
        holds.confirm(uow=self.uow, now=now, booking_id=booking_id)
        self.booked[booking_id] = request
        self.outcomes[outcome] += 1

    def _wait(self, request: Request) -> None:
        day = request.start.astimezone(ZONE).date()
        around = 3 if request.next_days else 0
        first = max(day - timedelta(days=around), request.asked_at.astimezone(ZONE).date())
        own = request.wished is not None and not request.anybody
        id = uuid5(NAMESPACE, f"waits {request.number}")
        clock = request.start.astimezone(ZONE).time()
        places.join_waitlist(
            uow=self.uow,
            now=request.asked_at,
            links=self.links,
            id=id,
            service_id=self.studio.service_id,
            branch_id=self.studio.branch_id,
            from_=first,
            to=day + timedelta(days=around),
            earliest=None if request.same_day else clock,
            latest=None if request.same_day else clock,
            contact={"name": "客户", "phone": "13800000000", "language": "zh"},
            resource_ids=self.studio.ids([f"photographer-{(request.wished or 0) + 1}"])
            if own
            else [],
        )
        self.waiting[id] = request


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.simulate_season")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--days", type=int, default=21)
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    options = parser.parse_args()
    logs.configure("WARNING")
    requests = demand(options.seed, options.days)
    on_paper = diary(requests)
    with tempfile.TemporaryDirectory(prefix="yingqi-season-") as folder:
        Path(folder).chmod(0o711)
        with LocalPostgres(Path(folder) / "postgres") as server:
            databases = Databases(server)
            with_engine = Season(databases.uow("scheduling")).run(requests)
            databases.drop()
    section = _section(on_paper, with_engine, options.days)
    sys.stdout.write(section)
    if options.write:
        page.replace("season", section)
    return 0


def _section(on_paper: Result, with_engine: Result, days: int) -> str:
    command = shlex.join(["python", "-m", "tests.benchmarks.simulate_season", *sys.argv[1:]])
    rows = zip(on_paper.lines(days), with_engine.lines(days), strict=True)
    table = "".join(f"| {name} | {paper} | {engine} |\n" for (name, paper), (_, engine) in rows)
    return (
        f"season\n\n`{command}`: {days} days, {TEAMS} photographers, make-up artists and rooms, the"
        " same seeded demand.\nWhat is assumed of customers stands at the head of"
        " `tests/benchmarks/simulate_season.py`.\n\n| | paper diary | engine |\n|---|--:|--:|\n"
        f"{table}"
    )


if __name__ == "__main__":
    sys.exit(main())

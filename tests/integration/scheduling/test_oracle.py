"""The one statement that finds slots, against a slow and obvious computation of the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis.db import UnitOfWork
from tests.integration.scheduling.studio import Studio, role, week

TICK = timedelta(minutes=15)
"""Everything in these worlds happens on the quarter of an hour."""

TYPES = ("photographer", "makeup_artist", "studio_room")
# In each of these zones the clocks change within the days below; never at an hour of HOURS.
ZONES = {
    "Asia/Shanghai": date(2027, 3, 28),
    "Europe/Berlin": date(2027, 3, 28),
    "America/New_York": date(2027, 11, 7),
}
HOURS = [
    ("09:00", "18:00"),
    ("00:00", "00:00"),
    ("20:00", "04:00"),
    ("09:00", "12:15"),
    ("13:00", "22:30"),
]


@dataclass(frozen=True)
class World:
    """Numbers in `away`, `taken` and `now` are quarters of an hour from the first midnight."""

    zone: str
    hours: list[dict[str, Any]]
    rosters: dict[str, list[dict[str, Any]]]
    roles: list[dict[str, Any]]
    away: list[tuple[str, int, int]]
    taken: list[tuple[str, int, int]]
    closed: int | None
    step: int
    notice: int
    horizon: int
    now: int
    days: int
    wished: list[str]

    @property
    def first(self) -> date:
        return ZONES[self.zone] - timedelta(days=1)

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.days)

    def at(self, ticks: int) -> datetime:
        return self.local(self.first, time(0)) + ticks * TICK

    def local(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, ZoneInfo(self.zone)).astimezone(UTC)


@st.composite
def weeks(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw one or two stretches of hours for some weekdays."""
    found: list[dict[str, Any]] = []
    for opens, closes in draw(st.lists(st.sampled_from(HOURS), min_size=1, max_size=2)):
        weekdays = draw(st.lists(st.integers(1, 7), min_size=3, max_size=7, unique=True))
        found += week(opens, closes, weekdays)
    return found


@st.composite
def role_lines(draw: st.DrawFn, resource_type: str) -> dict[str, Any]:
    quarters = st.integers(0, 4).map(lambda n: n * 15)
    return role(
        resource_type,
        quantity=draw(st.sampled_from([1, 1, 2])),
        offset_minutes=draw(quarters),
        length_minutes=draw(st.sampled_from([15, 45, 60, 240])),
        buffer_before_minutes=draw(quarters),
        buffer_after_minutes=draw(quarters),
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    types = draw(st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True))
    names = [f"{kind}-{n}" for kind in types for n in range(1, draw(st.integers(1, 3)) + 1)]
    roles = [draw(role_lines(kind)) for kind in types]
    everyday = week("00:00", "00:00")
    spans = st.tuples(st.sampled_from(names), st.integers(-40, 300), st.integers(1, 60))
    quantity = {line["resource_type"]: line["quantity"] for line in roles}
    wish = draw(st.none() | st.sampled_from(names))
    return World(
        zone=draw(st.sampled_from(sorted(ZONES))),
        hours=draw(weeks()),
        rosters={name: draw(st.just(everyday) | weeks()) for name in names},
        roles=roles,
        away=draw(st.lists(spans, max_size=2)),
        taken=draw(st.lists(spans, max_size=8)),
        closed=draw(st.none() | st.integers(0, 2)),
        step=draw(st.sampled_from([15, 30, 60, 105])),
        notice=draw(st.sampled_from([0, 0, 60, 1440])),
        horizon=draw(st.sampled_from([2, 30, 90])),
        now=draw(st.integers(-400, 100)),
        days=draw(st.integers(0, 2)),
        wished=[wish] if wish and quantity[wish.rsplit("-", 1)[0]] else [],
    )


@settings(
    max_examples=60,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(world=worlds())
def test_the_statement_finds_what_the_slow_way_finds(uow: UnitOfWork, world: World) -> None:
    taken = list(without_overlaps(world.taken))
    studio = build(uow, world, taken)

    found = studio.slots(world.first, world.last, now=world.at(world.now), wished=world.wished)

    offered = {datetime.fromisoformat(slot["start"]): slot["remaining"] for slot in found}
    assert list(offered) == sorted(offered)
    assert offered == slowly(world, taken)


def build(uow: UnitOfWork, world: World, taken: Sequence[tuple[str, int, int]]) -> Studio:
    studio = Studio(
        uow,
        zone=world.zone,
        hours=world.hours,
        crew={},
        roles=world.roles,
        step=world.step,
        notice=world.notice,
        horizon=world.horizon,
    )
    for name, roster in world.rosters.items():
        studio.add_resource(name, name.rsplit("-", 1)[0], roster=roster)
    for name, begin, length in world.away:
        studio.send_on_leave(name, world.at(begin), world.at(begin + length))
    for name, begin, length in taken:
        studio.block(name, world.at(begin), world.at(begin + length))
    if world.closed is not None:
        day = world.first + timedelta(days=world.closed)
        studio.close(day, day)
    return studio


def without_overlaps(spans: Sequence[tuple[str, int, int]]) -> Iterator[tuple[str, int, int]]:
    """Leave out what the exclusion constraint would refuse."""
    used: set[tuple[str, int]] = set()
    for name, begin, length in spans:
        ticks = {(name, tick) for tick in range(begin, begin + length)}
        if not ticks & used:
            used |= ticks
            yield name, begin, length


# --- the slow way: sets of quarters of an hour


def slowly(world: World, taken: Sequence[tuple[str, int, int]]) -> dict[datetime, int]:
    """Return every start that is free and how many bookings fit there."""
    now = world.at(world.now)
    today = now.astimezone(ZoneInfo(world.zone)).date()
    last = min(world.last, today + timedelta(days=world.horizon))
    length = max(line["offset_minutes"] + line["length_minutes"] for line in world.roles)
    closed = closed_ticks(world)
    open_ticks = weekly_ticks(world, world.hours) - closed
    free = {
        name: weekly_ticks(world, roster)
        - closed
        - {t for who, begin, n in world.away if who == name for t in quarters(world, begin, n)}
        - {t for who, begin, n in taken if who == name for t in quarters(world, begin, n)}
        for name, roster in world.rosters.items()
    }
    found: dict[datetime, int] = {}
    for opens, closes in stretches(world, world.hours):
        start = opens
        while start < closes:
            local_day = start.astimezone(ZoneInfo(world.zone)).date()
            if (
                world.first <= local_day <= last
                and start >= now + timedelta(minutes=world.notice)
                and needs(start, 0, length) <= open_ticks
            ):
                fits = min(places(world, line, free, start) for line in world.roles)
                if fits:
                    found[start] = fits
            start += timedelta(minutes=world.step)
    return found


def places(
    world: World, line: dict[str, Any], free: dict[str, set[datetime]], start: datetime
) -> int:
    """Return how often one role can be filled at a start."""
    begin = line["offset_minutes"] - line["buffer_before_minutes"]
    end = line["offset_minutes"] + line["length_minutes"] + line["buffer_after_minutes"]
    needed = needs(start, begin, end)
    of_type = {name for name in free if name.startswith(line["resource_type"])}
    able = {name for name in of_type if needed <= free[name]}
    wished = of_type & set(world.wished)
    if wished:
        return int(wished <= able and len(able) >= line["quantity"])
    return int(len(able) // line["quantity"])


def needs(start: datetime, begin: int, end: int) -> set[datetime]:
    """Return the quarters of an hour from some minutes after a start to others."""
    return {start + timedelta(minutes=minute) for minute in range(begin, end, 15)}


def stretches(world: World, rules: Sequence[dict[str, Any]]) -> Iterator[tuple[datetime, datetime]]:
    for offset in range(-4, world.days + 5):
        day = world.first + timedelta(days=offset)
        for rule in rules:
            if rule["weekday"] == day.isoweekday():
                overnight = timedelta(days=rule["closes"] <= rule["opens"])
                yield world.local(day, rule["opens"]), world.local(day + overnight, rule["closes"])


def weekly_ticks(world: World, rules: Sequence[dict[str, Any]]) -> set[datetime]:
    return {t for opens, closes in stretches(world, rules) for t in between(opens, closes)}


def closed_ticks(world: World) -> set[datetime]:
    if world.closed is None:
        return set()
    day = world.first + timedelta(days=world.closed)
    return set(between(world.local(day, time(0)), world.local(day + timedelta(days=1), time(0))))


def quarters(world: World, begin: int, length: int) -> Iterator[datetime]:
    return between(world.at(begin), world.at(begin + length))


def between(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += TICK

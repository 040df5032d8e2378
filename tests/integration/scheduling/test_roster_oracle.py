"""The statement's word on who works when, against a slow and obvious reading of the rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql import ARRAY, Range

from services.chassis.db import UnitOfWork
from services.scheduling.models import BusyFeed, BusyTime, Leave, SpecialDay
from services.scheduling.queries.supply import ASKED_DAYS, SUPPLY
from tests.integration.scheduling.rosters import House, hours

TICK = timedelta(minutes=15)
"""Everything in these worlds happens on the quarter of an hour."""

ONE_DAY = timedelta(days=1)
BRANCHES = ("一", "二")
PEOPLE = ("林晨", "周宁")
NAMES = (*PEOPLE, "白棚")

# In each of these zones the clocks change on the date, at some of the hours below.
CHANGES = {
    "Asia/Shanghai": [date(2027, 3, 28)],
    "Europe/Berlin": [date(2027, 3, 28), date(2027, 10, 31)],
    "America/New_York": [date(2027, 3, 14), date(2027, 11, 7)],
}

# Hours of a rule with the breaks in them.
WORK = [
    ([], []),
    (["09:00-18:00"], ["12:00-13:00"]),
    (["09:00-12:15", "13:00-22:30"], ["10:00-10:15", "18:00-18:30"]),
    (["00:00-00:00"], ["02:00-02:30", "23:30-00:00"]),
    (["20:00-04:00"], ["23:30-00:30", "02:15-02:45"]),
    (["22:00-02:30"], []),
    (["01:30-06:00"], ["02:30-03:00"]),
    (["02:15-02:45", "03:00-03:15"], []),
    (["06:00-10:00", "18:00-02:00"], ["01:30-02:00"]),
]


@dataclass(frozen=True)
class Rule:
    """`branch` is its number; `first` and `last` count days from the first of the world."""

    branch: int
    priority: int
    extra: bool
    weekdays: list[int]
    first: int | None
    last: int | None
    cycle: tuple[int, int, int]
    work: tuple[list[str], list[str]]


@dataclass(frozen=True)
class World:
    """Times are quarters of an hour from the first midnight of the first branch, in UTC.

    `special` has a date and what it is, for each branch.
    """

    zones: tuple[str, str]
    first: date
    days: int
    rules: dict[str, list[Rule]]
    special: tuple[dict[int, str], dict[int, str]]
    closed: list[tuple[int, int, int]]
    leave: list[tuple[str, int, int, str]]
    busy: list[tuple[str, int, int]]

    def on(self, offset: int) -> date:
        return self.first + timedelta(days=offset)

    def at(self, ticks: int) -> datetime:
        return local(self.first, time(), self.zones[0]) + ticks * TICK

    def cycle_from(self, rule: Rule) -> date:
        return self.on(rule.cycle[2])


def local(day: date, clock: time, zone: str) -> datetime:
    """Return an instant as PostgreSQL reads the wall clock.

    Of the two readings of an hour that the clocks skip or repeat it takes the later instant.
    """
    naive = datetime.combine(day, clock, ZoneInfo(zone))
    return max(naive.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


@st.composite
def rules(draw: st.DrawFn, days: int) -> Rule:
    weeks = draw(st.sampled_from([1, 1, 2, 3]))
    dates = st.none() | st.integers(-1, days)
    first, last = draw(dates), draw(dates)
    if first is not None and last is not None:
        first, last = min(first, last), max(first, last)
    return Rule(
        branch=draw(st.sampled_from([0, 0, 1])),
        priority=draw(st.integers(-1, 1)),
        extra=draw(st.sampled_from([False, False, True])),
        weekdays=draw(st.lists(st.integers(1, 9), min_size=1, max_size=9, unique=True)),
        first=first,
        last=last,
        cycle=(weeks, draw(st.integers(0, weeks - 1)), draw(st.integers(-40, 40))),
        work=draw(st.sampled_from(WORK)),
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    zones = (draw(st.sampled_from(sorted(CHANGES))), draw(st.sampled_from(sorted(CHANGES))))
    change = draw(st.sampled_from(CHANGES[zones[0]]))
    days = draw(st.integers(1, 15))
    names, branches = st.sampled_from(NAMES), st.integers(0, 1)
    begins, length = st.integers(-50, days * 96), st.integers(1, 150)
    kinds = st.sampled_from(["holiday", "work_day", "ordinary"])
    special = st.dictionaries(st.integers(-1, days), kinds, max_size=6)
    return World(
        zones=zones,
        first=change - timedelta(days=draw(st.integers(0, days - 1))),
        days=days,
        rules={name: draw(st.lists(rules(days), max_size=5)) for name in NAMES},
        special=(draw(special), draw(special)),
        closed=draw(
            st.lists(st.tuples(branches, st.integers(-2, days), st.integers(0, 2)), max_size=2)
        ),
        leave=draw(
            st.lists(
                st.tuples(
                    names,
                    begins,
                    length,
                    st.sampled_from(["approved", "approved", "pending", "rejected", "cancelled"]),
                ),
                max_size=3,
            )
        ),
        busy=draw(st.lists(st.tuples(names, begins, length), max_size=2)),
    )


@settings(
    max_examples=60,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(world=worlds())
def test_the_statement_rosters_as_the_slow_way_does(uow: UnitOfWork, world: World) -> None:
    house = build(uow, world)

    for number, branch in enumerate(BRANCHES):
        found = rostered(house, world, branch)
        for name in NAMES:
            assert found[name] == slowly(world, name, number), (branch, name)


def build(uow: UnitOfWork, world: World) -> House:
    house = House(uow)
    for number, name in enumerate(BRANCHES):
        house.add_branch(name, timezone=world.zones[number], holiday_calendar=f"{number}-{uuid4()}")
    house.add_resource("林晨")
    house.add_resource("周宁", "二")
    house.add_resource("白棚", resource_type="studio_room")
    for name in NAMES:
        house.define(*(written(house, world, rule) for rule in world.rules[name]), who=name)
    house.define(house.rule("二", priority=100), who="林晨", publish=False)  # counts for nothing
    for number, first, length in world.closed:
        house.close(BRANCHES[number], world.on(first), world.on(first + length))
    _write_days_and_absences(house, world)
    return house


def _write_days_and_absences(house: House, world: World) -> None:
    with house.uow.begin() as tx:
        for number, name in enumerate(BRANCHES):
            calendar = house.calendars[name]
            for offset, kind in world.special[number].items():
                day = world.on(offset)
                tx.session.add(SpecialDay(calendar=calendar, day=day, kind=kind, name={"zh": "节"}))
        for name, begin, length, state in world.leave:
            during = Range(world.at(begin), world.at(begin + length), bounds="[)")
            row = {"resource_id": house.resources[name], "during": during, "reason": ""}
            tx.session.add(Leave(id=uuid4(), state=state, **row))
        for name, begin, length in world.busy:
            during = Range(world.at(begin), world.at(begin + length), bounds="[)")
            resource_id, feed_id = house.resources[name], uuid4()
            tx.session.add(
                BusyFeed(id=feed_id, resource_id=resource_id, url="", due_at=world.at(0))
            )
            tx.session.flush()
            tx.session.add(
                BusyTime(id=uuid4(), feed_id=feed_id, resource_id=resource_id, during=during)
            )


def written(house: House, world: World, rule: Rule) -> dict[str, Any]:
    weeks, week, _ = rule.cycle
    work, breaks = rule.work
    return house.rule(
        BRANCHES[rule.branch],
        priority=rule.priority,
        extra=rule.extra,
        weekdays=rule.weekdays,
        first_day=None if rule.first is None else world.on(rule.first),
        last_day=None if rule.last is None else world.on(rule.last),
        cycle_weeks=weeks,
        cycle_week=week,
        cycle_from=world.cycle_from(rule),
        hours=hours(*work),
        breaks=hours(*breaks),
    )


STATEMENT = sa.text(
    f"""
    WITH {ASKED_DAYS},
    wanted AS MATERIALIZED (SELECT unnest(:ids) AS resource_id),
    {SUPPLY}
    SELECT rostered.resource_id, lower(span) AS start, upper(span) AS end
    FROM asked
    CROSS JOIN rostered
    CROSS JOIN unnest(rostered.spans * tstzmultirange(asked.during)) AS span
    """
).bindparams(sa.bindparam("ids", type_=ARRAY(sa.Uuid)))


def rostered(house: House, world: World, branch: str) -> dict[str, set[datetime]]:
    """Return the quarters of an hour in which everybody works at a branch, says the statement."""
    ids = {name: house.resources[name] for name in NAMES}
    asked = {"branch_id": house.branches[branch], "from": world.first}
    with house.uow.read() as session:
        rows = session.execute(
            STATEMENT, {**asked, "to": world.on(world.days - 1), "ids": list(ids.values())}
        ).all()
    return {
        name: {
            tick for row in rows if row.resource_id == id for tick in between(row.start, row.end)
        }
        for name, id in ids.items()
    }


# --- the slow way: sets of quarters of an hour


def slowly(world: World, name: str, branch: int) -> set[datetime]:
    """Return the quarters of an hour in which somebody works at a branch."""
    zone = world.zones[branch]
    window = set(
        between(
            local(world.first, time(), zone),
            local(world.on(world.days), time(), zone),
        )
    )
    absent = {
        tick
        for who, begin, length, *state in [*world.leave, *world.busy]
        if who == name and state in ([], ["approved"])
        for tick in between(world.at(begin), world.at(begin + length))
    }
    if name not in PEOPLE and not world.rules[name]:
        return window - absent if branch == 0 else set()  # at its home, at any time
    worked = {
        tick
        for offset in range(-2, world.days + 1)
        for rule in deciding(world, name, world.on(offset))
        if rule.branch == branch
        for tick in shift(rule, world.on(offset), zone)
    }
    closed = {
        tick
        for where, first, length in world.closed
        if where == branch
        for tick in between(
            local(world.on(first), time(), zone), local(world.on(first + length + 1), time(), zone)
        )
    }
    return window & worked - closed - absent


def deciding(world: World, name: str, day: date) -> list[Rule]:
    """Return the rules by which somebody works on a date, wherever that is."""
    matching = [rule for rule in world.rules[name] if matches(world, rule, day)]
    extra = [rule for rule in matching if rule.extra]
    usual = [rule for rule in matching if not rule.extra]
    if not usual:
        return extra
    highest = max(rule.priority for rule in usual)
    usual = [rule for rule in usual if rule.priority == highest]
    naming = [rule for rule in usual if code(world, rule, day) in rule.weekdays]
    return (naming or usual) + extra


def matches(world: World, rule: Rule, day: date) -> bool:
    weeks, week, _ = rule.cycle
    passed = (monday(day) - monday(world.cycle_from(rule))).days // 7
    return (
        (rule.first is None or world.on(rule.first) <= day)
        and (rule.last is None or day <= world.on(rule.last))
        and passed % weeks == week
        and (day.isoweekday() in rule.weekdays or code(world, rule, day) in rule.weekdays)
    )


def code(world: World, rule: Rule, day: date) -> int:
    """Return what kind of day it is where the rule holds: 8, 9, or 0 for an ordinary one."""
    kind = world.special[rule.branch].get((day - world.first).days, "ordinary")
    return {"holiday": 8, "work_day": 9, "ordinary": 0}[kind]


def monday(day: date) -> date:
    return day - timedelta(days=day.isoweekday() - 1)


def shift(rule: Rule, day: date, zone: str) -> set[datetime]:
    """Return the quarters of an hour that a rule gives a date."""
    work, breaks = rule.work
    begins = min((span[:5] for span in work), default="")
    rests = [(span, day + ONE_DAY if span[:5] < begins else day) for span in breaks]
    worked = {tick for span in work for tick in span_on(span, day, zone)}
    return worked - {tick for span, at in rests for tick in span_on(span, at, zone)}


def span_on(span: str, day: date, zone: str) -> Iterator[datetime]:
    opens, closes = (time.fromisoformat(clock) for clock in span.split("-"))
    until = day if closes > opens else day + ONE_DAY
    return between(local(day, opens, zone), local(until, closes, zone))


def between(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += TICK

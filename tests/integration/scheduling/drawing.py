"""Studios drawn at random: hypothesis' strategies for worlds.

A world is about some themes; what it is not about stays simple, so that a few dozen examples
reach the odd corners of each.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

from hypothesis import strategies as st

from tests.integration.scheduling.studio import role
from tests.integration.scheduling.worlds import (
    PEOPLE,
    Booked,
    Branch,
    Hours,
    Line,
    Resource,
    Rule,
    Taken,
    World,
    local,
)

# In each zone the clocks change on the date; in Lord Howe by half an hour.
ZONES = [
    ("Asia/Shanghai", date(2027, 3, 28)),
    ("Europe/Berlin", date(2027, 3, 28)),
    ("Europe/Berlin", date(2027, 10, 31)),
    ("America/New_York", date(2027, 3, 14)),
    ("America/New_York", date(2027, 11, 7)),
    ("Australia/Lord_Howe", date(2027, 4, 4)),
    ("Australia/Lord_Howe", date(2027, 10, 3)),
]
HOURS: list[Hours] = [
    ("09:00", "18:00"),
    ("00:00", "00:00"),
    ("20:00", "04:00"),
    ("02:15", "10:00"),
    ("01:45", "22:30"),
    ("09:00", "12:15"),
]
BREAKS: list[Hours] = [("12:00", "13:00"), ("01:30", "02:45"), ("15:00", "15:30")]
DAY_CODES = [1, 2, 3, 4, 5, 6, 7, 8, 9]


def quarters(*numbers: int) -> st.SearchStrategy[int]:
    """Draw minutes: quarters of an hour."""
    return st.sampled_from([15 * number for number in numbers])


some_hours = st.lists(st.sampled_from(HOURS), min_size=1, max_size=2, unique=True)
odd_hours = st.sampled_from([[HOURS[2]], [HOURS[3]]])
codes = st.lists(st.sampled_from(DAY_CODES), min_size=3, max_size=9, unique=True)
ALL_DAY: list[Hours] = [("00:00", "00:00")]
# The clocks change on Sundays; a holiday or make-up work day may have hours of its own.
near_hours = st.fixed_dictionaries(
    {6: some_hours, 7: odd_hours | some_hours, 1: some_hours},
    optional={8: some_hours, 9: some_hours},
)


@st.composite
def branches(draw: st.DrawFn, first: date, themes: frozenset[str]) -> Branch:
    """Draw a branch that is always open, unless the world is about days."""
    hours = dict.fromkeys(range(1, 8), ALL_DAY)
    travel = draw(quarters(0, 2, 5)) if "places" in themes else 0
    if "days" not in themes:
        return Branch(hours=hours, travel=travel)
    near = st.integers(-1, 4).map(lambda days: first + timedelta(days=days))
    return Branch(
        hours=hours | draw(near_hours),
        dated=draw(st.dictionaries(near, some_hours, max_size=2)),
        closed=draw(st.lists(near, max_size=1)),
        open_on_holidays=draw(st.booleans()),
        travel=travel,
    )


@st.composite
def rules(draw: st.DrawFn, first: date, branch_count: int) -> Rule:
    weeks = draw(st.sampled_from([1, 1, 2, 3]))
    dated = draw(st.booleans())
    return Rule(
        branch=draw(st.integers(0, branch_count - 1)),
        codes=draw(codes),
        hours=draw(st.sampled_from([[], *([each] for each in HOURS), HOURS[4:]])),
        breaks=draw(st.lists(st.sampled_from(BREAKS), max_size=2, unique=True)),
        priority=draw(st.integers(0, 2)),
        extra=draw(st.sampled_from([False, False, True])),
        first=first - timedelta(days=draw(st.integers(-1, 2))) if dated else None,
        last=first + timedelta(days=draw(st.integers(2, 4))) if dated else None,
        weeks=weeks,
        week=draw(st.integers(0, weeks - 1)),
        since=draw(st.sampled_from([date(2000, 1, 3), first + timedelta(days=9)])),
        published=draw(st.sampled_from([True, True, True, False])),
    )


def always(branch: int = 0) -> list[Rule]:
    """Return the roster of somebody who never rests."""
    return [Rule(branch, DAY_CODES, ALL_DAY)]


def spans(first: date, zone: str) -> st.SearchStrategy[tuple[int, int]]:
    """Draw spans around the days that are asked about."""
    midnight = local(first, time(0), zone)
    begin = st.integers(midnight - 100, midnight + 300)
    return st.tuples(begin, st.integers(1, 60)).map(lambda span: (span[0], sum(span)))


@st.composite
def resources(
    draw: st.DrawFn, resource_type: str, first: date, zone: str, themes: frozenset[str]
) -> Resource:
    person = resource_type in PEOPLE
    resource = Resource(
        type=resource_type,
        rules=draw(rosters(person, first, themes)),
        home=draw(st.integers(0, 1)) if "places" in themes else 0,
        active=draw(st.sampled_from([True] * 9 + [False])),
        away=draw(st.lists(spans(first, zone), max_size=1)),
    )
    if "skills" in themes:
        resource = replace(
            resource,
            skills=draw(st.dictionaries(st.sampled_from("ab"), st.integers(1, 4), max_size=2)),
            attributes={"size": draw(st.sampled_from("ML"))},
            pooled=draw(st.booleans()),
        )
    if "garments" in themes and not person:
        resource = replace(resource, capacity=draw(st.integers(1, 3)))
    if "places" in themes:
        resource = replace(
            resource,
            mobile=person and draw(st.sampled_from([True, True, False])),
            travel=draw(quarters(0, 2, 5)) if resource_type == "location" else 0,
        )
    return resource


@st.composite
def rosters(draw: st.DrawFn, person: bool, first: date, themes: frozenset[str]) -> list[Rule]:
    """Draw a roster: people who are not told of never rest, rooms and things have none."""
    if "rosters" in themes:
        count = 2 if "places" in themes else 1
        return draw(st.lists(rules(first, count), min_size=int(person), max_size=4))
    if "places" in themes:
        return draw(st.sampled_from([always() + always(1), always(), always(1)]))
    return always() if person else []


@st.composite
def lines(draw: st.DrawFn, number: int, resource_type: str, themes: frozenset[str]) -> Line:
    """Draw a line; the first is never optional, and shared in a class."""
    line = role(
        resource_type,
        key=f"{resource_type}-{number}",
        quantity=draw(st.sampled_from([1, 1, 2])),
        offset_minutes=draw(quarters(0, 0, 2, 4)),
        length_minutes=draw(quarters(1, 3, 4, 12)),
        buffer_before_minutes=draw(quarters(0, 0, 1, 3)),
        buffer_after_minutes=draw(quarters(0, 0, 1, 2)),
    )
    if "garments" in themes and resource_type not in PEOPLE:
        line |= {"whole_days": draw(st.booleans()), "offset_minutes": draw(quarters(-96, -3, 0))}
    if "skills" in themes:
        line |= {
            "skills": draw(st.dictionaries(st.sampled_from("ab"), st.integers(1, 3), max_size=1)),
            "attributes": draw(st.sampled_from([{}, {}, {"size": "M"}])),
            "pool_id": draw(st.sampled_from([None, None, "pool"])),
            "optional": number > 0 and draw(st.booleans()),
        }
    if "classes" in themes:
        line |= {"shared": number == 0 or draw(st.booleans())}
    return line


@st.composite
def quotas(draw: st.DrawFn, some: Sequence[Resource]) -> dict[str, Any]:
    """Draw a quota; `own_service` and `own_branch` narrow it."""
    per = draw(st.sampled_from(["resource", "service", "branch", "customer"]))
    unit = draw(st.sampled_from(["count", "minutes"]))
    period = draw(st.sampled_from(["day", "day", "week", "month"]))
    of = st.none() | (st.sampled_from(some) if per == "resource" else st.none())
    return {
        "id": uuid4(),
        "per": per,
        "unit": unit,
        "period": period,
        "maximum": draw(st.integers(0, 3)) * (180 if unit == "minutes" else 1),
        "weekdays": draw(st.none() | codes) if period == "day" else None,
        "resource": draw(of),
        "type": draw(of),
        "own_service": draw(st.booleans()),
        "own_branch": draw(st.booleans()),
    }


@st.composite
def worlds(draw: st.DrawFn, *about: str) -> World:
    """Draw a studio, with what the themes say in it."""
    themes = frozenset(about)
    zone, changes = draw(st.sampled_from(ZONES))
    first = changes - timedelta(days=draw(st.integers(0, 1)))
    kinds = ["photographer", "makeup_artist", "studio_room"]
    kinds += ["garment"] * ("garments" in themes) + ["location"] * ("places" in themes)
    contested = "skills" in themes  # several lines of one type
    types = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=3, unique=not contested))
    some = [
        draw(resources(each, first, zone, themes))
        for each in sorted(set(types))
        for _ in range(draw(st.integers(1, 3)))
    ]
    service = uuid4()
    world = World(
        zone=zone,
        first=first,
        last=first + timedelta(days=draw(st.integers(0, 2))),
        now=local(first, time(0), zone) + draw(st.integers(-400, 100)),
        branches=[draw(branches(first, themes)) for _ in range(2)],
        special=draw(special_days(first)) if themes & {"days", "rosters", "quotas"} else {},
        resources=some,
        lines=[draw(lines(n, each, themes)) for n, each in enumerate(types)],
        step=draw(quarters(1, 2, 4, 7)),
        duration=draw(st.none() | quarters(2, 4, 12)),
        places=draw(st.integers(2, 3)) if "classes" in themes else 1,
        quotas=draw(st.lists(quotas(some), min_size=1, max_size=3)) if "quotas" in themes else [],
        wished=frozenset(one.id for one in draw(st.lists(st.sampled_from(some), max_size=2))),
        customer=draw(st.sampled_from([None, str(service)])),
        service=service,
    )
    if "days" in themes:
        world = replace(
            world,
            notice=draw(quarters(0, 0, 4, 96)),
            horizon=draw(st.sampled_from([2, 30, 90])),
            weekdays=draw(st.none() | codes),
        )
    if "several" in themes:
        later = draw(st.lists(st.sampled_from(sorted(set(types))), min_size=1, max_size=2))
        also = [draw(lines(n, each, themes)) for n, each in enumerate(later)]
        world = replace(world, also=also)
    options = [line["key"] for line in world.lines if line["optional"] and draw(st.booleans())]
    return replace(world, options=options, **draw(diaries(world, themes)))


@st.composite
def special_days(draw: st.DrawFn, first: date) -> dict[date, str]:
    near = st.integers(-1, 2).map(lambda days: first + timedelta(days=days))
    kinds = st.sampled_from(["holiday", "holiday", "work_day", "ordinary"])
    return draw(st.dictionaries(near, kinds, min_size=1, max_size=3))


@st.composite
def diaries(draw: st.DrawFn, world: World, themes: frozenset[str]) -> dict[str, Any]:
    """Draw blocks and bookings: those that could stand in the diary together."""
    taken: list[Taken] = []
    booked: list[Booked] = []
    drawn = st.tuples(st.sampled_from(world.resources), spans(world.first, world.zone))
    for resource, (begin, end) in draw(st.lists(drawn, min_size=2, max_size=9)):
        branch = draw(st.sampled_from(world.branches)) if "places" in themes else world.branches[0]
        unit = draw(st.integers(1, resource.capacity))
        one = Taken(
            resource=resource.id,
            begin=begin,
            end=end,
            units=(unit, unit + 1) if resource.capacity > 1 else None,
            place=branch.id if resource.mobile else None,
            travel=branch.travel,
        )
        if any(clash(one, other) for other in taken):
            continue
        if draw(st.booleans()):
            service = draw(st.sampled_from([world.service, world.other_service]))
            expires = draw(st.sampled_from([None, None, world.now, world.now + 1]))
            customer = draw(st.sampled_from([None, str(world.service)]))
            booking = Booked(uuid4(), service, branch.id, begin, end, customer, expires)
            one = replace(one, booking=booking.id, expires=expires)
            booked.append(booking)
        taken.append(one)
    return {"taken": taken, "booked": booked}


def clash(a: Taken, b: Taken) -> bool:
    """Tell whether the database would refuse one of two."""
    if a.resource != b.resource:
        return False
    way = (a.travel + b.travel) // 15 if a.place != b.place else 0
    together = a.units is None or b.units is None or a.units == b.units
    return (together or bool(way)) and a.begin - way < b.end and b.begin - way < a.end

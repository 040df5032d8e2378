"""What the engine must find, worked out slowly and obviously: time is a set of quarters of an hour.

Nothing here is shared with the engine. A world is as in worlds.py.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, time, timedelta
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

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
    duration,
    instant,
    local,
    own_duration,
)

Unit = tuple[UUID, int]
"""A resource and a unit of it."""

Item = tuple[UUID, int, frozenset[str]]
"""A unit of a resource in one turn, of which it can serve one line."""

UNLIMITED = 10**6

AROUND = 11
"""Days around the question that matter: the longest offset of a line, and some."""


def slots(world: World) -> dict[int, int]:
    """Return every start that can be booked, and how many bookings fit there.

    What quotas leave of counted things is for `overfull` to say.
    """
    free = free_times(world)
    found = {start: fitting(world, free, start) for start in starts(world)}
    return {start: number for start, number in sorted(found.items()) if number}


def free_times(world: World) -> dict[Unit, set[int]]:
    return {
        (resource.id, unit): free_time(world, resource, unit)
        for resource in world.resources
        for unit in range(1, resource.capacity + 1)
    }


def shares_units(world: World) -> bool:
    """Tell whether bookings that begin at once may have to share what a quota leaves of a thing."""
    limited = any(quota["per"] == "resource" for quota in world.quotas)
    return limited and any(each.capacity > 1 for each in world.resources)


# --- which starts there are


def starts(world: World) -> set[int]:
    """Return the starts that a branch offers, whoever is free."""
    here = world.branches[0]
    today = on(world, world.now)
    is_open = {tick for day in days(world) for _, tick in opening(world, here, day)}
    is_open -= closed(world, here)
    return {
        tick
        for day in days(world)
        for begin, tick in opening(world, here, day)
        if (tick - begin) % (world.step // 15) == 0
        and (world.weekdays is None or codes(world, day) & set(world.weekdays))
        and world.first <= on(world, tick) <= world.last
        and on(world, tick) <= today + timedelta(days=world.horizon)
        and tick >= world.now + world.notice // 15
        and set(range(tick, tick + duration(world) // 15)) <= is_open
        and not any(used_up(world, quota, tick) for quota in world.quotas)
    }


def opening(world: World, branch: Branch, day: date) -> Iterator[tuple[int, int]]:
    """Yield each quarter of the hours of a date, with the one in which its hours begin."""
    for hours in hours_on(world, branch, day):
        quarters = between(world, day, hours)
        for tick in quarters:
            yield quarters[0], tick


def hours_on(world: World, branch: Branch, day: date) -> Collection[Hours]:
    if day in branch.dated:
        return branch.dated[day]
    special = codes(world, day) - {day.isoweekday()}
    for code in special:
        if code in branch.hours:
            return branch.hours[code]
    if 8 in special and not branch.open_on_holidays:
        return []
    return branch.hours.get(day.isoweekday(), [])


def codes(world: World, day: date) -> set[int]:
    """Return what kinds of day a date is."""
    special = {"holiday": {8}, "work_day": {9}}
    return {day.isoweekday()} | special.get(world.special.get(day, ""), set())


def closed(world: World, branch: Branch) -> set[int]:
    return {tick for day in branch.closed for tick in between(world, day, ("00:00", "00:00"))}


# --- who is free when


def free_time(world: World, resource: Resource, unit: int) -> set[int]:
    """Return when a unit of a resource works at the branch and nobody has it."""
    free = working(world, resource) if resource.active else set()
    for begin, end in resource.away:
        free -= set(range(begin, end))
    for taken in world.taken:
        mine = taken.units is None or taken.units[0] <= unit < taken.units[1]
        if taken.resource == resource.id and mine and not is_over(world, taken):
            free -= locked(world, resource, taken)
    return free


def working(world: World, resource: Resource) -> set[int]:
    rules = [rule for rule in resource.rules if rule.published]
    if not rules and resource.type not in PEOPLE and resource.home == 0:
        return {tick for day in days(world) for tick in between(world, day, ("00:00", "00:00"))}
    shifts = {
        tick
        for day in days(world)
        for rule in deciding(world, rules, day)
        if rule.branch == 0
        for tick in shift(world, rule, day)
    }
    return shifts - closed(world, world.branches[0])


def deciding(world: World, rules: Collection[Rule], day: date) -> list[Rule]:
    """Return the rules by which somebody works on a date."""

    def weight(rule: Rule) -> tuple[int, bool]:
        return rule.priority, bool(set(rule.codes) & codes(world, day) & {8, 9})

    matching = [
        rule
        for rule in rules
        if set(rule.codes) & codes(world, day)
        and (rule.first or date.min) <= day <= (rule.last or date.max)
        and (monday(day) - monday(rule.since)).days // 7 % rule.weeks == rule.week
    ]
    best = max((weight(rule) for rule in matching if not rule.extra), default=None)
    return [rule for rule in matching if rule.extra or weight(rule) == best]


def shift(world: World, rule: Rule, day: date) -> set[int]:
    begins = min((opens for opens, _ in rule.hours), default="00:00")
    work = {tick for hours in rule.hours for tick in between(world, day, hours)}
    for rest in rule.breaks:  # one before all hours is in those that run past midnight
        work -= set(between(world, day + timedelta(days=rest[0] < begins), rest))
    return work


def locked(world: World, resource: Resource, taken: Taken) -> set[int]:
    """Return what an allocation takes from somebody, ways included."""
    place, travel = venue(world)
    way = 0
    if resource.mobile and taken.place is not None and taken.place != place:
        way = (taken.travel + travel) // 15
    return set(range(taken.begin - way, taken.end + way))


def venue(world: World) -> tuple[UUID | None, int]:
    """Return where the booking takes place (None: not known yet), and how far away that is."""
    wanted = [line for line in lines(world) if line["resource_type"] == "location"]
    if not wanted:
        return world.branches[0].id, world.branches[0].travel
    some = [each for line in wanted for each in able(world, line)]
    wished = [each for each in some if each.id in world.wished]
    if wished:
        return wished[0].id, wished[0].travel
    return None, max((each.travel for each in some), default=world.branches[0].travel)


# --- how often a booking fits


def fitting(world: World, free: dict[Unit, set[int]], start: int) -> int:
    """Return how many more bookings can start then.

    A class fills sessions: `places` for each crew that is free, and those left in begun ones.
    """
    fit = who_fits(world, free, start)
    shared = [line for line in lines(world) if line["shared"] and world.places > 1]
    own = [line for line in lines(world) if line not in shared]
    most = [left(world, quota, start) for quota in world.quotas if quota["per"] != "resource"]
    begun = [(crew, world.places - seats) for crew, seats in sessions(world, start)]
    open_to = [crew for crew, rest in begun if rest]
    if not world.wished:
        all_left = sum(rest for _, rest in begun)
        return min([together(shared, own, fit, all_left, world.places), *most])
    total = sum(rest for crew, rest in begun if world.wished <= crew)
    if fillable(places(lines(world), fit), world.wished):
        teach = {id for line in shared or own for id, *_ in fit[line["key"]]}
        total += world.places if world.wished <= teach else 1
    if own:
        total = min(total, times(own, fit))
    joins = any(fillable(places(own, fit), world.wished - crew) for crew in open_to)
    return min([max(total, int(joins)), *most])


def together(
    shared: Collection[Line],
    own: Collection[Line],
    fit: dict[str, frozenset[Item]],
    begun: int,
    size: int,
) -> int:
    """Return how many customers fit when the first take the places left in begun sessions."""

    def all_fit(number: int) -> bool:
        crews = max(0, -(-(number - begun) // size)) if shared else 0
        return fillable(places(own, fit) * number + places(shared, fit) * crews, frozenset())

    number = 0
    while all_fit(number + 1):
        number += 1
    return number


def who_fits(world: World, free: dict[Unit, set[int]], start: int) -> dict[str, frozenset[Item]]:
    """Return who is free for each line, and may still serve it."""
    return {
        line["key"]: frozenset(
            (each.id, unit, turn(world, line))
            for each in able(world, line)
            for unit in range(1, each.capacity + 1)
            if needed(world, line, start) <= free[each.id, unit]
            and not any(spent(world, quota, each, line, start) for quota in world.quotas)
        )
        for line in lines(world)
    }


def overfull(world: World, found: Mapping[int, int]) -> list[int]:
    """Return starts at which not so many bookings fit within what quotas leave of each thing.

    Of starts for which the same are free only one is looked at.
    """
    free = free_times(world)
    unlike = {
        (number, *who_fits(world, free, start).items()): start
        for start, number in found.items()
        if number > 1
    }
    return [start for start in unlike.values() if not can_take(world, free, start, found[start])]


def can_take(world: World, free: dict[Unit, set[int]], start: int, number: int) -> bool:
    """Tell whether so many bookings can begin at once: somebody of their own for each place."""
    fit = who_fits(world, free, start)
    some = [(n, line["key"]) for n in range(number) for line in lines(world) for _ in units(line)]
    lengths = {line["key"]: line["length_minutes"] for line in lines(world)}
    budgets = [
        (quota["unit"], each.id, budget(world, quota, each, start))
        for quota in world.quotas
        for each in world.resources
        if binds(world, quota, each, start)
    ]

    def within(visits: set[tuple[int, UUID, str]]) -> bool:
        counts = {
            "count": lambda mine: len({booking for booking, _ in mine}),
            "minutes": lambda mine: sum(lengths[key] for _, key in mine),
        }
        return all(
            counts[unit]([(booking, key) for booking, one, key in visits if one == id]) <= most
            for unit, id, most in budgets
        )

    def seat(place: int, used: set[Item], visits: set[tuple[int, UUID, str]]) -> bool:
        if place == len(some):
            return True
        booking, key = some[place]
        # Units of one thing that fit the same lines are all the same, and it is best to stay with
        # a thing that serves the booking already.
        alike = {
            (item[0], *(item in each for each in fit.values())): item for item in fit[key] - used
        }
        mine = {one for n, one, _ in visits if n == booking}
        return any(
            seat(place + 1, used | {item}, after)
            for item in sorted(alike.values(), key=lambda item: item[0] not in mine)
            if within(after := visits | {(booking, item[0], key)})
        )

    return seat(0, set(), set())


def units(line: Line) -> range:
    return range(line["quantity"])


def times(some: Collection[Line], fit: dict[str, frozenset[Item]]) -> int:
    """Return how many bookings can have these lines filled at once."""
    number = 0
    while fillable(places(some, fit) * (number + 1), frozenset()):
        number += 1
    return number


def places(some: Collection[Line], fit: dict[str, frozenset[Item]]) -> tuple[frozenset[Item], ...]:
    """Return who could take each place in some lines."""
    return tuple(fit[line["key"]] for line in some for _ in range(line["quantity"]))


@cache
def fillable(places: tuple[frozenset[Item], ...], wished: frozenset[UUID]) -> bool:
    """Tell whether each place can have somebody of its own, with all the wished among them."""
    if not places:
        return not wished
    first, *rest = places
    return any(
        fillable(tuple(each - {item} for each in rest), wished - {item[0]}) for item in first
    )


def lines(world: World) -> list[Line]:
    """Return the lines of the booking that is asked about, those of a later service after it."""
    later = own_duration(world)
    shifted = [
        {**line, "key": f"1.{line['key']}", "offset_minutes": line["offset_minutes"] + later}
        for line in world.also
    ]
    return [
        line
        for line in [*world.lines, *shifted]
        if not line["optional"] or line["key"].split(".")[-1] in world.options
    ]


def turn(world: World, line: Line) -> frozenset[str]:
    """Return the lines among which nobody can serve two: those that meet, and so on."""
    found = [line]
    for one in found:
        found += [other for other in lines(world) if other not in found and meet(one, other)]
    return frozenset(each["key"] for each in found)


def meet(a: Line, b: Line) -> bool:
    """Tell whether nobody can serve both of two lines."""
    return a["resource_type"] == b["resource_type"] and (
        a["key"].startswith("1.") == b["key"].startswith("1.")
        or a["whole_days"]
        or b["whole_days"]
        or bool(minutes(a) & minutes(b))
    )


def minutes(line: Line) -> set[int]:
    """Return the minutes of a booking in which a line works."""
    return set(range(line["offset_minutes"], line["offset_minutes"] + line["length_minutes"]))


def able(world: World, line: Line) -> list[Resource]:
    """Return who could serve a line at the branch, free or not."""
    return [
        each
        for each in world.resources
        if each.active
        and each.type == line["resource_type"]
        and (each.home == 0 or any(rule.branch == 0 and rule.published for rule in each.rules))
        and all(each.skills.get(skill, 0) >= level for skill, level in line["skills"].items())
        and all(each.attributes.get(name) == is_ for name, is_ in line["attributes"].items())
        and (each.pooled or not line["pool_id"])
    ]


def work(world: World, line: Line, start: int) -> range:
    """Return when a line works in a booking that starts then."""
    begin = start + line["offset_minutes"] // 15
    end = begin + line["length_minutes"] // 15
    if not line["whole_days"]:
        return range(begin, end)
    after = on(world, end - 1) + timedelta(days=1)
    return range(
        local(on(world, begin), time(0), world.zone),
        local(after, time(0), world.zone),
    )


def needed(world: World, line: Line, start: int) -> set[int]:
    """Return what a line locks: its work and its buffers."""
    busy = work(world, line, start)
    before, after = line["buffer_before_minutes"] // 15, line["buffer_after_minutes"] // 15
    return set(range(busy.start - before, busy.stop + after))


def sessions(world: World, start: int) -> list[tuple[set[UUID], int]]:
    """Return who serves each begun session of a class, and how many seats of it are taken."""
    bookings = {
        each.id
        for each in world.booked
        if each.service == world.service
        and each.branch == world.branches[0].id
        and each.begin == start
        and not is_over(world, each)
    }
    begun = [each for each in world.taken if each.session and each.booking in bookings]
    return [
        (
            {each.resource for each in begun if each.session == session},
            len({each.booking for each in begun if each.session == session}),
        )
        for session in {each.session for each in begun}
    ]


# --- quotas


def used_up(world: World, quota: dict[str, Any], start: int) -> bool:
    """Tell whether the service, the branch or the customer may have no booking more."""
    return quota["per"] != "resource" and left(world, quota, start) < 1


def left(world: World, quota: dict[str, Any], start: int) -> int:
    """Return how many bookings more the service, the branch or the customer may have."""
    if not applies(world, quota, start):
        return UNLIMITED
    whose = {
        "service": lambda each: each.service == world.service,
        "branch": lambda each: each.branch == world.branches[0].id,
        "customer": lambda each: world.customer is not None and each.customer == world.customer,
    }[quota["per"]]
    if quota["per"] == "customer" and world.customer is None:
        return UNLIMITED
    counted = [each for each in bookings_in(world, quota, start) if whose(each)]
    if quota["unit"] == "count":
        return int(quota["maximum"]) - len(counted)
    minutes = sum(each.end - each.begin for each in counted) * 15
    return int((quota["maximum"] - minutes) // duration(world))


def spent(world: World, quota: dict[str, Any], each: Resource, line: Line, start: int) -> bool:
    """Tell whether a resource may not serve a line any more.

    A counted thing may serve several lines of one booking, as many as fit, the shortest first.
    """
    if not binds(world, quota, each, start):
        return False
    if quota["unit"] == "count":
        return budget(world, quota, each, start) < 1
    rivals = [other for other in lines(world) if each in able(world, other)]
    rivals.sort(key=lambda one: (one["length_minutes"], one["key"]))
    before = rivals[: rivals.index(line)] if each.capacity > 1 else []
    minutes = sum(one["length_minutes"] for one in [*before, line])
    return bool(minutes > budget(world, quota, each, start))


def binds(world: World, quota: dict[str, Any], each: Resource, start: int) -> bool:
    """Tell whether a quota says how much a resource may serve on a day."""
    return (
        quota["per"] == "resource"
        and applies(world, quota, start)
        and quota["resource"] in (None, each)
        and (quota["type"] or each).type == each.type
    )


def budget(world: World, quota: dict[str, Any], each: Resource, start: int) -> int:
    """Return how many visits, or minutes of them, a quota leaves of a resource."""
    bookings = {booked.id for booked in bookings_in(world, quota, start)}
    visits = {
        (one.session or one.booking, one.line, minutes_of(world, one))
        for one in world.taken
        if one.resource == each.id and one.booking in bookings
    }
    if quota["unit"] == "count":
        return int(quota["maximum"]) - len({visit for visit, *_ in visits})
    return int(quota["maximum"] - sum(minutes for *_, minutes in visits))


def minutes_of(world: World, taken: Taken) -> int:
    """Return what an allocation counts for; whole days count as what is asked for in them."""
    whole = {line["key"]: line["length_minutes"] for line in world.lines if line["whole_days"]}
    begin, end = taken.serving or (taken.begin, taken.end)
    return whole.get(taken.line, (end - begin) * 15)


def applies(world: World, quota: dict[str, Any], start: int) -> bool:
    """Tell whether a quota says anything about a day."""
    weekdays = quota["weekdays"]
    return weekdays is None or bool(codes(world, on(world, start)) & set(weekdays))


def bookings_in(world: World, quota: dict[str, Any], start: int) -> list[Booked]:
    """Return the bookings in the period of a start that a quota counts."""

    def period(tick: int) -> Any:
        day = on(world, tick)
        return {"day": day, "week": monday(day), "month": (day.year, day.month)}[quota["period"]]

    return [
        each
        for each in world.booked
        if period(each.begin) == period(start)
        and not is_over(world, each)
        and (each.service == world.service or not quota["own_service"])
        and (each.branch == world.branches[0].id or not quota["own_branch"])
    ]


# --- time


def is_over(world: World, each: Booked | Taken) -> bool:
    """Tell whether a hold's end has passed."""
    return each.expires is not None and each.expires <= world.now


def days(world: World) -> list[date]:
    count = (world.last - world.first).days + 2 * AROUND
    return [world.first + timedelta(days=n - AROUND) for n in range(count)]


def between(world: World, day: date, hours: Hours) -> range:
    """Return the quarters of some hours; those that close at or before they open end next day."""
    opens, closes = map(time.fromisoformat, hours)
    overnight = timedelta(days=closes <= opens)
    return range(local(day, opens, world.zone), local(day + overnight, closes, world.zone))


def on(world: World, tick: int) -> date:
    """Return the local date of a quarter of an hour."""
    return instant(tick).astimezone(ZoneInfo(world.zone)).date()


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())

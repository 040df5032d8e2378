"""Small studios as plain data, and how one is written into the database.

All times are numbers of quarters of an hour since 1970, so that sets of them are time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range, insert

from services.chassis.db import UnitOfWork
from services.scheduling import models
from tests.integration.scheduling.studio import words

TICK = 900

PEOPLE = ("photographer", "makeup_artist")
Hours = tuple[str, str]
Line = dict[str, Any]
Rows = dict[type[models.Base], list[dict[str, Any]]]


@dataclass(frozen=True)
class Branch:
    """`hours` by code of day, `dated` by date; `closed` are dates, `special` kinds of dates."""

    hours: Mapping[int, Sequence[Hours]]
    dated: Mapping[date, Sequence[Hours]] = field(default_factory=dict)
    closed: Sequence[date] = ()
    open_on_holidays: bool = True
    travel: int = 0
    id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True)
class Rule:
    """A rule of a roster at the branch with a number."""

    branch: int
    codes: Sequence[int]
    hours: Sequence[Hours]
    breaks: Sequence[Hours] = ()
    priority: int = 0
    extra: bool = False
    first: date | None = None
    last: date | None = None
    weeks: int = 1
    week: int = 0
    since: date = date(2000, 1, 3)
    published: bool = True


@dataclass(frozen=True)
class Resource:
    """`away` are spans of leave and busy times elsewhere."""

    type: str
    rules: Sequence[Rule]
    home: int = 0
    capacity: int = 1
    mobile: bool = False
    travel: int = 0
    active: bool = True
    pooled: bool = False
    skills: Mapping[str, int] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    away: Sequence[tuple[int, int]] = ()
    id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True)
class Taken:
    """Time that somebody has: `units` of it from the first to before the last (None: all).

    `place` is where it is worked, `travel` minutes from anywhere; None for who does not move.
    """

    resource: UUID
    begin: int
    end: int
    units: tuple[int, int] | None = None
    place: UUID | None = None
    travel: int = 0
    booking: UUID | None = None
    session: UUID | None = None
    serving: tuple[int, int] | None = None
    expires: int | None = None
    line: str | None = None


@dataclass(frozen=True)
class Booked:
    """A booking that counts for quotas."""

    id: UUID
    service: UUID
    branch: UUID
    begin: int
    end: int
    customer: str | None = None
    expires: int | None = None


@dataclass(frozen=True)
class World:
    """A studio, and the question: starts of a service from `first` to `last` at branch 0.

    Shapes:  `also` the lines of the other service, if that follows in the same booking.
    """

    zone: str
    first: date
    last: date
    now: int
    branches: Sequence[Branch]
    special: Mapping[date, str]
    resources: Sequence[Resource]
    lines: Sequence[Line]
    also: Sequence[Line] = ()
    step: int = 60
    notice: int = 0
    horizon: int = 90
    duration: int | None = None
    places: int = 1
    weekdays: Sequence[int] | None = None
    quotas: Sequence[dict[str, Any]] = ()
    taken: Sequence[Taken] = ()
    booked: Sequence[Booked] = ()
    wished: frozenset[UUID] = frozenset()
    options: Sequence[str] = ()
    customer: str | None = None
    service: UUID = field(default_factory=uuid4)
    other_service: UUID = field(default_factory=uuid4)
    pool: UUID = field(default_factory=uuid4)

    @property
    def calendar(self) -> str:
        """A calendar of holidays of this world's own."""
        return f"T-{self.service}"


def local(day: date, clock: time, zone: str) -> int:
    """Return when a wall clock shows a time; a time that is skipped or comes twice: the later."""
    shown = datetime.combine(day, clock, ZoneInfo(zone))
    return max(int(shown.replace(fold=fold).timestamp()) for fold in (0, 1)) // TICK


def instant(tick: int) -> datetime:
    return datetime.fromtimestamp(tick * TICK, UTC)


def tick(at: datetime) -> int:
    return int(at.timestamp()) // TICK


# --- writing


def build(uow: UnitOfWork, world: World) -> None:
    """Write a world into the database; nothing of those before it concerns it then."""
    with uow.begin() as tx:
        tx.session.execute(sa.delete(models.Quota))  # some are for everybody
        for part in (_studio, _people, _rosters, _service, _diary):
            for model, rows in part(world).items():
                if rows:
                    statement = insert(model).values(rows)
                    if model is models.Skill:  # the same in every world
                        statement = statement.on_conflict_do_nothing()
                    tx.session.execute(statement)


def _studio(world: World) -> Rows:
    return {
        models.Branch: [
            {
                "id": each.id,
                "name": words("店"),
                "address": words("路"),
                "phone": "1",
                "timezone": world.zone,
                "holiday_calendar": world.calendar,
                "open_on_holidays": each.open_on_holidays,
                "travel_minutes": each.travel,
            }
            for each in world.branches
        ],
        models.BranchHours: [
            {"branch_id": each.id, "weekday": code, **_hours(hours)}
            for each in world.branches
            for code, some in each.hours.items()
            for hours in some
        ],
        models.BranchDay: [
            {"branch_id": each.id, "day": day, "reason": "", **_hours(hours)}
            for each in world.branches
            for day, some in each.dated.items()
            for hours in some
        ],
        models.Closure: [
            {
                "id": uuid4(),
                "branch_id": each.id,
                "days": Range(day, day, bounds="[]"),
                "reason": "休",
            }
            for each in world.branches
            for day in each.closed
        ],
        models.SpecialDay: [
            {"calendar": world.calendar, "day": day, "kind": kind, "name": words(kind)}
            for day, kind in world.special.items()
        ],
        models.Skill: [{"id": skill, "name": words(skill)} for skill in "ab"],
    }


def _people(world: World) -> Rows:
    return {
        models.Resource: [
            {
                "id": each.id,
                "branch_id": world.branches[each.home].id,
                "resource_type": each.type,
                "name": words(f"{each.type} {number}"),
                "bookable_by_name": True,
                "capacity": each.capacity,
                "attributes": each.attributes,
                "mobile": each.mobile,
                "travel_minutes": each.travel,
                "active": each.active,
            }
            for number, each in enumerate(world.resources)
        ],
        models.Pool: [{"id": world.pool, "name": words("池")}],
        models.PoolResource: [
            {"pool_id": world.pool, "resource_id": each.id}
            for each in world.resources
            if each.pooled
        ],
        models.ResourceSkill: [
            {"resource_id": each.id, "skill_id": skill, "level": level}
            for each in world.resources
            for skill, level in each.skills.items()
        ],
    }


def _rosters(world: World) -> Rows:
    rules = [(each, rule, uuid4()) for each in world.resources for rule in each.rules]
    away = [
        (number % 2, each.id, span)
        for number, each in enumerate(world.resources)
        for span in each.away
    ]
    feed = uuid4()
    return {
        models.RosterRule: [
            {
                "id": id,
                "resource_id": each.id,
                "branch_id": world.branches[rule.branch].id,
                "state": "published" if rule.published else "draft",
                "priority": rule.priority,
                "extra": rule.extra,
                "weekdays": list(rule.codes),
                "days": Range(rule.first, rule.last, bounds="[]"),
                "cycle_weeks": rule.weeks,
                "cycle_week": rule.week,
                "cycle_from": rule.since,
            }
            for each, rule, id in rules
        ],
        models.RosterSpan: [
            {"rule_id": id, "kind": kind, **_hours(hours)}
            for _, rule, id in rules
            for kind, some in (("work", rule.hours), ("break", rule.breaks))
            for hours in some
        ],
        models.Leave: [
            {
                "id": uuid4(),
                "resource_id": id,
                "during": _range(*span),
                "reason": "",
                "state": state,
            }
            for leave, id, span in away
            for state in ("approved" if leave else "pending", "rejected")
        ],
        models.BusyFeed: [
            {
                "id": feed,
                "resource_id": world.resources[0].id,
                "url": "https://x",
                "due_at": instant(0),
            }
        ],
        models.BusyTime: [
            {"id": uuid4(), "feed_id": feed, "resource_id": id, "during": _range(*span)}
            for leave, id, span in away
            if not leave
        ],
    }


def _service(world: World) -> Rows:
    return {
        models.Requirement: [
            {
                "service_id": service,
                "slot_step_minutes": world.step,
                "minimum_notice_minutes": world.notice,
                "horizon_days": world.horizon,
                "duration_minutes": own_duration(world),
                "places": world.places,
                "weekdays": world.weekdays,
            }
            for service in (world.service, world.other_service)
        ],
        models.RequirementBranch: [
            {"service_id": service, "branch_id": world.branches[0].id}
            for service in (world.service, *([world.other_service] if world.also else []))
        ],
        models.RequirementLine: [
            {
                **line,
                "service_id": service,
                "position": position,
                "pool_id": line["pool_id"] and world.pool,
            }
            for service, some in ((world.service, world.lines), (world.other_service, world.also))
            for position, line in enumerate(some)
        ],
        models.Quota: [
            {
                **{
                    name: each[name]
                    for name in ("id", "per", "unit", "period", "maximum", "weekdays")
                },
                "resource_id": each["resource"] and each["resource"].id,
                "resource_type": each["type"] and each["type"].type,
                "service_id": world.service if each["own_service"] else None,
                "branch_id": world.branches[0].id if each["own_branch"] else None,
            }
            for each in world.quotas
        ],
    }


def duration(world: World) -> int:
    """Return the minutes that a customer is there, for all services."""
    return own_duration(world) * (2 if world.also else 1)


def own_duration(world: World) -> int:
    """Return the minutes that each service lasts."""
    ends = [
        line["offset_minutes"] + line["length_minutes"]
        for line in world.lines
        if not line["optional"] and not line["whole_days"]
    ]
    return world.duration or max([15, *ends])


def _diary(world: World) -> Rows:
    types = {each.id: each.type for each in world.resources}
    return {
        models.Hold: [
            {
                "booking_id": each.id,
                "service_id": each.service,
                "branch_id": each.branch,
                "start_at": instant(each.begin),
                "end_at": instant(each.end),
                "resource_ids": [],
                "customer_key": each.customer,
                **_state(each.expires, "confirmed"),
            }
            for each in world.booked
        ],
        models.Allocation: [
            {
                "id": uuid4(),
                "booking_id": each.booking,
                "resource_id": each.resource,
                "resource_type": types[each.resource],
                "during": _range(each.begin, each.end),
                "serving": _range(each.begin, each.end),
                "units": Range(*(each.units or (1, None)), bounds="[)"),
                "place_id": each.place,
                "reach": each.place
                and _range(each.begin - each.travel // 15, each.end + each.travel // 15),
                **_state(each.expires, "confirmed" if each.booking else "blocked"),
            }
            for each in world.taken
        ],
    }


def _hours(hours: Hours) -> dict[str, time]:
    opens, closes = map(time.fromisoformat, hours)
    return {"opens": opens, "closes": closes}


def _range(begin: int, end: int) -> Range[datetime]:
    return Range(instant(begin), instant(end), bounds="[)")


def _state(expires: int | None, without: str) -> dict[str, Any]:
    if expires is None:
        return {"state": without, "expires_at": None}
    return {"state": "held", "expires_at": instant(expires)}

"""What is known of a start, and the rules that refuse it whoever is free."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.scheduling.domain.lines import Line
from services.scheduling.domain.spans import Span, local_date
from services.scheduling.domain.wording import (
    Wording,
    Words,
    counted,
    day_codes,
    length,
)

Rule = dict[str, Any]

WHOSE = {
    "service": Words("该服务", "This service"),
    "branch": Words("该门店", "This branch"),
    "customer": Words("每位顾客", "A customer"),
}
PERIODS = {
    "day": (Words("每天", "a day"), Words("当天", "that day")),
    "week": (Words("每周", "a week"), Words("当周", "that week")),
    "month": (Words("每月", "a month"), Words("当月", "that month")),
}


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Hours of a branch, the local date that they belong to, and what kinds of day that is."""

    day: date
    codes: frozenset[int]
    span: Span


@dataclass(frozen=True, kw_only=True)
class Closure:
    """Local dates on which the branch is closed, both included."""

    first_day: date
    last_day: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class FullQuota:
    """A quota that has no room; `used` in its own unit."""

    per: str
    unit: str
    period: str
    maximum: int
    used: int


@dataclass(frozen=True, kw_only=True)
class Typed:
    """A type of resource."""

    name: Mapping[str, str]
    kind: str


@dataclass(frozen=True, kw_only=True)
class Joinable:
    """A session of a class that has places left, and who serves it."""

    places: int
    crew: frozenset[UUID]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One unit of a resource that could serve a line, free at the start or not."""

    line: str
    resource_id: UUID
    unit: int
    free: bool
    name: Mapping[str, str]
    bookable_by_name: bool


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """What keeps a candidate from serving a line, and how long as far as that is known."""

    line: str
    resource_id: UUID
    name: Mapping[str, str]
    kind: str
    start: datetime | None
    end: datetime | None
    allocation_id: UUID | None = None
    booking_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Seen:
    """All that is known of one start.

    Shapes:  `codes` the kinds of its local date, `openings` the hours of that date and those that
             the start lies in; `within_hours` the whole booking lies in hours, closures aside.
    """

    step_minutes: int
    notice_minutes: int
    horizon_days: int
    weekdays: frozenset[int] | None
    codes: frozenset[int]
    within_hours: bool
    openings: Sequence[Opening]
    holiday: Mapping[str, str] | None
    closures: Sequence[Closure]
    full_quotas: Sequence[FullQuota]
    types: Mapping[str, Typed]
    sessions: Sequence[Joinable]
    candidates: Sequence[Candidate]
    obstacles: Sequence[Obstacle]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked for: a start, and the lines, places and wishes of the booking."""

    start: datetime
    zone: str
    duration_minutes: int
    lines: Sequence[Line]
    places: int
    wished: frozenset[UUID]


def rules(seen: Seen, asked: Asked, now: datetime) -> list[Rule]:
    """Return the rules that refuse the start, whoever is free then.

    Of time that has passed or lies too far away nothing else is told.
    """
    say = Wording(zone=asked.zone, now=now)
    by_clock = list(_refused_by_clock(seen, asked, say))
    if any(each["code"] != "notice" for each in by_clock):
        return by_clock
    return [
        *by_clock,
        *_refused_by_hours(seen, asked, say),
        *_refused_by_grid(seen, asked, say),
        *(_full(quota, asked.duration_minutes) for quota in seen.full_quotas),
    ]


def _refused_by_clock(seen: Seen, asked: Asked, say: Wording) -> Iterator[Rule]:
    earliest = say.now + timedelta(minutes=seen.notice_minutes)
    last = local_date(say.now, asked.zone) + timedelta(days=seen.horizon_days)
    if asked.start < say.now:
        when = say.moment(asked.start)
        yield rule("past", f"{when.zh} 已经过去", f"{when.en} has passed")
    elif asked.start < earliest:
        ahead, when = length(seen.notice_minutes), say.moment(earliest)
        yield rule(
            "notice",
            f"需至少提前 {ahead.zh}预约，目前最早可约 {when.zh}",
            f"Book at least {ahead.en} ahead; the earliest start is now {when.en}",
        )
    if local_date(asked.start, asked.zone) > last:
        day = say.day(last)
        yield rule(
            "horizon",
            f"最多提前 {seen.horizon_days} 天预约，目前可约到 {day.zh}",
            f"Bookings open {counted(seen.horizon_days, 'day')} ahead, until {day.en} for now",
        )


def _refused_by_hours(seen: Seen, asked: Asked, say: Wording) -> Iterator[Rule]:
    for closure in seen.closures:
        days = say.days(closure.first_day, closure.last_day)
        reason = closure.reason.strip()
        yield rule(
            "closed",
            f"门店 {days.zh}闭店" + (f"：{reason}" if reason else ""),
            f"The branch is closed {days.en}" + (f": {reason}" if reason else ""),
        )
    if seen.within_hours:
        return
    today = local_date(asked.start, asked.zone)
    day = say.day(today)
    spans = [opening.span for opening in seen.openings if opening.day == today]
    if not spans and seen.holiday is not None:
        name = Words.of(seen.holiday)
        yield rule(
            "holiday",
            f"{day.zh}是{name.zh}，门店不营业",
            f"{day.en} is {name.en}; the branch is not open",
        )
    elif not spans:
        yield rule("hours", f"门店 {day.zh}不营业", f"The branch is not open on {day.en}")
    else:
        hours, takes = say.hours(spans), length(asked.duration_minutes)
        yield rule(
            "hours",
            f"该服务需要 {takes.zh}，须在营业时间内完成：{day.zh} {hours.zh}",
            f"The service takes {takes.en} within opening hours, {hours.en} on {day.en}",
        )


def _refused_by_grid(seen: Seen, asked: Asked, say: Wording) -> Iterator[Rule]:
    within = [each for each in seen.openings if each.span.start <= asked.start < each.span.end]
    kinds = [each.codes for each in within] or [seen.codes]
    if seen.weekdays is not None and not any(codes & seen.weekdays for codes in kinds):
        days = day_codes(seen.weekdays)
        yield rule(
            "weekday", f"该服务仅{days.zh}可预约", f"This service can be booked on {days.en} only"
        )
        return
    grids = [
        each.span
        for each in within
        if seen.within_hours and (seen.weekdays is None or each.codes & seen.weekdays)
    ]
    step = timedelta(minutes=seen.step_minutes)
    if grids and all((asked.start - span.start) % step for span in grids):
        before = max(asked.start - (asked.start - span.start) % step for span in grids)
        apart, first, after = length(seen.step_minutes), say.clock(before), say.clock(before + step)
        yield rule(
            "grid",
            f"每 {apart.zh}一个开始时间，{first} 之后是 {after}",
            f"Starts lie {apart.en} apart: after {first} comes {after}",
        )


def _full(quota: FullQuota, minutes: int) -> Rule:
    whose, (each, that) = WHOSE[quota.per], PERIODS[quota.period]
    if quota.unit == "count":
        number = counted(quota.maximum, "booking")
        return rule(
            "quota",
            f"{whose.zh}{each.zh}最多预约 {quota.maximum} 次，{that.zh}已有 {quota.used} 次",
            f"{whose.en} may have {number} {each.en} at most; there are {quota.used} {that.en}",
        )
    most, has, takes = length(quota.maximum), length(quota.used), length(minutes)
    return rule(
        "quota",
        f"{whose.zh}{each.zh}最多预约 {most.zh}，{that.zh}已约 {has.zh}，本次需要 {takes.zh}",
        f"{whose.en} may have {most.en} {each.en} at most; {has.en} are booked {that.en},"
        f" and this takes {takes.en}",
    )


def rule(code: str, zh: str, en: str) -> Rule:
    """Return a rule with its sentence."""
    return {"code": code, "message": {"zh": zh, "en": en}}

"""What a package costs on one occasion, explained line by line."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from services.booking.domain.faults import Fault, fault
from services.booking.domain.shares import WHOLE, share

Text = Mapping[str, str]

BASE = {"zh": "套系价", "en": "Package price"}
FLOOR = {"zh": "价格不低于零", "en": "A price is never below zero"}

DAY_CODES = range(1, 10)
"""ISO weekdays, then 8 for a public holiday and 9 for a make-up work day (调休)."""


@dataclass(frozen=True)
class DateRange:
    """Dates from the first to the last, both included.

    Shapes:  of a yearly one only month and day count, and it may pass over the new year.
    """

    first: date
    last: date
    yearly: bool = False

    def contains(self, day: date) -> bool:
        if not self.yearly:
            return self.first <= day <= self.last
        first, last, at = (_in_year(each) for each in (self.first, self.last, day))
        return first <= at <= last if first <= last else at >= first or at <= last


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """What a price depends on.

    Shapes:  `starts` naive, by the branch's wall clock; `special` the code of its day, if any
             (8, 9); `services` the service or package and what else is booked with it; `levels`
             for every wished resource its skills with their levels.
    """

    starts: datetime
    branch_id: UUID
    services: Collection[UUID]
    special: int | None = None
    levels: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True, kw_only=True)
class Match:
    """When a rule holds: in every respect that it names; one that it does not name is left open.

    A public holiday or make-up work day is still its weekday, as everywhere in the calendar; an
    exclusive rule with a higher priority says otherwise.

    Shapes:  `from_time` and `to_time` wall-clock, half-open, over midnight when the second is not
             the later; both or none.
    """

    weekdays: frozenset[int] | None = None
    dates: tuple[DateRange, ...] | None = None
    branch_ids: frozenset[UUID] | None = None
    service_ids: frozenset[UUID] | None = None
    skill: str | None = None
    skill_levels: frozenset[int] | None = None
    from_time: time | None = None
    to_time: time | None = None

    def admits(self, occasion: Occasion) -> bool:
        """Tell whether an occasion is one that the rule is for."""
        return (
            self._admits_day(occasion)
            and self._admits_time(occasion.starts.time())
            and (self.branch_ids is None or occasion.branch_id in self.branch_ids)
            and (self.service_ids is None or not self.service_ids.isdisjoint(occasion.services))
            and (self.skill is None or any(self._admits_level(*each) for each in occasion.levels))
        )

    def _admits_day(self, occasion: Occasion) -> bool:
        day = occasion.starts.date()
        kinds = {day.isoweekday(), occasion.special}
        return (self.weekdays is None or not kinds.isdisjoint(self.weekdays)) and (
            self.dates is None or any(each.contains(day) for each in self.dates)
        )

    def _admits_time(self, at: time) -> bool:
        if self.from_time is None or self.to_time is None:
            return True
        if self.from_time < self.to_time:
            return self.from_time <= at < self.to_time
        return at >= self.from_time or at < self.to_time

    def _admits_level(self, skill: str, level: int) -> bool:
        return skill == self.skill and (self.skill_levels is None or level in self.skill_levels)


class Effect(StrEnum):
    """What a rule does: replace the price, add cents to it, or add a part of it."""

    SET = "set"
    ADD = "add"
    PERCENT = "percent"


@dataclass(frozen=True, kw_only=True)
class PriceRule:
    """One rule of the price calendar.

    Units:   `value` in cents; of a percentage in basis points. What is added may be negative.
    """

    id: UUID
    label: Text
    effect: Effect
    value: int
    match: Match = field(default_factory=Match)
    priority: int = 0
    exclusive: bool = False


@dataclass(frozen=True)
class QuoteLine:
    """One reason for a price; `rule` is None where no rule is the reason."""

    rule: UUID | None
    label: Text
    cents: int


@dataclass(frozen=True)
class Quote:
    """A price with its reasons: the lines add up to the total."""

    total_cents: int
    lines: tuple[QuoteLine, ...]


def price(base_cents: int, rules: Iterable[PriceRule], occasion: Occasion) -> Quote:
    """Return what a package costs on an occasion, and why.

    The rules that hold are taken by priority, the highest first, and an exclusive one is the last
    that is taken. Of those that set a price the first one counts. Percentages are parts of the
    price so set (of the base without one), never of each other; each is rounded to the nearest
    cent on its own. So the order of the rest changes the order of the lines, not the total.

    Units:   integer cents, `base_cents` ≥ 0; the total is never negative.
    """
    taken = _taken(rules, occasion)
    lines = [QuoteLine(None, BASE, base_cents)]
    level = base_cents
    for rule in [each for each in taken if each.effect is Effect.SET][:1]:
        level = rule.value
        lines.append(QuoteLine(rule.id, rule.label, level - base_cents))
    for rule in taken:
        if rule.effect is Effect.PERCENT:
            lines.append(QuoteLine(rule.id, rule.label, share(level, rule.value)))
        elif rule.effect is Effect.ADD:
            lines.append(QuoteLine(rule.id, rule.label, rule.value))
    total = sum(line.cents for line in lines)
    if total < 0:
        lines.append(QuoteLine(None, FLOOR, -total))
    return Quote(max(total, 0), tuple(lines))


def check_rules(rules: Sequence[PriceRule]) -> list[Fault]:
    """Return what is wrong with some rules; none is sound with an empty list."""
    faults = [
        found for position, rule in enumerate(rules) for found in _check(rule, f"/{position}")
    ]
    seen: set[UUID] = set()
    for position, rule in enumerate(rules):
        if rule.id in seen:
            faults.append(
                fault(f"/{position}/id", zh="规则编号重复", en="Two rules have the same id")
            )
        seen.add(rule.id)
    return faults


def _taken(rules: Iterable[PriceRule], occasion: Occasion) -> list[PriceRule]:
    taken: list[PriceRule] = []
    # Of equal priority an exclusive rule comes last: it ends the list, it does not outrank.
    for rule in sorted(rules, key=lambda each: (-each.priority, each.exclusive, each.id)):
        if rule.match.admits(occasion):
            taken.append(rule)
            if rule.exclusive:
                break
    return taken


def _in_year(day: date) -> tuple[int, int]:
    return day.month, day.day


def _check(rule: PriceRule, pointer: str) -> Iterable[Fault]:
    match = rule.match
    if rule.effect is Effect.SET and rule.value < 0:
        yield fault(f"{pointer}/value", zh="价格不能为负", en="A price must not be negative")
    if rule.effect is Effect.PERCENT and rule.value < -WHOLE:
        yield fault(
            f"{pointer}/value", zh="折扣不能超过 100%", en="A discount ends at the whole price"
        )
    for name in ("weekdays", "dates", "branch_ids", "service_ids", "skill_levels"):
        if getattr(match, name) is not None and not getattr(match, name):
            yield fault(
                f"{pointer}/match/{name}",
                zh="条件为空的规则永远不会生效",
                en="A rule with an empty condition never holds",
            )
    if match.weekdays and not match.weekdays <= set(DAY_CODES):
        yield fault(f"{pointer}/match/weekdays", zh="没有这样的日子", en="There is no such day")
    for position, each in enumerate(match.dates or ()):
        if not each.yearly and each.last < each.first:
            yield fault(
                f"{pointer}/match/dates/{position}",
                zh="结束日期不能早于开始日期",
                en="The last day must not lie before the first",
            )
    if (match.from_time is None) != (match.to_time is None):
        yield fault(
            f"{pointer}/match/to_time",
            zh="开始与结束时间须同时填写",
            en="A time of day needs both its ends",
        )
    if match.skill_levels is not None and match.skill is None:
        yield fault(
            f"{pointer}/match/skill", zh="请说明是哪项技能的级别", en="A level is one of a skill"
        )

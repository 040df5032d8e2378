"""What a rule of a roster must fulfil before anybody can work by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from services.contracts.errors import Invalid
from services.scheduling.domain.faults import invalid

DAY = 24 * 60
"""Minutes by the wall clock: the clocks may change, a roster does not know."""


@dataclass(frozen=True, order=True)
class Minutes:
    """Wall-clock hours, as minutes from the midnight of the date that they belong to."""

    begin: int
    end: int

    def overlaps(self, other: "Minutes") -> bool:
        return self.begin < other.end and other.begin < self.end

    def contains(self, other: "Minutes") -> bool:
        return self.begin <= other.begin and other.end <= self.end


def minutes(opens: time, closes: time) -> Minutes:
    """Return some hours in minutes; those that close at or before they open end the next day."""
    begin, end = _clock(opens), _clock(closes)
    return Minutes(begin, end if end > begin else end + DAY)


def breaks_of(work: Sequence[Minutes], breaks: Sequence[Minutes]) -> list[Minutes]:
    """Return breaks where they cut: one before all hours is in those that run past midnight."""
    begins = min((hours.begin for hours in work), default=0)
    return [
        Minutes(each.begin + DAY, each.end + DAY) if each.begin < begins else each
        for each in breaks
    ]


def check_rules(rules: Sequence[Mapping[str, Any]]) -> None:
    """Refuse rules by which nobody could work.

    Errors:  Invalid at the first field that is wrong: /rules/0/hours/1.
    """
    for position, rule in enumerate(rules):
        pointer = f"/rules/{position}"
        _check_dates(rule, pointer)
        _check_cycle(rule, pointer)
        work = _apart(rule["hours"], f"{pointer}/hours")
        rests = breaks_of(work, _apart(rule["breaks"], f"{pointer}/breaks"))
        _check_breaks(work, rests, f"{pointer}/breaks")


def _check_dates(rule: Mapping[str, Any], pointer: str) -> None:
    first, last = rule["first_day"], rule["last_day"]
    # A range ends before the date after its last; the last date of all has none.
    if last is not None and (last == date.max or (first is not None and last < first)):
        raise invalid(
            f"{pointer}/last_day",
            zh="结束日期不能早于开始日期",
            en="The last day must not lie before the first",
        )


def _check_cycle(rule: Mapping[str, Any], pointer: str) -> None:
    if rule["cycle_week"] >= rule["cycle_weeks"]:
        raise invalid(
            f"{pointer}/cycle_week",
            zh="轮班周次超出轮班周期，第一周为 0",
            en="The rotation has no such week; the first is 0",
        )


def _apart(hours: Sequence[Mapping[str, time]], pointer: str) -> list[Minutes]:
    found: list[Minutes] = []
    for position, each in enumerate(hours):
        span = minutes(each["opens"], each["closes"])
        if any(span.overlaps(other) for other in found):
            raise _overlapping(f"{pointer}/{position}")
        found.append(span)
    return found


def _overlapping(pointer: str) -> Invalid:
    return invalid(
        pointer, zh="同一规则内的时段不能重叠", en="The times of one rule must not overlap"
    )


def _check_breaks(work: Sequence[Minutes], rests: Sequence[Minutes], pointer: str) -> None:
    for position, rest in enumerate(rests):
        if not any(hours.contains(rest) for hours in work):
            raise invalid(
                f"{pointer}/{position}",
                zh="休息时间必须在工作时间之内",
                en="A break must lie within the hours",
            )


def _clock(at: time) -> int:
    return at.hour * 60 + at.minute

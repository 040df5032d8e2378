"""When which part of a price has to be paid, what of it is open, and when to remind of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import repeat
from types import MappingProxyType

from services.booking.domain.faults import Fault, fault
from services.booking.domain.shares import WHOLE, share

REMIND_AFTER_DAYS = (-3, 0, 1)
"""Days from the due date: one word before, one on the day, one when nothing came."""

AGAIN_AFTER_SERVICE = timedelta(days=3)
"""Who was asked on the spot, after the service, is left alone as long; a shorter time would ask
again on the next morning."""

ASKED_WITHIN = timedelta(days=7)
"""An older reminder is not told any more. A longer time would let a system that was away, or into
which old orders were imported, write to people about what is long past."""


class Part(StrEnum):
    """How a line's amount is said: in cents, as a part of the total, or what the others leave."""

    AMOUNT = "amount"
    PERCENT = "percent"
    REST = "rest"


class Anchor(StrEnum):
    """From which day a due date is counted."""

    BOOKING = "booking"
    START = "start"
    EVENT = "event"


class Event(StrEnum):
    """What a due date may be counted from besides the booking and the appointment's day.

    Only what the system itself notes: a part that waited for anything else would never be due.
    """

    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    COMPLETED = "completed"


class Stage(StrEnum):
    """Where a reminder stands to its due date, or that it was told right after the service."""

    BEFORE = "before"
    DUE = "due"
    OVERDUE = "overdue"
    SERVED = "served"


@dataclass(frozen=True, kw_only=True)
class PartRule:
    """One part of a payment schedule as it is agreed.

    Shapes:  `kind` as payments have them: earnest, advance, balance, …; `days` after the anchor,
             negative before it; `event` says which Event the third anchor is.
    Units:   `value` in cents, or in basis points of the total; a rest has none.
    """

    kind: str
    part: Part
    value: int = 0
    anchor: Anchor = Anchor.BOOKING
    days: int = 0
    event: str | None = None


Served = Mapping[tuple[str, date | None], date]
"""On which days lines, known by their kind and due date, were asked for right after the service."""

NOT_SERVED: Served = MappingProxyType({})

EVENT_UNKNOWN = "schedule.event_unknown"
"""The code of a part that waits for what is never noted."""

WHOLE_AT_START = (PartRule(kind="balance", part=Part.REST, anchor=Anchor.START),)
"""What is agreed when nothing is."""


@dataclass(frozen=True)
class Due:
    """One line of a payment schedule; what is paid of it is counted, oldest line first.

    Shapes:  `on` is None until its event has happened or its appointment has a date.
    """

    kind: str
    cents: int
    on: date | None
    paid_cents: int = 0

    @property
    def open_cents(self) -> int:
        return self.cents - self.paid_cents


@dataclass(frozen=True)
class Reminder:
    """A day on which a payment is asked for."""

    on: date
    stage: Stage
    line: Due


def plan(
    rules: Sequence[PartRule],
    total_cents: int,
    *,
    booked_on: date,
    starts_on: date | None,
    events: Mapping[str, date] | None = None,
) -> tuple[Due, ...]:
    """Return the lines of a schedule, the first due first; they add up to the total.

    Parts are taken in their order until the total is used up; the rest, or the last part without
    one, takes what the others leave. A part that comes to nothing is left out. Nothing is due
    before the day of the booking. Without any rule the whole is due on the day of the service.

    Units:   integer cents, `total_cents` ≥ 0; dates on the branch's calendar.
    """
    agreed = rules or WHOLE_AT_START
    lines = []
    for rule, cents in zip(agreed, _amounts(agreed, total_cents), strict=True):
        anchors = {
            Anchor.BOOKING: booked_on,
            Anchor.START: starts_on,
            Anchor.EVENT: (events or {}).get(rule.event or ""),
        }
        day = anchors[rule.anchor]
        on = day and max(day + timedelta(days=rule.days), booked_on)
        if cents:
            lines.append(Due(rule.kind, cents, on))
    return tuple(sorted(lines, key=_age))


def settle(lines: Iterable[Due], paid_cents: int) -> tuple[Due, ...]:
    """Return the lines with what is paid of each: money goes to the oldest open line first."""
    left = max(paid_cents, 0)
    settled = []
    for line in sorted(lines, key=_age):
        settled.append(replace(line, paid_cents=min(line.cents, left)))
        left -= settled[-1].paid_cents
    return tuple(settled)


def reminders(
    lines: Iterable[Due],
    paid_cents: int,
    after_days: Iterable[int] = REMIND_AFTER_DAYS,
    *,
    served: Served = NOT_SERVED,
) -> tuple[Reminder, ...]:
    """Return when to ask for what is open, the earliest first; lines without a date have none.

    What is of one kind and due on one day is asked for as one. What was asked for right after the
    service is asked for once more, some days later.
    """
    offsets = sorted(set(after_days))
    found: list[Reminder] = []
    for line in _open(lines, paid_cents):
        served_on = served.get((line.kind, line.on))
        if served_on is not None:
            found.append(Reminder(served_on + AGAIN_AFTER_SERVICE, Stage.OVERDUE, line))
        elif line.on is not None:
            days = [line.on + timedelta(days=offset) for offset in offsets]
            found += map(Reminder, days, map(_stage, offsets), repeat(line))
    return tuple(sorted(found, key=lambda each: each.on))


def to_ask(
    lines: Iterable[Due],
    paid_cents: int,
    *,
    certain_on: date,
    today: date,
    served: Served = NOT_SERVED,
) -> tuple[Reminder, ...]:
    """Return what is asked for today: of each line the newest reminder whose day has come.

    Who has just booked, and read what is due when, is not reminded of it on the same day.
    """
    since = max(certain_on, today - ASKED_WITHIN)
    newest = {
        (each.line.kind, each.line.on): each
        for each in reminders(lines, paid_cents, served=served)
        if since < each.on <= today
    }
    return tuple(newest.values())


def after_service(lines: Iterable[Due], paid_cents: int, today: date) -> tuple[Reminder, ...]:
    """Return what is asked for right after the service: what is open and due by that day.

    A part that was agreed for a later day is asked for when that comes.
    """
    return tuple(
        Reminder(today, Stage.SERVED, line)
        for line in _open(lines, paid_cents)
        if line.on is not None and line.on <= today
    )


def next_asking(
    lines: Iterable[Due], paid_cents: int, today: date, *, served: Served = NOT_SERVED
) -> date | None:
    """Return the next day after today on which something is asked for."""
    asked = reminders(lines, paid_cents, served=served)
    return next((each.on for each in asked if each.on > today), None)


def check_plan(rules: Sequence[PartRule]) -> list[Fault]:
    """Return what is wrong with a schedule; an empty one is sound."""
    of_lines = (_check(rule, f"/{position}") for position, rule in enumerate(rules))
    return [found for each in of_lines for found in each] + list(_check_sum(rules))


def _amounts(rules: Sequence[PartRule], total_cents: int) -> list[int]:
    left = total_cents
    amounts = []
    for rule in rules:
        wanted = share(total_cents, rule.value) if rule.part is Part.PERCENT else rule.value
        amounts.append(0 if rule.part is Part.REST else min(wanted, left))
        left -= amounts[-1]
    rests = [position for position, rule in enumerate(rules) if rule.part is Part.REST]
    amounts[rests[0] if rests else -1] += left
    return amounts


def _open(lines: Iterable[Due], paid_cents: int) -> Iterable[Due]:
    return (line for line in settle(_joined(lines), paid_cents) if line.open_cents)


def _joined(lines: Iterable[Due]) -> Iterable[Due]:
    joined: dict[tuple[str, date | None], Due] = {}
    for line in lines:
        key = line.kind, line.on
        more = joined[key].cents if key in joined else 0
        joined[key] = replace(line, cents=line.cents + more)
    return joined.values()


def _age(line: Due) -> date:
    return line.on or date.max


def _stage(offset: int) -> Stage:
    if offset < 0:
        return Stage.BEFORE
    return Stage.OVERDUE if offset else Stage.DUE


def _check(rule: PartRule, pointer: str) -> Iterable[Fault]:
    if rule.part is not Part.REST and rule.value <= 0:
        yield fault(f"{pointer}/value", zh="金额须大于零", en="An amount must be more than nothing")
    if (rule.anchor is Anchor.EVENT) != (rule.event is not None):
        yield fault(f"{pointer}/event", zh="请说明到期的环节", en="Say what this payment waits for")
    elif rule.event is not None and rule.event not in set(Event):
        yield fault(
            f"{pointer}/event",
            zh="系统不记录这一环节，这笔款将永远不会到期",
            en="Nothing notes when that happens, so this payment would never be due",
            code=EVENT_UNKNOWN,
        )
    if rule.anchor is Anchor.BOOKING and rule.days < 0:
        yield fault(
            f"{pointer}/days",
            zh="到期日不能早于下单日",
            en="Nothing is due before the day of the booking",
        )


def _check_sum(rules: Sequence[PartRule]) -> Iterable[Fault]:
    if sum(rule.value for rule in rules if rule.part is Part.PERCENT) > WHOLE:
        yield fault("", zh="比例之和超过 100%", en="The shares are more than the whole")
    if sum(rule.part is Part.REST for rule in rules) != 1 and rules:
        yield fault("", zh="须有且只有一期为尾款余额", en="Exactly one line must take what is left")

"""The question after free time, and how statements are given it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.scheduling.domain.lines import Line, demands, turns
from services.scheduling.queries.prepared import as_json, as_numbers, as_uuids

MINUTES_OF_DAY = 24 * 60


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked about free time: local dates of starts, both included.

    Shapes:  `also` services that follow in the same booking; the terms and `lines` are those of
             all; `weekdays` null for all; `quotas` those that may apply; `ignored` a booking that
             is to be moved.
    """

    service_id: UUID
    branch_id: UUID
    zone: str
    lines: Sequence[Line]
    step_minutes: int
    notice_minutes: int
    horizon_days: int
    weekdays: Collection[int] | None
    duration_minutes: int
    places: int
    first_day: date
    last_day: date
    also: Sequence[UUID] = ()
    wished: Collection[UUID] = ()
    quotas: Sequence[dict[str, Any]] = field(default_factory=list)
    customer_key: str | None = None
    ignored: UUID | None = None

    def parameters(self, now: datetime) -> dict[str, Any]:
        """Return what every statement here takes."""
        before, after = self._reach()
        turn = turns(self.lines)
        return {
            "service_id": str(self.service_id),
            "also": as_uuids(self.also),
            "step": self.step_minutes,
            "notice": self.notice_minutes,
            "horizon": self.horizon_days,
            "weekdays": as_numbers(self.weekdays),
            "duration": self.duration_minutes,
            "places": self.places,
            "branch_id": str(self.branch_id),
            "from": self.first_day,
            "to": self.last_day,
            "wished": as_uuids(self.wished),
            "lines": as_json([_line(line, turn[line.key]) for line in self.lines]),
            "demands": as_json(_demands(self.lines)),
            "quotas": as_json(list(self.quotas)),
            "customer_key": self.customer_key,
            "ignored": self.ignored and str(self.ignored),
            "lead": f"{before} minutes",
            "tail": f"{after} minutes",
            "now": now,
        }

    def _reach(self) -> tuple[int, int]:
        """Return the minutes from a start to the first and the last that any line could lock."""
        days = MINUTES_OF_DAY + 60 if any(line.whole_days for line in self.lines) else 0
        starts = [line.offset_minutes - line.buffer_before_minutes for line in self.lines]
        ends = [
            line.offset_minutes + line.length_minutes + line.buffer_after_minutes
            for line in self.lines
        ]
        return min(0, *starts) - days, max(self.duration_minutes, *ends) + days


def _line(line: Line, turn: int) -> dict[str, Any]:
    return {
        "key": line.key,
        "turn": turn,
        "resource_type": line.resource_type,
        "minutes": line.length_minutes,
        "begins": f"{line.offset_minutes} minutes",
        "ends": f"{line.offset_minutes + line.length_minutes} minutes",
        "before": f"{line.buffer_before_minutes} minutes",
        "after": f"{line.buffer_after_minutes} minutes",
        "whole_days": line.whole_days,
        "shared": line.shared,
        "pool_id": line.pool_id and str(line.pool_id),
        "skills": dict(line.skills),
        "attributes": dict(line.attributes),
    }


def _demands(lines: Sequence[Line]) -> list[dict[str, Any]]:
    shared = {line.key for line in lines if line.shared}
    return [
        {
            "id": number,
            "keys": demand.keys,
            "quantity": demand.quantity,
            "shared": shared.issuperset(demand.keys),
        }
        for number, demand in enumerate(demands(lines))
    ]

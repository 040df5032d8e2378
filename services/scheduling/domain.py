"""The rules of time: spans, the states of a hold, who serves a booking; pure."""

import enum
import functools
import zoneinfo
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.contracts.errors import Invalid

MAX_ALTERNATIVES = 5
ALTERNATIVES_WITHIN = timedelta(days=3)
"""Who cannot have a time looks at the days around it; further away the calendar serves better."""

MAX_HORIZON = timedelta(days=732)
"""Nobody may book later than this, whatever a service says; further away lie the ends of the
calendar, where local dates overflow."""

TYPE_NAMES: Mapping[str, Mapping[str, str]] = {
    "photographer": {"zh": "摄影师", "en": "Photographer"},
    "makeup_artist": {"zh": "化妆师", "en": "Make-up artist"},
    "assistant": {"zh": "助理", "en": "Assistant"},
    "retoucher": {"zh": "修片师", "en": "Retoucher"},
    "studio_room": {"zh": "影棚", "en": "Studio room"},
    "location": {"zh": "外景地", "en": "Location"},
    "garment": {"zh": "礼服", "en": "Garment"},
    "prop": {"zh": "道具", "en": "Prop"},
    "vehicle": {"zh": "车辆", "en": "Vehicle"},
}
"""What a person calls each type of resource, in the order in which a calendar shows them."""


@dataclass(frozen=True)
class Span:
    """A half-open interval [start, end) of aware instants."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a span needs aware instants")
        if self.end <= self.start:
            raise ValueError("a span ends after it starts")


class HoldState(enum.StrEnum):
    """What has become of a booking's time."""

    HELD = "held"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    RELEASED = "released"


TRANSITIONS: Mapping[HoldState, Collection[HoldState]] = {
    HoldState.HELD: {HoldState.CONFIRMED, HoldState.EXPIRED, HoldState.RELEASED},
    HoldState.CONFIRMED: {HoldState.RELEASED},
    # A payment that arrives late takes the time again; a cancelled booking never does.
    HoldState.EXPIRED: {HoldState.CONFIRMED, HoldState.RELEASED},
    HoldState.RELEASED: set(),
}


class IllegalTransitionError(Exception):
    """Bug: a use case let a hold go where the table has no way."""


def advance(state: str, to: HoldState) -> HoldState:
    """Return the new state of a hold.

    Errors:  IllegalTransitionError when the table has no such transition.
    """
    if to not in TRANSITIONS[HoldState(state)]:
        raise IllegalTransitionError(f"{state} → {to}")
    return to


def has_expired(state: str, expires_at: datetime | None, now: datetime) -> bool:
    """Tell whether a hold's end has passed, whether or not anybody has swept it away yet."""
    if state == HoldState.HELD:
        return expires_at is None or expires_at <= now
    return state == HoldState.EXPIRED


@dataclass(frozen=True)
class Role:
    """How many resources of one type a service needs, for which part of it."""

    resource_type: str
    quantity: int
    offset_minutes: int
    length_minutes: int
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0

    def serving(self, start: datetime) -> Span:
        """Return when this role works in a booking that starts then."""
        begin = start.astimezone(UTC) + timedelta(minutes=self.offset_minutes)
        return Span(begin, begin + timedelta(minutes=self.length_minutes))

    def during(self, start: datetime) -> Span:
        """Return what is locked for it: the work and its buffers."""
        work = self.serving(start)
        return Span(
            work.start - timedelta(minutes=self.buffer_before_minutes),
            work.end + timedelta(minutes=self.buffer_after_minutes),
        )


def duration_minutes(roles: Iterable[Role]) -> int:
    """Return how long a booking lasts: until the last role has done its work."""
    return max(role.offset_minutes + role.length_minutes for role in roles)


def end_of(roles: Iterable[Role], start: datetime) -> datetime:
    """Return when a booking that starts then ends."""
    return start.astimezone(UTC) + timedelta(minutes=duration_minutes(roles))


@dataclass(frozen=True)
class Candidate:
    """One resource that could serve a role at one start.

    Shapes:  `rostered` it works then; `free` and nobody has it; `overdue` the bookings whose
             holds have expired but still lie in the way.
    Units:   load_minutes: what it serves in the local week of the start.
    """

    resource_id: UUID
    resource_type: str
    name: str
    rostered: bool
    free: bool
    overdue: tuple[UUID, ...]
    load_minutes: int


def choose(
    roles: Sequence[Role],
    candidates: Sequence[Candidate],
    *,
    wished: Collection[UUID],
    preferred: Collection[UUID] = (),
) -> list[Candidate] | None:
    """Choose who serves, or return None when a role cannot be filled.

    The order is the same for everybody: wished, then preferred, then who has least to do that
    week, then by name.
    """
    chosen: list[Candidate] = []
    for role in roles:
        able = sorted(
            (c for c in candidates if c.resource_type == role.resource_type),
            key=lambda c: (
                c.resource_id not in wished,
                c.resource_id not in preferred,
                c.load_minutes,
                c.name,
                c.resource_id,
            ),
        )
        if len(able) < role.quantity:
            return None
        chosen += able[: role.quantity]
    if not set(wished) <= {c.resource_id for c in chosen}:
        return None
    return sorted(chosen, key=lambda c: c.resource_id)


def nearest(slots: Iterable[dict[str, Any]], start: datetime) -> list[dict[str, Any]]:
    """Return the slots closest to a start, nearest first; of two as near the earlier first."""

    def distance(slot: dict[str, Any]) -> tuple[timedelta, datetime]:
        begin = datetime.fromisoformat(slot["start"])
        return abs(begin - start), begin

    return sorted(slots, key=distance)[:MAX_ALTERNATIVES]


@functools.cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def check_zone(name: str) -> None:
    """Refuse a time zone that IANA does not know.

    Errors:  Invalid at /timezone.
    """
    if name not in _zones():
        raise invalid("/timezone", zh="没有这个时区", en=f"There is no time zone {name!r}")


def check_roles(roles: Sequence[Role]) -> None:
    """Refuse a service with two lines of one resource type.

    Errors:  Invalid at the second line.
    """
    seen: set[str] = set()
    for position, role in enumerate(roles):
        if role.resource_type in seen:
            raise invalid(
                f"/roles/{position}/resource_type",
                zh="每种资源只能有一行",
                en="There is already a line for this type of resource",
            )
        seen.add(role.resource_type)


def invalid(pointer: str, *, zh: str, en: str) -> Invalid:
    """Return the error of one faulty field."""
    message = {"zh": zh, "en": en}
    return Invalid(errors=[{"pointer": pointer, "code": "field.invalid", "message": message}])


def local_date(instant: datetime, zone: str) -> date:
    """Return the date on which an instant falls at a branch."""
    return instant.astimezone(zoneinfo.ZoneInfo(zone)).date()

"""A studio for tests: one branch, one service, who works there, and the verbs with defaults."""

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range

from services.chassis.db import OUTBOX, UnitOfWork
from services.contracts import scheduling as contract
from services.scheduling.models import Allocation, FreedTime, Leave
from services.scheduling.usecases import (
    branches,
    calendar,
    expiry,
    holds,
    pools,
    quotas,
    requirements,
    resource_types,
    resources,
    slots,
)

NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)
"""A Tuesday, nine o'clock in Shanghai."""

DAY = date(2026, 11, 25)
EVERY_DAY = range(1, 8)

Week = list[dict[str, Any]]


def words(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def week(opens: str, closes: str, days: Sequence[int] = EVERY_DAY) -> Week:
    """Return the same hours for some weekdays."""
    return [
        {
            "weekday": day,
            "opens": time.fromisoformat(opens),
            "closes": time.fromisoformat(closes),
        }
        for day in days
    ]


def role(resource_type: str = "photographer", **values: Any) -> dict[str, Any]:
    """Return a role line: one of the type, for an hour, without buffers, by the type's name."""
    return {
        "key": None,
        "name": None,
        "resource_type": resource_type,
        "quantity": 1,
        "offset_minutes": 0,
        "length_minutes": 60,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 0,
        "whole_days": False,
        "optional": False,
        "shared": False,
        "pool_id": None,
        "skills": {},
        "attributes": {},
        **values,
    }


@dataclass
class Studio:
    """A branch with one service; `resources` finds ids by name: photographer-1, photographer-2.

    Shapes:  `crew` how many of which type; `capacity` units of each resource, by type.
    """

    uow: UnitOfWork
    zone: str = "Asia/Shanghai"
    hours: Week = field(default_factory=lambda: week("09:00", "18:00"))
    roster: Week | None = None
    crew: Mapping[str, int] = field(default_factory=lambda: {"photographer": 1})
    roles: Sequence[dict[str, Any]] = field(default_factory=lambda: [role()])
    step: int = 60
    notice: int = 0
    horizon: int = 92
    ttl: int = 900
    places: int = 1
    capacity: Mapping[str, int] = field(default_factory=dict)
    holiday_calendar: str | None = None
    resources: dict[str, UUID] = field(default_factory=dict)
    pools: dict[str, UUID] = field(default_factory=dict)
    branch_id: UUID = field(default_factory=uuid4)
    service_id: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        self.define_branch()
        for resource_type, count in self.crew.items():
            for number in range(1, count + 1):
                self.add_resource(f"{resource_type}-{number}", resource_type)
        self.define_service()
        with self.uow.begin() as tx:  # nobody waits for, or hears of, a studio that only opens
            tx.session.execute(sa.delete(FreedTime).filter_by(branch_id=self.branch_id))
            tx.session.execute(sa.delete(OUTBOX).where(OUTBOX.c.subject.in_(self._ids())))

    def _ids(self) -> list[str]:
        return [str(id) for id in (self.branch_id, *self.resources.values())]

    def define_branch(self, **values: Any) -> dict[str, Any]:
        branch = {
            "id": self.branch_id,
            "name": words("外滩店"),
            "address": words("中山东一路 1 号"),
            "phone": "021-5555 0100",
            "timezone": self.zone,
            "holiday_calendar": self.holiday_calendar,
            "open_on_holidays": True,
            "travel_minutes": 0,
            "hours": self.hours,
        }
        return branches.define_branch(uow=self.uow, now=NOW, **{**branch, **values})

    def add_resource(self, name: str, resource_type: str, /, **values: Any) -> UUID:
        """Add somebody or something, with the skills that it takes."""
        for skill in values.get("skills", {}):
            resource_types.define_skill(uow=self.uow, id=skill, name=words(skill))
        resource = {
            "id": uuid4(),
            "branch_id": self.branch_id,
            "resource_type": resource_type,
            "name": words(name),
            "level": None,
            "bookable_by_name": True,
            "capacity": self.capacity.get(resource_type, 1),
            "attributes": {},
            "skills": {},
            "mobile": False,
            "travel_minutes": 0,
            "active": True,
            "roster": self.hours if self.roster is None else self.roster,
        }
        defined = resources.define_resource(uow=self.uow, now=NOW, **{**resource, **values})
        self.resources[name] = defined["id"]
        return self.resources[name]

    def change_resource(self, name: str, /, **values: Any) -> dict[str, Any]:
        """Define a resource again with some other values; its roster stays unless one is given."""
        known = resources.get_resource(uow=self.uow, id=self.resources[name])
        return resources.define_resource(
            uow=self.uow, now=NOW, **{**known, "roster": None, **values}
        )

    def add_pool(self, name: str, members: Sequence[str] = (), inner: Sequence[str] = ()) -> UUID:
        """Add a pool of resources and other pools, or change it, by their names."""
        self.pools.setdefault(name, uuid4())
        pools.define_pool(
            uow=self.uow,
            id=self.pools[name],
            name=words(name),
            resource_ids=self.ids(members),
            pool_ids=[self.pools[each] for each in inner],
        )
        return self.pools[name]

    def add_quota(self, maximum: int, per: str = "service", **values: Any) -> UUID:
        """Limit what may start: bookings of a day, unless something else is said."""
        quota = {
            "id": uuid4(),
            "per": per,
            "unit": "count",
            "period": "day",
            "maximum": maximum,
            "weekdays": None,
            "resource_id": None,
            "resource_type": None,
            "service_id": None,
            "branch_id": None,
        }
        id: UUID = quotas.define_quota(uow=self.uow, **{**quota, **values})["id"]
        return id

    def define_service(self, **values: Any) -> dict[str, Any]:
        requirement = {
            "service_id": self.service_id,
            "branch_ids": [self.branch_id],
            "slot_step_minutes": self.step,
            "minimum_notice_minutes": self.notice,
            "horizon_days": self.horizon,
            "duration_minutes": None,
            "places": self.places,
            "weekdays": None,
            "day_parts": [],
            "waitlist_mode": "offer",
            "waitlist_offer_minutes": 30,
            "roles": self.roles,
        }
        return requirements.define_requirement(uow=self.uow, **{**requirement, **values})

    def at(self, clock: str, day: date = DAY) -> datetime:
        """Return an instant by the branch's wall clock."""
        local = datetime.combine(day, time.fromisoformat(clock), ZoneInfo(self.zone))
        return local.astimezone(UTC)

    def close(self, first: date, last: date) -> None:
        """Close the branch on some local dates, both included."""
        branches.define_closure(
            uow=self.uow,
            now=NOW,
            id=uuid4(),
            branch_id=self.branch_id,
            first_day=first,
            last_day=last,
            reason="春节",
        )

    def send_on_leave(self, name: str, start: datetime, end: datetime) -> None:
        with self.uow.begin() as tx:
            during = Range(start, end, bounds="[)")
            resource_id = self.resources[name]
            leave = {"resource_id": resource_id, "during": during, "reason": "年假"}
            tx.session.add(Leave(id=uuid4(), state="approved", **leave))

    def block(self, name: str, start: datetime, end: datetime) -> None:
        """Lock a resource's time without a booking."""
        with self.uow.begin() as tx:
            during = Range(start, end, bounds="[)")
            tx.session.add(
                Allocation(
                    id=uuid4(),
                    resource_id=self.resources[name],
                    resource_type=name.rsplit("-", 1)[0],
                    during=during,
                    serving=during,
                    state="blocked",
                )
            )

    # --- the verbs

    def slots(
        self,
        first: date = DAY,
        last: date | None = None,
        *,
        now: datetime = NOW,
        wished: Sequence[str] = (),
        **wishes: Any,
    ) -> list[dict[str, Any]]:
        """Return the slots of some days (of one, when no last day is given)."""
        answer = self.availability(first, last, now=now, wished=wished, **wishes)
        assert answer["timezone"] == self.zone
        assert contract.FIND_SLOTS.response.validate(answer) == {}
        found: list[dict[str, Any]] = answer["slots"]
        return found

    def availability(
        self,
        first: date = DAY,
        last: date | None = None,
        *,
        now: datetime = NOW,
        wished: Sequence[str] = (),
        **wishes: Any,
    ) -> dict[str, Any]:
        return slots.find_slots(
            uow=self.uow,
            now=now,
            service_id=self.service_id,
            branch_id=self.branch_id,
            from_=first,
            to=last or first,
            resource_ids=self.ids(wished),
            **wishes,
        )

    def starts(self, first: date = DAY, last: date | None = None, **options: Any) -> list[str]:
        """Return the wall-clock times of the slots."""
        return [slot["start"][11:16] for slot in self.slots(first, last, **options)]

    def remaining(self, **options: Any) -> dict[str, int]:
        """Return how many bookings fit at each wall-clock time of the day."""
        return {slot["start"][11:16]: slot["remaining"] for slot in self.slots(**options)}

    def hold(
        self,
        start: datetime | str = "10:00",
        *,
        booking_id: UUID | None = None,
        now: datetime = NOW,
        wished: Sequence[str] = (),
        **values: Any,
    ) -> dict[str, Any]:
        request = {
            "booking_id": booking_id or uuid4(),
            "service_id": self.service_id,
            "branch_id": self.branch_id,
            "start": self.at(start) if isinstance(start, str) else start,
            "resource_ids": self.ids(wished),
        }
        answer = holds.hold(uow=self.uow, now=now, ttl_seconds=self.ttl, **{**request, **values})
        return checked(answer, contract.HOLD)

    def extend(self, booking_id: UUID, now: datetime = NOW) -> dict[str, Any]:
        answer = holds.extend_hold(
            uow=self.uow, now=now, extension_seconds=900, booking_id=booking_id
        )
        return checked(answer, contract.EXTEND_HOLD)

    def confirm(self, booking_id: UUID, now: datetime = NOW) -> dict[str, Any]:
        answer = holds.confirm(uow=self.uow, now=now, booking_id=booking_id)
        return checked(answer, contract.CONFIRM)

    def reschedule(
        self, booking_id: UUID, start: datetime | str, now: datetime = NOW
    ) -> dict[str, Any]:
        instant = self.at(start) if isinstance(start, str) else start
        answer = holds.reschedule(uow=self.uow, now=now, booking_id=booking_id, start=instant)
        return checked(answer, contract.RESCHEDULE)

    def release(self, booking_id: UUID) -> bool:
        return bool(holds.release(uow=self.uow, booking_id=booking_id)["released"])

    def expire(self, booking_id: UUID) -> bool:
        return bool(expiry.expire_hold(uow=self.uow, booking_id=booking_id)["released"])

    def sweep(self, now: datetime) -> int:
        return expiry.sweep(uow=self.uow, now=now)

    def calendar(
        self, first: date = DAY, last: date | None = None, *, now: datetime = NOW
    ) -> dict[str, Any]:
        answer = calendar.calendar(
            uow=self.uow, now=now, branch_id=self.branch_id, from_=first, to=last or first
        )
        assert contract.CALENDAR.response.validate(answer) == {}
        return answer

    # --- what is on record

    def ids(self, names: Sequence[str]) -> list[UUID]:
        return [self.resources[name] for name in names]

    def names(self, hold: Mapping[str, Any]) -> list[str]:
        """Return who serves a hold."""
        return [member["name"]["zh"] for member in hold["crew"]]

    def events(self) -> list[str]:
        """Return the types of the events told so far, in order."""
        return [envelope["type"] for envelope in self.envelopes()]

    def envelopes(self) -> list[dict[str, Any]]:
        with self.uow.read() as session:
            return list(session.scalars(sa.select(OUTBOX.c.envelope).order_by(OUTBOX.c.id)))

    def overlaps(self) -> int:
        """Count the pairs of active allocations that have one unit of a resource at one time."""
        with self.uow.read() as session:
            rows = session.execute(
                sa.select(Allocation.resource_id, Allocation.during, Allocation.units).where(
                    Allocation.state != "released", ~Allocation.forced
                )
            ).all()
        return sum(
            a.resource_id == b.resource_id
            and a.during.overlaps(b.during)
            and a.units.overlaps(b.units)
            for a, b in itertools.combinations(rows, 2)
        )

    def active_allocations(self) -> int:
        with self.uow.read() as session:
            return (
                session.scalar(sa.select(sa.func.count()).where(Allocation.state != "released"))
                or 0
            )


def checked(answer: dict[str, Any], rpc: Any) -> dict[str, Any]:
    """Return a hold as its caller reads it, after a way over the wire."""
    loaded: dict[str, Any] = rpc.response.load(json.loads(json.dumps(rpc.encode(answer))))
    return loaded

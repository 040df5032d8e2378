"""A studio for tests: one branch, one service, who works there, and the verbs with defaults."""

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range

from services.chassis.db import OUTBOX, UnitOfWork
from services.contracts import scheduling as contract
from services.scheduling.models import Allocation, Closure, Leave
from services.scheduling.usecases import branches, calendar, expiry, holds, slots

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
    """Return a role line: one of the type, for an hour, without buffers."""
    return {
        "resource_type": resource_type,
        "quantity": 1,
        "offset_minutes": 0,
        "length_minutes": 60,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 0,
        **values,
    }


@dataclass
class Studio:
    """A branch with one service; `resources` finds ids by name: photographer-1, photographer-2."""

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
    resources: dict[str, UUID] = field(default_factory=dict)
    branch_id: UUID = field(default_factory=uuid4)
    service_id: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        self.define_branch()
        for resource_type, count in self.crew.items():
            for number in range(1, count + 1):
                self.add_resource(f"{resource_type}-{number}", resource_type)
        self.define_service()

    def define_branch(self, **values: Any) -> dict[str, Any]:
        branch = {
            "id": self.branch_id,
            "name": words("外滩店"),
            "address": words("中山东一路 1 号"),
            "phone": "021-5555 0100",
            "timezone": self.zone,
            "hours": self.hours,
        }
        return branches.define_branch(uow=self.uow, **{**branch, **values})

    def add_resource(self, name: str, resource_type: str, **values: Any) -> UUID:
        resource = {
            "id": uuid4(),
            "branch_id": self.branch_id,
            "resource_type": resource_type,
            "name": words(name),
            "level": None,
            "bookable_by_name": True,
            "roster": self.hours if self.roster is None else self.roster,
        }
        self.resources[name] = branches.define_resource(uow=self.uow, **{**resource, **values})[
            "id"
        ]
        return self.resources[name]

    def define_service(self, **values: Any) -> dict[str, Any]:
        requirement = {
            "service_id": self.service_id,
            "branch_ids": [self.branch_id],
            "slot_step_minutes": self.step,
            "minimum_notice_minutes": self.notice,
            "horizon_days": self.horizon,
            "roles": self.roles,
        }
        return branches.define_requirement(uow=self.uow, **{**requirement, **values})

    def at(self, clock: str, day: date = DAY) -> datetime:
        """Return an instant by the branch's wall clock."""
        local = datetime.combine(day, time.fromisoformat(clock), ZoneInfo(self.zone))
        return local.astimezone(UTC)

    def close(self, first: date, last: date) -> None:
        """Close the branch on some local dates, both included."""
        with self.uow.begin() as tx:
            days = Range(first, last + timedelta(days=1), bounds="[)")
            tx.session.add(Closure(id=uuid4(), branch_id=self.branch_id, days=days, reason="春节"))

    def send_on_leave(self, name: str, start: datetime, end: datetime) -> None:
        with self.uow.begin() as tx:
            during = Range(start, end, bounds="[)")
            resource_id = self.resources[name]
            tx.session.add(Leave(id=uuid4(), resource_id=resource_id, during=during, reason="年假"))

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
    ) -> list[dict[str, Any]]:
        """Return the slots of some days (of one, when no last day is given)."""
        answer = slots.find_slots(
            uow=self.uow,
            now=now,
            service_id=self.service_id,
            branch_id=self.branch_id,
            from_=first,
            to=last or first,
            resource_ids=self.ids(wished),
        )
        assert answer["timezone"] == self.zone
        assert contract.FIND_SLOTS.response.validate(answer) == {}
        found: list[dict[str, Any]] = answer["slots"]
        return found

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
        """Count the pairs of active allocations of one resource that overlap."""
        with self.uow.read() as session:
            rows = session.execute(
                sa.select(Allocation.resource_id, Allocation.during).where(
                    Allocation.state != "released"
                )
            ).all()
        return sum(
            a.resource_id == b.resource_id and a.during.overlaps(b.during)
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

"""Branches, people and bookings as rows, and the verbs of rosters and leave with defaults."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range

from services.chassis.context import Context
from services.chassis.db import OUTBOX, UnitOfWork
from services.contracts import scheduling as contract
from services.scheduling.models import (
    Allocation,
    Branch,
    Closure,
    FreedTime,
    Hold,
    Requirement,
    Resource,
)
from services.scheduling.usecases import leave, rosters

NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)
"""A Tuesday, nine o'clock in Shanghai."""

DAY = date(2026, 11, 25)
EVERY_DAY = tuple(range(1, 8))
STAFF = "01a20000-0000-7000-8000-000000000070"


def words(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def hours(*spans: str) -> list[dict[str, time]]:
    """Return hours written as 09:00-18:00."""
    return [
        {"opens": time.fromisoformat(opens), "closes": time.fromisoformat(closes)}
        for opens, closes in (span.split("-") for span in spans)
    ]


def instant(clock: str, day: date = DAY, zone: str = "Asia/Shanghai") -> datetime:
    """Return an instant by a branch's wall clock."""
    local = datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone))
    return local.astimezone(UTC)


@dataclass
class House:
    """A studio with branches 一 and 二, in which 林晨 (photographer) is at home at 一."""

    uow: UnitOfWork
    branches: dict[str, UUID] = field(default_factory=dict)
    calendars: dict[str, str] = field(default_factory=dict)
    resources: dict[str, UUID] = field(default_factory=dict)
    service_id: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        self.uow = as_staff(self.uow)
        with self.uow.begin() as tx:
            tx.session.add(
                Requirement(
                    service_id=self.service_id,
                    slot_step_minutes=60,
                    minimum_notice_minutes=0,
                    horizon_days=92,
                    duration_minutes=60,
                )
            )
        self.add_branch("一")
        self.add_branch("二")
        self.add_resource("林晨")

    def add_branch(self, name: str, **values: Any) -> UUID:
        branch = {
            "id": uuid4(),
            "name": words(name),
            "address": words("中山东一路 1 号"),
            "phone": "021-5555 0100",
            "timezone": "Asia/Shanghai",
            "travel_minutes": 30,
            **values,
        }
        with self.uow.begin() as tx:
            tx.session.add(Branch(**branch))
        self.branches[name] = branch["id"]
        self.calendars[name] = branch.get("holiday_calendar", "")
        return self.branches[name]

    def add_resource(self, name: str, home: str = "一", **values: Any) -> UUID:
        resource = {
            "id": uuid4(),
            "branch_id": self.branches[home],
            "resource_type": "photographer",
            "name": words(name),
            "level": None,
            "bookable_by_name": True,
            **values,
        }
        with self.uow.begin() as tx:
            tx.session.add(Resource(**resource))
        self.resources[name] = resource["id"]
        return self.resources[name]

    def book(
        self,
        start: str | datetime = "10:00",
        *,
        who: str | Sequence[str] = "林晨",
        at: str = "一",
        hours: float = 1,
        **values: Any,
    ) -> UUID:
        """Book some resources, whatever their rosters say; return the booking's id."""
        begins = instant(start) if isinstance(start, str) else start
        during = Range(begins, begins + timedelta(hours=hours), bounds="[)")
        ending = {"state": "confirmed", "expires_at": None}
        names = [who] if isinstance(who, str) else who
        booking_id = uuid4()
        with self.uow.begin() as tx:
            tx.session.add(
                Hold(
                    booking_id=booking_id,
                    service_id=self.service_id,
                    branch_id=self.branches[at],
                    start_at=during.lower,
                    end_at=during.upper,
                    resource_ids=[],
                    **{key: values.get(key, default) for key, default in ending.items()},
                )
            )
            tx.session.flush()
            for resource_id in [self.resources[name] for name in names]:
                resource = tx.session.get_one(Resource, resource_id)
                row = {
                    "booking_id": booking_id,
                    "resource_id": resource_id,
                    "resource_type": resource.resource_type,
                    "during": during,
                    "serving": during,
                    **ending,
                    **values,
                }
                tx.session.add(Allocation(id=uuid4(), **row))
        return booking_id

    def close(self, name: str, first: date, last: date) -> None:
        """Close a branch on some local dates, both included."""
        days = Range(first, last + timedelta(days=1), bounds="[)")
        with self.uow.begin() as tx:
            branch_id = self.branches[name]
            tx.session.add(Closure(id=uuid4(), branch_id=branch_id, days=days, reason="春节"))

    # --- the verbs

    def rule(self, at: str = "一", *spans: str, **values: Any) -> dict[str, Any]:
        """Return a rule for every day, nine to six."""
        return {
            "branch_id": self.branches[at],
            "priority": 0,
            "extra": False,
            "weekdays": list(EVERY_DAY),
            "first_day": None,
            "last_day": None,
            "cycle_weeks": 1,
            "cycle_week": 0,
            "cycle_from": None,
            "hours": hours(*(spans or ("09:00-18:00",))),
            "breaks": [],
            **values,
        }

    def define(
        self,
        *rules: dict[str, Any],
        who: str = "林晨",
        publish: bool = True,
        now: datetime = NOW,
    ) -> dict[str, Any]:
        answer = rosters.define_roster(
            uow=self.uow,
            now=now,
            resource_id=self.resources[who],
            rules=list(rules),
            publish=publish,
        )
        return checked(answer, contract.DEFINE_ROSTER)

    def roster(self, who: str = "林晨") -> dict[str, Any]:
        answer = rosters.get_roster(uow=self.uow, resource_id=self.resources[who])
        return checked(answer, contract.GET_ROSTER)

    def publish(self, at: str = "一", who: Sequence[str] = ()) -> dict[str, Any]:
        answer = rosters.publish_rosters(
            uow=self.uow,
            now=NOW,
            branch_id=self.branches[at],
            resource_ids=[self.resources[name] for name in who],
        )
        return checked(answer, contract.PUBLISH_ROSTERS)

    def ask(
        self,
        start: str | datetime = "09:00",
        end: str | datetime = "18:00",
        *,
        who: str = "林晨",
        now: datetime = NOW,
        **values: Any,
    ) -> dict[str, Any]:
        request = {
            "id": uuid4(),
            "resource_id": self.resources[who],
            "start": instant(start) if isinstance(start, str) else start,
            "end": instant(end) if isinstance(end, str) else end,
            "reason": "年假",
            "approve": False,
            "despite_conflicts": False,
            **values,
        }
        return checked(
            leave.request_leave(uow=self.uow, now=now, **request), contract.REQUEST_LEAVE
        )

    def decide(
        self, id: UUID, approve: bool = True, *, now: datetime = NOW, **values: Any
    ) -> dict[str, Any]:
        decision = {"approve": approve, "note": "", "despite_conflicts": False, **values}
        return checked(
            leave.decide_leave(uow=self.uow, now=now, id=id, **decision), contract.DECIDE_LEAVE
        )

    def cancel(self, id: UUID, *, now: datetime = NOW) -> dict[str, Any]:
        return checked(leave.cancel_leave(uow=self.uow, now=now, id=id), contract.CANCEL_LEAVE)

    def leaves(self, **filters: Any) -> dict[str, Any]:
        asked = contract.LIST_LEAVES.decode(json.loads(json.dumps(filters, default=str)))
        return checked(leave.list_leaves(uow=self.uow, **asked), contract.LIST_LEAVES)

    # --- what is on record

    def told(self, *types: str) -> list[dict[str, Any]]:
        """Return the payloads of the events of some types, in order."""
        with self.uow.read() as session:
            found = session.scalars(sa.select(OUTBOX.c.envelope).order_by(OUTBOX.c.id))
            return [each["payload"] for each in found if each["type"] in types]

    def freed(self) -> list[tuple[str, datetime, datetime]]:
        """Return the time that the waitlist is to be asked about, by branch."""
        names = {id: name for name, id in self.branches.items()}
        with self.uow.read() as session:
            rows = session.scalars(sa.select(FreedTime).order_by(FreedTime.id)).all()
        return [(names[row.branch_id], row.during.lower, row.during.upper) for row in rows]

    def allocations(self) -> list[Allocation]:
        """Return everything that is booked, earliest first."""
        with self.uow.read() as session:
            order = sa.func.lower(Allocation.during)
            return list(session.scalars(sa.select(Allocation).order_by(order)))


def as_staff(uow: UnitOfWork) -> UnitOfWork:
    """Return a unit of work whose caller is signed in."""
    return UnitOfWork(
        uow.engine,
        replace(Context(), actor={"kind": "staff", "id": STAFF}),
        constraint_errors=uow._constraint_errors,
    )


def checked(answer: dict[str, Any], rpc: Any) -> dict[str, Any]:
    """Return an answer as its caller reads it, after a way over the wire."""
    loaded: dict[str, Any] = rpc.response.load(json.loads(json.dumps(rpc.encode(answer))))
    return loaded

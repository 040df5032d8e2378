"""The verbs of the calendar with defaults, and what is on record after them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from services.chassis.context import Context
from services.chassis.db import UnitOfWork
from services.contracts import scheduling as contract
from services.contracts.scheduling import SlotTaken
from services.contracts.scheduling.slots import Obstacle
from services.scheduling.models import Allocation, FreedTime, WaitlistEntry
from services.scheduling.usecases import blocks, moves
from tests.integration.scheduling.studio import NOW, Studio

STAFF = "01a20000-0000-7000-8000-000000000070"


class Desk:
    """A member of staff at the calendar of a studio."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        uow = studio.uow
        self.uow = UnitOfWork(
            uow.engine,
            replace(Context(), actor={"kind": "staff", "id": STAFF}),
            constraint_errors=uow._constraint_errors,
        )

    def _at(self, when: datetime | str) -> datetime:
        return self.studio.at(when) if isinstance(when, str) else when

    def block(
        self,
        name: str = "photographer-1",
        start: datetime | str = "12:00",
        end: datetime | str = "13:00",
        *,
        now: datetime = NOW,
        **values: Any,
    ) -> dict[str, Any]:
        request = {
            "id": uuid4(),
            "resource_id": self.studio.resources[name],
            "start": self._at(start),
            "end": self._at(end),
            "reason": "维护",
            **values,
        }
        answer = blocks.block(uow=self.uow, now=now, **request)
        return checked(answer, contract.BLOCK)

    def unblock(self, id: UUID) -> dict[str, Any]:
        return checked(blocks.unblock(uow=self.uow, id=id), contract.UNBLOCK)

    def move(
        self,
        id: UUID,
        start: datetime | str,
        to: str | None = None,
        *,
        now: datetime = NOW,
        **values: Any,
    ) -> dict[str, Any]:
        """Drag an allocation; return the booking's hold or the block."""
        answer = moves.move_allocation(
            uow=self.uow,
            now=now,
            id=id,
            start=self._at(start),
            resource_id=to and self.studio.resources[to],
            **values,
        )
        return moved(answer, contract.MOVE_ALLOCATION)

    def resize(
        self,
        id: UUID,
        start: datetime | str,
        end: datetime | str,
        *,
        now: datetime = NOW,
        **values: Any,
    ) -> dict[str, Any]:
        """Drag an edge; return the booking's hold or the block."""
        answer = moves.resize_allocation(
            uow=self.uow, now=now, id=id, start=self._at(start), end=self._at(end), **values
        )
        return moved(answer, contract.RESIZE_ALLOCATION)

    # --- what is on record

    def allocations(self, booking_id: UUID | None = None) -> Sequence[Allocation]:
        """Return what is active, of one booking or of all, by time and resource."""
        found = sa.select(Allocation).where(Allocation.state != "released")
        if booking_id is not None:
            found = found.where(Allocation.booking_id == booking_id)
        order = (sa.func.lower(Allocation.during), Allocation.resource_type, Allocation.id)
        with self.uow.read() as session:
            return session.scalars(found.order_by(*order)).all()

    def crew(self, hold: dict[str, Any]) -> dict[str, tuple[str, str]]:
        """Return who serves a hold, from when to when by the wall clock."""
        zone = hold["branch"]["timezone"]
        return {
            member["name"]["zh"]: (clock(member["start"], zone), clock(member["end"], zone))
            for member in hold["crew"]
        }

    def told(self, *types: str) -> list[dict[str, Any]]:
        """Return the payloads of the events of some types, in order."""
        return [each["payload"] for each in self.studio.envelopes() if each["type"] in types]

    def let_somebody_wait(self) -> None:
        """Add somebody to the waitlist, so that freed time is noted."""
        waiting = {
            "id": uuid4(),
            "service_id": self.studio.service_id,
            "branch_id": self.studio.branch_id,
            "days": sa.text("'[2026-11-25,2026-11-26)'"),
            "contact": {},
            "joined_at": NOW,
        }
        with self.uow.begin() as tx:
            tx.session.execute(sa.insert(WaitlistEntry).values(waiting))

    def freed(self) -> list[tuple[str, str]]:
        """Return the time that the waitlist is to be asked about."""
        with self.uow.read() as session:
            rows = session.scalars(sa.select(FreedTime).order_by(FreedTime.id)).all()
        zone = self.studio.zone
        return [(clock(row.during.lower, zone), clock(row.during.upper, zone)) for row in rows]


def clock(instant: datetime, zone: str) -> str:
    return instant.astimezone(ZoneInfo(zone)).strftime("%H:%M")


def allocation(hold: dict[str, Any], name: str = "photographer-1") -> UUID:
    """Return the id of somebody's part of a hold."""
    ids = [each["allocation_id"] for each in hold["crew"] if each["name"]["zh"] == name]
    id: UUID = ids[0]
    return id


def obstacles(refused: pytest.ExceptionInfo[SlotTaken]) -> list[tuple[str, str]]:
    """Return who is in the way, and why."""
    found = refused.value.details["obstacles"]
    assert Obstacle(many=True).validate(found) == {}
    return [(each["name"]["zh"], each["kind"]) for each in found]


def moved(answer: dict[str, Any], rpc: Any) -> dict[str, Any]:
    loaded = checked(answer, rpc)
    one: dict[str, Any] = loaded["hold"] or loaded["block"]
    assert (loaded["hold"] is None) != (loaded["block"] is None)
    return one


def checked(answer: dict[str, Any], rpc: Any) -> dict[str, Any]:
    """Return an answer as its caller reads it, after a way over the wire."""
    loaded: dict[str, Any] = rpc.response.load(json.loads(json.dumps(rpc.encode(answer))))
    return loaded

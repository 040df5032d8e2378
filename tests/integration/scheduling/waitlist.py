"""A waitlist for tests: people who wait at a studio, and the verbs with defaults."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from services.contracts import scheduling as contract
from services.scheduling.links import WAITLIST, Links
from services.scheduling.models import FreedTime, Hold, WaitlistEntry
from services.scheduling.usecases.waitlist import lapses, offering, places
from tests.integration.scheduling.studio import DAY, NOW, Studio, checked

LINKS = Links(secret="one", public_url="https://studio.test")
PAYMENT_TTL_SECONDS = 600


@dataclass
class Waitlist:
    """Who waits at a studio; `ids` finds their places by name: 甲, 乙."""

    studio: Studio
    ids: dict[str, UUID] = field(default_factory=dict)

    def join(
        self, name: str = "甲", first: date = DAY, last: date | None = None, **values: Any
    ) -> dict[str, Any]:
        """Let somebody wait for a day, or some days; nobody joins at the same moment."""
        self.ids.setdefault(name, uuid4())
        now = values.pop("now", NOW + timedelta(milliseconds=len(self.ids) - 1))
        request = {
            "id": str(self.ids[name]),
            "service_id": str(self.studio.service_id),
            "branch_id": str(self.studio.branch_id),
            "resource_ids": [str(id) for id in self.studio.ids(values.pop("wished", ()))],
            "from": first.isoformat(),
            "to": (last or first).isoformat(),
            "contact": {"name": name, "phone": "13800138000", "language": "zh"},
            **values,
        }
        decoded = contract.JOIN_WAITLIST.decode(json.loads(json.dumps(request, default=_text)))
        answer = places.join_waitlist(uow=self.studio.uow, now=now, links=LINKS, **decoded)
        return checked(answer, contract.JOIN_WAITLIST)

    def line_up(self, *names: str, **values: Any) -> None:
        """Let some people join one after the other, and be asked about what is free."""
        for name in names:
            self.join(name, **values)
        self.forget_freed()

    def forget_freed(self) -> None:
        with self.studio.uow.begin() as tx:
            tx.session.execute(sa.delete(FreedTime))

    def tick(self, now: datetime = NOW) -> int:
        return offering.offer_freed_time(uow=self.studio.uow, now=now, links=LINKS)

    def tidy_up(self, now: datetime = NOW) -> int:
        return lapses.tidy_up(uow=self.studio.uow, now=now)

    def get(self, name: str = "甲") -> dict[str, Any]:
        answer = places.get_waitlist_entry(uow=self.studio.uow, links=LINKS, token=self.token(name))
        return checked(answer, contract.GET_WAITLIST_ENTRY)

    def accept(self, name: str = "甲", now: datetime = NOW) -> dict[str, Any]:
        answer = places.accept_offer(
            uow=self.studio.uow,
            now=now,
            links=LINKS,
            ttl_seconds=PAYMENT_TTL_SECONDS,
            token=self.token(name),
        )
        return checked(answer, contract.ACCEPT_OFFER)

    def leave(self, name: str = "甲") -> bool:
        answer = places.leave_waitlist(uow=self.studio.uow, links=LINKS, token=self.token(name))
        return bool(answer["removed"])

    def remove(self, name: str = "甲") -> bool:
        answer = places.remove_waitlist_entry(uow=self.studio.uow, id=self.ids[name])
        return bool(answer["removed"])

    def page(self, **filters: Any) -> dict[str, Any]:
        asked = contract.LIST_WAITLIST.decode(json.loads(json.dumps(filters, default=str)))
        answer = places.list_waitlist(uow=self.studio.uow, **asked)
        return checked(answer, contract.LIST_WAITLIST)

    # --- what is on record

    def token(self, name: str) -> str:
        return LINKS.token(WAITLIST, self.ids[name])

    def states(self) -> dict[str, str]:
        return {name: self.get(name)["state"] for name in self.ids}

    def offers(self) -> dict[str, str]:
        """Return the wall-clock time that is offered to whom just now."""
        return {
            name: self.clock(entry["offer"]["start"])
            for name in self.ids
            if (entry := self.get(name))["state"] == "offered"
        }

    def clock(self, instant: datetime) -> str:
        return next(
            f"{hour:02}:00" for hour in range(24) if self.studio.at(f"{hour:02}:00") == instant
        )

    def told(self, type_: str) -> list[dict[str, Any]]:
        """Return the payloads of the events of one type, in order."""
        return [each["payload"] for each in self.studio.envelopes() if each["type"] == type_]

    def asked(self, type_: str = "waitlist.offered") -> list[str]:
        """Return who was asked, in order."""
        return [payload["contact"]["name"] for payload in self.told(type_)]

    def noted(self) -> int:
        """Count the freed time that nobody was asked about yet."""
        with self.studio.uow.read() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(FreedTime)) or 0

    def row(self, name: str = "甲") -> WaitlistEntry:
        with self.studio.uow.read() as session:
            return session.get_one(WaitlistEntry, self.ids[name])

    def hold_of(self, name: str = "甲") -> Hold:
        """Return the hold that is, or was last, offered to somebody."""
        with self.studio.uow.read() as session:
            return session.get_one(Hold, self.row_of(session, name).offer_booking_id)

    def row_of(self, session: Any, name: str) -> WaitlistEntry:
        found: WaitlistEntry = session.get_one(WaitlistEntry, self.ids[name])
        return found


def fill(studio: Studio, *clocks: str, now: datetime = NOW) -> dict[str, UUID]:
    """Book a whole day, or some hours of it; return the bookings by hour."""
    hours = clocks or [f"{hour:02}:00" for hour in range(9, 18)]
    return {clock: studio.hold(clock, now=now)["booking_id"] for clock in hours}


def _text(value: Any) -> str:
    return value.strftime("%H:%M") if isinstance(value, time) else str(value)

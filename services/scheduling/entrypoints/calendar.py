"""The calendar on the wire: what is shown of it, what is dragged in it, and how it was used."""

from typing import Any

from nameko.timer import timer

from services.chassis.inbox import Fact, handles
from services.chassis.rpc import rpc
from services.contracts import booking  # noqa: F401  (declare what is heard)
from services.scheduling.entrypoints.base import Parts
from services.scheduling.usecases import blocks, calendar, moves, utilisation

TEN_MINUTES = 10 * 60
"""Seconds between two looks at what was done: a figure of yesterday may wait that long."""

HOUR = 60 * 60
"""Seconds between two looks at the days to come."""


class Calendar(Parts):
    """RPCs about the calendar, and what follows from what came of bookings."""

    @rpc
    def calendar(self, **question: Any) -> dict[str, Any]:
        return calendar.calendar(uow=self.uow, now=self.now(), **question)

    @rpc
    def block(self, **block: Any) -> dict[str, Any]:
        return blocks.block(uow=self.uow, now=self.now(), **block)

    @rpc
    def unblock(self, **block: Any) -> dict[str, Any]:
        return blocks.unblock(uow=self.uow, **block)

    @rpc
    def move_allocation(self, **move: Any) -> dict[str, Any]:
        return moves.move_allocation(uow=self.uow, now=self.now(), **move)

    @rpc
    def resize_allocation(self, **size: Any) -> dict[str, Any]:
        return moves.resize_allocation(uow=self.uow, now=self.now(), **size)

    @handles("booking.completed")
    def note_served(self, completed: Fact) -> None:
        self._note_outcome(completed, "served")

    @handles("booking.no_show")
    def note_no_show(self, missed: Fact) -> None:
        self._note_outcome(missed, "no_show")

    @timer(interval=TEN_MINUTES)
    def measure_past(self) -> None:
        utilisation.measure_past(uow=self.uow, now=self.now())

    @timer(interval=HOUR)
    def measure_ahead(self) -> None:
        utilisation.measure_ahead(uow=self.uow, now=self.now())

    def _note_outcome(self, fact: Fact, outcome: str) -> None:
        utilisation.note_outcome(
            uow=self.uow,
            now=self.now(),
            booking_id=fact.payload["booking_id"],
            outcome=outcome,
        )

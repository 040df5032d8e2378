"""RPCs of bookings, and what they hear of their time."""

from typing import Any
from uuid import UUID

from services.booking.domain.lifecycle import Action
from services.booking.entrypoints.base import Parts
from services.booking.usecases import changing, finding, moving, reading, requesting
from services.chassis.inbox import Fact, handles
from services.chassis.rpc import rpc


class Bookings(Parts):
    @rpc
    def request(
        self, idempotency_key: str, branch_ids: list[UUID] | None, **wish: Any
    ) -> dict[str, Any]:
        return requesting.request(
            **self.reaching_scheduling,
            crm=self.crm,
            idempotency_key=idempotency_key,
            branch_ids=branch_ids,
            wish=wish,
        )

    @rpc
    def get_booking(self, **question: Any) -> dict[str, Any]:
        return reading.get_booking(**self.telling, **question)

    @rpc
    def find_booking(self, **question: Any) -> dict[str, Any]:
        return finding.find_booking(**self.telling, **question)

    @rpc
    def list_bookings(self, **question: Any) -> dict[str, Any]:
        return reading.list_bookings(uow=self.uow, **question)

    @rpc
    def summarise(self, **question: Any) -> dict[str, Any]:
        return reading.summarise(uow=self.uow, **question)

    @rpc
    def cancel(self, **command: Any) -> dict[str, Any]:
        return changing.cancel(**self.reaching_scheduling, **command)

    @rpc
    def reschedule(self, **command: Any) -> dict[str, Any]:
        return changing.reschedule(**self.reaching_scheduling, **command)

    @rpc
    def preview_move(self, **question: Any) -> dict[str, Any]:
        return moving.preview_move(**self.reaching_scheduling, **question)

    @rpc
    def reschedule_many(self, **command: Any) -> dict[str, Any]:
        return changing.reschedule_many(**self.reaching_scheduling, **command)

    @rpc
    def end_order(self, **command: Any) -> dict[str, Any]:
        return changing.end_order(**self.telling, **command)

    @rpc
    def renew_link(self, **command: Any) -> dict[str, Any]:
        return changing.renew_link(**self.telling, **command)

    @rpc
    def calendar_file(self, **question: Any) -> dict[str, Any]:
        return reading.calendar_file(**self.telling, **question)

    @rpc
    def approve(self, **command: Any) -> dict[str, Any]:
        return changing.approve(**self.telling, **command)

    @rpc
    def reject(self, **command: Any) -> dict[str, Any]:
        return changing.reject(**self.reaching_scheduling, **command)

    @rpc
    def check_in(self, **command: Any) -> dict[str, Any]:
        return changing.serve(**self.telling, action=Action.CHECK_IN, **command)

    @rpc
    def start(self, **command: Any) -> dict[str, Any]:
        return changing.serve(**self.telling, action=Action.START, **command)

    @rpc
    def complete(self, **command: Any) -> dict[str, Any]:
        return changing.serve(**self.telling, action=Action.COMPLETE, **command)

    @rpc
    def no_show(self, **command: Any) -> dict[str, Any]:
        return changing.serve(**self.telling, action=Action.NO_SHOW, **command)

    @handles("hold.expired")
    def hold_expired(self, fact: Fact) -> None:
        changing.expire(
            **self.telling,
            booking_id=fact.payload["booking_id"],
            revision=fact.payload["revision"],
        )

    @handles("allocation.moved")
    def allocation_moved(self, fact: Fact) -> None:
        changing.follow_move(
            **self.telling,
            booking_id=fact.payload["booking_id"],
            hold=fact.payload,
        )

    @handles("allocation.conflicted")
    def allocation_conflicted(self, fact: Fact) -> None:
        changing.note_conflict(
            uow=self.uow,
            links=self.links,
            booking_id=fact.payload["booking_id"],
            cause=fact.payload["cause"],
        )

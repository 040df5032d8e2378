"""What scheduling hears and answers."""

from typing import Any

from nameko.timer import timer

from services.chassis.clock import Clock
from services.chassis.db import Database
from services.chassis.inbox import Fact, handles
from services.chassis.outbox import Relay
from services.chassis.rpc import rpc
from services.chassis.settings import Settings
from services.chassis.telemetry import Telemetry
from services.contracts import scheduling
from services.scheduling.models import CONSTRAINT_ERRORS
from services.scheduling.usecases import branches, calendar, expiry, holds, slots


class Service:
    name = scheduling.OWNER

    telemetry = Telemetry()
    now = Clock()
    settings = Settings()
    uow = Database(constraint_errors=CONSTRAINT_ERRORS)
    relay = Relay()

    @rpc
    def define_branch(self, **branch: Any) -> dict[str, Any]:
        return branches.define_branch(uow=self.uow, **branch)

    @rpc
    def define_resource(self, **resource: Any) -> dict[str, Any]:
        return branches.define_resource(uow=self.uow, **resource)

    @rpc
    def define_requirement(self, **requirement: Any) -> dict[str, Any]:
        return branches.define_requirement(uow=self.uow, **requirement)

    @rpc
    def list_branches(self) -> dict[str, Any]:
        return branches.list_branches(uow=self.uow)

    @rpc
    def list_resources(self, **filters: Any) -> dict[str, Any]:
        return branches.list_resources(uow=self.uow, **filters)

    @rpc
    def find_slots(self, **question: Any) -> dict[str, Any]:
        return slots.find_slots(uow=self.uow, now=self.now(), **question)

    @rpc
    def calendar(self, **question: Any) -> dict[str, Any]:
        return calendar.calendar(uow=self.uow, now=self.now(), **question)

    @rpc
    def hold(self, **request: Any) -> dict[str, Any]:
        ttl = self.settings.hold_ttl_seconds
        return holds.hold(uow=self.uow, now=self.now(), ttl_seconds=ttl, **request)

    @rpc
    def extend_hold(self, **booking: Any) -> dict[str, Any]:
        extension = self.settings.hold_extension_seconds
        return holds.extend_hold(
            uow=self.uow, now=self.now(), extension_seconds=extension, **booking
        )

    @rpc
    def confirm(self, **booking: Any) -> dict[str, Any]:
        return holds.confirm(uow=self.uow, now=self.now(), **booking)

    @rpc
    def reschedule(self, **move: Any) -> dict[str, Any]:
        return holds.reschedule(uow=self.uow, now=self.now(), **move)

    @rpc
    def release(self, **booking: Any) -> dict[str, Any]:
        return holds.release(uow=self.uow, **booking)

    @rpc
    def expire_hold(self, **booking: Any) -> dict[str, Any]:
        return expiry.expire_hold(uow=self.uow, **booking)

    @handles("booking.cancelled")
    def let_go_of_cancelled(self, cancelled: Fact) -> None:
        """Booking releases the time itself; this is for the time when it died in between."""
        holds.release(uow=self.uow, booking_id=cancelled.payload["booking_id"])

    @timer(interval=1)
    def sweep(self) -> None:
        expiry.sweep(uow=self.uow, now=self.now())

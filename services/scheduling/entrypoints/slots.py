"""Free time and holds on the wire."""

from typing import Any

from nameko.timer import timer

from services.chassis.inbox import Fact, handles
from services.chassis.rpc import rpc
from services.scheduling.entrypoints.base import Parts
from services.scheduling.usecases import expiry, holds, slots


class Slots(Parts):
    """RPCs about free time and the holds that keep it."""

    @rpc
    def find_slots(self, **question: Any) -> dict[str, Any]:
        return slots.find_slots(uow=self.uow, now=self.now(), **question)

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

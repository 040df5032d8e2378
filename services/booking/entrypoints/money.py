"""RPCs of payments, and what they hear of their own money."""

from typing import Any

from services.booking.entrypoints.base import Parts
from services.booking.usecases import paying, sandbox, settling
from services.chassis.inbox import Fact, handles
from services.chassis.rpc import rpc


class Money(Parts):
    @rpc
    def list_providers(self) -> dict[str, Any]:
        return paying.list_providers(providers=self.providers)

    @rpc
    def start_payment(self, **command: Any) -> dict[str, Any]:
        return paying.start_payment(**self.reaching_scheduling, providers=self.providers, **command)

    @rpc
    def take_notification(self, **notification: Any) -> dict[str, Any]:
        return paying.take_notification(
            **self.reaching_scheduling, providers=self.providers, **notification
        )

    @rpc
    def sandbox_checkout(self, **question: Any) -> dict[str, Any]:
        return sandbox.checkout(
            uow=self.uow, links=self.links, providers=self.providers, **question
        )

    @rpc
    def sandbox_decide(self, **decision: Any) -> dict[str, Any]:
        return sandbox.decide(**self.reaching_scheduling, providers=self.providers, **decision)

    @handles("payment.succeeded")
    def payment_succeeded(self, fact: Fact) -> None:
        settling.settle_booking(**self.reaching_scheduling, booking_id=fact.payload["booking_id"])

    @handles("refund.requested")
    def refund_requested(self, fact: Fact) -> None:
        settling.refund_payment(
            **self.telling,
            providers=self.providers,
            payment_id=fact.payload["payment_id"],
        )

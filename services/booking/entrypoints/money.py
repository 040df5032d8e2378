"""RPCs of payments, and what they hear of their own money."""

from typing import Any

from nameko.timer import timer

from services.booking.entrypoints.base import Parts
from services.booking.usecases import cash, chasing, paying, reading, sandbox, settling
from services.chassis.inbox import Fact, handles
from services.chassis.rpc import rpc

CHASE_SECONDS = 30
"""Between looks for payments of which nothing was heard; each is asked about after a minute."""


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

    @rpc
    def take_cash(self, **command: Any) -> dict[str, Any]:
        return cash.take_cash(**self.reaching_scheduling, **command)

    @rpc
    def refund(self, **command: Any) -> dict[str, Any]:
        return cash.refund(**self.telling, **command)

    @rpc
    def charge(self, **command: Any) -> dict[str, Any]:
        return cash.charge(**self.telling, **command)

    @rpc
    def cash_day(self, **question: Any) -> dict[str, Any]:
        return cash.cash_day(uow=self.uow, **question)

    @rpc
    def close_cash(self, **command: Any) -> dict[str, Any]:
        return cash.close_cash(uow=self.uow, now=self.now(), **command)

    @rpc
    def reconcile(self, **question: Any) -> dict[str, Any]:
        return chasing.compare(uow=self.uow, now=self.now(), providers=self.providers, **question)

    @timer(interval=CHASE_SECONDS)
    def chase(self) -> None:
        chasing.ask_providers(**self.reaching_scheduling, providers=self.providers)

    @rpc
    def print_receipt(self, **question: Any) -> dict[str, Any]:
        return reading.print_receipt(**self.telling, **question)

    @handles("payment.succeeded")
    def payment_succeeded(self, fact: Fact) -> None:
        settling.settle_booking(**self.reaching_scheduling, booking_id=fact.payload["booking_id"])

    @handles("refund.requested")
    def refund_requested(self, fact: Fact) -> None:
        settling.refund_payment(
            **self.telling,
            providers=self.providers,
            refund_id=fact.payload["refund_id"],
        )

"""RPCs of payments, and what they hear of their own money."""

from typing import Any

from nameko.timer import timer

from services.booking.entrypoints.base import Parts
from services.booking.payments.wechat_pay.users import users_of
from services.booking.usecases import (
    cash,
    chasing,
    dunning,
    identifying,
    paying,
    payouts,
    reading,
    reconciling,
    sandbox,
    settling,
    spending,
    topping_up,
)
from services.chassis.inbox import Fact, handles
from services.chassis.rpc import rpc

CHASE_SECONDS = 30
"""Between looks for payments of which nothing was heard; each is asked about after a minute."""

REMIND_SECONDS = 30
"""Between looks for orders whose payments are due; each look takes a batch."""

COMPARE_SECONDS = 600
"""Between looks for a day that has ended and is not compared with the providers' statements."""


class Money(Parts):
    @rpc
    def list_providers(self) -> dict[str, Any]:
        return paying.list_providers(providers=self.providers)

    @rpc
    def start_payment(self, payer: str | None, **command: Any) -> dict[str, Any]:
        return paying.start_payment(
            **self.reaching_scheduling,
            providers=self.providers,
            payer=self.payer_proofs.payer_of(payer or "", self.now()),
            **command,
        )

    @rpc
    def authorize_payer(self, **question: Any) -> dict[str, Any]:
        return identifying.authorize_payer(users=users_of(self.settings), **question)

    @rpc
    def identify_payer(self, **command: Any) -> dict[str, Any]:
        return identifying.identify_payer(
            now=self.now(), users=users_of(self.settings), proofs=self.payer_proofs, **command
        )

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
        return spending.take(**self.reaching_scheduling, member=self.member_account, **command)

    @rpc
    def top_up(self, **command: Any) -> dict[str, Any]:
        return topping_up.top_up(
            uow=self.uow,
            now=self.now(),
            scheduling=self.scheduling,
            crm=self.crm,
            **command,
        )

    @rpc
    def refund(self, **command: Any) -> dict[str, Any]:
        return cash.refund(**self.telling, **command)

    @rpc
    def charge(self, **command: Any) -> dict[str, Any]:
        return cash.charge(**self.reaching_scheduling, **command)

    @rpc
    def cash_day(self, **question: Any) -> dict[str, Any]:
        return cash.cash_day(uow=self.uow, **question)

    @rpc
    def close_cash(self, **command: Any) -> dict[str, Any]:
        return cash.close_cash(uow=self.uow, now=self.now(), **command)

    @rpc
    def reconcile(self, **question: Any) -> dict[str, Any]:
        return reconciling.compare(
            uow=self.uow, now=self.now(), providers=self.providers, **question
        )

    @rpc
    def list_reconciliations(self, **question: Any) -> dict[str, Any]:
        return reconciling.list_reconciliations(uow=self.uow, now=self.now(), **question)

    @timer(interval=COMPARE_SECONDS)
    def compare_days(self) -> None:
        reconciling.compare_days(uow=self.uow, now=self.now(), providers=self.providers)

    @rpc
    def pay_out(self, **command: Any) -> dict[str, Any]:
        return payouts.pay_out(**self.telling, **command)

    @rpc
    def list_payouts(self, **question: Any) -> dict[str, Any]:
        return payouts.list_payouts(uow=self.uow, links=self.links, **question)

    @timer(interval=REMIND_SECONDS)
    def remind(self) -> None:
        dunning.remind(**self.telling)

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

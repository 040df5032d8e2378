"""What automation hears, answers and does in its own time."""

from typing import Any

from nameko.timer import timer

from services.automation import usecases
from services.automation.models import CONSTRAINT_ERRORS
from services.automation.worker import performs
from services.chassis.clock import Clock
from services.chassis.db import Database
from services.chassis.inbox import Fact, handles
from services.chassis.outbox import Relay
from services.chassis.rpc import Client, rpc
from services.chassis.telemetry import Telemetry
from services.contracts import (
    automation,
    booking_facts,
    cash,
    dunning,
    notification,
    payments,
    scheduling,
)


class Service:
    name = automation.OWNER

    telemetry = Telemetry()
    now = Clock()
    uow = Database(constraint_errors=CONSTRAINT_ERRORS)
    relay = Relay()
    sender = Client(notification.OWNER)

    @rpc
    def list_tasks(self, **query: Any) -> dict[str, Any]:
        return usecases.list_tasks(uow=self.uow, **query)

    @rpc
    def complete_task(self, **task: Any) -> dict[str, Any]:
        return usecases.complete_task(uow=self.uow, now=self.now(), **task)

    @performs
    def perform(self, run: usecases.LeasedRun) -> None:
        usecases.perform(uow=self.uow, now=self.now(), sender=self.sender, run=run)

    @timer(interval=3600)
    def forget_the_past(self) -> None:
        usecases.forget_the_past(uow=self.uow, now=self.now())

    # Every fact goes the same way: what happens then is said by the rules, which are data.
    @handles(booking_facts.BOOKING_REQUESTED.type)
    @handles(booking_facts.BOOKING_CONFIRMED.type)
    @handles(booking_facts.BOOKING_RESCHEDULED.type)
    @handles(booking_facts.BOOKING_CANCELLED.type)
    @handles(booking_facts.BOOKING_EXPIRED.type)
    @handles(booking_facts.BOOKING_CHECKED_IN.type)
    @handles(booking_facts.BOOKING_COMPLETED.type)
    @handles(booking_facts.BOOKING_NO_SHOW.type)
    @handles(booking_facts.BOOKING_SUBMITTED.type)
    @handles(booking_facts.BOOKING_REJECTED.type)
    @handles(booking_facts.BOOKING_STARTED.type)
    @handles(booking_facts.BOOKING_CONFLICT_DETECTED.type)
    @handles(payments.PAYMENT_LATE.type)
    @handles(payments.REFUND_FAILED.type)
    @handles(dunning.PAYMENT_DUE.type)
    @handles(cash.PAYOUT_DUE.type)
    @handles(cash.RECONCILIATION_FAILED.type)
    @handles(scheduling.WAITLIST_OFFERED.type)
    @handles(scheduling.WAITLIST_NOTIFIED.type)
    def start_runs(self, fact: Fact) -> None:
        usecases.start_runs(uow=self.uow, now=self.now(), fact=fact)

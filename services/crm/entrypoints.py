"""What crm hears and answers."""

from typing import Any

from services.chassis.db import Database
from services.chassis.inbox import Fact, handles
from services.chassis.outbox import Relay
from services.chassis.rpc import rpc
from services.chassis.telemetry import Telemetry
from services.contracts import booking, crm, notification  # noqa: F401  (declare what is heard)
from services.crm import usecases
from services.crm.models import CONSTRAINT_ERRORS


class Service:
    name = crm.OWNER

    telemetry = Telemetry()
    uow = Database(constraint_errors=CONSTRAINT_ERRORS)
    relay = Relay()

    @rpc
    def list_customers(self, **question: Any) -> dict[str, Any]:
        return usecases.list_customers(uow=self.uow, **question)

    @rpc
    def get_customer(self, **question: Any) -> dict[str, Any]:
        return usecases.get_customer(uow=self.uow, **question)

    @handles("booking.requested")
    @handles("booking.confirmed")
    @handles("booking.rescheduled")
    @handles("booking.cancelled")
    @handles("booking.expired")
    @handles("booking.checked_in")
    @handles("booking.completed")
    @handles("booking.no_show")
    @handles("booking.submitted")
    @handles("booking.conflict_detected")
    @handles("booking.rejected")
    @handles("booking.started")
    def follow_booking(self, fact: Fact) -> None:
        usecases.follow_booking(uow=self.uow, fact=fact)

    @handles("payment.succeeded")
    @handles("payment.failed")
    @handles("payment.late")
    @handles("refund.succeeded")
    @handles("refund.failed")
    def follow_payment(self, fact: Fact) -> None:
        usecases.follow_payment(uow=self.uow, fact=fact)

    @handles("message.sent")
    def follow_message(self, fact: Fact) -> None:
        usecases.follow_message(uow=self.uow, fact=fact)

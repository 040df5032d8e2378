"""What analytics hears and answers."""

from typing import Any

from services.analytics import usecases
from services.analytics.models import CONSTRAINT_ERRORS
from services.chassis.db import Database
from services.chassis.inbox import Fact, handles
from services.chassis.rpc import rpc
from services.chassis.telemetry import Telemetry
from services.contracts import (  # noqa: F401  (declare what is heard)
    analytics,
    booking,
    crm,
    imports,
    scheduling,
)


class Service:
    """It emits nothing, and so needs no relay."""

    name = analytics.OWNER

    telemetry = Telemetry()
    uow = Database(constraint_errors=CONSTRAINT_ERRORS)

    @rpc
    def list_metrics(self) -> dict[str, Any]:
        return usecases.list_metrics()

    @rpc
    def measure(self, **question: Any) -> dict[str, Any]:
        return usecases.measure(uow=self.uow, **question)

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

    @handles("booking.imported")
    def follow_import(self, fact: Fact) -> None:
        usecases.follow_import(uow=self.uow, fact=fact)

    @handles("booking.retracted")
    def forget_import(self, fact: Fact) -> None:
        usecases.forget_import(uow=self.uow, fact=fact)

    @handles("payment.imported")
    @handles("payment.retracted")
    @handles("payment.succeeded")
    @handles("refund.succeeded")
    def follow_payment(self, fact: Fact) -> None:
        usecases.follow_payment(uow=self.uow, fact=fact)

    @handles("customer.created")
    def follow_customer(self, fact: Fact) -> None:
        usecases.follow_customer(uow=self.uow, fact=fact)

    @handles("customer.retracted")
    def forget_customer(self, fact: Fact) -> None:
        usecases.forget_customer(uow=self.uow, fact=fact)

    @handles("utilisation.measured")
    def follow_utilisation(self, fact: Fact) -> None:
        usecases.follow_utilisation(uow=self.uow, fact=fact)

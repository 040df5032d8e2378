"""What booking hears and answers."""

from collections.abc import Mapping
from typing import Any

from services.booking import payments
from services.booking.domain import Action
from services.booking.links import Links
from services.booking.models import CONSTRAINT_ERRORS
from services.booking.usecases import (
    catalogue,
    changing,
    paying,
    reading,
    requesting,
    sandbox,
    settling,
)
from services.chassis.clock import Clock
from services.chassis.db import Database
from services.chassis.inbox import Fact, handles
from services.chassis.outbox import Relay
from services.chassis.rpc import Client, rpc
from services.chassis.settings import Settings
from services.chassis.telemetry import Telemetry
from services.contracts import booking


class Service:
    name = booking.OWNER

    telemetry = Telemetry()
    now = Clock()
    settings = Settings()
    uow = Database(constraint_errors=CONSTRAINT_ERRORS)
    relay = Relay()
    scheduling = Client("scheduling")

    # --- catalogue

    @rpc
    def define_service(self, **deal: Any) -> dict[str, Any]:
        service_id = deal.pop("service_id")
        return catalogue.define_service(
            uow=self.uow, scheduling=self.scheduling, service_id=service_id, deal=deal
        )

    @rpc
    def define_service_requirement(self, **needs: Any) -> dict[str, Any]:
        return catalogue.define_service_requirement(
            uow=self.uow, scheduling=self.scheduling, **needs
        )

    @rpc
    def list_services(self, **question: Any) -> dict[str, Any]:
        return catalogue.list_services(uow=self.uow, **question)

    # --- bookings

    @rpc
    def request(self, idempotency_key: str, **wish: Any) -> dict[str, Any]:
        return requesting.request(
            **self._reaching_scheduling, idempotency_key=idempotency_key, wish=wish
        )

    @rpc
    def get_booking(self, **question: Any) -> dict[str, Any]:
        return reading.get_booking(**self._showing, **question)

    @rpc
    def list_bookings(self, **question: Any) -> dict[str, Any]:
        return reading.list_bookings(uow=self.uow, **question)

    @rpc
    def summarise(self, **question: Any) -> dict[str, Any]:
        return reading.summarise(uow=self.uow, **question)

    @rpc
    def cancel(self, **command: Any) -> dict[str, Any]:
        return changing.cancel(**self._showing, scheduling=self.scheduling, **command)

    @rpc
    def reschedule(self, **command: Any) -> dict[str, Any]:
        return changing.reschedule(**self._showing, scheduling=self.scheduling, **command)

    @rpc
    def check_in(self, **command: Any) -> dict[str, Any]:
        return changing.serve(**self._showing, action=Action.CHECK_IN, **command)

    @rpc
    def complete(self, **command: Any) -> dict[str, Any]:
        return changing.serve(**self._showing, action=Action.COMPLETE, **command)

    @rpc
    def no_show(self, **command: Any) -> dict[str, Any]:
        return changing.serve(**self._showing, action=Action.NO_SHOW, **command)

    # --- money

    @rpc
    def list_providers(self) -> dict[str, Any]:
        return paying.list_providers(providers=self._providers)

    @rpc
    def start_payment(self, **command: Any) -> dict[str, Any]:
        return paying.start_payment(
            **self._reaching_scheduling, providers=self._providers, **command
        )

    @rpc
    def take_notification(self, **notification: Any) -> dict[str, Any]:
        return paying.take_notification(
            **self._reaching_scheduling, providers=self._providers, **notification
        )

    @rpc
    def sandbox_checkout(self, **question: Any) -> dict[str, Any]:
        return sandbox.checkout(
            uow=self.uow, links=self._links, providers=self._providers, **question
        )

    @rpc
    def sandbox_decide(self, **decision: Any) -> dict[str, Any]:
        return sandbox.decide(**self._reaching_scheduling, providers=self._providers, **decision)

    # --- what is heard

    @handles("hold.expired")
    def hold_expired(self, fact: Fact) -> None:
        changing.expire(
            **self._telling,
            booking_id=fact.payload["booking_id"],
            revision=fact.payload["revision"],
        )

    @handles("allocation.moved")
    def allocation_moved(self, fact: Fact) -> None:
        changing.follow_move(
            uow=self.uow,
            links=self._links,
            booking_id=fact.payload["booking_id"],
            hold=fact.payload,
        )

    @handles("payment.succeeded")
    def payment_succeeded(self, fact: Fact) -> None:
        settling.settle_booking(**self._reaching_scheduling, booking_id=fact.payload["booking_id"])

    @handles("refund.requested")
    def refund_requested(self, fact: Fact) -> None:
        settling.refund_payment(
            **self._telling,
            providers=self._providers,
            payment_id=fact.payload["payment_id"],
        )

    # --- what use cases are given

    @property
    def _links(self) -> Links:
        return Links(secret=self.settings.manage_secret, public_url=self.settings.public_url)

    @property
    def _providers(self) -> Mapping[str, payments.Provider]:
        return payments.offered(self.settings)

    @property
    def _telling(self) -> dict[str, Any]:
        return {"uow": self.uow, "now": self.now(), "links": self._links}

    @property
    def _showing(self) -> dict[str, Any]:
        return {**self._telling, "cutoff": self.settings.self_service_cutoff}

    @property
    def _reaching_scheduling(self) -> dict[str, Any]:
        return {**self._telling, "scheduling": self.scheduling}

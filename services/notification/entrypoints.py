"""What notification hears and answers."""

from typing import Any

from nameko.timer import timer

from services.chassis.clock import Clock
from services.chassis.db import Database
from services.chassis.outbox import Relay
from services.chassis.rpc import rpc
from services.chassis.settings import Settings
from services.chassis.telemetry import Telemetry
from services.contracts import notification
from services.notification import usecases
from services.notification.channels import channels_of
from services.notification.models import CONSTRAINT_ERRORS


class Service:
    name = notification.OWNER

    telemetry = Telemetry()
    now = Clock()
    settings = Settings()
    uow = Database(constraint_errors=CONSTRAINT_ERRORS)
    relay = Relay()

    @rpc
    def send(self, **message: Any) -> dict[str, Any]:
        channels = channels_of(self.settings)
        return usecases.send(uow=self.uow, now=self.now(), channels=channels, **message)

    @rpc
    def list_messages(self, **query: Any) -> dict[str, Any]:
        return usecases.list_messages(uow=self.uow, **query)

    @timer(interval=1)
    def deliver_due(self) -> None:
        channels = channels_of(self.settings)
        usecases.deliver_due(uow=self.uow, clock=self.now, channels=channels)

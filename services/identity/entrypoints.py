"""What identity hears and answers."""

from typing import Any

from nameko.timer import timer

from services.chassis.clock import Clock
from services.chassis.db import Database
from services.chassis.outbox import Relay
from services.chassis.rpc import rpc
from services.chassis.telemetry import Telemetry
from services.contracts import identity
from services.identity import usecases
from services.identity.models import CONSTRAINT_ERRORS


class Service:
    name = identity.OWNER

    telemetry = Telemetry()
    now = Clock()
    uow = Database(constraint_errors=CONSTRAINT_ERRORS)
    relay = Relay()

    @rpc
    def define_staff(self, **staff: Any) -> dict[str, Any]:
        return usecases.define_staff(uow=self.uow, **staff)

    @rpc
    def open_session(self, **credentials: Any) -> dict[str, Any]:
        return usecases.open_session(uow=self.uow, now=self.now(), **credentials)

    @rpc
    def check_session(self, **session: Any) -> dict[str, Any]:
        return usecases.check_session(uow=self.uow, now=self.now(), **session)

    @rpc
    def close_session(self, **session: Any) -> dict[str, Any]:
        return usecases.close_session(uow=self.uow, **session)

    @timer(interval=600)
    def forget_the_past(self) -> None:
        usecases.forget_the_past(uow=self.uow, now=self.now())

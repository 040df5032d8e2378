"""RPCs of imports, and the work that follows from them."""

from typing import Any

from nameko.timer import timer

from services.booking.entrypoints.base import Parts
from services.booking.usecases.imports import (
    mapping,
    reading,
    receiving,
    running,
    undoing,
    working,
)
from services.booking.usecases.imports.customers import Customers
from services.booking.usecases.imports.kinds import Kinds
from services.booking.usecases.imports.orders import Orders
from services.chassis.rpc import rpc
from services.contracts import imports  # noqa: F401  (declares what is answered and told)

WORK_SECONDS = 1.0
"""Seconds between two looks for work; somebody waits for the preview."""

PIECES_AT_ONCE = 10
"""Pieces of one look; a process that is to stop waits until the look ends."""


class Imports(Parts):
    @property
    def kinds(self) -> Kinds:
        """What a file may hold."""
        return {
            "orders": Orders(self.scheduling, self.links),
            "customers": Customers(self.scheduling, self.crm),
        }

    @rpc
    def list_import_fields(self, **question: Any) -> dict[str, Any]:
        return reading.list_fields(kinds=self.kinds, **question)

    @rpc
    def start_import(self, **command: Any) -> dict[str, Any]:
        return receiving.start_import(uow=self.uow, now=self.now(), **command)

    @rpc
    def add_import_rows(self, **command: Any) -> dict[str, Any]:
        return receiving.add_rows(uow=self.uow, **command)

    @rpc
    def get_import(self, **question: Any) -> dict[str, Any]:
        return reading.get_import(uow=self.uow, kinds=self.kinds, **question)

    @rpc
    def list_imports(self, **question: Any) -> dict[str, Any]:
        return reading.list_imports(uow=self.uow, **question)

    @rpc
    def list_import_values(self, **question: Any) -> dict[str, Any]:
        return mapping.list_values(uow=self.uow, kinds=self.kinds, **question)

    @rpc
    def map_import(self, **command: Any) -> dict[str, Any]:
        return mapping.map_import(uow=self.uow, kinds=self.kinds, **command)

    @rpc
    def list_import_rows(self, **question: Any) -> dict[str, Any]:
        return reading.list_rows(uow=self.uow, **question)

    @rpc
    def run_import(self, **command: Any) -> dict[str, Any]:
        return running.run_import(uow=self.uow, kinds=self.kinds, **command)

    @rpc
    def undo_import(self, **command: Any) -> dict[str, Any]:
        return undoing.undo_import(uow=self.uow, kinds=self.kinds, **command)

    @rpc
    def remove_import(self, **command: Any) -> dict[str, Any]:
        receiving.remove_import(uow=self.uow, **command)
        return {}

    @timer(interval=WORK_SECONDS)
    def work_imports(self) -> None:
        for _ in range(PIECES_AT_ONCE):
            if not working.work(uow=self.uow, now=self.now(), kinds=self.kinds):
                return

"""Why a start cannot be had, on the wire."""

from typing import Any

from services.chassis.rpc import rpc
from services.scheduling.entrypoints.base import Parts
from services.scheduling.usecases import explain


class Explain(Parts):
    @rpc
    def explain(self, **question: Any) -> dict[str, Any]:
        return explain.explain(uow=self.uow, now=self.now(), **question)

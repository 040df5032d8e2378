"""Rosters and leave on the wire."""

from typing import Any

from services.chassis.rpc import rpc
from services.scheduling.entrypoints.base import Parts
from services.scheduling.usecases import leave, rosters


class Rosters(Parts):
    """RPCs about who works when."""

    @rpc
    def define_roster(self, **roster: Any) -> dict[str, Any]:
        return rosters.define_roster(uow=self.uow, now=self.now(), **roster)

    @rpc
    def get_roster(self, **resource: Any) -> dict[str, Any]:
        return rosters.get_roster(uow=self.uow, **resource)

    @rpc
    def publish_rosters(self, **drafts: Any) -> dict[str, Any]:
        return rosters.publish_rosters(uow=self.uow, now=self.now(), **drafts)

    @rpc
    def request_leave(self, **request: Any) -> dict[str, Any]:
        return leave.request_leave(uow=self.uow, now=self.now(), **request)

    @rpc
    def decide_leave(self, **decision: Any) -> dict[str, Any]:
        return leave.decide_leave(uow=self.uow, now=self.now(), **decision)

    @rpc
    def cancel_leave(self, **leave_id: Any) -> dict[str, Any]:
        return leave.cancel_leave(uow=self.uow, now=self.now(), **leave_id)

    @rpc
    def list_leaves(self, **filters: Any) -> dict[str, Any]:
        return leave.list_leaves(uow=self.uow, **filters)

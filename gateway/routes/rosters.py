"""Who works when: rosters and leave."""

from typing import Any

from gateway.auth import staff_with
from gateway.guard import Guard, one_branch
from gateway.http import Call, route
from services.contracts import scheduling
from services.contracts.errors import Forbidden
from services.contracts.fields import Contract
from services.contracts.scheduling import rosters

READ = "calendar.read"
WRITE = "resource.write"
ASK = "leave.request"


class RosterBody(rosters.DefineRoster):
    """The whole draft; `publish` makes it count at once."""

    class Meta(Contract.Meta):
        exclude = ("resource_id",)


class LeaveBody(rosters.RequestLeave):
    """`approve` is for staff who may decide."""

    class Meta(Contract.Meta):
        exclude = ("id",)


class LeaveDecision(rosters.DecideLeave):
    class Meta(Contract.Meta):
        exclude = ("id",)


class Rosters(Guard):
    @route(
        "GET",
        "/api/v1/resources/<uuid:resource_id>/roster",
        zh="查看排班",
        en="Read the roster of a resource",
        tag="rosters",
        calls=(scheduling.GET_ROSTER, scheduling.LOCATE),
        admission=staff_with(READ),
    )
    def read_roster(self, call: Call, resource_id: str) -> Any:
        self.require_at(call, "resource", resource_id)
        return self.scheduling.get_roster(resource_id=resource_id)

    @route(
        "PUT",
        "/api/v1/resources/<uuid:resource_id>/roster",
        zh="保存排班",
        en="Draft the roster of a resource",
        tag="rosters",
        body=RosterBody(),
        calls=(scheduling.DEFINE_ROSTER, scheduling.LOCATE),
        admission=staff_with(WRITE),
    )
    def define_roster(self, call: Call, resource_id: str) -> Any:
        for branch_id in {rule["branch_id"] for rule in call.body["rules"]}:
            call.staff.require(WRITE, branch_id)
        self.require_at(call, "resource", resource_id)
        return self.scheduling.define_roster(resource_id=resource_id, **call.body)

    @route(
        "POST",
        "/api/v1/rosters/publish",
        zh="发布排班",
        en="Publish the drafted rosters of a branch",
        tag="rosters",
        body=rosters.PublishRosters(),
        calls=(scheduling.PUBLISH_ROSTERS, scheduling.LOCATE_ALL),
        admission=staff_with(WRITE),
    )
    def publish_rosters(self, call: Call) -> Any:
        call.staff.require(WRITE, call.body["branch_id"])
        self.require_all_at(call, "resource", call.body["resource_ids"])
        return self.scheduling.publish_rosters(**call.body)

    # --- leave

    @route(
        "GET",
        "/api/v1/leaves",
        zh="请假列表",
        en="List requests for leave",
        tag="rosters",
        query=rosters.ListLeaves(),
        calls=(scheduling.LIST_LEAVES,),
        admission=staff_with(ASK),
    )
    def list_leaves(self, call: Call) -> Any:
        query = dict(call.query)
        if call.staff.may(WRITE):
            query["branch_id"] = one_branch(call)
        else:
            query["resource_id"] = query["resource_id"] or call.staff.resource_id
            _require_self(call, query["resource_id"])
        return self.scheduling.list_leaves(**query)

    @route(
        "PUT",
        "/api/v1/leaves/<uuid:leave_id>",
        zh="申请请假",
        en="Ask for leave",
        tag="rosters",
        body=LeaveBody(),
        calls=(scheduling.REQUEST_LEAVE, scheduling.LOCATE),
        admission=staff_with(ASK),
    )
    def request_leave(self, call: Call, leave_id: str) -> Any:
        if not call.staff.may(WRITE):
            _require_self(call, call.body["resource_id"])
            if call.body["approve"]:
                raise Forbidden(permission=WRITE)
        self.require_at(call, "resource", call.body["resource_id"])
        return self.scheduling.request_leave(id=leave_id, **call.body)

    @route(
        "POST",
        "/api/v1/leaves/<uuid:leave_id>/decision",
        zh="审批请假",
        en="Approve or reject leave",
        tag="rosters",
        body=LeaveDecision(),
        calls=(scheduling.DECIDE_LEAVE, scheduling.LOCATE),
        admission=staff_with(WRITE),
    )
    def decide_leave(self, call: Call, leave_id: str) -> Any:
        self.require_at(call, "leave", leave_id)
        return self.scheduling.decide_leave(id=leave_id, **call.body)

    @route(
        "POST",
        "/api/v1/leaves/<uuid:leave_id>/cancel",
        zh="撤销请假",
        en="Cancel leave",
        tag="rosters",
        calls=(scheduling.CANCEL_LEAVE, scheduling.LOCATE),
        admission=staff_with(ASK),
    )
    def cancel_leave(self, call: Call, leave_id: str) -> Any:
        if call.staff.may(WRITE):
            self.require_at(call, "leave", leave_id)
        else:
            found = self.scheduling.locate(kind="leave", id=leave_id)
            if found["found"]:
                _require_self(call, found["resource_id"])
        return self.scheduling.cancel_leave(id=leave_id)


def _require_self(call: Call, resource_id: str | None) -> None:
    """Errors:  Forbidden unless the caller is that resource."""
    if resource_id is None or resource_id != call.staff.resource_id:
        raise Forbidden(permission=WRITE)

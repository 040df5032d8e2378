"""Branches as staff run them: their hours, and the days that are out of the ordinary."""

from typing import Any

from gateway.auth import staff_with
from gateway.guard import Guard
from gateway.http import Call, route
from services.contracts import scheduling
from services.contracts.fields import Contract
from services.contracts.scheduling import studio

READ = "calendar.read"
WRITE = "resource.write"


class BranchBody(studio.DefineBranch):
    """The whole branch with its weekly hours."""

    class Meta(Contract.Meta):
        exclude = ("id",)


class DaysSpan(studio.DaysQuery):
    """Local dates, both included."""

    class Meta(Contract.Meta):
        exclude = ("branch_id",)


class DayBody(studio.BranchDay):
    """The hours of one date; none at all puts the weekly ones back."""

    class Meta(Contract.Meta):
        exclude = ("branch_id", "day")


class ClosureBody(studio.Closure):
    """Local dates on which the branch is closed, both included."""

    class Meta(Contract.Meta):
        exclude = ("id", "branch_id")


class SpecialDayBody(studio.SpecialDay):
    """What kind of day it is."""

    class Meta(Contract.Meta):
        exclude = ("calendar", "day", "edited")


class Branches(Guard):
    @route(
        "GET",
        "/api/v1/branches/<uuid:branch_id>",
        zh="查看门店",
        en="Read a branch and its weekly hours",
        tag="branches",
        calls=(scheduling.GET_BRANCH,),
        admission=staff_with(READ),
    )
    def read_branch(self, call: Call, branch_id: str) -> Any:
        call.staff.require(READ, branch_id)
        return self.scheduling.get_branch(branch_id=branch_id)

    @route(
        "PUT",
        "/api/v1/branches/<uuid:branch_id>",
        zh="保存门店",
        en="Create or change a branch",
        tag="branches",
        body=BranchBody(),
        calls=(scheduling.DEFINE_BRANCH,),
        admission=staff_with(WRITE),
    )
    def define_branch(self, call: Call, branch_id: str) -> Any:
        call.staff.require(WRITE, branch_id)
        return self.scheduling.define_branch(id=branch_id, **call.body)

    @route(
        "GET",
        "/api/v1/branches/<uuid:branch_id>/days",
        zh="特殊营业日与节假日",
        en="List the closures, changed hours and holidays of a branch",
        tag="branches",
        query=DaysSpan(),
        calls=(scheduling.LIST_BRANCH_DAYS,),
        admission=staff_with(READ),
    )
    def list_branch_days(self, call: Call, branch_id: str) -> Any:
        call.staff.require(READ, branch_id)
        return self.scheduling.list_branch_days(branch_id=branch_id, **call.query)

    @route(
        "PUT",
        "/api/v1/branches/<uuid:branch_id>/days/<day>",
        zh="设置某日营业时间",
        en="Set the hours of one date",
        tag="branches",
        body=DayBody(),
        calls=(scheduling.DEFINE_BRANCH_DAY,),
        admission=staff_with(WRITE),
    )
    def define_branch_day(self, call: Call, branch_id: str, day: str) -> Any:
        call.staff.require(WRITE, branch_id)
        return self.scheduling.define_branch_day(branch_id=branch_id, day=day, **call.body)

    @route(
        "PUT",
        "/api/v1/branches/<uuid:branch_id>/closures/<uuid:closure_id>",
        zh="设置闭店",
        en="Close a branch for some dates",
        tag="branches",
        body=ClosureBody(),
        calls=(scheduling.DEFINE_CLOSURE, scheduling.LOCATE),
        admission=staff_with(WRITE),
    )
    def define_closure(self, call: Call, branch_id: str, closure_id: str) -> Any:
        call.staff.require(WRITE, branch_id)
        self.require_at(call, "closure", closure_id)
        return self.scheduling.define_closure(id=closure_id, branch_id=branch_id, **call.body)

    @route(
        "DELETE",
        "/api/v1/branches/<uuid:branch_id>/closures/<uuid:closure_id>",
        zh="取消闭店",
        en="Remove a closure",
        tag="branches",
        calls=(scheduling.REMOVE_CLOSURE, scheduling.LOCATE),
        admission=staff_with(WRITE),
    )
    def remove_closure(self, call: Call, branch_id: str, closure_id: str) -> Any:
        call.staff.require(WRITE, branch_id)
        self.require_at(call, "closure", closure_id)
        return self.scheduling.remove_closure(id=closure_id)

    @route(
        "PUT",
        "/api/v1/special-days/<calendar>/<day>",
        zh="修改节假日或调休",
        en="Say what kind of day a date is in a country's calendar",
        tag="branches",
        body=SpecialDayBody(),
        calls=(scheduling.DEFINE_SPECIAL_DAY,),
        admission=staff_with(WRITE),
    )
    def define_special_day(self, call: Call, calendar: str, day: str) -> Any:
        call.staff.require_everywhere()
        return self.scheduling.define_special_day(calendar=calendar, day=day, **call.body)

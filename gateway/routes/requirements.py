"""What a package needs to be done, and how often it may be booked."""

from typing import Any

from gateway.auth import staff_with
from gateway.guard import Guard
from gateway.http import Call, route
from services.contracts import catalogue, scheduling
from services.contracts.fields import Contract
from services.contracts.scheduling import requirements

READ = "calendar.read"
WRITE = "resource.write"


class RequirementBody(scheduling.DefineRequirement):
    """The whole of what the package needs."""

    class Meta(Contract.Meta):
        exclude = ("service_id",)


class QuotaBody(requirements.Quota):
    class Meta(Contract.Meta):
        exclude = ("id",)


class Requirements(Guard):
    @route(
        "GET",
        "/api/v1/services/<uuid:service_id>/requirement",
        zh="查看套餐所需资源",
        en="Read what a package needs",
        tag="requirements",
        calls=(scheduling.GET_REQUIREMENT,),
        admission=staff_with(READ),
    )
    def read_requirement(self, call: Call, service_id: str) -> Any:
        return self.scheduling.get_requirement(service_id=service_id)

    @route(
        "PUT",
        "/api/v1/services/<uuid:service_id>/requirement",
        zh="保存套餐所需资源",
        en="Say what a package needs",
        tag="requirements",
        body=RequirementBody(),
        calls=(catalogue.DEFINE_SERVICE_REQUIREMENT,),
        admission=staff_with(WRITE),
    )
    def define_requirement(self, call: Call, service_id: str) -> Any:
        call.staff.require_everywhere()
        return self.booking.define_service_requirement(service_id=service_id, **call.body)

    @route(
        "GET",
        "/api/v1/quotas",
        zh="预约限额",
        en="List the quotas",
        tag="requirements",
        calls=(scheduling.LIST_QUOTAS,),
        admission=staff_with(READ),
    )
    def list_quotas(self, call: Call) -> Any:
        found = self.scheduling.list_quotas()["items"]
        shared_or_own = [
            one
            for one in found
            if one["branch_id"] is None or call.staff.works_at(one["branch_id"])
        ]
        return {"items": shared_or_own}

    @route(
        "PUT",
        "/api/v1/quotas/<uuid:quota_id>",
        zh="保存预约限额",
        en="Create or change a quota",
        tag="requirements",
        body=QuotaBody(),
        calls=(scheduling.DEFINE_QUOTA, scheduling.LOCATE),
        admission=staff_with(WRITE),
    )
    def define_quota(self, call: Call, quota_id: str) -> Any:
        self._require_scope(call)
        self.require_at(call, "quota", quota_id)
        return self.scheduling.define_quota(id=quota_id, **call.body)

    @route(
        "DELETE",
        "/api/v1/quotas/<uuid:quota_id>",
        zh="删除预约限额",
        en="Remove a quota",
        tag="requirements",
        calls=(scheduling.REMOVE_QUOTA, scheduling.LOCATE),
        admission=staff_with(WRITE),
    )
    def remove_quota(self, call: Call, quota_id: str) -> Any:
        self.require_at(call, "quota", quota_id)
        return self.scheduling.remove_quota(id=quota_id)

    def _require_scope(self, call: Call) -> None:
        """A quota is its branch's, else its resource's, else everybody's."""
        branch_id, resource_id = call.body["branch_id"], call.body["resource_id"]
        if branch_id:
            call.staff.require(WRITE, branch_id)
        elif resource_id:
            self.require_at(call, "resource", resource_id)
        else:
            call.staff.require_everywhere()

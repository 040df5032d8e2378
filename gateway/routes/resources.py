"""People, rooms and things: what they are, what they can do, and the pools they are put in."""

from typing import Any

from gateway.auth import PUBLIC_OR_STAFF, staff_with
from gateway.guard import Guard
from gateway.http import Call, route
from services.contracts import scheduling
from services.contracts.fields import Contract
from services.contracts.scheduling import studio

READ = "calendar.read"
WRITE = "resource.write"

PUBLIC_FIELDS = ("id", "branch_id", "resource_type", "name", "level", "bookable_by_name")
"""What customers choose by; the rest is for staff."""


class ResourceTypeBody(studio.ResourceType):
    """A type that the studio adds, or a built-in one under another name."""

    class Meta(Contract.Meta):
        exclude = ("id", "built_in")


class SkillBody(studio.Skill):
    class Meta(Contract.Meta):
        exclude = ("id",)


class ResourceBody(studio.DefineResource):
    """The whole resource; `roster` may be left out and then stays what it is."""

    class Meta(Contract.Meta):
        exclude = ("id",)


class PoolBody(studio.DefinePool):
    """All that the pool holds: resources, and pools."""

    class Meta(Contract.Meta):
        exclude = ("id",)


class Resources(Guard):
    @route(
        "GET",
        "/api/v1/resources",
        zh="人员与场地列表",
        en="List the people, rooms and things of a branch",
        tag="resources",
        query=studio.ListResources(),
        calls=(scheduling.LIST_RESOURCES,),
        admission=PUBLIC_OR_STAFF,
    )
    def list_resources(self, call: Call) -> Any:
        staff = call.visitor.staff
        if staff and staff.may(READ) and staff.works_at(call.query["branch_id"]):
            return self.scheduling.list_resources(**call.query)
        page = self.scheduling.list_resources(**call.query | {"include_inactive": False})
        named = (one for one in page["items"] if one["bookable_by_name"])
        shown = [{name: one[name] for name in PUBLIC_FIELDS} for one in named]
        return page | {"items": shown}

    @route(
        "GET",
        "/api/v1/resources/<uuid:resource_id>",
        zh="查看人员或场地",
        en="Read a resource",
        tag="resources",
        calls=(scheduling.GET_RESOURCE,),
        admission=staff_with(READ),
    )
    def read_resource(self, call: Call, resource_id: str) -> Any:
        found = self.scheduling.get_resource(id=resource_id)
        call.staff.require(READ, found["branch_id"])
        return found

    @route(
        "PUT",
        "/api/v1/resources/<uuid:resource_id>",
        zh="保存人员或场地",
        en="Create or change a resource",
        tag="resources",
        body=ResourceBody(),
        calls=(scheduling.DEFINE_RESOURCE, scheduling.LOCATE),
        admission=staff_with(WRITE),
    )
    def define_resource(self, call: Call, resource_id: str) -> Any:
        call.staff.require(WRITE, call.body["branch_id"])
        self.require_at(call, "resource", resource_id)
        return self.scheduling.define_resource(id=resource_id, **call.body)

    # --- what all branches share

    @route(
        "GET",
        "/api/v1/resource-types",
        zh="资源类型",
        en="List the types of resources",
        tag="resources",
        calls=(scheduling.LIST_RESOURCE_TYPES,),
        admission=staff_with(READ),
    )
    def list_resource_types(self, call: Call) -> Any:
        return self.scheduling.list_resource_types()

    @route(
        "PUT",
        "/api/v1/resource-types/<type_id>",
        zh="保存资源类型",
        en="Add or rename a type of resource",
        tag="resources",
        body=ResourceTypeBody(),
        calls=(scheduling.DEFINE_RESOURCE_TYPE,),
        admission=staff_with(WRITE),
    )
    def define_resource_type(self, call: Call, type_id: str) -> Any:
        call.staff.require_everywhere()
        return self.scheduling.define_resource_type(id=type_id, **call.body)

    @route(
        "DELETE",
        "/api/v1/resource-types/<type_id>",
        zh="删除资源类型",
        en="Remove a type of resource",
        tag="resources",
        calls=(scheduling.REMOVE_RESOURCE_TYPE,),
        admission=staff_with(WRITE),
    )
    def remove_resource_type(self, call: Call, type_id: str) -> Any:
        call.staff.require_everywhere()
        return self.scheduling.remove_resource_type(id=type_id)

    @route(
        "GET",
        "/api/v1/skills",
        zh="技能列表",
        en="List the skills",
        tag="resources",
        calls=(scheduling.LIST_SKILLS,),
        admission=staff_with(READ),
    )
    def list_skills(self, call: Call) -> Any:
        return self.scheduling.list_skills()

    @route(
        "PUT",
        "/api/v1/skills/<skill_id>",
        zh="保存技能",
        en="Add or rename a skill",
        tag="resources",
        body=SkillBody(),
        calls=(scheduling.DEFINE_SKILL,),
        admission=staff_with(WRITE),
    )
    def define_skill(self, call: Call, skill_id: str) -> Any:
        call.staff.require_everywhere()
        return self.scheduling.define_skill(id=skill_id, **call.body)

    @route(
        "GET",
        "/api/v1/pools",
        zh="资源池列表",
        en="List the pools and what they contain",
        tag="resources",
        calls=(scheduling.LIST_POOLS,),
        admission=staff_with(READ),
    )
    def list_pools(self, call: Call) -> Any:
        return self.scheduling.list_pools()

    @route(
        "PUT",
        "/api/v1/pools/<uuid:pool_id>",
        zh="保存资源池",
        en="Create or change a pool",
        tag="resources",
        body=PoolBody(),
        calls=(scheduling.DEFINE_POOL,),
        admission=staff_with(WRITE),
    )
    def define_pool(self, call: Call, pool_id: str) -> Any:
        call.staff.require_everywhere()
        return self.scheduling.define_pool(id=pool_id, **call.body)

    @route(
        "DELETE",
        "/api/v1/pools/<uuid:pool_id>",
        zh="删除资源池",
        en="Remove a pool",
        tag="resources",
        calls=(scheduling.REMOVE_POOL,),
        admission=staff_with(WRITE),
    )
    def remove_pool(self, call: Call, pool_id: str) -> Any:
        call.staff.require_everywhere()
        return self.scheduling.remove_pool(id=pool_id)

"""What scheduling answers about a studio: branches, resources, pools, requirements and quotas."""

from typing import Any

from nameko.timer import timer

from services.chassis.rpc import rpc
from services.scheduling.entrypoints.base import Parts
from services.scheduling.usecases import (
    branches,
    pools,
    quotas,
    requirements,
    resource_types,
    resources,
    special_days,
)

DAY_SECONDS = 24 * 60 * 60


class Studio(Parts):
    # --- branches and their days

    @rpc
    def define_branch(self, **branch: Any) -> dict[str, Any]:
        return branches.define_branch(uow=self.uow, now=self.now(), **branch)

    @rpc
    def get_branch(self, **branch: Any) -> dict[str, Any]:
        return branches.get_branch(uow=self.uow, **branch)

    @rpc
    def list_branches(self) -> dict[str, Any]:
        return branches.list_branches(uow=self.uow)

    @rpc
    def list_branch_days(self, **question: Any) -> dict[str, Any]:
        return branches.list_branch_days(uow=self.uow, **question)

    @rpc
    def define_branch_day(self, **day: Any) -> dict[str, Any]:
        return branches.define_branch_day(uow=self.uow, now=self.now(), **day)

    @rpc
    def define_closure(self, **closure: Any) -> dict[str, Any]:
        return branches.define_closure(uow=self.uow, now=self.now(), **closure)

    @rpc
    def remove_closure(self, **closure: Any) -> dict[str, Any]:
        return branches.remove_closure(uow=self.uow, now=self.now(), **closure)

    @rpc
    def define_special_day(self, **day: Any) -> dict[str, Any]:
        return special_days.define_special_day(uow=self.uow, now=self.now(), **day)

    @timer(interval=DAY_SECONDS, eager=True)
    def load_special_days(self) -> None:
        """Also at the start: what a new release of the calendars says counts at once."""
        special_days.load_special_days(uow=self.uow, now=self.now())

    # --- resources

    @rpc
    def define_resource_type(self, **resource_type: Any) -> Any:
        return resource_types.define_resource_type(uow=self.uow, **resource_type)

    @rpc
    def remove_resource_type(self, **resource_type: Any) -> dict[str, Any]:
        return resource_types.remove_resource_type(uow=self.uow, **resource_type)

    @rpc
    def list_resource_types(self) -> dict[str, Any]:
        return resource_types.list_resource_types(uow=self.uow)

    @rpc
    def define_skill(self, **skill: Any) -> dict[str, Any]:
        return resource_types.define_skill(uow=self.uow, **skill)

    @rpc
    def list_skills(self) -> dict[str, Any]:
        return resource_types.list_skills(uow=self.uow)

    @rpc
    def define_resource(self, **resource: Any) -> dict[str, Any]:
        return resources.define_resource(uow=self.uow, now=self.now(), **resource)

    @rpc
    def get_resource(self, **resource: Any) -> dict[str, Any]:
        return resources.get_resource(uow=self.uow, **resource)

    @rpc
    def list_resources(self, **filters: Any) -> dict[str, Any]:
        return resources.list_resources(uow=self.uow, **filters)

    @rpc
    def skill_levels(self, **question: Any) -> dict[str, Any]:
        return resources.skill_levels(uow=self.uow, **question)

    @rpc
    def define_pool(self, **pool: Any) -> dict[str, Any]:
        return pools.define_pool(uow=self.uow, **pool)

    @rpc
    def remove_pool(self, **pool: Any) -> dict[str, Any]:
        return pools.remove_pool(uow=self.uow, **pool)

    @rpc
    def list_pools(self) -> dict[str, Any]:
        return pools.list_pools(uow=self.uow)

    # --- what services need

    @rpc
    def define_requirement(self, **requirement: Any) -> dict[str, Any]:
        return requirements.define_requirement(uow=self.uow, **requirement)

    @rpc
    def get_requirement(self, **service: Any) -> dict[str, Any]:
        return requirements.get_requirement(uow=self.uow, **service)

    @rpc
    def define_quota(self, **quota: Any) -> dict[str, Any]:
        return quotas.define_quota(uow=self.uow, **quota)

    @rpc
    def remove_quota(self, **quota: Any) -> dict[str, Any]:
        return quotas.remove_quota(uow=self.uow, **quota)

    @rpc
    def list_quotas(self) -> dict[str, Any]:
        return quotas.list_quotas(uow=self.uow)

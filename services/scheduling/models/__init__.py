"""The tables of scheduling, by noun, and what their constraints mean to a caller."""

from services.contracts.errors import YingqiError
from services.contracts.scheduling import (
    BranchUnknown,
    PoolUnknown,
    ResourceTypeUnknown,
    ResourceUnknown,
    ServiceUnknown,
    SkillUnknown,
    SlotTaken,
)
from services.scheduling.models.base import Base
from services.scheduling.models.requirements import (
    DayPart,
    Quota,
    Requirement,
    RequirementBranch,
    RequirementLine,
)
from services.scheduling.models.rosters import (
    BusyFeed,
    BusyTime,
    CalendarLink,
    Leave,
    RosterRule,
    RosterSpan,
)
from services.scheduling.models.studio import (
    Branch,
    BranchDay,
    BranchHours,
    Closure,
    Pool,
    PoolChild,
    PoolMember,
    PoolResource,
    Resource,
    ResourceSkill,
    ResourceType,
    Skill,
    SpecialDay,
)
from services.scheduling.models.time import MAX_ALLOCATION_HOURS, Allocation, Hold, ToldConflict
from services.scheduling.models.utilisation import UtilisationDay
from services.scheduling.models.waitlist import FreedTime, WaitlistEntry

__all__ = [
    "CONSTRAINT_ERRORS",
    "MAX_ALLOCATION_HOURS",
    "Allocation",
    "Base",
    "Branch",
    "BranchDay",
    "BranchHours",
    "BusyFeed",
    "BusyTime",
    "CalendarLink",
    "Closure",
    "DayPart",
    "FreedTime",
    "Hold",
    "Leave",
    "Pool",
    "PoolChild",
    "PoolMember",
    "PoolResource",
    "Quota",
    "Requirement",
    "RequirementBranch",
    "RequirementLine",
    "Resource",
    "ResourceSkill",
    "ResourceType",
    "RosterRule",
    "RosterSpan",
    "Skill",
    "SpecialDay",
    "ToldConflict",
    "UtilisationDay",
    "WaitlistEntry",
]

CONSTRAINT_ERRORS: dict[str, type[YingqiError]] = {
    "allocation_no_overlap": SlotTaken,
    "allocation_one_session": SlotTaken,
    "allocation_one_place": SlotTaken,
    "branch_day_branch_id_fkey": BranchUnknown,
    "busy_feed_resource_id_fkey": ResourceUnknown,
    "calendar_link_branch_id_fkey": BranchUnknown,
    "calendar_link_resource_id_fkey": ResourceUnknown,
    "closure_branch_id_fkey": BranchUnknown,
    "leave_resource_id_fkey": ResourceUnknown,
    "pool_child_child_id_fkey": PoolUnknown,
    "pool_member_resource_id_fkey": ResourceUnknown,
    "quota_branch_id_fkey": BranchUnknown,
    "quota_resource_id_fkey": ResourceUnknown,
    "quota_resource_type_fkey": ResourceTypeUnknown,
    "quota_service_id_fkey": ServiceUnknown,
    "requirement_branch_branch_id_fkey": BranchUnknown,
    "requirement_line_pool_id_fkey": PoolUnknown,
    "requirement_line_resource_type_fkey": ResourceTypeUnknown,
    "resource_branch_id_fkey": BranchUnknown,
    "resource_resource_type_fkey": ResourceTypeUnknown,
    "resource_skill_skill_id_fkey": SkillUnknown,
    "roster_rule_branch_id_fkey": BranchUnknown,
    "roster_rule_resource_id_fkey": ResourceUnknown,
}

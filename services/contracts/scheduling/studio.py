"""Branches and their days, resources, types, skills and pools."""

from marshmallow import fields, validate

from services.contracts.fields import Contract, Flag, Line, Minutes, Words
from services.contracts.registry import Event, Rpc
from services.contracts.scheduling.errors import (
    BranchUnknown,
    ClosureUnknown,
    HolidayCalendarUnknown,
    PoolCyclic,
    PoolInUse,
    PoolUnknown,
    RangeInvalid,
    ResourceTypeInUse,
    ResourceTypeUnknown,
    ResourceUnknown,
    ServiceUnknown,
    SkillUnknown,
)

OWNER = "scheduling"
SLUG = validate.Regexp(r"^[a-z][a-z0-9_]{0,39}$")
"""How types, skills and lines are named on the wire."""

DAY_CODE = validate.Range(1, 9)
"""ISO weekdays 1–7, 8 for a public holiday, 9 for a day off that is worked in exchange (调休)."""

PAGE_LIMIT = 200


class Empty(Contract):
    """Nothing."""


class WeeklyHours(Contract):
    """Hours of one kind of day; `closes` ≤ `opens` means the next day."""

    weekday = fields.Integer(required=True, strict=True, validate=DAY_CODE)
    opens = fields.Time(required=True, format="%H:%M")
    closes = fields.Time(required=True, format="%H:%M")


class Branch(Contract):
    """`holiday_calendar` as the holidays package names it: CN, HK, US-CA; null for none."""

    id = fields.UUID(required=True)
    name = Words(required=True)
    address = Words(required=True)
    phone = fields.String(required=True)
    timezone = fields.String(required=True)
    holiday_calendar = fields.String(
        load_default=None, allow_none=True, validate=validate.Regexp(r"^[A-Z]{2}(-[A-Z0-9]{1,5})?$")
    )
    open_on_holidays = Flag(load_default=True)
    travel_minutes = Minutes(load_default=0, validate=validate.Range(0, 720))


class DefineBranch(Branch):
    hours = fields.List(fields.Nested(WeeklyHours), required=True)


class BranchId(Contract):
    branch_id = fields.UUID(required=True)


class BranchList(Contract):
    items = fields.List(fields.Nested(Branch), required=True)


class BranchDetail(DefineBranch):
    """A branch with its weekly hours."""


# --- days


class DayHours(Contract):
    opens = fields.Time(required=True, format="%H:%M")
    closes = fields.Time(required=True, format="%H:%M")


class BranchDay(Contract):
    """Hours of one date in place of the weekly ones; none at all puts the weekly ones back."""

    branch_id = fields.UUID(required=True)
    day = fields.Date(required=True)
    hours = fields.List(fields.Nested(DayHours), required=True, validate=validate.Length(max=6))
    reason = fields.String(load_default="", validate=validate.Length(max=200))


class Closure(Contract):
    """Local dates on which a branch is closed, both included."""

    id = fields.UUID(required=True)
    branch_id = fields.UUID(required=True)
    first_day = fields.Date(required=True)
    last_day = fields.Date(required=True)
    reason = fields.String(load_default="", validate=validate.Length(max=200))


class Id(Contract):
    id = fields.UUID(required=True)


class Removed(Contract):
    """`removed` is false when there was nothing to remove."""

    removed = Flag(required=True)


class SpecialDay(Contract):
    """A public holiday, a make-up work day, or (`ordinary`) a day that is neither after all.

    `edited` days are the studio's own word; not edited, a day is what the official calendar says.
    """

    calendar = fields.String(required=True)
    day = fields.Date(required=True)
    kind = fields.String(
        required=True, validate=validate.OneOf(["holiday", "work_day", "ordinary"])
    )
    name = Words(required=True)
    edited = Flag(load_default=True)


class DaysQuery(Contract):
    """Local dates, both included."""

    branch_id = fields.UUID(required=True)
    from_ = fields.Date(required=True, data_key="from")
    to = fields.Date(required=True)


class BranchDays(Contract):
    """What is out of the ordinary at a branch on some dates."""

    closures = fields.List(fields.Nested(Closure), required=True)
    days = fields.List(fields.Nested(BranchDay), required=True)
    special_days = fields.List(fields.Nested(SpecialDay), required=True)


# --- resources


class ResourceType(Contract):
    """`kind`: a person works only when rostered; others without a roster can always be used."""

    id = fields.String(required=True, validate=SLUG)
    name = Words(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["person", "space", "thing"]))
    built_in = Flag(load_default=False)


class ResourceTypeId(Contract):
    id = fields.String(required=True)


class ResourceTypeList(Contract):
    items = fields.List(fields.Nested(ResourceType), required=True)


class Skill(Contract):
    id = fields.String(required=True, validate=SLUG)
    name = Words(required=True)


class SkillList(Contract):
    items = fields.List(fields.Nested(Skill), required=True)


def Skills(**kwargs: object) -> fields.Dict:  # noqa: N802  (reads like a field type)
    """Skill → level, 1 (learns it) to 5 (teaches it)."""
    return fields.Dict(
        keys=fields.String(validate=SLUG),
        values=fields.Integer(strict=True, validate=validate.Range(1, 5)),
        **kwargs,  # type: ignore[arg-type]
    )


def Attributes(**kwargs: object) -> fields.Dict:  # noqa: N802
    """What tells like things apart: {"size": "M", "colour": "红"}."""
    return fields.Dict(
        keys=fields.String(validate=SLUG),
        values=fields.String(validate=validate.Length(min=1, max=80)),
        **kwargs,  # type: ignore[arg-type]
    )


class Resource(Contract):
    """`capacity` counts equal units. `mobile` people need time to get from place to place."""

    id = fields.UUID(required=True)
    branch_id = fields.UUID(required=True)
    resource_type = fields.String(required=True, validate=SLUG)
    name = Words(required=True)
    level = Words(allow_none=True, load_default=None)
    bookable_by_name = Flag(load_default=True)
    capacity = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, 200))
    attributes = Attributes(load_default=dict)
    skills = Skills(load_default=dict)
    mobile = Flag(load_default=False)
    travel_minutes = Minutes(load_default=0, validate=validate.Range(0, 720))
    active = Flag(load_default=True)


class DefineResource(Resource):
    """`roster`, when given, replaces the published roster by weekly hours at the home branch."""

    roster = fields.List(fields.Nested(WeeklyHours), load_default=None, allow_none=True)


class ListResources(Contract):
    """`search` looks in names; a service narrows to those who could serve it."""

    branch_id = fields.UUID(required=True)
    service_id = fields.UUID(load_default=None, allow_none=True)
    resource_type = fields.String(load_default=None, allow_none=True)
    search = Line(load_default="", validate=validate.Length(max=80))
    include_inactive = fields.Boolean(load_default=False)
    limit = fields.Integer(load_default=PAGE_LIMIT, validate=validate.Range(1, 200))
    cursor = fields.String(load_default=None, allow_none=True)


class ResourceList(Contract):
    items = fields.List(fields.Nested(Resource), required=True)
    next_cursor = fields.String(load_default=None, allow_none=True)


class SkillLevelsQuery(Contract):
    resource_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(max=100))


class SkilledResource(Contract):
    resource_id = fields.UUID(required=True)
    skills = Skills(required=True)


class SkillLevels(Contract):
    """Those that there are, active or not; whoever has no skills has an empty one."""

    items = fields.List(fields.Nested(SkilledResource), required=True)


class DefinePool(Contract):
    id = fields.UUID(required=True)
    name = Words(required=True)
    resource_ids = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=500))
    pool_ids = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=50))


class Pool(DefinePool):
    """`contains` is every resource in it, those of its pools included."""

    contains = fields.List(fields.UUID(), required=True)


class PoolList(Contract):
    items = fields.List(fields.Nested(Pool), required=True)


DEFINE_BRANCH = Rpc(OWNER, "define_branch", DefineBranch(), Branch(), (HolidayCalendarUnknown,))
GET_BRANCH = Rpc(OWNER, "get_branch", BranchId(), BranchDetail(), (BranchUnknown,))
LIST_BRANCHES = Rpc(OWNER, "list_branches", Empty(), BranchList())
LIST_BRANCH_DAYS = Rpc(
    OWNER, "list_branch_days", DaysQuery(), BranchDays(), (BranchUnknown, RangeInvalid)
)
DEFINE_BRANCH_DAY = Rpc(OWNER, "define_branch_day", BranchDay(), BranchDay(), (BranchUnknown,))
DEFINE_CLOSURE = Rpc(OWNER, "define_closure", Closure(), Closure(), (BranchUnknown, RangeInvalid))
REMOVE_CLOSURE = Rpc(OWNER, "remove_closure", Id(), Removed(), (ClosureUnknown,))
DEFINE_SPECIAL_DAY = Rpc(
    OWNER, "define_special_day", SpecialDay(), SpecialDay(), (HolidayCalendarUnknown,)
)
DEFINE_RESOURCE_TYPE = Rpc(OWNER, "define_resource_type", ResourceType(), ResourceType())
REMOVE_RESOURCE_TYPE = Rpc(
    OWNER,
    "remove_resource_type",
    ResourceTypeId(),
    Removed(),
    (ResourceTypeUnknown, ResourceTypeInUse),
)
LIST_RESOURCE_TYPES = Rpc(OWNER, "list_resource_types", Empty(), ResourceTypeList())
DEFINE_SKILL = Rpc(OWNER, "define_skill", Skill(), Skill())
LIST_SKILLS = Rpc(OWNER, "list_skills", Empty(), SkillList())
DEFINE_RESOURCE = Rpc(
    OWNER,
    "define_resource",
    DefineResource(),
    Resource(),
    (BranchUnknown, ResourceTypeUnknown, SkillUnknown),
)
GET_RESOURCE = Rpc(OWNER, "get_resource", Id(), Resource(), (ResourceUnknown,))
LIST_RESOURCES = Rpc(
    OWNER, "list_resources", ListResources(), ResourceList(), (BranchUnknown, ServiceUnknown)
)
SKILL_LEVELS = Rpc(OWNER, "skill_levels", SkillLevelsQuery(), SkillLevels())
DEFINE_POOL = Rpc(
    OWNER, "define_pool", DefinePool(), Pool(), (PoolUnknown, PoolCyclic, ResourceUnknown)
)
REMOVE_POOL = Rpc(OWNER, "remove_pool", Id(), Removed(), (PoolUnknown, PoolInUse))
LIST_POOLS = Rpc(OWNER, "list_pools", Empty(), PoolList())


class BranchChanged(Contract):
    """A branch is new or another than it was: its particulars, hours, days, closures or public
    holidays.
    """

    branch_id = fields.UUID(required=True)


class ResourceChanged(Contract):
    """A resource is new or another than it was; told once for each branch that it concerns."""

    resource_id = fields.UUID(required=True)
    branch_id = fields.UUID(required=True)


class ResourceTypeChanged(Contract):
    """A type of resource is new, another than it was, or gone."""

    resource_type = fields.String(required=True)


class SkillChanged(Contract):
    """A skill is new or has another name."""

    skill_id = fields.String(required=True)


class PoolChanged(Contract):
    """A pool is new, contains something else, or is gone."""

    pool_id = fields.UUID(required=True)


BRANCH_CHANGED = Event("branch.changed", OWNER, BranchChanged(), "branch_id")
RESOURCE_CHANGED = Event("resource.changed", OWNER, ResourceChanged(), "resource_id")
RESOURCE_TYPE_CHANGED = Event(
    "resource_type.changed", OWNER, ResourceTypeChanged(), "resource_type"
)
SKILL_CHANGED = Event("skill.changed", OWNER, SkillChanged(), "skill_id")
POOL_CHANGED = Event("pool.changed", OWNER, PoolChanged(), "pool_id")

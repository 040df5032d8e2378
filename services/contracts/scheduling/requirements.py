"""How services may be booked: whom they need, when they start, and how often."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from services.contracts.fields import Contract, Flag, Minutes, Words
from services.contracts.registry import Rpc
from services.contracts.scheduling.errors import (
    BranchUnknown,
    PoolUnknown,
    QuotaUnknown,
    ResourceTypeUnknown,
    ResourceUnknown,
    ServiceUnknown,
)
from services.contracts.scheduling.studio import (
    DAY_CODE,
    OWNER,
    SLUG,
    Attributes,
    Empty,
    Id,
    Removed,
    Skills,
)


class RoleLine(Contract):
    """One line of a service: how many of which resources, and the part of it that they serve.

    `key` tells lines apart (its resource type, unless there are two of one type); `name` is what
    customers read, that of the type when null. Time counts from
    the start of the booking and may begin before it; `whole_days` locks all local days that it
    touches. `optional` lines are served when asked for. In a class with several places one
    resource of a `shared` line serves all of them.
    """

    key = fields.String(load_default=None, allow_none=True, validate=SLUG)
    name = Words(load_default=None, allow_none=True)
    resource_type = fields.String(required=True, validate=SLUG)
    quantity = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, 20))
    offset_minutes = Minutes(load_default=0, validate=validate.Range(-10_080, 10_080))
    length_minutes = Minutes(required=True, validate=validate.Range(1, 14_400))
    buffer_before_minutes = Minutes(load_default=0, validate=validate.Range(0, 480))
    buffer_after_minutes = Minutes(load_default=0, validate=validate.Range(0, 480))
    whole_days = Flag(load_default=False)
    optional = Flag(load_default=False)
    shared = Flag(load_default=False)
    pool_id = fields.UUID(load_default=None, allow_none=True)
    skills = Skills(load_default=dict)
    attributes = Attributes(load_default=dict)


class DayPart(Contract):
    """A part of the day that can be booked before the hour is agreed."""

    part = fields.String(required=True, validate=SLUG)
    opens = fields.Time(required=True, format="%H:%M")
    closes = fields.Time(required=True, format="%H:%M")

    @validates_schema
    def ends_after_it_begins(self, data: dict[str, Any], **_: Any) -> None:
        if data["closes"] <= data["opens"]:
            raise ValidationError("The part must end after it begins.", "closes")


class DefineRequirement(Contract):
    """What a service needs. `duration_minutes` is what the customer is told (null: worked out)."""

    service_id = fields.UUID(required=True)
    branch_ids = fields.List(fields.UUID(), required=True)
    slot_step_minutes = Minutes(load_default=30, validate=validate.Range(5, 1440))
    minimum_notice_minutes = Minutes(load_default=0, validate=validate.Range(0, 525_600))
    horizon_days = fields.Integer(strict=True, load_default=92, validate=validate.Range(1, 730))
    duration_minutes = Minutes(
        load_default=None, allow_none=True, validate=validate.Range(1, 10_080)
    )
    places = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, 200))
    weekdays = fields.List(
        fields.Integer(strict=True, validate=DAY_CODE),
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=9),
    )
    day_parts = fields.List(
        fields.Nested(DayPart), load_default=list, validate=validate.Length(max=6)
    )
    waitlist_mode = fields.String(
        load_default="offer", validate=validate.OneOf(["off", "offer", "notify"])
    )
    waitlist_offer_minutes = Minutes(load_default=30, validate=validate.Range(5, 2880))
    roles = fields.List(
        fields.Nested(RoleLine), required=True, validate=validate.Length(min=1, max=12)
    )


class ServiceId(Contract):
    service_id = fields.UUID(required=True)


class Quota(Contract):
    """The most that may start in a period.

    `per` says whose bookings are counted; the ids narrow what it applies to. `weekdays` limit a
    daily quota to some kinds of days.
    """

    id = fields.UUID(required=True)
    per = fields.String(
        required=True, validate=validate.OneOf(["resource", "service", "branch", "customer"])
    )
    unit = fields.String(load_default="count", validate=validate.OneOf(["count", "minutes"]))
    period = fields.String(required=True, validate=validate.OneOf(["day", "week", "month"]))
    maximum = fields.Integer(required=True, strict=True, validate=validate.Range(0, 100_000))
    weekdays = fields.List(
        fields.Integer(strict=True, validate=DAY_CODE),
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=9),
    )
    resource_id = fields.UUID(load_default=None, allow_none=True)
    resource_type = fields.String(load_default=None, allow_none=True)
    service_id = fields.UUID(load_default=None, allow_none=True)
    branch_id = fields.UUID(load_default=None, allow_none=True)

    @validates_schema
    def means_something(self, data: dict[str, Any], **_: Any) -> None:
        if data["weekdays"] and data["period"] != "day":
            raise ValidationError("Only a quota of a day can name weekdays.", "weekdays")
        if data["per"] != "resource" and (data["resource_id"] or data["resource_type"]):
            raise ValidationError("Only a quota per resource can name one.", "resource_id")


class QuotaList(Contract):
    items = fields.List(fields.Nested(Quota), required=True)


DEFINE_REQUIREMENT = Rpc(
    OWNER,
    "define_requirement",
    DefineRequirement(),
    DefineRequirement(),
    (BranchUnknown, ResourceTypeUnknown, PoolUnknown),
)
GET_REQUIREMENT = Rpc(OWNER, "get_requirement", ServiceId(), DefineRequirement(), (ServiceUnknown,))
DEFINE_QUOTA = Rpc(
    OWNER,
    "define_quota",
    Quota(),
    Quota(),
    (BranchUnknown, ServiceUnknown, ResourceUnknown, ResourceTypeUnknown),
)
REMOVE_QUOTA = Rpc(OWNER, "remove_quota", Id(), Removed(), (QuotaUnknown,))
LIST_QUOTAS = Rpc(OWNER, "list_quotas", Empty(), QuotaList())

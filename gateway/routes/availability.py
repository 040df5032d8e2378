"""Free times, and why a time is not free."""

from typing import Any

from marshmallow import fields, validate

from gateway.auth import PUBLIC_OR_STAFF
from gateway.http import Area, Call, route
from services.contracts import scheduling
from services.contracts.fields import Contract
from services.contracts.scheduling import slots
from services.contracts.scheduling.studio import SLUG

MAX_CHOSEN = scheduling.MAX_WISHES
PRIVATE = frozenset({"leave", "busy_elsewhere"})  # to customers somebody simply does not work


class Chosen(Contract):
    """`resource_id` and `option` may be repeated."""

    resource_ids = fields.List(
        fields.UUID(),
        data_key="resource_id",
        load_default=list,
        validate=validate.Length(max=MAX_CHOSEN),
    )
    options = fields.List(
        fields.String(validate=SLUG),
        data_key="option",
        load_default=list,
        validate=validate.Length(max=MAX_CHOSEN),
    )


class AvailabilityQuery(Chosen, scheduling.FindSlots):
    """Local days `from` to `to`, both included; `resource_id`, `option` and `also` may be
    repeated. `also` are services that follow in the same booking, in their order.
    """

    class Meta(Contract.Meta):
        exclude = ("customer_key",)


class ExplanationQuery(Chosen, slots.ExplainStart):
    """`booking_id` asks whether that booking could move there; `also` as for free times."""

    class Meta(Contract.Meta):
        exclude = ("customer_key",)


class Availability(Area):
    @route(
        "GET",
        "/api/v1/availability",
        zh="查询可预约时段",
        en="Find the free times of a package",
        tag="catalogue",
        query=AvailabilityQuery(),
        calls=(scheduling.FIND_SLOTS,),
    )
    def find_availability(self, call: Call) -> Any:
        return self.scheduling.find_slots(**_wishes(call))

    @route(
        "GET",
        "/api/v1/availability/explanation",
        zh="为什么该时间不可预约",
        en="Explain why a start cannot be had, and what is near it",
        tag="catalogue",
        query=ExplanationQuery(),
        calls=(scheduling.EXPLAIN,),
        admission=PUBLIC_OR_STAFF,
    )
    def explain_start(self, call: Call) -> Any:
        explanation = self.scheduling.explain(**_wishes(call))
        staff = call.visitor.staff
        if staff and staff.may("calendar.read") and staff.works_at(call.query["branch_id"]):
            return explanation
        lines = [
            line | {"obstacles": [_unnamed(one) for one in line["obstacles"]]}
            for line in explanation["lines"]
        ]
        return explanation | {"lines": lines}


def _wishes(call: Call) -> dict[str, Any]:
    wished = dict(call.query)
    resource_ids, options = wished.pop("resource_id"), wished.pop("option")
    return {**wished, "resource_ids": resource_ids, "options": options}


def _unnamed(obstacle: dict[str, Any]) -> dict[str, Any]:
    """An obstacle as customers see it: who booked, and why one is away, is not theirs to know."""
    kind = "off_roster" if obstacle["kind"] in PRIVATE else obstacle["kind"]
    return obstacle | {"kind": kind, "allocation_id": None, "booking_id": None}

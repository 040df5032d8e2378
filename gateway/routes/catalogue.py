"""What a customer chooses from: branches, packages, people and rooms, free times."""

from typing import Any

from marshmallow import fields, validate

from gateway.http import Area, Call, route
from services.contracts import catalogue, scheduling

MAX_CHOSEN = 12  # as many as one booking has roles


class AvailabilityQuery(scheduling.FindSlots):
    """Local days `from` to `to`, both included; `resource_id` may be repeated."""

    resource_ids = fields.List(
        fields.UUID(),
        data_key="resource_id",
        load_default=list,
        validate=validate.Length(max=MAX_CHOSEN),
    )


class Catalogue(Area):
    @route(
        "GET",
        "/api/v1/branches",
        zh="门店列表",
        en="List the branches",
        tag="catalogue",
        calls=(scheduling.LIST_BRANCHES,),
    )
    def list_branches(self, call: Call) -> Any:
        return self.scheduling.list_branches()

    @route(
        "GET",
        "/api/v1/services",
        zh="套餐列表",
        en="List the packages",
        tag="catalogue",
        query=catalogue.ListServices(),
        calls=(catalogue.LIST_SERVICES,),
    )
    def list_services(self, call: Call) -> Any:
        return self.booking.list_services(**call.query)

    @route(
        "GET",
        "/api/v1/resources",
        zh="可指定的人员与场地",
        en="List the people and rooms of a branch",
        tag="catalogue",
        query=scheduling.ListResources(),
        calls=(scheduling.LIST_RESOURCES,),
    )
    def list_resources(self, call: Call) -> Any:
        return self.scheduling.list_resources(**call.query)

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
        wanted = dict(call.query)
        return self.scheduling.find_slots(resource_ids=wanted.pop("resource_id"), **wanted)

"""What a customer chooses from first: branches and packages."""

from typing import Any

from gateway.http import Area, Call, route
from services.contracts import catalogue, scheduling


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

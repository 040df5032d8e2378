"""What a customer chooses from first: branches, services, packages, add-ons, and the price."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gateway.auth import PUBLIC_OR_STAFF, staff_with
from gateway.http import Area, Call, route
from services.contracts import catalogue, scheduling
from services.contracts.errors import Forbidden, TooMany
from services.contracts.fields import Contract
from services.contracts.members import CouponUnknown

WRITE = "catalogue.write"

WRONG_COUPON = 10
"""Wishes that one with a wrong code counts as: who mistypes tries again, who guesses waits."""


class ServiceBody(catalogue.DefineService):
    """The whole of what is sold and what it needs."""

    class Meta(Contract.Meta):
        exclude = ("service_id",)


class PackageBody(catalogue.DefinePackage):
    """The whole of a package."""

    class Meta(Contract.Meta):
        exclude = ("package_id",)


class AddOnBody(catalogue.DefineAddOn):
    class Meta(Contract.Meta):
        exclude = ("add_on_id",)


class PriceRuleBody(catalogue.PriceRule):
    class Meta(Contract.Meta):
        exclude = ("id",)


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
        en="List the services",
        tag="catalogue",
        query=catalogue.ListServices(),
        calls=(catalogue.LIST_SERVICES,),
    )
    def list_services(self, call: Call) -> Any:
        return self.booking.list_services(**call.query)

    @route(
        "PUT",
        "/api/v1/services/<uuid:service_id>",
        zh="保存套餐",
        en="Say what a service is, costs and needs",
        tag="catalogue",
        body=ServiceBody(),
        calls=(catalogue.DEFINE_SERVICE,),
        admission=staff_with(WRITE),
    )
    def define_service(self, call: Call, service_id: str) -> Any:
        call.staff.require_everywhere()
        return self.booking.define_service(service_id=service_id, **call.body)

    @route(
        "GET",
        "/api/v1/packages",
        zh="套系列表",
        en="List the packages",
        tag="catalogue",
        query=catalogue.ListPackages(),
        calls=(catalogue.LIST_PACKAGES,),
        extra_errors=(Forbidden,),
        admission=PUBLIC_OR_STAFF,
    )
    def list_packages(self, call: Call) -> Any:
        _check_all(call)
        return self.booking.list_packages(**call.query)

    @route(
        "PUT",
        "/api/v1/packages/<uuid:package_id>",
        zh="保存套系",
        en="Say what a package holds and costs",
        tag="catalogue",
        body=PackageBody(),
        calls=(catalogue.DEFINE_PACKAGE,),
        admission=staff_with(WRITE),
    )
    def define_package(self, call: Call, package_id: str) -> Any:
        call.staff.require_everywhere()
        return self.booking.define_package(package_id=package_id, **call.body)

    @route(
        "POST",
        "/api/v1/quotes",
        zh="报价",
        en="Ask what a wish costs",
        tag="catalogue",
        body=catalogue.AskQuote(),
        calls=(catalogue.QUOTE,),
        extra_errors=(TooMany,),
    )
    def quote(self, call: Call) -> Any:
        with braking_guesses(call):
            return self.booking.quote(**call.body)

    @route(
        "GET",
        "/api/v1/add-ons",
        zh="加项列表",
        en="List the add-ons",
        tag="catalogue",
        query=catalogue.ListAddOns(),
        calls=(catalogue.LIST_ADD_ONS,),
        extra_errors=(Forbidden,),
        admission=PUBLIC_OR_STAFF,
    )
    def list_add_ons(self, call: Call) -> Any:
        _check_all(call)
        return self.booking.list_add_ons(**call.query)

    @route(
        "PUT",
        "/api/v1/add-ons/<uuid:add_on_id>",
        zh="保存加项",
        en="Say what an add-on is and costs",
        tag="catalogue",
        body=AddOnBody(),
        calls=(catalogue.DEFINE_ADD_ON,),
        admission=staff_with(WRITE),
    )
    def define_add_on(self, call: Call, add_on_id: str) -> Any:
        call.staff.require_everywhere()
        return self.booking.define_add_on(add_on_id=add_on_id, **call.body)

    @route(
        "GET",
        "/api/v1/price-rules",
        zh="价格规则",
        en="List the price rules",
        tag="catalogue",
        calls=(catalogue.LIST_PRICE_RULES,),
        admission=staff_with(WRITE),
    )
    def list_price_rules(self, call: Call) -> Any:
        return self.booking.list_price_rules()

    @route(
        "PUT",
        "/api/v1/price-rules/<uuid:rule_id>",
        zh="保存价格规则",
        en="Say when a price is another",
        tag="catalogue",
        body=PriceRuleBody(),
        calls=(catalogue.DEFINE_PRICE_RULE,),
        admission=staff_with(WRITE),
    )
    def define_price_rule(self, call: Call, rule_id: str) -> Any:
        call.staff.require_everywhere()
        return self.booking.define_price_rule(id=rule_id, **call.body)

    @route(
        "DELETE",
        "/api/v1/price-rules/<uuid:rule_id>",
        zh="删除价格规则",
        en="Remove a price rule",
        tag="catalogue",
        calls=(catalogue.REMOVE_PRICE_RULE,),
        admission=staff_with(WRITE),
    )
    def remove_price_rule(self, call: Call, rule_id: str) -> Any:
        call.staff.require_everywhere()
        return self.booking.remove_price_rule(rule_id=rule_id)


@contextmanager
def braking_guesses(call: Call) -> Iterator[None]:
    """Let a client ask with a coupon's code so often, and with wrong ones much less.

    Errors:  TooMany.
    """
    if call.body["coupon_code"] is None:
        yield
        return
    bucket = call.limits["coupon"]
    bucket.take(call.client)
    try:
        yield
    except CouponUnknown:
        bucket.charge(call.client, WRONG_COUPON - 1)
        raise


def _check_all(call: Call) -> None:
    """What is not on offer only those see who write the catalogue."""
    staff = call.visitor.staff
    if call.query["all"] and not (staff and staff.may(WRITE)):
        raise Forbidden(permission=WRITE)

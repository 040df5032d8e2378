"""RPCs of what is sold."""

from typing import Any

from services.booking.entrypoints.base import Parts
from services.booking.usecases import catalogue, pricing, quoting
from services.chassis.rpc import rpc


class Catalogue(Parts):
    @rpc
    def define_service(self, **deal: Any) -> dict[str, Any]:
        service_id = deal.pop("service_id")
        return catalogue.define_service(
            uow=self.uow, scheduling=self.scheduling, service_id=service_id, deal=deal
        )

    @rpc
    def define_service_requirement(self, **needs: Any) -> dict[str, Any]:
        return catalogue.define_service_requirement(
            uow=self.uow, scheduling=self.scheduling, **needs
        )

    @rpc
    def list_services(self, **question: Any) -> dict[str, Any]:
        return catalogue.list_services(uow=self.uow, **question)

    @rpc
    def define_package(self, **deal: Any) -> dict[str, Any]:
        return catalogue.define_package(uow=self.uow, **deal)

    @rpc
    def list_packages(self, **question: Any) -> dict[str, Any]:
        return catalogue.list_packages(uow=self.uow, **question)

    @rpc
    def quote(self, **question: Any) -> dict[str, Any]:
        return quoting.quote(uow=self.uow, scheduling=self.scheduling, crm=self.crm, **question)

    @rpc
    def define_add_on(self, **add_on: Any) -> dict[str, Any]:
        return pricing.define_add_on(uow=self.uow, **add_on)

    @rpc
    def list_add_ons(self, **question: Any) -> dict[str, Any]:
        return pricing.list_add_ons(uow=self.uow, **question)

    @rpc
    def define_price_rule(self, **rule: Any) -> dict[str, Any]:
        return pricing.define_price_rule(uow=self.uow, rule=rule)

    @rpc
    def remove_price_rule(self, **question: Any) -> dict[str, Any]:
        return pricing.remove_price_rule(uow=self.uow, **question)

    @rpc
    def list_price_rules(self) -> dict[str, Any]:
        return pricing.list_price_rules(uow=self.uow)

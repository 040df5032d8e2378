"""RPCs of what is sold."""

from typing import Any

from services.booking.entrypoints.base import Parts
from services.booking.usecases import catalogue
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

"""RPCs of contracts that customers sign."""

from typing import Any

from services.booking.entrypoints.base import Parts
from services.booking.usecases import agreements
from services.chassis.rpc import rpc


class Agreements(Parts):
    @rpc
    def define_agreement_template(self, **template: Any) -> dict[str, Any]:
        return agreements.define_agreement_template(uow=self.uow, now=self.now(), **template)

    @rpc
    def list_agreement_templates(self, **question: Any) -> dict[str, Any]:
        return agreements.list_agreement_templates(uow=self.uow, **question)

    @rpc
    def preview_agreement(self, **template: Any) -> dict[str, Any]:
        return agreements.preview_agreement(**template)

    @rpc
    def draw_up_agreement(self, **command: Any) -> dict[str, Any]:
        return agreements.draw_up_agreement(**self.telling, **command)

    @rpc
    def list_agreements(self, **question: Any) -> dict[str, Any]:
        return agreements.list_agreements(uow=self.uow, links=self.links, **question)

    @rpc
    def read_agreement(self, **question: Any) -> dict[str, Any]:
        return agreements.read_agreement(**self.telling, **question)

    @rpc
    def sign_agreement(self, **command: Any) -> dict[str, Any]:
        signed = agreements.sign_agreement(**self.telling, **command)
        asked = {name: command[name] for name in ("booking_id", "access", "agreement_id")}
        agreements.print_agreement(**self.telling, **asked)  # its PDF is kept from now on
        return signed

    @rpc
    def void_agreement(self, **command: Any) -> dict[str, Any]:
        return agreements.void_agreement(**self.telling, **command)

    @rpc
    def print_agreement(self, **question: Any) -> dict[str, Any]:
        return agreements.print_agreement(**self.telling, **question)

"""What every part of the service has: its database, its clock, its settings, scheduling and crm."""

from collections.abc import Mapping
from typing import Any

from services.booking import payments
from services.booking.links import Links
from services.booking.models import CONSTRAINT_ERRORS, PRUNED
from services.booking.payers import PayerProofs
from services.booking.payments.member_account import MemberAccount
from services.booking.upload_links import UploadLinks
from services.chassis.clock import Clock
from services.chassis.db import Database
from services.chassis.outbox import Relay
from services.chassis.rpc import Client
from services.chassis.settings import Settings
from services.chassis.storage import Storage
from services.chassis.telemetry import Telemetry


class Parts:
    """The dependencies of booking's RPCs, and what its use cases are given of them."""

    telemetry = Telemetry()
    now = Clock()
    settings = Settings()
    uow = Database(constraint_errors=CONSTRAINT_ERRORS, pruned=PRUNED)
    relay = Relay()
    store = Storage()
    scheduling = Client("scheduling")
    crm = Client("crm", patience=2.0)

    @property
    def links(self) -> Links:
        """What signs the private links."""
        return Links(secret=self.settings.manage_secret, public_url=self.settings.public_url)

    @property
    def upload_links(self) -> UploadLinks:
        """What signs permits to upload and the addresses of files."""
        return UploadLinks(secret=self.settings.manage_secret)

    @property
    def payer_proofs(self) -> PayerProofs:
        """What signs who pays within WeChat."""
        return PayerProofs(secret=self.settings.manage_secret)

    @property
    def providers(self) -> Mapping[str, payments.Provider]:
        """The ways to pay that are switched on, and the customers' accounts."""
        member = self.member_account
        return {**payments.offered(self.settings), member.name: member}

    @property
    def member_account(self) -> MemberAccount:
        """Stored value and points, as crm keeps them."""
        return MemberAccount(self.crm)

    @property
    def telling(self) -> dict[str, Any]:
        """What a verb needs that tells of a booking."""
        return {"uow": self.uow, "now": self.now(), "links": self.links}

    @property
    def reaching_scheduling(self) -> dict[str, Any]:
        """What a verb needs that asks scheduling."""
        return {**self.telling, "scheduling": self.scheduling}

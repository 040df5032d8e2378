"""What crm hears and answers."""

from typing import Any

from nameko.timer import timer

from services.chassis.clock import Clock
from services.chassis.db import Database
from services.chassis.inbox import Fact, handles
from services.chassis.outbox import Relay
from services.chassis.rpc import rpc
from services.chassis.settings import Settings
from services.chassis.telemetry import Telemetry
from services.contracts import (  # noqa: F401  (declare what is heard)
    agreements,
    booking,
    cash,
    crm,
    customer_imports,
    imports,
    notification,
    top_ups,
)
from services.crm.models import CONSTRAINT_ERRORS
from services.crm.usecases import accounts, asking, coupons, discounts, following, importing, levels

TEN_MINUTES = 600
"""Between looks for coupons that wait for a booking which never came; each waits an hour."""


class Service:
    name = crm.OWNER

    telemetry = Telemetry()
    now = Clock()
    settings = Settings()
    uow = Database(constraint_errors=CONSTRAINT_ERRORS)
    relay = Relay()

    @rpc
    def list_customers(self, **question: Any) -> dict[str, Any]:
        return asking.list_customers(uow=self.uow, **question)

    @rpc
    def get_customer(self, **question: Any) -> dict[str, Any]:
        return asking.get_customer(uow=self.uow, **question)

    # --- members

    @rpc
    def list_levels(self) -> dict[str, Any]:
        return levels.list_levels(uow=self.uow)

    @rpc
    def define_level(self, **level: Any) -> Any:
        return levels.define_level(uow=self.uow, **level)

    @rpc
    def list_coupons(self, **question: Any) -> dict[str, Any]:
        return coupons.list_coupons(uow=self.uow, **question)

    @rpc
    def define_coupon(self, **coupon: Any) -> Any:
        return coupons.define_coupon(uow=self.uow, now=self.now(), **coupon)

    @rpc
    def discounts(self, **question: Any) -> dict[str, Any]:
        return discounts.discounts(uow=self.uow, now=self.now(), **question)

    @rpc
    def preview_coupon(self, **question: Any) -> dict[str, Any]:
        return discounts.preview_coupon(uow=self.uow, now=self.now(), **question)

    @rpc
    def release_coupon(self, **reservation: Any) -> dict[str, Any]:
        return coupons.release_coupon(uow=self.uow, **reservation)

    @timer(interval=TEN_MINUTES)
    def sweep_coupons(self) -> None:
        coupons.give_up_forgotten(uow=self.uow, now=self.now())

    # --- accounts

    @rpc
    def get_account(self, **question: Any) -> dict[str, Any]:
        return accounts.get_account(uow=self.uow, point_cents=self.point_cents, **question)

    @rpc
    def list_entries(self, **question: Any) -> dict[str, Any]:
        return accounts.list_entries(uow=self.uow, **question)

    @rpc
    def set_level(self, **command: Any) -> dict[str, Any]:
        return accounts.set_level(uow=self.uow, point_cents=self.point_cents, **command)

    @rpc
    def give(self, **gift: Any) -> dict[str, Any]:
        return accounts.enter_by_hand(**self.accounting, kind="gift", **gift)

    @rpc
    def adjust(self, **adjustment: Any) -> dict[str, Any]:
        return accounts.enter_by_hand(**self.accounting, kind="adjust", **adjustment)

    @rpc
    def credit(self, **top_up: Any) -> dict[str, Any]:
        return accounts.credit(**self.accounting, **top_up)

    @rpc
    def spend(self, **payment: Any) -> dict[str, Any]:
        return accounts.spend(**self.accounting, **payment)

    @rpc
    def get_spend(self, **question: Any) -> dict[str, Any]:
        return accounts.get_spend(uow=self.uow, **question)

    @rpc
    def give_back(self, **refund: Any) -> dict[str, Any]:
        return accounts.give_back(uow=self.uow, now=self.now(), **refund)

    # --- imports

    @rpc
    def match_customers(self, **question: Any) -> dict[str, Any]:
        return importing.match_customers(uow=self.uow, **question)

    @rpc
    def import_customers(self, **command: Any) -> dict[str, Any]:
        return importing.import_customers(uow=self.uow, now=self.now(), **command)

    @rpc
    def retract_customers(self, **command: Any) -> dict[str, Any]:
        return importing.retract_customers(uow=self.uow, now=self.now(), **command)

    @property
    def point_cents(self) -> int:
        """What a point is worth."""
        worth: int = self.settings.point_cents
        return worth

    @property
    def accounting(self) -> dict[str, Any]:
        """What a verb needs that moves an account."""
        return {"uow": self.uow, "now": self.now(), "point_cents": self.point_cents}

    # --- following

    @handles("booking.requested")
    @handles("booking.confirmed")
    @handles("booking.rescheduled")
    @handles("booking.cancelled")
    @handles("booking.expired")
    @handles("booking.checked_in")
    @handles("booking.completed")
    @handles("booking.no_show")
    @handles("booking.submitted")
    @handles("booking.conflict_detected")
    @handles("booking.rejected")
    @handles("booking.started")
    @handles("order.ended")
    @handles("booking.imported")
    @handles("booking.retracted")
    def follow_booking(self, fact: Fact) -> None:
        following.follow_booking(uow=self.uow, fact=fact)

    @handles("payment.succeeded")
    @handles("payment.imported")
    @handles("payment.retracted")
    @handles("payment.failed")
    @handles("payment.late")
    @handles("refund.succeeded")
    @handles("refund.failed")
    @handles("payout.due")
    @handles("payout.made")
    def follow_payment(self, fact: Fact) -> None:
        following.follow_payment(uow=self.uow, fact=fact)

    @handles("message.sent")
    def follow_message(self, fact: Fact) -> None:
        following.follow_message(uow=self.uow, fact=fact)

    @handles("agreement.signed")
    def follow_agreement(self, fact: Fact) -> None:
        following.follow_agreement(uow=self.uow, fact=fact)

    @handles("stored_value.topped_up")
    def follow_top_up(self, fact: Fact) -> None:
        following.follow_top_up(uow=self.uow, fact=fact)

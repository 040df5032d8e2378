"""A small fake of crm: balances, coupons and what they take off, as its contracts say."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from services.contracts.crm import CustomerUnknown
from services.contracts.member_accounts import (
    CREDIT,
    GET_ACCOUNT,
    GET_SPEND,
    GIVE_BACK,
    SPEND,
    BalanceTooLow,
    NothingSpent,
    ReturnExceedsSpend,
)
from services.contracts.members import DISCOUNTS, CouponUnknown
from tests.integration.booking.studio import NOW

MEMBER = UUID(int=60)
PHONE = "+8613800138000"
LEVEL, COUPON = UUID(int=61), UUID(int=62)


@dataclass
class FakeCrm:
    """Shapes:  `balances` in cents by account; `failing` says, by method, what it raises."""

    balances: dict[str, int] = field(default_factory=lambda: {"stored_value": 0, "points": 0})
    spends: dict[UUID, int] = field(default_factory=dict)
    returns: dict[UUID, tuple[UUID, int]] = field(default_factory=dict)
    credits: dict[str, int] = field(default_factory=dict)
    reserved: dict[UUID, str] = field(default_factory=dict)
    failing: dict[str, Exception] = field(default_factory=dict)
    now: datetime = NOW

    def discounts(
        self, *, booking_id: UUID, phone: str, coupon_code: str | None, **price: Any
    ) -> Any:
        self._called("discounts")
        lines = []
        if phone == PHONE:
            lines.append(_discount("member", -price["total_cents"] // 20, LEVEL))
        if coupon_code is not None:
            if coupon_code != "SPRING":
                raise CouponUnknown()
            self.reserved[booking_id] = coupon_code
            lines.append(_discount("coupon", -10_000, COUPON))
        return DISCOUNTS.response.dump({"lines": lines})

    def release_coupon(self, *, booking_id: UUID) -> Any:
        self._called("release_coupon")
        return {"released": self.reserved.pop(booking_id, None) is not None}

    def get_account(self, *, customer_id: UUID, branch_ids: Any) -> Any:
        self._called("get_account")
        if customer_id != MEMBER:
            raise CustomerUnknown()
        return GET_ACCOUNT.response.dump(self._account())

    def credit(
        self, *, top_up_id: str, customer_id: UUID, amount_cents: int, gift_cents: int
    ) -> Any:
        self._called("credit")
        if top_up_id not in self.credits:
            self.credits[top_up_id] = amount_cents + gift_cents
            self.balances["stored_value"] += amount_cents + gift_cents
        return CREDIT.response.dump(self._account())

    def spend(self, *, payment_id: UUID, account: str, cents: int, **about: Any) -> Any:
        self._called("spend")
        assert about["phone"] == PHONE
        if payment_id not in self.spends:
            if self.balances[account] < cents:
                raise BalanceTooLow(balance=self.balances[account])
            self.balances[account] -= cents
            self.spends[payment_id] = cents
        self._called("after spend")
        return SPEND.response.dump(self._spent(payment_id))

    def get_spend(self, *, payment_id: UUID) -> Any:
        self._called("get_spend")
        if payment_id not in self.spends:
            raise NothingSpent()
        return GET_SPEND.response.dump(self._spent(payment_id))

    def give_back(self, *, refund_id: UUID, payment_id: UUID, cents: int) -> Any:
        self._called("give_back")
        if payment_id not in self.spends:
            raise NothingSpent()
        if refund_id not in self.returns:
            back = sum(part for paid, part in self.returns.values() if paid == payment_id)
            if back + cents > self.spends[payment_id]:
                raise ReturnExceedsSpend(left_cents=self.spends[payment_id] - back)
            self.returns[refund_id] = (payment_id, cents)
            self.balances["stored_value"] += cents
        returned = {"refund_id": refund_id, "cents": cents, "returned_at": self.now}
        return GIVE_BACK.response.dump(returned)

    def _called(self, name: str) -> None:
        if name in self.failing:
            raise self.failing.pop(name)

    def _account(self) -> dict[str, Any]:
        return {
            "customer_id": MEMBER,
            "level": None,
            "stored_value_cents": self.balances["stored_value"],
            "points": self.balances["points"],
            "point_cents": 1,
            "currency": "CNY",
        }

    def _spent(self, payment_id: UUID) -> dict[str, Any]:
        return {
            "payment_id": payment_id,
            "cents": self.spends[payment_id],
            "spent_at": self.now,
        }


def _discount(kind: str, cents: int, reference_id: UUID) -> dict[str, Any]:
    return {
        "kind": kind,
        "label": {"zh": "优惠", "en": "Off"},
        "cents": cents,
        "reference_id": reference_id,
    }

"""Members: levels, coupons, and what is on a customer's account."""

from typing import Any

from gateway.auth import staff_with
from gateway.http import Area, Call, route
from services.contracts import member_accounts, members, top_ups
from services.contracts.errors import KeyReused
from services.contracts.fields import Contract

READ = "customer.read"
WRITE = "customer.write"
DEFINE = "catalogue.write"
CORRECT = "cash.write"


class LevelBody(members.DefineLevel):
    """What members of a level pay less and earn."""

    class Meta(Contract.Meta):
        exclude = ("id",)


class CouponBody(members.DefineCoupon):
    """What a coupon is worth, where and when."""

    class Meta(Contract.Meta):
        exclude = ("id",)


class CustomerLevelBody(member_accounts.SetLevel):
    """The level that a customer gets; null takes it away."""

    class Meta(Contract.Meta):
        exclude = ("customer_id", "branch_ids")


class EntriesQuery(member_accounts.ListEntries):
    class Meta(Contract.Meta):
        exclude = ("customer_id", "branch_ids")


class GiftBody(member_accounts.Gift):
    """What the studio gives without money."""

    class Meta(Contract.Meta):
        exclude = ("customer_id", "branch_ids", "staff_id", "idempotency_key")


class AdjustmentBody(member_accounts.Adjustment):
    """A correction, up or down, and why."""

    class Meta(Contract.Meta):
        exclude = ("customer_id", "branch_ids", "staff_id", "idempotency_key")


class TopUpBody(top_ups.TopUp):
    """Money taken at a branch for stored value, and what is given on top."""

    class Meta(Contract.Meta):
        exclude = ("customer_id", "branch_ids", "staff_id", "idempotency_key")


class Members(Area):
    @route(
        "GET",
        "/api/v1/member-levels",
        zh="会员等级",
        en="List the member levels",
        tag="members",
        calls=(members.LIST_LEVELS,),
        admission=staff_with(READ),
    )
    def list_levels(self, call: Call) -> Any:
        return self.crm.list_levels()

    @route(
        "PUT",
        "/api/v1/member-levels/<uuid:level_id>",
        zh="保存会员等级",
        en="Say what members of a level pay less and earn",
        tag="members",
        body=LevelBody(),
        calls=(members.DEFINE_LEVEL,),
        admission=staff_with(DEFINE),
    )
    def define_level(self, call: Call, level_id: str) -> Any:
        call.staff.require_everywhere()
        return self.crm.define_level(id=level_id, **call.body)

    @route(
        "GET",
        "/api/v1/coupons",
        zh="优惠券",
        en="List the coupons",
        tag="members",
        query=members.ListCoupons(),
        calls=(members.LIST_COUPONS,),
        admission=staff_with(DEFINE),
    )
    def list_coupons(self, call: Call) -> Any:
        return self.crm.list_coupons(**call.query)

    @route(
        "PUT",
        "/api/v1/coupons/<uuid:coupon_id>",
        zh="保存优惠券",
        en="Say what a coupon is worth, where and when",
        tag="members",
        body=CouponBody(),
        calls=(members.DEFINE_COUPON,),
        admission=staff_with(DEFINE),
    )
    def define_coupon(self, call: Call, coupon_id: str) -> Any:
        call.staff.require_everywhere()
        return self.crm.define_coupon(id=coupon_id, **call.body)

    @route(
        "GET",
        "/api/v1/customers/<uuid:customer_id>/account",
        zh="会员账户",
        en="Read a customer's level, stored value and points",
        tag="members",
        calls=(member_accounts.GET_ACCOUNT,),
        admission=staff_with(READ),
    )
    def read_account(self, call: Call, customer_id: str) -> Any:
        return self.crm.get_account(**self._customer(call, customer_id))

    @route(
        "GET",
        "/api/v1/customers/<uuid:customer_id>/account/entries",
        zh="账户明细",
        en="List what moved a customer's account",
        tag="members",
        query=EntriesQuery(),
        calls=(member_accounts.LIST_ENTRIES,),
        admission=staff_with(READ),
    )
    def list_account_entries(self, call: Call, customer_id: str) -> Any:
        return self.crm.list_entries(**self._customer(call, customer_id), **call.query)

    @route(
        "PUT",
        "/api/v1/customers/<uuid:customer_id>/level",
        zh="设置会员等级",
        en="Give a customer a level",
        tag="members",
        body=CustomerLevelBody(),
        calls=(member_accounts.SET_LEVEL,),
        admission=staff_with(WRITE),
    )
    def set_customer_level(self, call: Call, customer_id: str) -> Any:
        return self.crm.set_level(**self._customer(call, customer_id), **call.body)

    @route(
        "POST",
        "/api/v1/customers/<uuid:customer_id>/top-ups",
        zh="储值充值",
        en="Take money for stored value",
        tag="members",
        body=TopUpBody(),
        calls=(top_ups.TOP_UP,),
        status=201,
        extra_errors=(KeyReused,),
        admission=staff_with(WRITE),
        idempotent=True,
    )
    def top_up(self, call: Call, customer_id: str) -> Any:
        call.staff.require(WRITE, call.body["branch_id"])
        return self.booking.top_up(**self._account_command(call, customer_id))

    @route(
        "POST",
        "/api/v1/customers/<uuid:customer_id>/gifts",
        zh="赠送储值或积分",
        en="Give stored value or points",
        tag="members",
        body=GiftBody(),
        calls=(member_accounts.GIVE,),
        status=201,
        extra_errors=(KeyReused,),
        admission=staff_with(WRITE),
        idempotent=True,
    )
    def give(self, call: Call, customer_id: str) -> Any:
        return self.crm.give(**self._account_command(call, customer_id))

    @route(
        "POST",
        "/api/v1/customers/<uuid:customer_id>/adjustments",
        zh="更正储值或积分",
        en="Correct stored value or points",
        tag="members",
        body=AdjustmentBody(),
        calls=(member_accounts.ADJUST,),
        status=201,
        extra_errors=(KeyReused,),
        admission=staff_with(CORRECT),
        idempotent=True,
    )
    def adjust(self, call: Call, customer_id: str) -> Any:
        return self.crm.adjust(**self._account_command(call, customer_id))

    def _customer(self, call: Call, customer_id: str) -> dict[str, Any]:
        return {"customer_id": customer_id, "branch_ids": call.branch_ids}

    def _account_command(self, call: Call, customer_id: str) -> dict[str, Any]:
        return {
            **self._customer(call, customer_id),
            "staff_id": call.staff.id,
            "idempotency_key": call.idempotency_key,
            **call.body,
        }

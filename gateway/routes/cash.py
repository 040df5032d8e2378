"""The cash desk: what staff take, give back and charge, and how a day is closed."""

from typing import Any

from marshmallow import fields

from gateway.auth import staff_with
from gateway.http import Area, Call, route
from gateway.routes.bookings import WRITE
from services.contracts import cash
from services.contracts.errors import KeyReused
from services.contracts.fields import Contract


class CashBody(cash.TakeCash):
    """What was taken, for what and how."""

    class Meta(Contract.Meta):
        exclude = ("booking_id", "access", "idempotency_key")


class RefundBody(cash.RefundPayment):
    """How much of which payment goes back, and why."""

    class Meta(Contract.Meta):
        exclude = ("booking_id", "access", "idempotency_key")


class ChargeBody(cash.ChargeOrder):
    """What else was bought, a fee, or a rebate."""

    class Meta(Contract.Meta):
        exclude = ("booking_id", "access", "idempotency_key")


class PayOutBody(cash.PayOut):
    """What was paid to the customer, and how."""

    class Meta(Contract.Meta):
        exclude = ("booking_id", "access", "idempotency_key")


class DayQuery(Contract):
    """A date on the branch's calendar."""

    day = fields.Date(required=True)


class CloseBody(cash.CloseCash):
    """What was counted in the drawer."""

    class Meta(Contract.Meta):
        exclude = ("branch_id", "staff_id")


class Cash(Area):
    @route(
        "POST",
        "/api/v1/bookings/<uuid:booking_id>/cash",
        zh="收银",
        en="Note money that was taken at the desk",
        tag="cash",
        body=CashBody(),
        calls=(cash.TAKE_CASH,),
        status=201,
        extra_errors=(KeyReused,),
        admission=staff_with(WRITE),
        idempotent=True,
    )
    def take_cash(self, call: Call, booking_id: str) -> Any:
        return self.booking.take_cash(**self._command(call, booking_id))

    @route(
        "POST",
        "/api/v1/bookings/<uuid:booking_id>/refunds",
        zh="退款",
        en="Give back a part of a payment",
        tag="cash",
        body=RefundBody(),
        calls=(cash.REFUND,),
        status=201,
        extra_errors=(KeyReused,),
        admission=staff_with("cash.write"),
        idempotent=True,
    )
    def refund(self, call: Call, booking_id: str) -> Any:
        return self.booking.refund(**self._command(call, booking_id))

    @route(
        "POST",
        "/api/v1/bookings/<uuid:booking_id>/charges",
        zh="加收或优惠",
        en="Add to what a booking costs, or take off it",
        tag="cash",
        body=ChargeBody(),
        calls=(cash.CHARGE,),
        status=201,
        extra_errors=(KeyReused,),
        admission=staff_with("cash.write"),
        idempotent=True,
    )
    def charge(self, call: Call, booking_id: str) -> Any:
        return self.booking.charge(**self._command(call, booking_id))

    @route(
        "GET",
        "/api/v1/branches/<uuid:branch_id>/cash",
        zh="当日收银",
        en="Read what moved on a day",
        tag="cash",
        query=DayQuery(),
        calls=(cash.CASH_DAY,),
        admission=staff_with("cash.write"),
    )
    def cash_day(self, call: Call, branch_id: str) -> Any:
        call.staff.require("cash.write", branch_id)
        return self.booking.cash_day(branch_id=branch_id, **call.query)

    @route(
        "POST",
        "/api/v1/branches/<uuid:branch_id>/cash/close",
        zh="日结",
        en="Close the cash desk for a day",
        tag="cash",
        body=CloseBody(),
        calls=(cash.CLOSE_CASH,),
        admission=staff_with("cash.write"),
    )
    def close_cash(self, call: Call, branch_id: str) -> Any:
        staff = call.staff
        staff.require("cash.write", branch_id)
        return self.booking.close_cash(branch_id=branch_id, staff_id=staff.id, **call.body)

    @route(
        "GET",
        "/api/v1/payments/providers/<provider>/reconciliation",
        zh="与支付平台对账",
        en="Compare a provider's statement of a day with our books",
        tag="cash",
        query=DayQuery(),
        calls=(cash.RECONCILE,),
        admission=staff_with("cash.write"),
    )
    def reconcile(self, call: Call, provider: str) -> Any:
        call.staff.require_everywhere()
        return self.booking.reconcile(provider=provider, **call.query)

    @route(
        "GET",
        "/api/v1/payments/reconciliations",
        zh="每日对账结果",
        en="List what came of comparing the providers' statements, the newest day first",
        tag="cash",
        query=cash.LatestDays(),
        calls=(cash.LIST_RECONCILIATIONS,),
        admission=staff_with("cash.write"),
    )
    def list_reconciliations(self, call: Call) -> Any:
        call.staff.require_everywhere()
        return self.booking.list_reconciliations(**call.query)

    @route(
        "GET",
        "/api/v1/bookings/<uuid:booking_id>/payouts",
        zh="赔付记录",
        en="List what was paid out of a booking, and what the studio still owes",
        tag="cash",
        calls=(cash.LIST_PAYOUTS,),
        admission=staff_with("booking.read"),
    )
    def list_payouts(self, call: Call, booking_id: str) -> Any:
        return self.booking.list_payouts(booking_id=booking_id, access=call.access)

    @route(
        "POST",
        "/api/v1/bookings/<uuid:booking_id>/payouts",
        zh="赔付",
        en="Note what the studio has paid beyond what was paid to it",
        tag="cash",
        body=PayOutBody(),
        calls=(cash.PAY_OUT,),
        status=201,
        extra_errors=(KeyReused,),
        admission=staff_with("cash.write"),
        idempotent=True,
    )
    def pay_out(self, call: Call, booking_id: str) -> Any:
        return self.booking.pay_out(**self._command(call, booking_id))

    def _command(self, call: Call, booking_id: str) -> dict[str, Any]:
        return {
            "booking_id": booking_id,
            "access": call.access,
            "idempotency_key": call.idempotency_key,
            **call.body,
        }

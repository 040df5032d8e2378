"""What Alipay says of trades and refunds, and what that means to us."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.booking.payments import Outcome, RefundOutcome
from services.booking.payments.formats import cents, instant, ours

PAID = frozenset({"TRADE_SUCCESS", "TRADE_FINISHED"})
OVER = "TRADE_CLOSED"
REFUNDED = "REFUND_SUCCESS"


@dataclass(frozen=True)
class RefundTold:
    """A callback's word that money went back; how much this one was only a query tells."""

    payment_id: UUID
    refund_id: UUID


def callback(form: Mapping[str, str]) -> Outcome | RefundTold | None:
    """Return what a callback tells whose signature was checked; None when it decides nothing.

    Errors:  ValueError when it cannot be read.
    """
    payment_id = _ours(form, "out_trade_no")
    if form.get("gmt_refund"):
        refund_id = ours(form.get("out_biz_no", ""))
        # Staff may give money back on Alipay's own pages; the day's reconciliation shows it.
        return RefundTold(payment_id, refund_id) if refund_id else None
    return _outcome(form, payment_id, form.get("gmt_payment"), instant(form.get("notify_time", "")))


def trade(told: Mapping[str, Any], now: datetime) -> Outcome | None:
    """Return what became of a trade that was asked for; None while it can still be paid.

    Errors:  ValueError.
    """
    return _outcome(told, _ours(told, "out_trade_no"), told.get("send_pay_date"), now)


def refund(told: Mapping[str, Any], now: datetime) -> RefundOutcome | None:
    """Return what became of a refund that was asked for; None when there is none.

    Errors:  ValueError.
    """
    if told.get("refund_status") != REFUNDED:
        return None
    paid_back_at = told.get("gmt_refund_pay")
    return RefundOutcome(
        refund_id=_ours(told, "out_request_no"),
        payment_id=_ours(told, "out_trade_no"),
        state="succeeded",
        amount_cents=cents(str(told.get("refund_amount"))),
        currency="CNY",
        reference=str(told.get("trade_no", "")),
        settled_at=instant(paid_back_at) if paid_back_at else now,
    )


def _outcome(
    told: Mapping[str, Any], payment_id: UUID, paid_at: str | None, now: datetime
) -> Outcome | None:
    status = told.get("trade_status")
    # A trade is closed when nobody paid in time, and also when all was given back.
    succeeded = status in PAID or (status == OVER and bool(paid_at))
    if not succeeded and status != OVER:
        return None
    return Outcome(
        payment_id=payment_id,
        reference=str(told.get("trade_no", "")),
        succeeded=succeeded,
        amount_cents=cents(str(told.get("total_amount"))),
        currency=str(told.get("trans_currency") or "CNY"),
        paid_at=instant(paid_at) if paid_at else now,
    )


def _ours(told: Mapping[str, Any], name: str) -> UUID:
    id_ = ours(str(told.get(name, "")))
    if id_ is None:
        raise ValueError("another system's number")
    return id_

"""What WeChat Pay says of transactions and refunds, and what that means to us."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from marshmallow import Schema, ValidationError, fields

from services.booking.payments import Bill, Outcome, RefundOutcome
from services.booking.payments.formats import ours
from services.booking.payments.wechat_pay.client import Account
from services.contracts.fields import Cents, Contract, Currency, Instant, faults
from services.contracts.payments import NotificationInvalid

PAID = frozenset({"SUCCESS", "REFUND"})
"""Of an order that was refunded too it is true that it was paid."""

OVER = frozenset({"CLOSED", "REVOKED"})
REFUND_STATES = {
    "SUCCESS": "succeeded",
    "PROCESSING": "pending",
    "CLOSED": "failed",
    "ABNORMAL": "failed",
}
"""ABNORMAL: the payer's card is gone, and the money is still the studio's until staff see to it."""


class Amount(Contract):
    total = Cents(required=True)
    currency = Currency(load_default="CNY")


class Transaction(Contract):
    """An order, paid or not."""

    mchid = fields.String(required=True)
    appid = fields.String(required=True)
    out_trade_no = fields.String(required=True)
    trade_state = fields.String(required=True)
    transaction_id = fields.String(load_default="")
    success_time = Instant(load_default=None)
    amount = fields.Nested(Amount, load_default=None)


class RefundAmount(Contract):
    refund = Cents(required=True)
    currency = Currency(load_default="CNY")


class RefundMade(Contract):
    """A refund; what is asked names its state `status`, a callback `refund_status`."""

    mchid = fields.String(load_default=None)
    out_trade_no = fields.String(required=True)
    out_refund_no = fields.String(required=True)
    refund_id = fields.String(required=True)
    status = fields.String(load_default=None)
    refund_status = fields.String(load_default=None)
    success_time = Instant(load_default=None, allow_none=True)
    amount = fields.Nested(RefundAmount, required=True)


class Resource(Contract):
    """What is encrypted in a callback."""

    algorithm = fields.String(required=True)
    ciphertext = fields.String(required=True)
    nonce = fields.String(required=True)
    associated_data = fields.String(load_default="", allow_none=True)


class Callback(Contract):
    event_type = fields.String(required=True)
    resource = fields.Nested(Resource, required=True)


TRANSACTION = Transaction()
REFUND_MADE = RefundMade()
CALLBACK = Callback()


def read_callback(body: str, account: Account, now: datetime) -> Outcome | RefundOutcome | None:
    """Return what a callback tells whose signature was checked.

    Errors:  NotificationInvalid when it cannot be read, or is for another merchant or app.
    """
    try:
        callback = _loaded(CALLBACK, orjson.loads(body))
        told = orjson.loads(account.decrypt(callback["resource"]))
        if callback["event_type"].startswith("TRANSACTION."):
            return transaction(told, account, now)
        if callback["event_type"].startswith("REFUND."):
            return refund(told, account)
    except ValidationError as error:
        raise NotificationInvalid(errors=faults(error)) from error
    except ValueError as error:
        raise NotificationInvalid(errors=[]) from error
    return None


def transaction(
    told: Any, account: Account, now: datetime, bill: Bill | None = None
) -> Outcome | None:
    """Return what became of an order; None while it can still be paid.

    Of an order that nobody paid no amount is told; it is that of the bill it was made for.

    Errors:  ValidationError; ValueError when it is not ours.
    """
    order = _loaded(TRANSACTION, told)
    apps = {account.appid, account.mini_appid}
    if order["mchid"] != account.mchid or order["appid"] not in apps:
        raise ValueError("another app's order")
    payment_id = _ours(order["out_trade_no"])
    succeeded = order["trade_state"] in PAID
    if not succeeded and order["trade_state"] not in OVER:
        return None
    if succeeded and not (order["amount"] and order["success_time"] and order["transaction_id"]):
        raise ValueError("paid, and no word of what and when")
    amount = order["amount"] or _asked(bill)
    return Outcome(
        payment_id=payment_id,
        reference=order["transaction_id"],
        succeeded=succeeded,
        amount_cents=amount["total"],
        currency=amount["currency"],
        paid_at=order["success_time"] or now,
    )


def refund(told: Any, account: Account) -> RefundOutcome:
    """Return what became of a refund.

    Errors:  ValidationError; ValueError when it is not ours or its state is unheard of.
    """
    made = _loaded(REFUND_MADE, told)
    if made["mchid"] not in (None, account.mchid):
        raise ValueError("another merchant's refund")
    word = made["status"] or made["refund_status"]
    if word not in REFUND_STATES:
        raise ValueError(f"unknown state {word!r}")
    state = REFUND_STATES[word]
    return RefundOutcome(
        refund_id=_ours(made["out_refund_no"]),
        payment_id=_ours(made["out_trade_no"]),
        state=state,  # type: ignore[arg-type]  # the table holds nothing else
        amount_cents=made["amount"]["refund"],
        currency=made["amount"]["currency"],
        reference=made["refund_id"],
        settled_at=made["success_time"],
        reason=word if state == "failed" else "",
    )


def _asked(bill: Bill | None) -> dict[str, Any]:
    if bill is None:
        raise ValueError("no word of how much")
    return {"total": bill.amount_cents, "currency": bill.currency}


def _ours(number: str) -> UUID:
    id_ = ours(number)
    if id_ is None:
        raise ValueError("another system's number")
    return id_


def _loaded(schema: Schema, told: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = schema.load(told)
    return loaded

"""Alipay: from a desktop's browser (page) and from a phone's (wap)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qsl

import eventlet.tpool

from services.booking.domain.reconciliation import Entry
from services.booking.payments import (
    NOTIFY_PATH,
    Bill,
    Checkout,
    Outcome,
    Provider,
    Refund,
    RefundOutcome,
    Reply,
    Scene,
    check_supported,
)
from services.booking.payments.alipay import bill as trade_bill
from services.booking.payments.alipay import messages
from services.booking.payments.alipay.client import Client, Refused
from services.booking.payments.alipay.keys import Certified, ExchangedKey
from services.booking.payments.formats import day_bounds, instant, number, wall_clock, yuan
from services.booking.payments.http import Http
from services.booking.settings import Settings
from services.contracts.payments import NotificationInvalid, ProviderUnavailable, SignatureInvalid

NAME = "alipay"
ACKNOWLEDGEMENT = Reply(200, "text/plain; charset=utf-8", "success")
METHODS = {"page": "alipay.trade.page.pay", "wap": "alipay.trade.wap.pay"}
PRODUCTS = {"page": "FAST_INSTANT_TRADE_PAY", "wap": "QUICK_WAP_WAY"}
UNKNOWN_THERE = "TRADE_NOT_EXIST"
NO_BILL = "BILL_NOT_EXIST"
MADE_AFTER = timedelta(hours=12)
"""Bills are made by nine in the morning of the next day, seldom later."""

FRESH = timedelta(hours=26)
"""A callback is sent again for 25 hours; what says that it was sent before that is a replay."""

AHEAD = timedelta(minutes=10)
"""By how much Alipay's clock may be ahead of ours."""

SUBJECT_CHARACTERS = 200
UNWELCOME = str.maketrans(dict.fromkeys("/=&", " ") | {",": "，"})
"""Signs that Alipay refuses in a subject; a comma would split a line of its bill."""

SCENES: Sequence[Scene] = ("page", "wap")

T = TypeVar("T")


@dataclass(frozen=True)
class Alipay:
    client: Client
    seller_id: str
    public_url: str
    name: str = NAME
    scenes: Sequence[Scene] = SCENES
    acknowledgement: Reply = ACKNOWLEDGEMENT

    @property
    def title(self) -> dict[str, str]:
        return {"zh": "支付宝", "en": "Alipay"}

    def create(self, bill: Bill, *, now: datetime) -> Checkout:
        check_supported(self, bill)
        subject = f"{bill.title['zh']} {bill.number}".translate(UNWELCOME)
        content = {
            "out_trade_no": number(bill.payment_id),
            "total_amount": yuan(bill.amount_cents),
            "subject": subject[:SUBJECT_CHARACTERS],
            "product_code": PRODUCTS[bill.scene],
        }
        if bill.expires_at is not None:
            content["time_expire"] = wall_clock(bill.expires_at)
        if bill.scene == "wap":
            content["quit_url"] = bill.return_url
        url = self.client.link(
            METHODS[bill.scene],
            content,
            now=now,
            notify_url=self.public_url + NOTIFY_PATH.format(name=self.name),
            return_url=bill.return_url,
        )
        return Checkout("redirect", url)

    def verify(
        self, *, headers: Mapping[str, str], body: str, now: datetime
    ) -> Outcome | RefundOutcome | None:
        form = dict(parse_qsl(body, keep_blank_values=True))
        if not self.client.is_from_alipay(form, now=now):
            raise SignatureInvalid()
        try:
            self._check_receiver(form, now)
            told = messages.callback(form)
        except ValueError as error:
            raise NotificationInvalid(errors=[]) from error
        if isinstance(told, messages.RefundTold):
            return self._refund_of(number(told.payment_id), number(told.refund_id), now)
        return told

    def query(self, bill: Bill, *, now: datetime) -> Outcome | None:
        told = self._ask("alipay.trade.query", {"out_trade_no": number(bill.payment_id)}, now)
        return None if told is None else _sense(messages.trade, told, now)

    def close(self, bill: Bill, *, now: datetime) -> bool:
        """See Provider. Before the payer has opened the page there is nothing to close.

        Until the bill expires the page can then still be opened, and money come late.
        """
        try:
            content = {"out_trade_no": number(bill.payment_id)}
            self.client.ask("alipay.trade.close", content, now=now)
        except Refused as refusal:
            if refusal.code == UNKNOWN_THERE:
                return True
            outcome = self.query(bill, now=now)
            if outcome is None:
                raise ProviderUnavailable(reason=refusal.code) from refusal
            return not outcome.succeeded
        return True

    def refund(self, refund: Refund, *, now: datetime) -> RefundOutcome:
        content = {
            "out_trade_no": number(refund.bill.payment_id),
            "out_request_no": number(refund.refund_id),
            "refund_amount": yuan(refund.amount_cents),
        }
        if refund.reason:
            content["refund_reason"] = refund.reason[:SUBJECT_CHARACTERS]
        try:
            told = self.client.ask("alipay.trade.refund", content, now=now)
        except Refused as refusal:
            # Refused may be only this repetition, of a refund that was made before.
            known = self.query_refund(refund, now=now)
            return known or _outcome(refund, "failed", reason=refusal.code)
        reference = str(told.get("trade_no", ""))
        if told.get("fund_change") == "Y":
            return _outcome(refund, "succeeded", reference=reference, settled_at=now)
        # This request moved no money: an earlier one did, or it is still to move.
        known = self.query_refund(refund, now=now)
        return known or _outcome(refund, "pending", reference=reference)

    def query_refund(self, refund: Refund, *, now: datetime) -> RefundOutcome | None:
        return self._refund_of(number(refund.bill.payment_id), number(refund.refund_id), now)

    def statement(self, day: date, *, now: datetime) -> Sequence[Entry]:
        content = {"bill_type": "trade", "bill_date": day.isoformat()}
        method = "alipay.data.dataservice.bill.downloadurl.query"
        try:
            told = self.client.ask(method, content, now=now)
            file = self.client.http.ask("GET", told["bill_download_url"], headers={})
            if file.status != 200:
                raise ProviderUnavailable(reason="damaged file", status=file.status)
            found: list[Entry] = eventlet.tpool.execute(trade_bill.read, file.body)
        except Refused as refusal:
            # The same is said of a day without trades and of a bill that is not made yet.
            if refusal.code == NO_BILL and now >= day_bounds(day)[1] + MADE_AFTER:
                return []
            raise ProviderUnavailable(reason=refusal.code) from refusal
        except (KeyError, ValueError) as error:
            raise ProviderUnavailable(reason="no sense") from error
        return found

    def _check_receiver(self, form: Mapping[str, str], now: datetime) -> None:
        """Refuse what was sent long ago, and what is for another app or seller.

        Errors:  SignatureInvalid; ValueError.
        """
        sent_at = instant(form.get("notify_time", ""))
        if not now - FRESH <= sent_at <= now + AHEAD:
            raise SignatureInvalid(reason="stale")
        if (form.get("app_id"), form.get("seller_id")) != (self.client.app_id, self.seller_id):
            raise ValueError("another app's trade")

    def _refund_of(self, payment: str, refund: str, now: datetime) -> RefundOutcome | None:
        content = {
            "out_trade_no": payment,
            "out_request_no": refund,
            "query_options": ["gmt_refund_pay"],
        }
        told = self._ask("alipay.trade.fastpay.refund.query", content, now)
        return None if told is None else _sense(messages.refund, told, now)

    def _ask(self, method: str, content: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
        """Return what a query finds; None when there is no such trade."""
        try:
            return self.client.ask(method, content, now=now)
        except Refused as refusal:
            if refusal.code == UNKNOWN_THERE:
                return None
            raise ProviderUnavailable(reason=refusal.code) from refusal


def offered(settings: Settings) -> Provider | None:
    """Return Alipay where the settings name an app."""
    if not settings.alipay_app_id:
        return None
    client = Client(
        app_id=settings.alipay_app_id,
        key=settings.alipay_private_key,
        signer=_signer(settings),
        url=settings.alipay_url,
        http=Http(settings.payment_timeout_seconds),
    )
    return Alipay(
        client=client, seller_id=settings.alipay_seller_id, public_url=settings.public_url
    )


def _signer(settings: Settings) -> ExchangedKey | Certified:
    if not settings.alipay_certificate_file:
        return ExchangedKey(settings.alipay_public_key)
    return Certified(
        settings.alipay_app_certificate_file.certificates,
        settings.alipay_certificate_file.certificates,
        settings.alipay_root_certificate_file.certificates,
    )


def _sense(
    read: Callable[[Mapping[str, Any], datetime], T], told: Mapping[str, Any], now: datetime
) -> T:
    """Read an answer.

    Errors:  ProviderUnavailable.
    """
    try:
        return read(told, now)
    except ValueError as error:
        raise ProviderUnavailable(reason="no sense") from error


def _outcome(
    refund: Refund,
    state: Literal["succeeded", "pending", "failed"],
    *,
    reference: str = "",
    settled_at: datetime | None = None,
    reason: str = "",
) -> RefundOutcome:
    return RefundOutcome(
        refund_id=refund.refund_id,
        payment_id=refund.bill.payment_id,
        state=state,
        amount_cents=refund.amount_cents,
        currency=refund.bill.currency,
        reference=reference,
        settled_at=settled_at,
        reason=reason,
    )

"""WeChat Pay (API v3): within WeChat, by QR code, and from a phone's browser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

import eventlet.tpool
from marshmallow import ValidationError

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
from services.booking.payments.formats import CHINA, number
from services.booking.payments.http import Http
from services.booking.payments.wechat_pay import bill as trade_bill
from services.booking.payments.wechat_pay import messages
from services.booking.payments.wechat_pay.client import Account, Client, Refused
from services.booking.settings import Settings
from services.contracts.payments import PaymentUnsupported, ProviderRefused, ProviderUnavailable

NAME = "wechat_pay"
ACKNOWLEDGEMENT = Reply(204, "application/json", "")
ORDERS = "/v3/pay/transactions"
REFUNDS = "/v3/refund/domestic/refunds"
UNKNOWN_THERE = frozenset({"ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS"})
NO_STATEMENT = "NO_STATEMENT_EXIST"

DESCRIPTION_CHARACTERS = 127
REASON_CHARACTERS = 80


@dataclass(frozen=True)
class WeChatPay:
    client: Client
    public_url: str
    name: str = NAME
    scenes: Sequence[Scene] = ("native", "jsapi", "h5")
    acknowledgement: Reply = ACKNOWLEDGEMENT

    @property
    def title(self) -> dict[str, str]:
        return {"zh": "微信支付", "en": "WeChat Pay"}

    def create(self, bill: Bill, *, now: datetime) -> Checkout:
        check_supported(self, bill)
        order = self._order(bill)
        try:
            told = self.client.ask("POST", f"{ORDERS}/{bill.scene}", body=order, now=now)
        except Refused as refusal:
            raise ProviderRefused(provider_code=refusal.code) from refusal
        try:
            return self._checkout(bill, told, now)
        except KeyError as error:
            raise ProviderUnavailable(reason="no sense") from error

    def verify(
        self, *, headers: Mapping[str, str], body: str, now: datetime
    ) -> Outcome | RefundOutcome | None:
        sent = {name.lower(): value for name, value in headers.items()}
        self.client.keys.check(sent, body, now)
        return messages.read_callback(body, self.client.account, now)

    def query(self, bill: Bill, *, now: datetime) -> Outcome | None:
        account = self.client.account
        target = f"{ORDERS}/out-trade-no/{number(bill.payment_id)}?mchid={account.mchid}"
        try:
            told = self.client.ask("GET", target, now=now)
            return messages.transaction(told, account, now, bill)
        except Refused as refusal:
            if refusal.code in UNKNOWN_THERE:
                return None
            raise ProviderUnavailable(reason=refusal.code) from refusal
        except (ValidationError, ValueError) as error:
            raise ProviderUnavailable(reason="no sense") from error

    def close(self, bill: Bill, *, now: datetime) -> bool:
        target = f"{ORDERS}/out-trade-no/{number(bill.payment_id)}/close"
        try:
            self.client.ask("POST", target, body={"mchid": self.client.account.mchid}, now=now)
        except Refused as refusal:
            if refusal.code in UNKNOWN_THERE:
                return True
            outcome = self.query(bill, now=now)
            if outcome is None:
                raise ProviderUnavailable(reason=refusal.code) from refusal
            return not outcome.succeeded
        return True

    def refund(self, refund: Refund, *, now: datetime) -> RefundOutcome:
        bill = refund.bill
        wanted: dict[str, Any] = {
            "out_trade_no": number(bill.payment_id),
            "out_refund_no": number(refund.refund_id),
            "notify_url": self._notify_url,
            "amount": {
                "refund": refund.amount_cents,
                "total": bill.amount_cents,
                "currency": bill.currency,
            },
        }
        if refund.reason:
            wanted["reason"] = refund.reason[:REASON_CHARACTERS]
        try:
            told = self.client.ask("POST", REFUNDS, body=wanted, now=now)
            return messages.refund(told, self.client.account)
        except Refused as refusal:
            # Refused may be only this repetition, of a refund that was made before.
            return self.query_refund(refund, now=now) or RefundOutcome(
                refund_id=refund.refund_id,
                payment_id=bill.payment_id,
                state="failed",
                amount_cents=refund.amount_cents,
                currency=bill.currency,
                reason=refusal.code,
            )
        except (ValidationError, ValueError) as error:
            raise ProviderUnavailable(reason="no sense") from error

    def query_refund(self, refund: Refund, *, now: datetime) -> RefundOutcome | None:
        try:
            told = self.client.ask("GET", f"{REFUNDS}/{number(refund.refund_id)}", now=now)
            return messages.refund(told, self.client.account)
        except Refused as refusal:
            if refusal.code in UNKNOWN_THERE:
                return None
            raise ProviderUnavailable(reason=refusal.code) from refusal
        except (ValidationError, ValueError) as error:
            raise ProviderUnavailable(reason="no sense") from error

    def statement(self, day: date, *, now: datetime) -> Sequence[Entry]:
        target = f"/v3/bill/tradebill?bill_date={day.isoformat()}&bill_type=ALL"
        try:
            told = self.client.ask("GET", target, now=now)
            content = self.client.download(
                told["download_url"], hash_value=told["hash_value"], now=now
            )
            found: list[Entry] = eventlet.tpool.execute(trade_bill.read, content)
        except Refused as refusal:
            if refusal.code == NO_STATEMENT:
                return []
            raise ProviderUnavailable(reason=refusal.code) from refusal
        except (KeyError, ValueError) as error:
            raise ProviderUnavailable(reason="no sense") from error
        return found

    @property
    def _notify_url(self) -> str:
        return self.public_url + NOTIFY_PATH.format(name=self.name)

    def _order(self, bill: Bill) -> dict[str, Any]:
        """Return what WeChat Pay is asked to collect.

        Errors:  PaymentUnsupported when the scene needs more to be known of the payer.
        """
        account = self.client.account
        order: dict[str, Any] = {
            "appid": bill.appid or account.appid,
            "mchid": account.mchid,
            "description": f"{bill.title['zh']} {bill.number}"[:DESCRIPTION_CHARACTERS],
            "out_trade_no": number(bill.payment_id),
            "notify_url": self._notify_url,
            "amount": {"total": bill.amount_cents, "currency": bill.currency},
        }
        if bill.expires_at is not None:
            order["time_expire"] = bill.expires_at.astimezone(CHINA).isoformat(timespec="seconds")
        if bill.scene == "jsapi":
            if not bill.openid:
                raise PaymentUnsupported(reason="openid")
            order["payer"] = {"openid": bill.openid}
        if bill.scene == "h5":
            if not bill.client_ip:
                raise PaymentUnsupported(reason="client_ip")
            order["scene_info"] = {"payer_client_ip": bill.client_ip, "h5_info": {"type": "Wap"}}
        return order

    def _checkout(self, bill: Bill, told: Mapping[str, Any], now: datetime) -> Checkout:
        if bill.scene == "jsapi":
            appid = bill.appid or self.client.account.appid
            params = self.client.account.bridge(appid, told["prepay_id"], now)
            return Checkout("jsapi", params=params)
        if bill.scene == "native":
            return Checkout("qr", told["code_url"])
        back = quote(bill.return_url, safe="")
        return Checkout("redirect", f"{told['h5_url']}&redirect_url={back}")


def offered(settings: Settings) -> Provider | None:
    """Return WeChat Pay where the settings name a merchant."""
    if not settings.wechat_pay_mchid:
        return None
    account = Account(
        mchid=settings.wechat_pay_mchid,
        appid=settings.wechat_pay_appid,
        certificate_serial=settings.wechat_pay_certificate_serial,
        private_key=settings.wechat_pay_private_key,
        api_v3_key=settings.wechat_pay_api_v3_key,
        mini_appid=settings.wechat_mini_appid,
    )
    key, key_id = settings.wechat_pay_public_key, settings.wechat_pay_public_key_id
    client = Client(
        account,
        Http(settings.payment_timeout_seconds),
        url=settings.wechat_pay_url,
        given={key_id: key} if key else {},
    )
    return WeChatPay(client=client, public_url=settings.public_url)

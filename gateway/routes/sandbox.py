"""The sandbox provider's cashier: a page, and decisions that arrive as real callbacks."""

import http.client
import logging
from html import escape
from string import Template
from typing import Any
from urllib.parse import urlsplit

from marshmallow import fields
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from gateway.http import Area, Call, route
from gateway.pages import ASSETS, page
from gateway.problems import language_of
from services.contracts import payments
from services.contracts.errors import NotFound, Unavailable
from services.contracts.fields import Contract

logger = logging.getLogger(__name__)

NOTIFY_PATH = "/api/v1/payments/sandbox/notify"

DELIVERY_SECONDS = 20
"""How long a callback may take; longer than one RPC's deadline, so that its answer is heard."""

WORDS = {
    "zh": {
        "title": "收银台（沙箱）",
        "notice": "这是测试环境，不会产生真实扣款。",
        "number": "预约编号",
        "amount": "应付金额",
        "succeed": "支付成功",
        "fail": "支付失败",
        "late": "超时后到账",
        "late_hint": "模拟预占过期之后才到账的付款",
        "settled": "这笔支付已经处理完毕。",
        "back": "返回预约",
        "language": "English",
    },
    "en": {
        "title": "Cashier (sandbox)",
        "notice": "This is a test environment: no money moves.",
        "number": "Booking number",
        "amount": "Amount due",
        "succeed": "Pay successfully",
        "fail": "Let the payment fail",
        "late": "Pay too late",
        "late_hint": "As if the money arrived after the hold had expired",
        "settled": "This payment has been settled already.",
        "back": "Back to the booking",
        "language": "中文",
    },
}
OTHER_LANGUAGE = {"zh": "en", "en": "zh"}
SYMBOLS = {"CNY": "¥"}


class Delivery(Contract):
    """What became of a decision: whether the callback was answered, and with which HTTP status."""

    delivered = fields.Boolean(required=True)
    status = fields.Integer(required=True)


class Sandbox(Area):
    @route("GET", "/sandbox/cashier/<uuid:payment_id>", listed=False)
    def show_cashier(self, call: Call, payment_id: str) -> Response:
        try:
            checkout = self.booking.sandbox_checkout(payment_id=payment_id)
        except payments.ProviderUnknown as error:
            raise NotFound() from error
        asked = call.request.args.get("lang", "")
        return page(_cashier(checkout, asked if asked in WORDS else language_of(call.request)))

    @route(
        "POST",
        "/sandbox/cashier/<uuid:payment_id>/<any(succeed, fail, late):outcome>",
        zh="沙箱收银台：决定支付结果",
        en="Decide a sandbox payment",
        tag="sandbox",
        calls=(payments.SANDBOX_DECIDE,),
        answer=Delivery(),
        extra_errors=(Unavailable,),
    )
    def decide_payment(self, call: Call, payment_id: str, outcome: str) -> Any:
        try:
            signed = self.booking.sandbox_decide(payment_id=payment_id, outcome=outcome)
        except payments.ProviderUnknown as error:
            raise NotFound() from error
        status = deliver(self.settings.own_url, signed["headers"], signed["body"])
        wanted = call.request.accept_mimetypes.best_match(["application/json", "text/html"])
        if wanted == "text/html":
            return redirect(signed["return_url"], 303)
        return {"delivered": True, "status": status}


def deliver(own_url: str, headers: dict[str, str], body: str) -> int:
    """Post a signed callback to this gateway as a provider would; return the HTTP status.

    Errors:  Unavailable when nobody answers.
    """
    target = urlsplit(own_url)
    kind = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    connection = kind(target.netloc, timeout=DELIVERY_SECONDS)
    try:
        connection.request("POST", NOTIFY_PATH, body=body.encode(), headers=headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise Unavailable() from error
    finally:
        connection.close()
    if status >= 400:
        logger.warning("a sandbox callback was refused", extra={"status": status})
    return status


def _cashier(checkout: dict[str, Any], language: str) -> str:
    words = WORDS[language]
    symbol = SYMBOLS.get(checkout["currency"], checkout["currency"] + " ")
    description = checkout["description"]
    values = {
        "lang": "zh-CN" if language == "zh" else "en",
        "other": OTHER_LANGUAGE[language],
        "booking": checkout["number"],
        "description": description[language] or description["zh"],
        "sum": f"{symbol}{checkout['amount_cents'] / 100:,.2f}",
        "return_url": checkout["return_url"],
        "payment_id": checkout["payment_id"],
        "choices": "open" if checkout["state"] == "pending" else "settled",
    }
    template = Template((ASSETS / "cashier.html").read_text())
    return template.substitute({name: escape(str(v)) for name, v in {**words, **values}.items()})

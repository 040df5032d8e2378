"""Alipay's side of its open API, written from its public description, with keys of its own.

It checks the signature of every request, signs what it answers, and signs callbacks.
"""

import base64
import io
import json
import secrets
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from werkzeug.wrappers import Request, Response

from tests.providers.authorities import pem, sn
from tests.providers.server import Server, new_key

APP_ID, SELLER_ID = "2021000000000001", "2088000000000001"
CHINA = ZoneInfo("Asia/Shanghai")
APP_KEY, ALIPAY_KEY, FORGERS_KEY = (new_key() for _ in range(3))
BILL_COLUMNS = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,"
    "订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,"
    "券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)


def signing_text(values: dict[str, str]) -> str:
    return "&".join(f"{name}={values[name]}" for name in sorted(values) if values[name] != "")


def signature(key: rsa.RSAPrivateKey, text: str) -> str:
    return base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()


class AlipayServer(Server):
    """`trades` and `refunds` are Alipay's books, by our numbers.

    `certificates` are Alipay's in certificate mode, each with its chain, the last being the one of
    `signs_with`; `wanted` is what requests must then say of certificates. `served` is handed out
    whatever certificate is asked for.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(self._answer)
        self.clock = clock
        self.trades: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.signs_with = ALIPAY_KEY
        self.certificates: list[tuple[x509.Certificate, ...]] = []
        self.wanted: dict[str, str] = {}
        self.served: tuple[x509.Certificate, ...] | None = None
        self.methods: list[str] = []
        self.refunds_wait = False
        self.body_is_swapped = False
        self.refusal: dict[str, str] | None = None
        self.bill: list[str] | None = None
        self.bill_has_end = True

    def sign_with(self, key: rsa.RSAPrivateKey, chain: tuple[x509.Certificate, ...]) -> None:
        """Sign with this key and its certificate from now on."""
        self.signs_with = key
        self.certificates.append(chain)

    # --- what payers do

    def open_page(self, url: str) -> dict[str, Any]:
        """The payer opens the page: only now there is a trade."""
        content = self._content(dict(parse_qsl(urlsplit(url).query)))
        assert not set("/=&,") & set(content["subject"])
        number = content["out_trade_no"]
        return self.trades.setdefault(
            number,
            {
                "out_trade_no": number,
                "trade_no": f"2026112222001{secrets.randbelow(10**15):015}",
                "total_amount": content["total_amount"],
                "trade_status": "WAIT_BUYER_PAY",
                "refunded": 0.0,
            },
        )

    def pay(self, number: str) -> None:
        paid_at = self._stamp()
        self.trades[number] |= {"trade_status": "TRADE_SUCCESS", "send_pay_date": paid_at}

    # --- callbacks

    def callback(
        self, number: str, *, by: rsa.RSAPrivateKey = ALIPAY_KEY, **changes: str
    ) -> dict[str, Any]:
        """A callback about a trade as it is now: {"headers", "body"}."""
        trade = self.trades[number]
        form = {
            "notify_time": self._stamp(),
            "notify_type": "trade_status_sync",
            "notify_id": secrets.token_hex(16),
            "charset": "utf-8",
            "version": "1.0",
            "app_id": APP_ID,
            "seller_id": SELLER_ID,
            "subject": "复古婚纱套系",
            "body": "",
            **{k: trade[k] for k in ("trade_no", "out_trade_no", "trade_status", "total_amount")},
        }
        if "send_pay_date" in trade:
            form["gmt_payment"] = trade["send_pay_date"]
        form |= changes
        # Unlike requests, callbacks are signed with their empty values.
        signed = "&".join(f"{name}={form[name]}" for name in sorted(form))
        form |= {"sign_type": "RSA2", "sign": signature(by, signed)}
        return {
            "headers": {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
            "body": urlencode(form),
        }

    def refund_callback(self, number: str, **changes: str) -> dict[str, Any]:
        refund = self.refunds[number]
        trade = self.trades[refund["out_trade_no"]]
        about = {
            "gmt_refund": self._stamp() + ".123",
            "refund_fee": f"{trade['refunded']:.2f}",
            "out_biz_no": number,
        }
        return self.callback(refund["out_trade_no"], **(about | changes))

    # --- requests

    def _answer(self, request: Request) -> Response:
        if request.path == "/bill":
            return Response(self._bill_file())
        assert request.content_type.startswith("application/x-www-form-urlencoded")
        values = request.form.to_dict()
        method = values["method"]
        self.methods.append(method)
        try:
            content = self._content(values)
        except InvalidSignature:
            told = {
                "code": "40002",
                "msg": "Invalid Arguments",
                "sub_code": "isv.invalid-signature",
            }
            return Response(json.dumps({"error_response": told}))
        verbs = {
            "alipay.trade.query": self._query,
            "alipay.trade.close": self._close,
            "alipay.trade.refund": self._refund,
            "alipay.trade.fastpay.refund.query": self._refund_query,
            "alipay.data.dataservice.bill.downloadurl.query": self._bill_address,
            "alipay.open.app.alipaycert.download": self._certificate,
        }
        told = self.refusal or verbs[method](content)
        # Slashes are escaped, as PHP and Java do: what is signed is the text, not its meaning.
        text = json.dumps(told, ensure_ascii=False).replace("/", "\\/")
        signed = signature(self.signs_with, text)
        if self.body_is_swapped:
            text = text.replace("TRADE_SUCCESS", "TRADE_CLOSED").replace('"Y"', '"N"')
        node = method.replace(".", "_") + "_response"
        named = f',"alipay_cert_sn":"{sn(self.certificates[-1][0])}"' if self.certificates else ""
        return Response(f'{{"{node}": {text}{named},"sign":"{signed}"}}', content_type="text/html")

    def _content(self, values: dict[str, str]) -> dict[str, Any]:
        """What a request asks for, its signature checked."""
        sign = values.pop("sign")
        APP_KEY.public_key().verify(
            base64.b64decode(sign),
            signing_text(values).encode(),
            padding.PKCS1v15(),
            hashes.SHA256(),
        )
        assert (values["app_id"], values["sign_type"]) == (APP_ID, "RSA2")
        assert {k: v for k, v in values.items() if k.endswith("_sn")} == self.wanted
        sent_at = datetime.strptime(values["timestamp"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
        assert abs((self.clock() - sent_at).total_seconds()) < 600
        content: dict[str, Any] = json.loads(values["biz_content"])
        return content

    def _certificate(self, content: dict[str, Any]) -> dict[str, Any]:
        for chain in self.certificates:
            if sn(chain[0]) == content["alipay_cert_sn"]:
                chain = self.served or chain
                return done({"alipay_cert_content": base64.b64encode(pem(*chain)).decode()})
        return refused("CERT_NOT_EXIST")

    def _query(self, content: dict[str, Any]) -> dict[str, Any]:
        trade = self.trades.get(content["out_trade_no"])
        return done({k: v for k, v in trade.items() if k != "refunded"}) if trade else MISSING

    def _close(self, content: dict[str, Any]) -> dict[str, Any]:
        trade = self.trades.get(content["out_trade_no"])
        if trade is None:
            return MISSING
        if trade["trade_status"] != "WAIT_BUYER_PAY":
            return refused("ACQ.TRADE_STATUS_ERROR")
        trade["trade_status"] = "TRADE_CLOSED"
        return done({"out_trade_no": content["out_trade_no"]})

    def _refund(self, content: dict[str, Any]) -> dict[str, Any]:
        trade = self.trades.get(content["out_trade_no"])
        if trade is None:
            return MISSING
        number, amount = content["out_request_no"], float(content["refund_amount"])
        if number in self.refunds:
            if self.refunds[number]["refund_amount"] != content["refund_amount"]:
                return refused("ACQ.DISCORDANT_REPEAT_REQUEST")
            return done(self._refunded(trade, "N"))
        if trade["refunded"] + amount > float(trade["total_amount"]):
            return refused("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
        if self.refunds_wait:
            return done(self._refunded(trade, "N"))
        trade["refunded"] += amount
        if trade["refunded"] == float(trade["total_amount"]):
            trade["trade_status"] = "TRADE_CLOSED"
        self.refunds[number] = {
            "out_trade_no": content["out_trade_no"],
            "refund_amount": content["refund_amount"],
            "gmt_refund_pay": self._stamp(),
        }
        return done(self._refunded(trade, "Y"))

    @staticmethod
    def _refunded(trade: dict[str, Any], fund_change: str) -> dict[str, Any]:
        return {
            "trade_no": trade["trade_no"],
            "out_trade_no": trade["out_trade_no"],
            "fund_change": fund_change,
            "refund_fee": f"{trade['refunded']:.2f}",
        }

    def _refund_query(self, content: dict[str, Any]) -> dict[str, Any]:
        trade = self.trades.get(content["out_trade_no"])
        if trade is None:
            return MISSING
        refund = self.refunds.get(content["out_request_no"])
        if refund is None:
            return done({})
        return done(
            {
                "trade_no": trade["trade_no"],
                "out_request_no": content["out_request_no"],
                "refund_status": "REFUND_SUCCESS",
                "total_amount": trade["total_amount"],
                **refund,
            }
        )

    def _bill_address(self, content: dict[str, Any]) -> dict[str, Any]:
        assert content["bill_type"] == "trade"
        if self.bill is None:
            return refused("BILL_NOT_EXIST")
        return done({"bill_download_url": f"{self.url}/bill?fileId=1"})

    def _bill_file(self) -> bytes:
        lines = [
            "#支付宝业务明细查询",
            f"#账号：[{SELLER_ID}]",
            "#-----------------------------------------业务明细列表----------------------------------------",
            BILL_COLUMNS,
            *(self.bill or []),
            *(
                ["#-----------------------------------------业务明细列表结束--------"]
                * self.bill_has_end
            ),
        ]
        summary = ["#支付宝业务汇总查询", "门店编号,门店名称,交易订单总笔数", "合计,,2"]
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as files:
            name = f"{SELLER_ID}_20261121_业务明细"
            files.writestr(f"{name}(汇总).csv", "\r\n".join(summary).encode("gbk"))
            files.writestr(f"{name}.csv", "\r\n".join(lines).encode("gbk"))
        return file.getvalue()

    def bill_line(self, number: str, refund: str = "", **changes: str) -> str:
        """A line of the bill about a trade, or about a refund of it."""
        trade = self.trades[number]
        row = dict.fromkeys(BILL_COLUMNS.split(","), " ") | {
            "支付宝交易号": trade["trade_no"],
            "商户订单号": number,
            "业务类型": "交易",
            "商品名称": "复古婚纱套系",
            "创建时间": self._stamp(),
            "完成时间": self._stamp(),
            "订单金额（元）": trade["total_amount"],
            "服务费（元）": "-3.00",
        }
        if refund:
            row |= {
                "业务类型": "退款",
                "退款批次号/请求号": refund,
                "订单金额（元）": f"-{self.refunds[refund]['refund_amount']}",
                "服务费（元）": "0.60",
            }
        return ",".join(f"{value}\t" for value in (row | changes).values())

    def _stamp(self) -> str:
        return self.clock().astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def done(told: dict[str, Any]) -> dict[str, Any]:
    return {"code": "10000", "msg": "Success", **told}


def refused(sub_code: str) -> dict[str, Any]:
    return {"code": "40004", "msg": "Business Failed", "sub_code": sub_code, "sub_msg": "…"}


MISSING = refused("ACQ.TRADE_NOT_EXIST")

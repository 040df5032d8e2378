"""WeChat Pay's side of API v3, written from its public description, with keys of its own.

It checks the signature of every request, signs what it answers, and signs and encrypts callbacks.
"""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from zoneinfo import ZoneInfo

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID
from werkzeug.wrappers import Request, Response

from tests.providers.server import Server, new_key
from tests.providers.wechat_server import MINI

MCHID, APPID = "1900000001", "wx0000000000000001"
SERIAL = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
CHINA = ZoneInfo("Asia/Shanghai")
LOOPBACK = x509.IPAddress(ip_address("127.0.0.1"))
API_V3_KEY = "0123456789abcdef0123456789ABCDEF"
KEY_ID = "PUB_KEY_ID_0119000000012026112200000000"
BILL_COLUMNS = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,"
    "货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,"
    "商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
MERCHANT_KEY, PLATFORM_KEY, NEXT_PLATFORM_KEY, FORGERS_KEY = (new_key() for _ in range(4))


@dataclass
class Platform:
    """A key of WeChat Pay and its certificate, or only the key under an id."""

    key: rsa.RSAPrivateKey
    serial: str
    certificate: str = ""


def certified(key: rsa.RSAPrivateKey, since: datetime, days: int = 365) -> Platform:
    """A key with a certificate that holds for some days."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com sign")])
    number = x509.random_serial_number()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(number)
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([LOOPBACK]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    return Platform(key, f"{number:040X}", pem)


def signature(key: rsa.RSAPrivateKey, message: str) -> str:
    signed = key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(signed).decode()


class WeChatPayServer(Server):
    """`orders` and `refunds` are WeChat Pay's books, by our numbers."""

    def __init__(self, clock: Callable[[], datetime], since: datetime) -> None:
        super().__init__(self._answer)
        self.clock = clock
        self.orders: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.wanted: dict[str, tuple[str, Any]] = {}
        self.platforms = [certified(PLATFORM_KEY, since)]
        self.signs_with: Platform = self.platforms[0]
        self.refunds_are = "SUCCESS"
        self.nonces: set[str] = set()
        self.bill: list[str] | None = None
        self.bill_is_damaged = False
        self.body_is_swapped = False

    # --- keys

    def rotate(self) -> None:
        """Sign with another key from now on; its certificate is there to be fetched."""
        self.signs_with = certified(NEXT_PLATFORM_KEY, self.clock() - timedelta(days=1))
        self.platforms.append(self.signs_with)

    def use_public_key(self) -> None:
        """Sign with a key that has an id and no certificate."""
        self.signs_with = Platform(PLATFORM_KEY, KEY_ID)
        self.platforms = []

    # --- what payers and WeChat Pay do

    def pay(self, number: str) -> dict[str, Any]:
        """Let the payer pay an order."""
        order = self.orders[number]
        order |= {
            "trade_state": "SUCCESS",
            "transaction_id": f"42000{secrets.randbelow(10**23):023}",
            "success_time": _stamp(self.clock()),
        }
        return order

    def settle_refund(self, number: str, state: str = "SUCCESS") -> dict[str, Any]:
        refund = self.refunds[number]
        refund |= {"status": state, "success_time": _stamp(self.clock())}
        return refund

    # --- callbacks

    def paid_callback(self, number: str, **changes: Any) -> dict[str, Any]:
        return self.callback("TRANSACTION.SUCCESS", self._transaction(number) | changes)

    def refund_callback(self, number: str, **changes: Any) -> dict[str, Any]:
        refund = self.refunds[number]
        told = {
            "mchid": MCHID,
            "out_trade_no": refund["out_trade_no"],
            "transaction_id": refund["transaction_id"],
            "out_refund_no": number,
            "refund_id": refund["refund_id"],
            "refund_status": refund["status"],
            "success_time": refund.get("success_time"),
            "user_received_account": "招商银行信用卡0403",
            "amount": {
                **{k: refund["amount"][k] for k in ("total", "refund")},
                "payer_total": refund["amount"]["total"],
                "payer_refund": refund["amount"]["refund"],
            },
        }
        return self.callback(f"REFUND.{refund['status']}", told | changes)

    def callback(
        self, event: str, told: Any, *, by: Platform | None = None, key: str = API_V3_KEY
    ) -> dict[str, Any]:
        """A callback: {"headers", "body"}."""
        kind = "transaction" if event.startswith("TRANSACTION") else "refund"
        body = json.dumps(
            {
                "id": secrets.token_hex(16),
                "create_time": _stamp(self.clock()),
                "resource_type": "encrypt-resource",
                "event_type": event,
                "summary": "通知",
                "resource": {"original_type": kind, **encrypted(told, kind, key)},
            },
            ensure_ascii=False,
        )
        return {"headers": self.signed(body, by or self.signs_with), "body": body}

    def signed(self, body: str, platform: Platform) -> dict[str, str]:
        timestamp, nonce = str(int(self.clock().timestamp())), secrets.token_hex(16)
        return {
            "Wechatpay-Timestamp": timestamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": platform.serial,
            "Wechatpay-Signature": signature(platform.key, f"{timestamp}\n{nonce}\n{body}\n"),
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        }

    # --- requests

    def _answer(self, request: Request) -> Response:
        body = request.get_data(as_text=True)
        if not self._is_signed(request, body):
            return self._signed_answer(401, {"code": "SIGN_ERROR", "message": "签名错误"})
        target = request.path
        if target == "/v3/certificates":
            return self._signed_answer(200, self._certificates())
        if target == "/v3/bill/tradebill":
            return self._signed_answer(*self._tradebill(request))
        if target == "/v3/billdownload/file":
            return Response(self._bill_text().encode() + b"x" * self.bill_is_damaged)
        if target == "/v3/refund/domestic/refunds":
            return self._signed_answer(*self._refund(json.loads(body)))
        if found := re.fullmatch(r"/v3/refund/domestic/refunds/(\w+)", target):
            return self._signed_answer(*self._known(self.refunds, found[1], "RESOURCE_NOT_EXISTS"))
        if found := re.fullmatch(r"/v3/pay/transactions/out-trade-no/(\w+)/close", target):
            return self._signed_answer(*self._close(found[1]))
        if found := re.fullmatch(r"/v3/pay/transactions/out-trade-no/(\w+)", target):
            assert request.args["mchid"] == MCHID
            if found[1] in self.orders:
                return self._signed_answer(200, self._transaction(found[1]))
            return self._signed_answer(404, {"code": "ORDER_NOT_EXIST", "message": "订单不存在"})
        if found := re.fullmatch(r"/v3/pay/transactions/(jsapi|native|h5)", target):
            return self._signed_answer(*self._order(found[1], json.loads(body)))
        return self._signed_answer(404, {"code": "NOT_FOUND"})

    def _signed_answer(self, status: int, told: Any) -> Response:
        body = "" if told is None else json.dumps(told, ensure_ascii=False)
        headers = self.signed(body, self.signs_with)
        if self.body_is_swapped:
            body = body.replace("SUCCESS", "CLOSED").replace("prepay", "prepaid")
        return Response(body, status, headers, content_type="application/json")

    def _is_signed(self, request: Request, body: str) -> bool:
        scheme, _, values = request.headers.get("Authorization", "").partition(" ")
        given = dict(re.findall(r'(\w+)="([^"]*)"', values))
        target = request.full_path.rstrip("?")
        message = (
            f"{request.method}\n{target}\n{given['timestamp']}\n{given['nonce_str']}\n{body}\n"
        )
        is_fresh = abs(self.clock().timestamp() - int(given["timestamp"])) <= 300
        is_first = given["nonce_str"] not in self.nonces
        self.nonces.add(given["nonce_str"])
        try:
            MERCHANT_KEY.public_key().verify(
                base64.b64decode(given["signature"]),
                message.encode(),
                padding.PKCS1v15(),
                hashes.SHA256(),
            )
        except InvalidSignature:
            return False
        who = (scheme, given["mchid"], given["serial_no"])
        return is_fresh and is_first and who == ("WECHATPAY2-SHA256-RSA2048", MCHID, SERIAL)

    def _certificates(self) -> dict[str, Any]:
        return {
            "data": [
                {
                    "serial_no": platform.serial,
                    "effective_time": _stamp(self.clock()),
                    "expire_time": _stamp(self.clock()),
                    "encrypt_certificate": encrypted(
                        platform.certificate, "certificate", API_V3_KEY
                    ),
                }
                for platform in self.platforms
            ]
        }

    def _order(self, scene: str, wanted: dict[str, Any]) -> tuple[int, Any]:
        assert (wanted["appid"] in (APPID, MINI), wanted["mchid"]) == (True, MCHID)
        number = wanted["out_trade_no"]
        assert re.fullmatch(r"[\w\-|*]{6,32}", number)
        assert len(wanted["description"]) <= 127
        assert wanted["notify_url"].startswith("https://")
        if self.orders.get(number, {}).get("trade_state") == "SUCCESS":
            return 400, {"code": "ORDERPAID", "message": "该订单已支付"}
        if self.wanted.setdefault(number, (scene, wanted)) != (scene, wanted):
            return 400, {"code": "INVALID_REQUEST", "message": "商户订单号重复"}
        self.orders[number] = {**wanted, "trade_state": "NOTPAY"}
        if scene == "jsapi":
            assert wanted["payer"]["openid"]
            return 200, {"prepay_id": "wx201410272009395522657a690389285100"}
        if scene == "native":
            return 200, {"code_url": "weixin://wxpay/bizpayurl?pr=p4lpSuKzz"}
        assert wanted["scene_info"]["payer_client_ip"]
        assert wanted["scene_info"]["h5_info"]["type"] == "Wap"
        return 200, {"h5_url": "https://wx.tenpay.com/cgi-bin/checkmweb?prepay_id=wx2016"}

    def _transaction(self, number: str) -> dict[str, Any]:
        order = self.orders[number]
        told = {
            "mchid": MCHID,
            "appid": order["appid"],
            "out_trade_no": number,
            "trade_state": order["trade_state"],
            "trade_state_desc": "…",
        }
        if order["trade_state"] in ("SUCCESS", "REFUND"):
            amount = order["amount"]
            told |= {
                "transaction_id": order["transaction_id"],
                "success_time": order["success_time"],
                "trade_type": "NATIVE",
                "amount": amount | {"payer_total": amount["total"], "payer_currency": "CNY"},
            }
        return told

    def _close(self, number: str) -> tuple[int, Any]:
        order = self.orders.get(number)
        if order is None:
            return 404, {"code": "ORDER_NOT_EXIST", "message": "订单不存在"}
        if order["trade_state"] in ("SUCCESS", "REFUND"):
            return 400, {"code": "ORDERPAID", "message": "订单已支付"}
        order["trade_state"] = "CLOSED"
        return 204, None

    def _refund(self, wanted: dict[str, Any]) -> tuple[int, Any]:
        number, order = wanted["out_refund_no"], self.orders.get(wanted["out_trade_no"])
        if number in self.refunds:
            known = self.refunds[number]
            if known["amount"]["refund"] != wanted["amount"]["refund"]:
                return 400, {"code": "INVALID_REQUEST", "message": "退款金额与之前请求不一致"}
            return 200, known
        if order is None or "transaction_id" not in order:
            return 404, {"code": "RESOURCE_NOT_EXISTS", "message": "订单不存在"}
        assert wanted["amount"]["total"] == order["amount"]["total"]
        given = sum(
            refund["amount"]["refund"]
            for refund in self.refunds.values()
            if refund["out_trade_no"] == wanted["out_trade_no"]
        )
        if given + wanted["amount"]["refund"] > order["amount"]["total"]:
            return 400, {"code": "INVALID_REQUEST", "message": "退款金额大于可退金额"}
        order["trade_state"] = "REFUND"
        made = {
            "refund_id": f"50000{secrets.randbelow(10**23):023}",
            "out_refund_no": number,
            "transaction_id": order["transaction_id"],
            "out_trade_no": wanted["out_trade_no"],
            "channel": "ORIGINAL",
            "status": self.refunds_are,
            "create_time": _stamp(self.clock()),
            "amount": wanted["amount"] | {"payer_refund": wanted["amount"]["refund"]},
        }
        if self.refunds_are == "SUCCESS":
            made["success_time"] = _stamp(self.clock())
        self.refunds[number] = made
        return 200, made

    @staticmethod
    def _known(books: dict[str, Any], number: str, code: str) -> tuple[int, Any]:
        found = books.get(number)
        return (200, found) if found else (404, {"code": code, "message": "不存在"})

    def _tradebill(self, request: Request) -> tuple[int, Any]:
        assert request.args["bill_type"] == "ALL"
        if self.bill is None:
            return 400, {"code": "STATEMENT_CREATING", "message": "账单生成中"}
        if not self.bill:
            return 400, {"code": "NO_STATEMENT_EXIST", "message": "账单文件不存在"}
        return 200, {
            "hash_type": "SHA1",
            "hash_value": hashlib.sha1(self._bill_text().encode()).hexdigest(),
            "download_url": f"{self.url}/v3/billdownload/file?token=abc%2Bdef&tartype=",
        }

    def _bill_text(self) -> str:
        head = "总交易单数,应结订单总金额,退款总金额,手续费总金额,订单总金额,申请退款总金额"
        total = f"`{len(self.bill or [])},`0.00,`0.00,`0.00000,`0.00,`0.00"
        return "\r\n".join(["\ufeff" + BILL_COLUMNS, *(self.bill or []), head, total]) + "\r\n"

    def bill_line(self, number: str, refund: str = "", **changes: str) -> str:
        """A line of the bill about an order, or about a refund of it."""
        order = self.orders[number]
        total = f"{order['amount']['total'] / 100:.2f}"
        row = dict.fromkeys(BILL_COLUMNS.split(","), "") | {
            "交易时间": self.clock().astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S"),
            "微信订单号": order["transaction_id"],
            "商户订单号": number,
            "交易状态": "SUCCESS",
            "货币种类": "CNY",
            "商品名称": "套系,两套服装",
            "订单金额": total,
            "申请退款金额": "0.00",
            "手续费": "3.00000",
        }
        if refund:
            made = self.refunds[refund]
            row |= {
                "交易状态": "REFUND",
                "微信退款单号": made["refund_id"],
                "商户退款单号": refund,
                "退款状态": "SUCCESS",
                "订单金额": "0.00",
                "申请退款金额": f"{made['amount']['refund'] / 100:.2f}",
                "手续费": "-0.60000",
            }
        return ",".join(f"`{value}" for value in (row | changes).values())


def encrypted(told: Any, kind: str, key: str) -> dict[str, str]:
    """Encrypt as WeChat Pay does; a text as it is, anything else as JSON."""
    text = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)
    nonce = secrets.token_hex(6)
    content = AESGCM(key.encode()).encrypt(nonce.encode(), text.encode(), kind.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "nonce": nonce,
        "associated_data": kind,
        "ciphertext": base64.b64encode(content).decode(),
    }


def _stamp(instant: datetime) -> str:
    return instant.astimezone(CHINA).isoformat(timespec="seconds")

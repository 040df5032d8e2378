"""Speaking with WeChat Pay's API v3: signed requests, checked answers, what is encrypted to us."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.booking.keys import PrivateKey, PublicKey
from services.booking.payments.http import Answer, Http
from services.booking.payments.wechat_pay.keys import PlatformKeys
from services.contracts.payments import ProviderUnavailable, SignatureInvalid

SCHEME = "WECHATPAY2-SHA256-RSA2048"
CERTIFICATES = "/v3/certificates"

TRY_LATER = frozenset({401, 429})
"""Refusals that say nothing of the payment: a key of ours that is wrong, too many requests."""


class Refused(Exception):
    """WeChat Pay understood what was asked and will not do it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Account:
    """The merchant, and what proves that a request is the merchant's.

    Payments are of the app `appid`, or within the mini program of that one.
    """

    mchid: str
    appid: str
    certificate_serial: str
    private_key: PrivateKey
    api_v3_key: str = field(repr=False)
    mini_appid: str = ""

    def authorization(self, method: str, target: str, body: str, now: datetime) -> str:
        """Return the header that signs a request; `target` is its path with the query."""
        timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(16)
        signature = self.private_key.sign(f"{method}\n{target}\n{timestamp}\n{nonce}\n{body}\n")
        return (
            f'{SCHEME} mchid="{self.mchid}",nonce_str="{nonce}",signature="{signature}",'
            f'timestamp="{timestamp}",serial_no="{self.certificate_serial}"'
        )

    def bridge(self, appid: str, prepay_id: str, now: datetime) -> dict[str, str]:
        """Return the signed parameters that open the payment within WeChat."""
        timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(16)
        package = f"prepay_id={prepay_id}"
        signed = f"{appid}\n{timestamp}\n{nonce}\n{package}\n"
        return {
            "appId": appid,
            "timeStamp": timestamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": self.private_key.sign(signed),
        }

    def decrypt(self, resource: Mapping[str, Any]) -> bytes:
        """Return what was encrypted with AES-256-GCM under the key that we share.

        Shapes:  resource = {"ciphertext": base64, "nonce", "associated_data"}.
        Errors:  ValueError.
        """
        try:
            return AESGCM(self.api_v3_key.encode()).decrypt(
                resource["nonce"].encode(),
                base64.b64decode(resource["ciphertext"], validate=True),
                (resource.get("associated_data") or "").encode(),
            )
        except (InvalidTag, KeyError, TypeError, AttributeError) as error:
            raise ValueError("not encrypted with our key") from error


class Client:
    """Requests to one merchant's API; `given` are WeChat Pay's public keys that we hold, by id."""

    def __init__(
        self, account: Account, http: Http, *, url: str, given: Mapping[str, PublicKey]
    ) -> None:
        self.account = account
        self.keys = PlatformKeys(given, self._certificates)
        self._http = http
        self._url = url
        self._key_id = next(iter(given), None)

    def ask(
        self, method: str, target: str, *, now: datetime, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return WeChat Pay's answer, its signature checked.

        A refusal moves no money and need not be signed: TLS has to do for it.

        Errors:  Refused; ProviderUnavailable, also when the answer cannot be believed.
        """
        answer = self._request(method, self._url + target, now, body)
        told = _told(answer)
        try:
            self.keys.check(answer.headers, answer.text, now)
        except SignatureInvalid as error:
            raise ProviderUnavailable(reason="unsigned answer", status=answer.status) from error
        return told

    def download(self, url: str, *, hash_value: str, now: datetime) -> bytes:
        """Return the file at an address that an answer named.

        Errors:  ProviderUnavailable, also when it is not the file with this SHA-1.
        """
        answer = self._request("GET", url, now, None)
        found = hashlib.sha1(answer.body, usedforsecurity=False).hexdigest()
        if answer.status != 200 or found != hash_value.lower():
            raise ProviderUnavailable(reason="damaged file", status=answer.status)
        return answer.body

    def _request(
        self, method: str, url: str, now: datetime, body: Mapping[str, Any] | None
    ) -> Answer:
        content = orjson.dumps(body).decode() if body is not None else ""
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        headers = {
            "Accept": "application/json",
            "Authorization": self.account.authorization(method, target, content, now),
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self._key_id:
            headers["Wechatpay-Serial"] = self._key_id  # with which key we want answers signed
        sent = content.encode() if body is not None else None
        return self._http.ask(method, url, headers=headers, body=sent)

    def _certificates(self, now: datetime) -> dict[str, str]:
        """Return the certificates in force by serial; none for a merchant that has a key only.

        The keys to check this answer are within it; that it is encrypted under our shared key
        proves where it comes from.
        """
        try:
            told = _told(self._request("GET", self._url + CERTIFICATES, now, None))
            return {
                one["serial_no"]: self.account.decrypt(one["encrypt_certificate"]).decode()
                for one in told["data"]
            }
        except Refused:
            return {}
        except (KeyError, TypeError, ValueError) as error:
            raise ProviderUnavailable(reason="unreadable certificates") from error


def _told(answer: Answer) -> dict[str, Any]:
    """Return the object that an answer holds; empty for none.

    Errors:  Refused; ProviderUnavailable.
    """
    unknown = ProviderUnavailable(reason="no sense", status=answer.status)
    try:
        told = orjson.loads(answer.body) if answer.body else {}
    except orjson.JSONDecodeError as error:
        raise unknown from error
    if not isinstance(told, dict) or answer.status >= 500 or answer.status in TRY_LATER:
        raise unknown
    if answer.status >= 400:
        raise Refused(str(told.get("code", answer.status)))
    if answer.status >= 300:
        raise unknown
    return told

"""Speaking with Alipay's open API: signed requests, and answers whose signature is checked."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import orjson

from services.booking.keys import PrivateKey
from services.booking.payments.alipay.keys import Certified, ExchangedKey
from services.booking.payments.formats import wall_clock
from services.booking.payments.http import Http
from services.contracts.payments import ProviderUnavailable

DONE, REFUSED = "10000", "40004"
"""The codes of an answer that decide something; with any other nothing is known."""

CERTIFICATE = "alipay.open.app.alipaycert.download"
FORM = "application/x-www-form-urlencoded;charset=utf-8"


class Refused(Exception):
    """Alipay understood what was asked and will not do it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Client:
    """Requests of one app; `key` is ours, `signer` knows what Alipay signs with."""

    app_id: str
    key: PrivateKey
    signer: ExchangedKey | Certified
    url: str
    http: Http

    def link(self, method: str, content: Mapping[str, Any], *, now: datetime, **more: str) -> str:
        """Return the address at which a browser asks for this; it is signed, and asks nobody."""
        return f"{self.url}?{urlencode(self._signed(method, content, now, more))}"

    def ask(self, method: str, content: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
        """Return Alipay's answer.

        Errors:  Refused; ProviderUnavailable, also when the answer cannot be believed.
        """
        said = self._asked(method, content, now)
        told = said.told
        is_done = told.get("code") == DONE
        # A refusal of what comes before the signing is not signed.
        if (is_done or said.signature) and not self._is_signed(said, now):
            raise ProviderUnavailable(reason="unsigned answer")
        if is_done:
            return told
        word = str(told.get("sub_code") or told.get("code"))
        if told.get("code") != REFUSED or "SYSTEM_ERROR" in word:
            raise ProviderUnavailable(reason=word)
        raise Refused(word.rsplit(".", 1)[-1])

    def is_from_alipay(self, form: Mapping[str, str], *, now: datetime) -> bool:
        """Tell whether the values of a callback are signed by Alipay."""
        signed = signing_text({k: v for k, v in form.items() if k not in ("sign", "sign_type")})
        return self.signer.accepts(signed, form.get("sign", ""), now=now, fetch=self._certificate)

    def _is_signed(self, said: "_Said", now: datetime) -> bool:
        return self.signer.accepts(
            said.text, said.signature, now=now, number=said.certificate, fetch=self._certificate
        )

    def _certificate(self, number: str, now: datetime) -> bytes:
        """Return the PEM of Alipay's certificate with this number.

        What it is signed with is in the answer itself: the chain within proves where it comes from.

        Errors:  ProviderUnavailable.
        """
        told = self._asked(CERTIFICATE, {"alipay_cert_sn": number}, now).told
        try:
            return base64.b64decode(told["alipay_cert_content"], validate=True)
        except (KeyError, TypeError, ValueError) as error:
            raise ProviderUnavailable(reason="no certificate") from error

    def _asked(self, method: str, content: Mapping[str, Any], now: datetime) -> "_Said":
        """Return what is answered, whether it is signed or not.

        Errors:  ProviderUnavailable.
        """
        body = urlencode(self._signed(method, content, now, {})).encode()
        answer = self.http.ask("POST", self.url, headers={"Content-Type": FORM}, body=body)
        if answer.status != 200:
            raise ProviderUnavailable(reason="no sense", status=answer.status)
        return _said(answer.text, method.replace(".", "_") + "_response")

    def _signed(
        self, method: str, content: Mapping[str, Any], now: datetime, more: Mapping[str, str]
    ) -> dict[str, str]:
        values = {
            "app_id": self.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": wall_clock(now),
            "version": "1.0",
            "biz_content": orjson.dumps(content).decode(),
            **self.signer.request_values,
            **more,
        }
        return {**values, "sign": self.key.sign(signing_text(values))}


def signing_text(values: Mapping[str, str]) -> str:
    """Return what is signed of named values: name=value, ordered by name, joined with &."""
    return "&".join(f"{name}={value}" for name, value in sorted(values.items()))


@dataclass(frozen=True)
class _Said:
    """What an answer says, the very text of it, which is what is signed, and by whom.

    Shapes:  `certificate` is the number of Alipay's certificate, empty in public-key mode.
    """

    told: dict[str, Any]
    text: str
    signature: str
    certificate: str


def _said(text: str, node: str) -> _Said:
    """Read an answer.

    Errors:  ProviderUnavailable.
    """
    try:
        whole = json.loads(text)
        name = node if node in whole else "error_response"
        start = text.index(":", text.index(f'"{name}"')) + 1
        start += len(text[start:]) - len(text[start:].lstrip())
        told, end = json.JSONDecoder().raw_decode(text, start)
        signature, certificate = (str(whole.get(n, "")) for n in ("sign", "alipay_cert_sn"))
        return _Said(dict(told), text[start:end], signature, certificate)
    except (ValueError, TypeError, AttributeError) as error:
        raise ProviderUnavailable(reason="no sense") from error

"""Who pays within WeChat: the signed proof of it, for the payer's own device."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson

SIGNATURE_BYTES = 32

LIFE = timedelta(days=1)
"""How long a payer need not ask WeChat again; it then does so without a word to anybody."""


@dataclass(frozen=True)
class Payer:
    """A user of WeChat: the openid by which one app knows them, and that app."""

    appid: str
    openid: str


@dataclass(frozen=True)
class PayerProofs:
    """Makes and checks proofs. They are recomputed, never stored."""

    secret: str

    def proof(self, payer: Payer, expires_at: datetime) -> str:
        """Return the proof: the payer, until when, and HMAC-SHA256, base64url without padding."""
        claim = orjson.dumps([payer.appid, payer.openid, int(expires_at.timestamp())])
        return base64.urlsafe_b64encode(self._sign(claim) + claim).decode().rstrip("=")

    def payer_of(self, proof: str, now: datetime) -> Payer | None:
        """Return whom a proof names; None for no proof of ours and for one that has ended."""
        try:
            raw = base64.b64decode(proof + "=" * (-len(proof) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        signature, claim = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._sign(claim)):
            return None
        appid, openid, until = orjson.loads(claim)
        return Payer(appid, openid) if now < datetime.fromtimestamp(until, UTC) else None

    def _sign(self, claim: bytes) -> bytes:
        return hmac.digest(self.secret.encode(), b"payer:" + claim, hashlib.sha256)

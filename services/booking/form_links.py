"""Addresses of forms: the short code of a link, and the signed token of one booking's survey."""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from html import escape
from uuid import UUID

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without what looks alike in print: 0 and o, 1 and l and i."""

CODE_LENGTH = 8
"""850 milliard codes: nobody finds a form by trying, and two hardly ever get the same."""

ID_BYTES = 16


def new_code() -> str:
    """Draw the code of a new link."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


@dataclass(frozen=True)
class FormLinks:
    """Makes addresses, and makes and checks tokens. Tokens are recomputed, never stored."""

    secret: str
    public_url: str

    def url(self, code: str, token: str | None = None) -> str:
        """Return the address of the page where a form is filled in."""
        address = f"{self.public_url}/portal/#/pages/form/form?code={code}"
        return address if token is None else f"{address}&token={token}"

    def short_url(self, code: str) -> str:
        """Return the address that is printed and spoken."""
        return f"{self.public_url}/f/{code}"

    def embed_html(self, code: str, title: str) -> str:
        """Return what shows a form within another site; the script fits the frame's height."""
        address = f"{self.public_url}/portal/embed#/pages/form/form?code={code}&amp;embed=1"
        return (
            f'<iframe src="{address}" title="{escape(title)}" data-yingqi-form="{code}"'
            ' style="width:100%;min-height:480px;border:0"></iframe>\n'
            f'<script src="{self.public_url}/embed.js" async></script>'
        )

    def survey_token(self, form_id: UUID, booking_id: UUID) -> str:
        """Return the signed token: booking and HMAC-SHA256, base64url without padding."""
        signature = self._sign(form_id, booking_id.bytes)
        return base64.urlsafe_b64encode(booking_id.bytes + signature).decode().rstrip("=")

    def booking_of(self, form_id: UUID, token: str) -> UUID | None:
        """Return the booking for which a token lets its holder answer a form; None for no token.

        The signature is compared in constant time.
        """
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            return None
        claim, signature = raw[:ID_BYTES], raw[ID_BYTES:]
        if not hmac.compare_digest(signature, self._sign(form_id, claim)):
            return None
        return UUID(bytes=claim)

    def _sign(self, form_id: UUID, claim: bytes) -> bytes:
        return hmac.digest(self.secret.encode(), b"survey:" + form_id.bytes + claim, hashlib.sha256)

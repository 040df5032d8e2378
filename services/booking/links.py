"""Private links and lookup codes: who has a booking's may manage that booking, and no other."""

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.chassis import clock

FIRST_VERSION = 1
"""A booking's link starts with this version; raising it makes every older link invalid."""

LIFE = timedelta(days=180)
"""How long after the appointment its link still opens it: receipts are asked for months later."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: without I, L and O, which are read as 1 and 0, and without U."""

CODE_BYTES = 5
"""Eight characters of five bits: short enough to be read out on the phone, long enough not to be
found by trying, since tries are counted (usecases/finding.py)."""

LOOK_ALIKES = str.maketrans("OIL\u2212", "011-")


def read_code(text: str) -> str | None:
    """Return a lookup code as it is shown, however it was typed; None for what can be none.

    Shapes:  XXXX-XXXX. Full-width characters, lower case, spaces, any dash and look-alikes of
             digits are accepted.
    """
    typed = unicodedata.normalize("NFKC", text).upper().translate(LOOK_ALIKES)
    meant = [c for c in typed if not c.isspace() and unicodedata.category(c) != "Pd"]
    if len(meant) != CODE_BYTES * 8 // 5 or not set(meant) <= set(ALPHABET):
        return None
    return _shown(meant)


@dataclass(frozen=True)
class Links:
    """Makes and checks links and codes. They are recomputed, never stored."""

    secret: str
    public_url: str
    now: Callable[[], datetime] = clock.now

    def token(self, booking_id: UUID, version: int = FIRST_VERSION) -> str:
        """Return the signed token: booking, version and HMAC-SHA256, base64url without padding."""
        claim = booking_id.bytes + version.to_bytes(4)
        signature = hmac.digest(self.secret.encode(), b"manage:" + claim, hashlib.sha256)
        return base64.urlsafe_b64encode(claim + signature).decode().rstrip("=")

    def accepts(self, token: str, booking_id: UUID, version: int) -> bool:
        """Tell in constant time whether a token is the one of this booking."""
        return hmac.compare_digest(token.encode(), self.token(booking_id, version).encode())

    def opens(self, token: str, booking_id: UUID, version: int, ends_at: datetime) -> bool:
        """Tell whether a token is the one of this booking and not too old to be used."""
        return self.accepts(token, booking_id, version) and self.now() <= ends_at + LIFE

    def code(self, booking_id: UUID, version: int = FIRST_VERSION) -> str:
        """Return the lookup code, which ends with the link of its version.

        Shapes:  XXXX-XXXX, the first bits of HMAC-SHA256 over booking and version.
        """
        claim = booking_id.bytes + version.to_bytes(4)
        signature = hmac.digest(self.secret.encode(), b"lookup:" + claim, hashlib.sha256)
        bits = int.from_bytes(signature[:CODE_BYTES])
        return _shown([ALPHABET[bits >> shift & 31] for shift in range(35, -1, -5)])

    def accepts_code(self, code: str, booking_id: UUID, version: int) -> bool:
        """Tell in constant time whether a code, as `read_code` gives it, is this booking's."""
        return hmac.compare_digest(code, self.code(booking_id, version))

    def phone_key(self, phone: str) -> bytes:
        """Return under what failures of a phone are counted; it does not tell the number."""
        return hmac.digest(self.secret.encode(), b"lookup-phone:" + phone.encode(), hashlib.sha256)

    def url(self, booking_id: UUID, version: int = FIRST_VERSION) -> str:
        """Return the address of the page where the customer manages the booking."""
        page = f"{self.public_url}/portal/#/pages/booking/booking"
        return f"{page}?id={booking_id}&token={self.token(booking_id, version)}"


def _shown(characters: list[str]) -> str:
    return f"{''.join(characters[:4])}-{''.join(characters[4:])}"

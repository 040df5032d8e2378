"""Private links: whoever has a booking's link may manage that booking, and no other."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.chassis import clock

FIRST_VERSION = 1
"""A booking's link starts with this version; raising it makes every older link invalid."""

LIFE = timedelta(days=180)
"""How long after the appointment its link still opens it: receipts are asked for months later."""


@dataclass(frozen=True)
class Links:
    """Makes and checks links. Tokens are recomputed, never stored."""

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

    def url(self, booking_id: UUID, version: int = FIRST_VERSION) -> str:
        """Return the address of the page where the customer manages the booking."""
        page = f"{self.public_url}/portal/#/pages/booking/booking"
        return f"{page}?id={booking_id}&token={self.token(booking_id, version)}"

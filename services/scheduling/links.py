"""Secret addresses: whoever has one may read what it names, for one purpose and nothing else."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

CALENDAR = "calendar"
"""Purpose of an address under which a calendar program reads a branch or a resource."""

WAITLIST = "waitlist"
"""Purpose of an address under which somebody sees and leaves their place on the waitlist."""


@dataclass(frozen=True)
class Links:
    """Makes and reads the signed part of secret addresses. Tokens are recomputed, never stored."""

    secret: str
    public_url: str

    def token(self, purpose: str, id: UUID) -> str:
        """Return the id and its HMAC-SHA256 for this purpose, base64url: 64 characters."""
        message = purpose.encode() + b":" + id.bytes
        signature = hmac.digest(self.secret.encode(), message, hashlib.sha256)
        return base64.urlsafe_b64encode(id.bytes + signature).decode()

    def read(self, purpose: str, token: str) -> UUID | None:
        """Return whom a token names; None when it was not made by us, for this purpose."""
        try:
            id = UUID(bytes=base64.urlsafe_b64decode(token.encode("ascii"))[:16])
        except (ValueError, binascii.Error):
            return None
        # Compared as text: decoding forgives characters that no token of ours has.
        genuine = hmac.compare_digest(token.encode(), self.token(purpose, id).encode())
        return id if genuine else None

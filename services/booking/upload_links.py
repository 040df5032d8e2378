"""Signed tokens about files: a permit to upload, one upload of one's own, a file to be read."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson

from services.contracts.uploads import VARIANTS

SIGNATURE_BYTES = 32
ID_BYTES = 16

READ_WINDOW = timedelta(hours=6)
"""Addresses of files change only so often, so that browsers need not fetch again what they have;
each is good for one window at least and two at most."""

PUBLIC_WINDOW = timedelta(days=365)
"""As READ_WINDOW, for what everybody sees: browsers keep the studio's logo for a year or two."""

PERMIT_TTL = timedelta(hours=6)
"""How long the page of a form may stay open and still take files."""


@dataclass(frozen=True)
class Permit:
    """The right of a visitor to upload files for one form.

    Shapes:  `id` is drawn for each visitor: the files of one permit are counted together.
    """

    id: UUID
    form_id: UUID
    purpose: str
    max_files: int
    expires_at: datetime


@dataclass(frozen=True)
class UploadLinks:
    """Makes and checks tokens, base64url without padding. They are recomputed, never stored."""

    secret: str

    def permit_token(self, permit: Permit) -> str:
        """Return the token of a permit."""
        claim = [
            str(permit.id),
            str(permit.form_id),
            permit.purpose,
            permit.max_files,
            int(permit.expires_at.timestamp()),
        ]
        return self._signed(b"permit:", orjson.dumps(claim))

    def permit_of(self, token: str, now: datetime) -> Permit | None:
        """Return the permit of a token; None for no token of ours and for one that has ended."""
        claim = self._claim(b"permit:", token)
        if claim is None:
            return None
        permit_id, form_id, purpose, max_files, until = orjson.loads(claim)
        expires_at = datetime.fromtimestamp(until, UTC)
        if expires_at <= now:
            return None
        return Permit(UUID(permit_id), UUID(form_id), purpose, max_files, expires_at)

    def upload_token(self, upload_id: UUID) -> str:
        """Return the token by which its sender goes on with an upload."""
        return self._signed(b"upload:", upload_id.bytes)

    def upload_of(self, token: str) -> UUID | None:
        """Return the upload of a token, or None for no token of ours."""
        claim = self._claim(b"upload:", token)
        return None if claim is None else UUID(bytes=claim)

    def sender_of(self, client: str, now: datetime) -> bytes:
        """Return under what a client address is counted today, without being known by it."""
        return self._sign(b"sender:", f"{now.astimezone(UTC).date()}:{client}".encode())

    def file_url(
        self, upload_id: UUID, variant: str, now: datetime, window: timedelta = READ_WINDOW
    ) -> str:
        """Return the address at which a variant can be read until the end of the next window."""
        seconds = int(window.total_seconds())
        until = (int(now.timestamp()) // seconds + 2) * seconds
        claim = upload_id.bytes + bytes([VARIANTS.index(variant)]) + until.to_bytes(5)
        return "/files/" + self._signed(b"file:", claim)

    def file_of(self, token: str, now: datetime) -> tuple[UUID, str, datetime] | None:
        """Return what a token reads, upload, variant and until when; None when it reads nothing."""
        claim = self._claim(b"file:", token)
        if claim is None:
            return None
        expires_at = datetime.fromtimestamp(int.from_bytes(claim[ID_BYTES + 1 :]), UTC)
        if expires_at <= now:
            return None
        return UUID(bytes=claim[:ID_BYTES]), VARIANTS[claim[ID_BYTES]], expires_at

    def _signed(self, kind: bytes, claim: bytes) -> str:
        return base64.urlsafe_b64encode(claim + self._sign(kind, claim)).decode().rstrip("=")

    def _claim(self, kind: bytes, token: str) -> bytes | None:
        """Return what a token claims; the signature is compared in constant time."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        claim, signature = raw[:-SIGNATURE_BYTES], raw[-SIGNATURE_BYTES:]
        return claim if hmac.compare_digest(signature, self._sign(kind, claim)) else None

    def _sign(self, kind: bytes, claim: bytes) -> bytes:
        return hmac.digest(self.secret.encode(), kind + claim, hashlib.sha256)

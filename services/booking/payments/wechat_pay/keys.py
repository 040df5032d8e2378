"""Whether WeChat Pay itself said something: its public key, or its certificates as they change."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509

from services.booking.keys import PublicKey, der
from services.contracts.payments import ProviderUnavailable, SignatureInvalid

logger = logging.getLogger(__name__)

FRESH = timedelta(minutes=5)
"""What was signed longer ago is a replay; the figure is WeChat Pay's own."""

FETCH_PAUSE = timedelta(minutes=1)
"""Whoever sends us callbacks with made-up serials makes us fetch certificates no oftener."""

REFRESH_AFTER = timedelta(hours=12)
"""New certificates are published days before they are used; WeChat Pay asks for at most this."""

ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class PlatformKey:
    """A key and the time for which its certificate says that it is WeChat Pay's."""

    key: PublicKey
    since: datetime = ALWAYS[0]
    until: datetime = ALWAYS[1]


class PlatformKeys:
    """The keys by serial: the one of the settings, and those of the certificates in force.

    Shapes:  `fetch(now)` returns certificates in PEM by serial.
    """

    def __init__(
        self, given: Mapping[str, PublicKey], fetch: Callable[[datetime], Mapping[str, str]]
    ) -> None:
        self._given = {serial: PlatformKey(key) for serial, key in given.items()}
        self._fetched: dict[str, PlatformKey] = {}
        self._fetch = fetch
        self._asked_at: datetime | None = None
        self._read_at: datetime | None = None
        self._lock = threading.Lock()

    def check(self, headers: Mapping[str, str], body: str, now: datetime) -> None:
        """Refuse what WeChat Pay has not signed within the last minutes.

        Shapes:  the names of `headers` are in lower case.
        Errors:  SignatureInvalid; ProviderUnavailable when certificates are needed and not had.
        """
        timestamp = headers.get("wechatpay-timestamp", "")
        if not (timestamp.isascii() and timestamp.isdigit()):
            raise SignatureInvalid()
        if abs(now.timestamp() - int(timestamp)) > FRESH.total_seconds():
            raise SignatureInvalid(reason="stale")
        key = self._key(headers.get("wechatpay-serial", ""), now)
        signed = f"{timestamp}\n{headers.get('wechatpay-nonce', '')}\n{body}\n"
        if key is None or not key.accepts(signed, headers.get("wechatpay-signature", "")):
            raise SignatureInvalid()

    def _key(self, serial: str, now: datetime) -> PublicKey | None:
        """Return the key of a serial; certificates are fetched once when it is not known."""
        known = self._valid(serial, now)
        if known is not None and not self._is_old(serial, now):
            return known
        with self._lock:  # those who wait here find what the first one fetched
            known = self._valid(serial, now)
            if known is None or self._is_old(serial, now):
                self._refresh(now, needed=known is None)
        return self._valid(serial, now)

    def _valid(self, serial: str, now: datetime) -> PublicKey | None:
        found = self._given.get(serial) or self._fetched.get(serial)
        return found.key if found and found.since <= now < found.until else None

    def _is_old(self, serial: str, now: datetime) -> bool:
        return (
            serial not in self._given
            and self._read_at is not None
            and now - self._read_at > REFRESH_AFTER
        )

    def _refresh(self, now: datetime, *, needed: bool) -> None:
        """Replace the certificates; the old ones stay when it fails and they still serve."""
        if self._asked_at is not None and now - self._asked_at < FETCH_PAUSE:
            return
        self._asked_at = now
        try:
            self._fetched = {serial: _read(pem) for serial, pem in self._fetch(now).items()}
            self._read_at = now
        except ProviderUnavailable:
            if needed:
                raise
            logger.warning("WeChat Pay's certificates could not be refreshed")


def _read(pem: str) -> PlatformKey:
    found = x509.load_der_x509_certificate(der(pem))
    return PlatformKey(PublicKey(pem), found.not_valid_before_utc, found.not_valid_after_utc)

"""Whether Alipay itself said something: its exchanged key, or its certificates as they change."""

import hashlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509

from services.booking.certificates import (
    certificates_of,
    check_chain,
    holds,
    is_signed_with_rsa,
    key_of,
)
from services.booking.keys import PublicKey
from services.contracts.payments import ProviderUnavailable

logger = logging.getLogger(__name__)

FETCH_PAUSE = timedelta(minutes=1)
"""A certificate that could not be had, or not be trusted, is asked for no oftener."""

Fetch = Callable[[str, datetime], bytes]
"""Returns the PEM of Alipay's certificate with this number, and of those who certify it."""


@dataclass(frozen=True)
class ExchangedKey:
    """Public-key mode: Alipay signs with one key until somebody enters another."""

    key: PublicKey
    request_values: Mapping[str, str] = field(default_factory=dict)

    def accepts(
        self, text: str, signature: str, *, now: datetime, number: str = "", fetch: Fetch
    ) -> bool:
        return self.key.accepts(text, signature)


class Certified:
    """Certificate mode: Alipay's certificate is believed when it leads to one of the roots.

    Shapes:  `own` is the app's certificate, `theirs` Alipay's, each followed by those who certify
             it. `request_values` is what every request says of them.
    Errors:  ValueError, `theirs` is no certificate of an RSA key.
    """

    def __init__(
        self,
        own: Sequence[x509.Certificate],
        theirs: Sequence[x509.Certificate],
        roots: Sequence[x509.Certificate],
    ) -> None:
        self.request_values = {
            "app_cert_sn": number_of(own[0]),
            "alipay_root_cert_sn": "_".join(map(number_of, filter(is_signed_with_rsa, roots))),
        }
        self._roots = roots
        self._known = {number_of(theirs[0]): _Trusted(theirs[0], key_of(theirs[0]))}
        self._asked_at: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def accepts(
        self, text: str, signature: str, *, now: datetime, number: str = "", fetch: Fetch
    ) -> bool:
        """Tell whether Alipay signed this; a certificate that is new is fetched and checked.

        Callbacks name no certificate: any that is trusted will do.

        Errors:  ProviderUnavailable when a certificate is needed and not had.
        """
        if number and self._in_force(number, now) is None:
            self._learn(number, now, fetch)
        numbers = [number] if number else list(self._known)
        keys = [self._in_force(one, now) for one in numbers]
        return any(key is not None and key.accepts(text, signature) for key in keys)

    def _in_force(self, number: str, now: datetime) -> PublicKey | None:
        found = self._known.get(number)
        return found.key if found is not None and holds(found.certificate, now) else None

    def _learn(self, number: str, now: datetime, fetch: Fetch) -> None:
        with self._lock:  # those who wait here find what the first one fetched
            asked_at = self._asked_at.get(number)
            if number in self._known or (asked_at and now - asked_at < FETCH_PAUSE):
                return
            self._asked_at = {number: now}
            try:
                chain = certificates_of(fetch(number, now))
                check_chain(chain, self._roots, now)
                if number_of(chain[0]) != number:
                    raise ValueError("another certificate than was asked for")
                self._known[number] = _Trusted(chain[0], key_of(chain[0]))
                logger.warning("Alipay has a new certificate; the file holds an older one")
            except ValueError as error:
                logger.warning("a certificate is not Alipay's", extra={"reason": str(error)})
                raise ProviderUnavailable(reason="untrusted certificate") from error


@dataclass(frozen=True)
class _Trusted:
    certificate: x509.Certificate
    key: PublicKey


def number_of(certificate: x509.Certificate) -> str:
    """Return what Alipay calls a certificate's SN: the MD5 of who issued it and its serial number.

    Source:  docs/sources.md
    """
    name = f"{certificate.issuer.rfc4514_string()}{certificate.serial_number}"
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()

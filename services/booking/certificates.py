"""Certificates as they stand in files of the settings, and whether they may be believed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization

from services.booking.keys import PrivateKey, PublicKey

RSA_SIGNATURES = "1.2.840.113549.1.1."
"""How the names of signature algorithms with RSA begin; files of roots hold others too."""


@dataclass(frozen=True)
class CertificateFile:
    """A file of certificates in PEM: whose it is first, then those who certify it.

    An empty path is no file and counts as false.

    Errors:  ValueError.
    """

    path: str

    def __post_init__(self) -> None:
        if self.path:
            _ = self.certificates

    def __bool__(self) -> bool:
        return bool(self.path)

    @cached_property
    def certificates(self) -> tuple[x509.Certificate, ...]:
        try:
            return certificates_of(Path(self.path).read_bytes())
        except OSError as error:
            raise ValueError(f"{self.path} cannot be read") from error


def certificates_of(pem: bytes) -> tuple[x509.Certificate, ...]:
    """Return the certificates of a PEM text, at least one.

    Errors:  ValueError.
    """
    try:
        return tuple(x509.load_pem_x509_certificates(pem))
    except ValueError as error:
        raise ValueError("no certificate") from error


def key_of(certificate: x509.Certificate) -> PublicKey:
    """Return the key that a certificate is about.

    Errors:  ValueError when it is no RSA key.
    """
    return PublicKey(certificate.public_bytes(serialization.Encoding.PEM).decode())


def is_signed_with_rsa(certificate: x509.Certificate) -> bool:
    return certificate.signature_algorithm_oid.dotted_string.startswith(RSA_SIGNATURES)


def holds(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc


def check_chain(
    chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate], now: datetime
) -> None:
    """Refuse a certificate that does not lead to a root, each link of the chain in force.

    Only an authority may certify: anybody who takes payments has a certificate under the same
    roots, and must not make others with it.

    Errors:  ValueError.
    """
    certificate, *others = chain
    while True:
        _check_holds(certificate, now)
        root = _issuer(certificate, roots)
        if root is not None:
            return _check_holds(root, now)
        authority = _issuer(certificate, [other for other in others if _may_certify(other)])
        if authority is None:
            raise ValueError(f"no trusted issuer: {certificate.issuer.rfc4514_string()}")
        others.remove(authority)
        certificate = authority


def check_own(certificate: x509.Certificate, key: PrivateKey, now: datetime) -> None:
    """Refuse a certificate of the app that is over or of another key.

    Errors:  ValueError.
    """
    _check_holds(certificate, now)
    if not key_of(certificate).accepts("key", key.sign("key")):
        raise ValueError("not of our private key")


def _check_holds(certificate: x509.Certificate, now: datetime) -> None:
    if not holds(certificate, now):
        since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        name = certificate.subject.rfc4514_string()
        raise ValueError(f"{name} holds from {since:%Y-%m-%d} until {until:%Y-%m-%d}")


def _issuer(
    certificate: x509.Certificate, candidates: Sequence[x509.Certificate]
) -> x509.Certificate | None:
    for candidate in candidates:
        if candidate.subject == certificate.issuer and is_signed_with_rsa(candidate):
            try:
                certificate.verify_directly_issued_by(candidate)
            except (ValueError, TypeError, InvalidSignature):
                continue
            return candidate
    return None


def _may_certify(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False

"""Authorities that certify keys: roots, those below them, and what they hand out."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from tests.providers.server import new_key

SINCE, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
SHORT = {
    NameOID.COUNTRY_NAME: "C",
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
    NameOID.COMMON_NAME: "CN",
}


def name_of(common: str) -> x509.Name:
    words = ("CN", "Ant Financial", "Certification Authority", common)
    return x509.Name([x509.NameAttribute(oid, w) for oid, w in zip(SHORT, words, strict=True)])


def certificate(
    subject: str,
    public_key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey,
    issuer: str,
    issuers_key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool = False,
    since: datetime = SINCE,
    until: datetime = UNTIL,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(name_of(subject))
        .issuer_name(name_of(issuer))
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
    )
    if is_authority:
        builder = builder.add_extension(x509.BasicConstraints(True, None), critical=True)
    return builder.sign(issuers_key, hashes.SHA256())


@dataclass
class Authority:
    """A root, or whoever a root lets certify others; `chain` leads from it to below the root."""

    name: str
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = field(default_factory=tuple)

    def below(
        self, name: str, *, is_authority: bool = True, until: datetime = UNTIL
    ) -> "Authority":
        key = new_key()
        made = certificate(
            name, key.public_key(), self.name, self.key, is_authority=is_authority, until=until
        )
        return Authority(name, key, made, (made, *self.chain))

    def certify(
        self, name: str, key: rsa.RSAPrivateKey, *, since: datetime = SINCE, until: datetime = UNTIL
    ) -> tuple[x509.Certificate, ...]:
        """The certificate of a key, and of those who certify it up to below the root."""
        made = certificate(name, key.public_key(), self.name, self.key, since=since, until=until)
        return (made, *self.chain)


def root(name: str = "Ant Financial Certification Authority R1") -> Authority:
    key = new_key()
    return Authority(name, key, certificate(name, key.public_key(), name, key, is_authority=True))


def foreign_root() -> x509.Certificate:
    """A root whose signatures are of another kind than RSA."""
    key = ec.generate_private_key(ec.SECP256R1())
    return certificate("E1", key.public_key(), "E1", key, is_authority=True)


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates)


def written(folder: Path, name: str, *certificates: x509.Certificate) -> str:
    path = folder / name
    path.write_bytes(pem(*certificates))
    return str(path)


def sn(one: x509.Certificate) -> str:
    """The number by which Alipay calls a certificate: issuer, last word first, and serial."""
    words = [f"{SHORT[a.oid]}={a.value}" for a in reversed(list(one.issuer))]
    return hashlib.md5((",".join(words) + str(one.serial_number)).encode()).hexdigest()

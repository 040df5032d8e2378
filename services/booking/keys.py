"""RSA keys as they stand in the settings, and what is signed with them (SHA-256)."""

import base64
import binascii
import re
from dataclasses import dataclass, field
from functools import cached_property

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

ARMOUR = re.compile(r"-----[A-Z0-9 ]+-----|\\n|\s")


@dataclass(frozen=True)
class PrivateKey:
    """A key that signs, as PEM or only its base64; an empty text is no key and counts as false.

    Errors:  ValueError, which never tells the text.
    """

    text: str = field(repr=False)

    def __post_init__(self) -> None:
        if self.text:
            _ = self._key

    def __bool__(self) -> bool:
        return bool(self.text)

    def sign(self, message: str) -> str:
        """Return the signature (PKCS #1 v1.5) in base64."""
        signature = self._key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())
        return base64.b64encode(signature).decode()

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        try:
            key = serialization.load_der_private_key(der(self.text), password=None)
        except (ValueError, TypeError) as error:
            raise ValueError("no private key") from error
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ValueError("no RSA key")
        return key


@dataclass(frozen=True)
class PublicKey:
    """A key that checks signatures; as PEM or only its base64, of a key or of a certificate.

    An empty text is no key and counts as false.

    Errors:  ValueError.
    """

    text: str = field(repr=False)

    def __post_init__(self) -> None:
        if self.text:
            _ = self._key

    def __bool__(self) -> bool:
        return bool(self.text)

    def accepts(self, message: str, signature: str) -> bool:
        """Tell whether a base64 signature of a message is by the owner of this key."""
        try:
            given = base64.b64decode(signature, validate=True)
            self._key.verify(given, message.encode(), padding.PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, ValueError):  # bad base64 is a ValueError
            return False
        return True

    @cached_property
    def _key(self) -> rsa.RSAPublicKey:
        content = der(self.text)
        key: object
        try:
            if "CERTIFICATE" in self.text:
                key = x509.load_der_x509_certificate(content).public_key()
            else:
                key = serialization.load_der_public_key(content)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise ValueError("no public key") from error
        if not isinstance(key, rsa.RSAPublicKey):
            raise ValueError("no RSA key")
        return key


def der(text: str) -> bytes:
    """Return the bytes within PEM; in the environment a line break may be written \\n.

    Errors:  ValueError.
    """
    try:
        return base64.b64decode(ARMOUR.sub("", text), validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error

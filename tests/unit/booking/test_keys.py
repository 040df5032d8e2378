"""Keys are read however a setting holds them, and never shown."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from services.booking.keys import PrivateKey, PublicKey
from tests.providers.server import new_key, private_pem, public_pem

KEY = new_key()
PEM = private_pem(KEY)
PKCS1 = KEY.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.TraditionalOpenSSL,
    serialization.NoEncryption(),
).decode()
OTHER = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize(
    "text", [PEM, PKCS1, PEM.replace("\n", "\\n"), "".join(PEM.splitlines()[1:-1])]
)
def test_a_key_is_read_in_every_form_that_it_is_handed_out_in(text: str) -> None:
    signature = PrivateKey(text).sign("消息")
    assert PublicKey(public_pem(KEY)).accepts("消息", signature)
    assert not PublicKey(public_pem(KEY)).accepts("消 息", signature)


@pytest.mark.parametrize("signature", ["", "not base64", "AAAA", "é"])
def test_what_is_no_signature_is_not_accepted(signature: str) -> None:
    assert not PublicKey(public_pem(KEY)).accepts("m", signature)


@pytest.mark.parametrize("text", ["secret!", "c2VjcmV0", PEM[:200], public_pem(KEY)])
def test_what_is_no_private_key_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ValueError) as refusal:
        PrivateKey(text)
    assert text not in str(refusal.value)


def test_keys_of_another_kind_are_refused() -> None:
    private = OTHER.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = OTHER.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with pytest.raises(ValueError, match="no RSA key"):
        PrivateKey(private.decode())
    with pytest.raises(ValueError, match="no RSA key"):
        PublicKey(public.decode())


def test_no_key_is_false_and_no_key_is_shown() -> None:
    assert not PrivateKey("")
    assert not PublicKey("")
    assert PEM.splitlines()[1] not in repr(PrivateKey(PEM))

"""Certificates: their numbers as Alipay counts them, and settings that refuse bad ones."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from services.booking.payments.alipay.keys import number_of
from services.booking.settings import Settings
from services.chassis.settings import SettingsError, load
from tests.providers.authorities import SINCE, UNTIL, root, written
from tests.providers.server import new_key, private_pem
from tests.unit.booking.test_settings import ALIPAY, ENVIRON, KEY

PAST = datetime(2021, 1, 1, tzinfo=UTC)
ROOT = root()
BELOW = ROOT.below("Class 2 R1")
THEIR_KEY = new_key()


def environ(folder: Path, **changes: tuple[x509.Certificate, ...] | str) -> dict[str, str]:
    chains: dict[str, tuple[x509.Certificate, ...] | str] = {
        "ALIPAY_APP_CERTIFICATE_FILE": BELOW.certify("the app", KEY),
        "ALIPAY_CERTIFICATE_FILE": BELOW.certify("Alipay", THEIR_KEY),
        "ALIPAY_ROOT_CERTIFICATE_FILE": (ROOT.certificate,),
        **changes,
    }
    files = {
        name: given if isinstance(given, str) else written(folder, name, *given)
        for name, given in chains.items()
    }
    return {k: v for k, v in (ENVIRON | ALIPAY | files).items() if k != "ALIPAY_PUBLIC_KEY"}


def test_a_certificate_has_the_number_that_alipay_gives_it() -> None:
    # A root that Alipay hands out; its number is in every request of those who use certificates.
    words = ("CN", "iTrusChina", "China Trust Network", "iTrusChina Class 2 Root CA - G3")
    oids = (
        NameOID.COUNTRY_NAME,
        NameOID.ORGANIZATION_NAME,
        NameOID.ORGANIZATIONAL_UNIT_NAME,
        NameOID.COMMON_NAME,
    )
    name = x509.Name([x509.NameAttribute(o, w) for o, w in zip(oids, words, strict=True)])
    one = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEY.public_key())
        .serial_number(0x10C764E9D560384212D9C08FD10E373FDD0FB396)
        .not_valid_before(SINCE)
        .not_valid_after(UNTIL)
        .sign(KEY, hashes.SHA256())
    )
    assert number_of(one) == "02941eef3187dddf3d3b83462e1dfcf6"


def test_certificates_take_the_place_of_the_public_key(tmp_path: Path) -> None:
    settings = load(Settings, environ(tmp_path))
    assert settings.alipay_certificate_file
    assert not settings.alipay_public_key


@pytest.mark.parametrize(
    "name",
    ["ALIPAY_APP_CERTIFICATE_FILE", "ALIPAY_CERTIFICATE_FILE", "ALIPAY_ROOT_CERTIFICATE_FILE"],
)
def test_certificates_come_together(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is missing"):
        load(Settings, environ(tmp_path, **{name: ""}))


def test_a_file_that_is_not_there_or_holds_no_certificate_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"ALIPAY_CERTIFICATE_FILE is malformed.*/no/such"):
        load(Settings, environ(tmp_path, ALIPAY_CERTIFICATE_FILE="/no/such.crt"))
    path = tmp_path / "key.pem"
    path.write_text(private_pem(KEY))
    with pytest.raises(SettingsError, match=r"ALIPAY_CERTIFICATE_FILE is malformed: no cert"):
        load(Settings, environ(tmp_path, ALIPAY_CERTIFICATE_FILE=str(path)))


@pytest.mark.parametrize(
    ("name", "chain", "fault"),
    [
        (
            "ALIPAY_APP_CERTIFICATE_FILE",
            BELOW.certify("the app", KEY, until=PAST),
            "CN=the app.*until 2021-01-01",
        ),
        (
            "ALIPAY_APP_CERTIFICATE_FILE",
            BELOW.certify("the app", THEIR_KEY),
            "not of our private key",
        ),
        (
            "ALIPAY_CERTIFICATE_FILE",
            BELOW.certify("Alipay", THEIR_KEY, until=PAST),
            "CN=Alipay.*until 2021-01-01",
        ),
        (
            "ALIPAY_CERTIFICATE_FILE",
            root("R2").below("Class 2 R1").certify("Alipay", THEIR_KEY),
            "no trusted issuer: CN=R2",
        ),
        ("ALIPAY_CERTIFICATE_FILE", BELOW.certify("Alipay", THEIR_KEY)[:1], "no trusted issuer"),
    ],
)
def test_certificates_that_cannot_serve_do_not_start(
    tmp_path: Path, name: str, chain: tuple[x509.Certificate, ...], fault: str
) -> None:
    with pytest.raises(SettingsError, match=f"{name}: .*{fault}"):
        load(Settings, environ(tmp_path, **{name: chain}))

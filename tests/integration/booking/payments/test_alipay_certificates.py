"""Alipay in certificate mode: real chains, a rotation, and certificates of other people."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.booking.payments import Bill, Provider, offered
from services.booking.settings import Settings
from services.chassis import clock
from services.chassis.settings import load
from services.contracts.payments import ProviderUnavailable, SignatureInvalid
from tests.integration.booking.payments.asking import ENVIRON, NOW, Clock, bill
from tests.providers.alipay_server import (
    ALIPAY_KEY,
    APP_ID,
    APP_KEY,
    FORGERS_KEY,
    SELLER_ID,
    AlipayServer,
)
from tests.providers.authorities import Authority, foreign_root, root, sn, written
from tests.providers.server import new_key, private_pem

ROOT = root()
CLASS_1, CLASS_2 = ROOT.below("Class 1 R1"), ROOT.below("Class 2 R1")
OTHER_ROOT = root("Somebody Else R1")
NEXT_KEY = new_key()
DOWNLOAD = "alipay.open.app.alipaycert.download"


class Account:
    """A studio's account in certificate mode: our provider, their server, and one clock."""

    def __init__(self, folder: Path, server: AlipayServer, clock: Clock) -> None:
        own = CLASS_1.certify("the app", APP_KEY)
        theirs = CLASS_2.certify("Alipay", ALIPAY_KEY)
        self.clock, self.server = clock, server
        server.sign_with(ALIPAY_KEY, theirs)
        roots = (ROOT.certificate, foreign_root(), OTHER_ROOT.certificate)
        server.wanted = {
            "app_cert_sn": sn(own[0]),
            "alipay_root_cert_sn": f"{sn(roots[0])}_{sn(roots[2])}",
        }
        environ = {
            "ALIPAY_APP_ID": APP_ID,
            "ALIPAY_SELLER_ID": SELLER_ID,
            "ALIPAY_PRIVATE_KEY": private_pem(APP_KEY),
            "ALIPAY_URL": f"{server.url}/gateway.do",
            "ALIPAY_APP_CERTIFICATE_FILE": written(folder, "app.crt", *own),
            "ALIPAY_CERTIFICATE_FILE": written(folder, "alipay.crt", *theirs),
            "ALIPAY_ROOT_CERTIFICATE_FILE": written(folder, "root.crt", *roots),
        }
        self.provider: Provider = offered.__wrapped__(load(Settings, ENVIRON | environ))["alipay"]

    def paid(self) -> Bill:
        wanted = bill()
        self.server.open_page(self.provider.create(wanted, now=self.clock()).url)
        self.server.pay(wanted.payment_id.hex)
        return wanted

    def is_paid(self, wanted: Bill) -> bool:
        outcome = self.provider.query(wanted, now=self.clock())
        return outcome is not None and outcome.succeeded

    @property
    def downloads(self) -> int:
        return self.server.methods.count(DOWNLOAD)


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    time = Clock()
    server = AlipayServer(time)
    with server.running(), clock.frozen(NOW):
        yield Account(tmp_path, server, time)


def test_requests_name_the_certificates_and_answers_are_believed(account: Account) -> None:
    wanted = account.paid()
    assert account.is_paid(wanted)
    callback = account.server.callback(wanted.payment_id.hex)
    told = account.provider.verify(**callback, now=NOW)
    assert told is not None
    assert account.downloads == 0


def test_a_new_certificate_is_fetched_once_and_callbacks_follow(account: Account) -> None:
    wanted = account.paid()
    account.server.sign_with(NEXT_KEY, CLASS_2.certify("Alipay", NEXT_KEY))
    callback = account.server.callback(wanted.payment_id.hex, by=NEXT_KEY)
    with pytest.raises(SignatureInvalid):  # nothing names its certificate; Alipay sends it again
        account.provider.verify(**callback, now=NOW)
    assert account.is_paid(wanted)
    assert account.is_paid(wanted)
    assert account.downloads == 1
    assert account.provider.verify(**callback, now=NOW) is not None
    older = account.server.callback(wanted.payment_id.hex, by=ALIPAY_KEY)
    assert account.provider.verify(**older, now=NOW) is not None


def _forged() -> list[tuple[str, Authority]]:
    merchant = CLASS_1.below("another app", is_authority=False)
    nobody = root("Class 2 R1")
    nameless = root(ROOT.name).below("Class 2 R1")
    outdated = ROOT.below("Class 3 R1", until=datetime(2021, 1, 1, tzinfo=UTC))
    return [
        ("a root of somebody's own", nobody),
        ("a root that only has the name", nameless),
        ("a certificate that may not certify others", merchant),
        ("an authority whose time is over", outdated),
    ]


@pytest.mark.parametrize(("why", "authority"), _forged(), ids=lambda one: str(one)[:30])
def test_a_certificate_of_another_chain_is_not_believed(
    account: Account, why: str, authority: Authority
) -> None:
    wanted = account.paid()
    account.server.sign_with(FORGERS_KEY, authority.certify("Alipay", FORGERS_KEY))
    with pytest.raises(ProviderUnavailable) as refusal:
        account.is_paid(wanted)
    assert refusal.value.details == {"reason": "untrusted certificate"}, why
    with pytest.raises(ProviderUnavailable):
        account.is_paid(wanted)
    assert account.downloads == 1  # not once more for every answer
    account.clock.pass_(minutes=2)
    with pytest.raises(ProviderUnavailable):
        account.is_paid(wanted)
    assert account.downloads == 2


def test_a_new_certificate_that_is_over_is_not_believed(account: Account) -> None:
    wanted = account.paid()
    past = CLASS_2.certify("Alipay", NEXT_KEY, until=NOW - timedelta(days=1))
    account.server.sign_with(NEXT_KEY, past)
    with pytest.raises(ProviderUnavailable):
        account.is_paid(wanted)


def test_a_certificate_is_believed_only_while_it_holds(account: Account) -> None:
    wanted = account.paid()
    short = CLASS_2.certify("Alipay", NEXT_KEY, until=NOW + timedelta(hours=1))
    account.server.sign_with(NEXT_KEY, short)
    assert account.is_paid(wanted)
    account.clock.pass_(hours=1)
    with pytest.raises(ProviderUnavailable):
        account.is_paid(wanted)
    with pytest.raises(SignatureInvalid):
        callback = account.server.callback(wanted.payment_id.hex, by=NEXT_KEY)
        account.provider.verify(**callback, now=account.clock())


def test_an_answer_signed_by_another_key_than_it_names_is_not_believed(account: Account) -> None:
    wanted = account.paid()
    account.server.signs_with = FORGERS_KEY
    with pytest.raises(ProviderUnavailable) as refusal:
        account.is_paid(wanted)
    assert refusal.value.details["reason"] == "unsigned answer"
    assert account.downloads == 0


def test_another_certificate_than_the_one_named_is_not_taken(account: Account) -> None:
    wanted = account.paid()
    chain = CLASS_2.certify("Alipay", NEXT_KEY)
    account.server.sign_with(FORGERS_KEY, CLASS_2.certify("another app", FORGERS_KEY))
    account.server.served = chain
    with pytest.raises(ProviderUnavailable) as refusal:
        account.is_paid(wanted)
    assert refusal.value.details == {"reason": "untrusted certificate"}

"""Who pays within WeChat: codes become proofs, and only a proof pays."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from werkzeug.wrappers import Response

from services.booking.payers import LIFE, Payer, PayerProofs
from services.booking.payments.wechat_pay.users import Users, Within, users_of
from services.booking.settings import Settings
from services.booking.usecases import identifying, paying
from services.chassis.settings import load
from services.contracts.payers import WeChatCodeInvalid, WeChatUnsupported
from services.contracts.payments import (
    NothingToPay,
    PaymentUnsupported,
    ProviderRefused,
    ProviderUnavailable,
)
from tests.integration.booking.payments import test_wechat_pay
from tests.integration.booking.payments.asking import ENVIRON, IMPATIENT, NOW, Clock
from tests.integration.booking.studio import Studio
from tests.providers.server import private_pem
from tests.providers.wechat_pay_server import (
    API_V3_KEY,
    MCHID,
    MERCHANT_KEY,
    SERIAL,
    WeChatPayServer,
)
from tests.providers.wechat_server import (
    ACCOUNT,
    ACCOUNT_SECRET,
    MINI,
    MINI_SECRET,
    WeChatServer,
)

OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
PROOFS = PayerProofs("test-manage-secret")
MERCHANT = {
    "WECHAT_PAY_MCHID": MCHID,
    "WECHAT_PAY_APPID": ACCOUNT,
    "WECHAT_PAY_CERTIFICATE_SERIAL": SERIAL,
    "WECHAT_PAY_PRIVATE_KEY": private_pem(MERCHANT_KEY),
    "WECHAT_PAY_API_V3_KEY": API_V3_KEY,
}
APPS = {
    "WECHAT_SECRET": ACCOUNT_SECRET,
    "WECHAT_MINI_APPID": MINI,
    "WECHAT_MINI_SECRET": MINI_SECRET,
}


def users(url: str, **changes: str) -> Users:
    environ = ENVIRON | MERCHANT | APPS | {"WECHAT_URL": url} | changes
    return users_of(load(Settings, environ))


def identify(asked: Users, code: str, within: Within = "account") -> Payer | None:
    told = identifying.identify_payer(now=NOW, users=asked, proofs=PROOFS, within=within, code=code)
    assert told["expires_at"] == NOW + LIFE
    return PROOFS.payer_of(told["payer"], NOW)


@pytest.fixture
def wechat() -> Iterator[WeChatServer]:
    server = WeChatServer()
    with server.running():
        yield server


# --- codes


def test_the_browser_is_sent_to_wechat_and_back_to_us() -> None:
    state = "a" * 32
    url = identifying.authorize_payer(users=users("http://wechat"), state=state)["url"]
    parts = urlsplit(url)
    assert (parts.netloc, parts.path) == ("open.weixin.qq.com", "/connect/oauth2/authorize")
    assert parts.fragment == "wechat_redirect"
    assert parse_qsl(parts.query) == [
        ("appid", ACCOUNT),
        ("redirect_uri", "https://studio.test/wechat/callback"),
        ("response_type", "code"),
        ("scope", "snsapi_base"),
        ("state", state),
    ]


@pytest.mark.parametrize(("within", "appid"), [("account", ACCOUNT), ("mini_program", MINI)])
def test_a_code_says_who_pays_and_in_which_app(
    wechat: WeChatServer, within: Within, appid: str
) -> None:
    assert identify(users(wechat.url), wechat.code(OPENID, appid), within) == Payer(appid, OPENID)


def test_a_code_is_good_once_and_for_its_own_app(wechat: WeChatServer) -> None:
    asked, code = users(wechat.url), wechat.code(OPENID)
    identify(asked, code)
    for spent, number in ((code, 40163), (wechat.code(OPENID, MINI), 40029), ("made up", 40029)):
        with pytest.raises(WeChatCodeInvalid) as refusal:
            identify(asked, spent)
        assert refusal.value.details == {"provider_code": number}


@pytest.mark.parametrize("number", [-1, 45011, 40013, 40125])
def test_trouble_of_wechats_or_with_our_app_says_nothing_of_the_code(
    wechat: WeChatServer, number: int
) -> None:
    wechat.refusal = (number, "…")
    with pytest.raises(ProviderUnavailable) as refusal:
        identify(users(wechat.url), wechat.code(OPENID))
    assert refusal.value.details["reason"] == str(number)


def test_who_wechat_lets_into_nothing_or_only_into_a_preview_cannot_pay(
    wechat: WeChatServer,
) -> None:
    wechat.more = {"is_snapshotuser": 1}
    with pytest.raises(ProviderRefused):
        identify(users(wechat.url), wechat.code(OPENID))
    wechat.refusal = (40226, "code blocked")
    with pytest.raises(ProviderRefused) as refusal:
        identify(users(wechat.url), wechat.code(OPENID, MINI), "mini_program")
    assert refusal.value.details == {"provider_code": "40226"}


@pytest.mark.parametrize("body", ["[]", "1", '{"errcode": "many"}', "{}", '{"openid": 1}'])
def test_an_answer_that_makes_no_sense_is_none(wechat: WeChatServer, body: str) -> None:
    wechat.answer = lambda request: Response(body)
    with pytest.raises(ProviderUnavailable):
        identify(users(wechat.url), "code")


def test_an_app_without_a_secret_is_not_asked_for() -> None:
    without = users("http://wechat", WECHAT_SECRET="", WECHAT_MINI_APPID="", WECHAT_MINI_SECRET="")
    with pytest.raises(WeChatUnsupported):
        without.authorize("a" * 32)
    for within in ("account", "mini_program"):
        with pytest.raises(WeChatUnsupported):
            without.identify(within, "code")


@pytest.mark.parametrize("trouble", [None, "silent", "slow", "broken", "garbage", "down", "gone"])
def test_the_secret_is_never_told(
    wechat: WeChatServer, caplog: pytest.LogCaptureFixture, trouble: str | None
) -> None:
    caplog.set_level(logging.DEBUG)
    url = "http://127.0.0.1:9" if trouble == "gone" else wechat.url
    wechat.trouble = trouble
    asked = users(url, **(IMPATIENT if trouble else {}))
    told = repr(asked)
    if trouble is None:
        identify(asked, wechat.code(OPENID))
    else:
        with pytest.raises(ProviderUnavailable) as refusal:
            identify(asked, wechat.code(OPENID))
        cause = refusal.value.__cause__
        told += f"{refusal.value!r} {cause!r} {cause}"
    for secret in (ACCOUNT_SECRET, MINI_SECRET):
        assert secret not in caplog.text + told


# --- proofs


def test_a_proof_is_only_ours_and_ends() -> None:
    payer = Payer(ACCOUNT, OPENID)
    proof = PROOFS.proof(payer, NOW + LIFE)
    assert PROOFS.payer_of(proof, NOW + LIFE - timedelta(seconds=1)) == payer
    assert PROOFS.payer_of(proof, NOW + LIFE) is None
    assert PayerProofs("another secret").payer_of(proof, NOW) is None
    changed = PROOFS.proof(replace(payer, openid="somebody"), NOW + LIFE)
    for forged in (proof[:43] + changed[43:], proof[:-4], OPENID, "", "é", "AAAA"):
        assert PROOFS.payer_of(forged, NOW) is None


# --- payments


class Till:
    """A studio that is paid through WeChat Pay, by somebody in one of its apps."""

    def __init__(self, studio: Studio, server: WeChatPayServer) -> None:
        self.studio, self.server = studio, server
        account = test_wechat_pay.Account(Clock(studio.now), server)
        self.provider = account.provided(WECHAT_MINI_APPID=MINI, WECHAT_MINI_SECRET=MINI_SECRET)
        studio.providers = {"wechat_pay": self.provider}  # type: ignore[dict-item]
        self.booking_id = studio.request()["id"]

    def start(self, scene: str, payer: Payer | None = None) -> dict[str, Any]:
        return paying.start_payment(
            **self.studio.reaching,
            providers=self.studio.providers,
            booking_id=self.booking_id,
            access=self.studio.staff(),
            kind="deposit",
            provider="wechat_pay",
            scene=scene,  # type: ignore[arg-type]
            payer=payer,
        )

    def take(self, callback: dict[str, Any]) -> None:
        paying.take_notification(
            **self.studio.reaching,
            providers=self.studio.providers,
            provider="wechat_pay",
            **callback,
        )

    def states(self) -> list[str]:
        return [p["state"] for p in self.studio.get(self.booking_id)["payments"]]


@pytest.fixture
def till(studio: Studio) -> Iterator[Till]:
    clock = Clock(studio.now)
    server = WeChatPayServer(clock, clock() - timedelta(days=30))
    with server.running():
        yield Till(studio, server)


@pytest.mark.parametrize("appid", [ACCOUNT, MINI])
def test_the_payer_pays_in_the_app_that_knows_them(till: Till, appid: str) -> None:
    started = till.start("jsapi", Payer(appid, OPENID))
    order = till.server.orders[started["payment_id"].hex]
    assert (order["appid"], order["payer"]) == (appid, {"openid": OPENID})
    assert (started["kind"], started["params"]["appId"]) == ("jsapi", appid)
    till.server.pay(started["payment_id"].hex)
    till.take(till.server.paid_callback(started["payment_id"].hex))
    assert till.states() == ["succeeded"]


def test_without_a_proof_nothing_is_begun(till: Till) -> None:
    with pytest.raises(PaymentUnsupported) as refusal:
        till.start("jsapi")
    assert refusal.value.details == {"reason": "openid"}
    assert (till.states(), till.server.orders) == ([], {})


def test_two_payers_have_a_payment_each_and_one_has_the_same_again(till: Till) -> None:
    first = till.start("jsapi", Payer(ACCOUNT, OPENID))
    assert till.start("jsapi", Payer(ACCOUNT, OPENID))["payment_id"] == first["payment_id"]
    other = till.start("jsapi", Payer(ACCOUNT, "somebody else"))
    assert other["payment_id"] != first["payment_id"]
    assert sorted(till.states()) == ["failed", "pending"]


# --- another way to pay closes the one before


def test_another_scene_closes_the_attempt_before(till: Till) -> None:
    shown = till.start("native")["payment_id"]
    till.start("jsapi", Payer(ACCOUNT, OPENID))
    assert till.server.orders[shown.hex]["trade_state"] == "CLOSED"
    assert till.studio.payment(shown).state == "failed"
    assert till.studio.told().count("payment.failed") == 1


def test_what_was_paid_meanwhile_counts_and_nothing_more_is_asked_for(till: Till) -> None:
    shown = till.start("native")["payment_id"]
    till.server.pay(shown.hex)
    with pytest.raises(NothingToPay):
        till.start("jsapi", Payer(ACCOUNT, OPENID))
    assert till.states() == ["succeeded"]
    assert till.studio.get(till.booking_id)["status"] == "confirmed"


def test_a_closed_attempt_that_was_paid_all_the_same_counts(till: Till) -> None:
    shown = till.start("native")["payment_id"]
    till.start("jsapi", Payer(ACCOUNT, OPENID))
    till.server.pay(shown.hex)
    till.take(till.server.paid_callback(shown.hex))
    assert till.studio.payment(shown).state == "succeeded"
    assert till.studio.ledger(till.booking_id)[-1] == ("payment", -50_000)


def test_a_provider_that_says_nothing_holds_up_no_other_way(till: Till) -> None:
    shown = till.start("native")["payment_id"]
    till.studio.providers["sandbox"] = till.studio.sandbox
    till.server.trouble = "silent"
    till.studio.start_payment(till.booking_id)
    assert till.studio.payment(shown).state == "pending"
    assert sorted(till.states()) == ["pending", "pending"]

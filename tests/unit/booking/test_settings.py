"""Settings and providers: money that is not real is off unless it is asked for."""

import pytest

from services.booking import payments
from services.booking.settings import Settings
from services.chassis.settings import SettingsError, load
from services.contracts.payments import ProviderUnknown
from tests.providers.server import new_key, private_pem, public_pem

ENVIRON = {
    "AMQP_URI": "amqp://broker",
    "DATABASE_URL": "postgresql://db",
    "MANAGE_SECRET": "m",
    "PUBLIC_URL": "https://studio.test",
    "STORAGE_URL": "file:///tmp/storage",
}
KEY = new_key()
WECHAT_PAY = {
    "WECHAT_PAY_MCHID": "1900000001",
    "WECHAT_PAY_APPID": "wx0000000000000001",
    "WECHAT_PAY_CERTIFICATE_SERIAL": "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
    "WECHAT_PAY_PRIVATE_KEY": private_pem(KEY),
    "WECHAT_PAY_API_V3_KEY": "0123456789abcdef0123456789ABCDEF",
}
ALIPAY = {
    "ALIPAY_APP_ID": "2021000000000001",
    "ALIPAY_SELLER_ID": "2088000000000001",
    "ALIPAY_PRIVATE_KEY": private_pem(KEY),
    "ALIPAY_PUBLIC_KEY": public_pem(KEY),
}


def test_the_sandbox_is_off_by_default() -> None:
    offered = payments.offered(load(Settings, ENVIRON))
    assert set(offered) == {"offline"}
    with pytest.raises(ProviderUnknown):
        payments.find(offered, "sandbox")


def test_the_sandbox_is_offered_where_it_is_switched_on() -> None:
    switched_on = {"SANDBOX_PAYMENTS": "true", "SANDBOX_SECRET": "s"}
    offered = payments.offered(load(Settings, ENVIRON | switched_on))
    assert payments.find(offered, "sandbox").name == "sandbox"


def test_a_sandbox_without_a_secret_does_not_start() -> None:
    with pytest.raises(SettingsError, match="SANDBOX_SECRET is missing"):
        load(Settings, ENVIRON | {"SANDBOX_PAYMENTS": "true"})


def test_the_secret_of_the_links_has_no_default() -> None:
    with pytest.raises(SettingsError, match="MANAGE_SECRET is missing"):
        load(Settings, {k: v for k, v in ENVIRON.items() if k != "MANAGE_SECRET"})


def test_the_zone_of_the_studio_is_one_that_exists() -> None:
    assert load(Settings, ENVIRON).studio_zone.key == "Asia/Shanghai"
    with pytest.raises(SettingsError, match="STUDIO_TIMEZONE is malformed"):
        load(Settings, ENVIRON | {"STUDIO_TIMEZONE": "Shanghai"})


def test_a_provider_is_offered_where_its_account_is_named() -> None:
    settings = load(Settings, ENVIRON | WECHAT_PAY | ALIPAY)
    assert set(payments.offered(settings)) == {"alipay", "offline", "wechat_pay"}
    assert WECHAT_PAY["WECHAT_PAY_PRIVATE_KEY"] not in repr(settings)


@pytest.mark.parametrize("name", [*list(WECHAT_PAY)[1:], *list(ALIPAY)[1:]])
def test_what_a_provider_needs_is_asked_for_by_name(name: str) -> None:
    given = {k: v for k, v in (WECHAT_PAY | ALIPAY).items() if k != name}
    with pytest.raises(SettingsError, match=f"{name} is missing"):
        load(Settings, ENVIRON | given)


def test_a_key_that_cannot_be_read_is_named_and_not_repeated() -> None:
    with pytest.raises(SettingsError) as refusal:
        load(Settings, ENVIRON | WECHAT_PAY | {"WECHAT_PAY_PRIVATE_KEY": "my-secret"})
    assert "WECHAT_PAY_PRIVATE_KEY is malformed" in str(refusal.value)
    assert "my-secret" not in str(refusal.value)


def test_the_shared_key_of_wechat_pay_has_its_length() -> None:
    with pytest.raises(SettingsError, match="WECHAT_PAY_API_V3_KEY is malformed"):
        load(Settings, ENVIRON | WECHAT_PAY | {"WECHAT_PAY_API_V3_KEY": "short"})


def test_a_public_key_of_wechat_pay_comes_with_its_id() -> None:
    alone = {"WECHAT_PAY_PUBLIC_KEY": ALIPAY["ALIPAY_PUBLIC_KEY"]}
    with pytest.raises(SettingsError, match="WECHAT_PAY_PUBLIC_KEY_ID is missing"):
        load(Settings, ENVIRON | WECHAT_PAY | alone)

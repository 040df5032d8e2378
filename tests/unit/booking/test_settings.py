"""Settings and providers: money that is not real is off unless it is asked for."""

import pytest

from services.booking import payments
from services.booking.settings import Settings
from services.chassis.settings import SettingsError, load
from services.contracts.payments import ProviderUnknown

ENVIRON = {
    "AMQP_URI": "amqp://broker",
    "DATABASE_URL": "postgresql://db",
    "MANAGE_SECRET": "m",
    "PUBLIC_URL": "https://studio.test",
}


def test_the_sandbox_is_off_by_default() -> None:
    offered = payments.offered(load(Settings, ENVIRON))
    assert offered == {}
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

"""Settings are read once and fail with everything that is wrong at the same time."""

from dataclasses import dataclass

import pytest

from services.chassis.settings import ServiceSettings, SettingsError, load


@dataclass(frozen=True, kw_only=True)
class Example(ServiceSettings):
    secret: str
    enabled: bool = False


GIVEN = {"AMQP_URI": "inproc://", "DATABASE_URL": "postgresql://", "SECRET": "s"}


def test_all_missing_settings_are_named_at_once():
    with pytest.raises(SettingsError) as error:
        load(Example, {})
    for name in ("AMQP_URI", "DATABASE_URL", "SECRET"):
        assert f"{name} is missing" in str(error.value)


def test_malformed_settings_are_named_beside_the_missing_ones():
    with pytest.raises(SettingsError, match=r"MAX_WORKERS is malformed.*SECRET is missing"):
        load(Example, {**GIVEN, "MAX_WORKERS": "many", "SECRET": ""})


@pytest.mark.parametrize(("text", "value"), [("true", True), ("0", False), ("Yes", True)])
def test_a_switch_is_read_in_words_or_digits(text, value):
    assert load(Example, {**GIVEN, "ENABLED": text}).enabled is value


def test_a_switch_that_is_neither_is_refused():
    with pytest.raises(SettingsError, match="ENABLED"):
        load(Example, {**GIVEN, "ENABLED": "maybe"})


def test_a_list_of_numbers_is_separated_by_commas():
    settings = load(Example, {**GIVEN, "RETRY_DELAYS_SECONDS": "0.5, 2"})
    assert settings.retry_delays_seconds == (0.5, 2.0)

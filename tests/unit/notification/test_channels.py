from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.chassis.settings import SettingsError
from services.notification import domain
from services.notification.channels import channels_of, choose
from services.notification.settings import Settings

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)


def settings(**changes: Any) -> Settings:
    return Settings(**{"amqp_uri": "", "database_url": "", **changes})


def chosen(recipient: str, **changes: Any) -> str:
    return choose(channels_of(settings(**changes)), recipient).name


SMTP = {"smtp_host": "mail.example.com", "smtp_from": "studio@example.com"}


def test_an_address_is_reached_by_e_mail_and_everybody_else_by_the_inbox() -> None:
    assert chosen("li@example.com", **SMTP) == "email"
    assert chosen("+8613800001111", **SMTP) == "inbox"


@pytest.mark.parametrize(
    "recipient",
    ["li@", "@example.com", "li@example", "li@x.com\nBcc: y@x.com", "李@x.com", "a b@x.cn"],
)
def test_what_is_not_quite_an_address_is_reached_by_the_inbox(recipient: str) -> None:
    assert chosen(recipient, **SMTP) == "inbox"


def test_without_a_mail_server_addresses_too_are_reached_by_the_inbox() -> None:
    assert chosen("li@example.com") == "inbox"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"smtp_host": "mail.example.com"}, "SMTP_FROM"),
        ({"smtp_security": "maybe"}, "SMTP_SECURITY"),
        ({"message_channels": ("email",)}, "inbox"),
    ],
)
def test_settings_that_could_not_work_are_refused_at_start(
    changes: dict[str, Any], named: str
) -> None:
    with pytest.raises(SettingsError, match=named):
        settings(**changes)


def test_a_delivery_is_tried_for_about_a_day_with_growing_pauses() -> None:
    tries = [domain.next_try_at(n, NOON) for n in range(1, domain.MAX_ATTEMPTS + 1)]
    pauses = [again - NOON for again in tries if again is not None]
    assert pauses == sorted(pauses)
    assert timedelta(hours=18) < sum(pauses, timedelta()) < timedelta(hours=36)
    assert tries[-1] is None

"""What those on the waitlist are told."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services import contracts
from services.chassis.db import UnitOfWork
from services.chassis.inbox import Fact, decode
from services.notification.templates import TEMPLATES
from tests.integration.automation.builders import Sender, hear, work

EXAMPLES = Path(contracts.__file__).parent / "examples"
ENTRY = "01a20000-0000-7000-8000-0000000000a0"


def waitlist_fact(name: str, **contact: Any) -> Fact:
    """Return the example of an event about the waitlist, for another reader."""
    envelope = json.loads((EXAMPLES / f"waitlist.{name}.v1.json").read_text("utf-8"))
    envelope["payload"]["contact"] |= contact
    return decode(envelope)


@pytest.fixture
def uow(service_uow: Callable[[str], UnitOfWork]) -> UnitOfWork:
    return service_uow("automation")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("name", "link"), [("offered", "offer_url"), ("notified", "entry_url")])
def test_whoever_waits_is_told_in_their_language_where_to_answer(
    uow: UnitOfWork, name: str, link: str, language: str
) -> None:
    sender, told = Sender(), waitlist_fact(name, language=language)
    hear(uow, told)

    assert work(uow, sender) == ["done"]
    assert work(uow, sender) == []

    [message] = sender.messages.values()
    assert message["template"] == f"waitlist_{name}"
    assert (message["language"], message["subject_id"]) == (language, ENTRY)
    assert message["recipient"] == "+8613800001111"
    template = TEMPLATES[message["template"]]
    assert template.missing(language, message["context"]) == []
    subject, body = template.render(language, message["context"])
    assert {"zh": "2026年12月5日 周六 09:00", "en": "Sat 5 Dec 2026, 09:00"}[language] in subject
    assert told.payload[link] in body
    assert {"zh": "套餐：双人写真套系", "en": "Package: Portrait for two"}[language] in body


def test_a_package_whose_name_is_not_known_is_not_named(uow: UnitOfWork) -> None:
    sender, told = Sender(), waitlist_fact("offered")
    del told.payload["service_name"]
    hear(uow, told)
    work(uow, sender)

    [message] = sender.messages.values()
    template = TEMPLATES[message["template"]]
    assert template.missing("zh", message["context"]) == []
    assert "套餐" not in template.render("zh", message["context"])[1]


def test_an_offer_says_until_when_it_is_kept(uow: UnitOfWork) -> None:
    sender = Sender()
    hear(uow, waitlist_fact("offered"))
    work(uow, sender)

    [message] = sender.messages.values()
    assert message["context"]["expires_at"]["zh"] == "2026年11月22日 周日 12:35"

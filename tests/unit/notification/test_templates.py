from dataclasses import replace
from string import Template as Line
from typing import Any

import pytest

from services.contracts.notification import LANGUAGES
from services.notification.domain import Template
from services.notification.templates import TEMPLATES

NAMED = [(name, language) for name in sorted(TEMPLATES) for language in LANGUAGES]
GREETING = Template(
    subject={"zh": "$name 您好", "en": "Hello $name"},
    body={"zh": "时间：$at\n原因：$reason\n地址：$place", "en": "At $at\nWhy: $reason\nAt $place"},
)


def context(**changes: Any) -> dict[str, Any]:
    at = {"zh": "周三", "en": "Wednesday"}
    place = {"zh": "徐汇", "en": ""}
    return {"name": "王小丽", "at": at, "reason": "", "place": place, **changes}


def test_the_messages_that_a_studio_starts_with_are_there() -> None:
    assert set(TEMPLATES) == {
        "booking_confirmed",
        "booking_rescheduled",
        "booking_cancelled",
        "booking_rejected",
        "payment_due",
        "payment_late_refund",
        "waitlist_offered",
        "waitlist_notified",
    }


@pytest.mark.parametrize(("name", "language"), NAMED)
def test_every_template_is_well_formed_in_every_language(name: str, language: str) -> None:
    template = TEMPLATES[name]
    for text in (template.subject[language], template.body[language]):
        assert Line(text).is_valid()
        assert text.strip()


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_template_needs_the_same_values_in_both_languages(name: str) -> None:
    assert TEMPLATES[name].names("zh") == TEMPLATES[name].names("en")


def test_a_value_in_both_languages_is_said_in_that_of_the_message() -> None:
    subject, body = GREETING.render("en", context())
    assert subject == "Hello 王小丽"
    assert "At Wednesday" in body


def test_a_value_without_english_is_said_in_chinese() -> None:
    assert GREETING.render("en", context())[1].endswith("At 徐汇")


def test_a_line_that_would_say_nothing_is_left_out() -> None:
    assert GREETING.render("zh", context())[1] == "时间：周三\n地址：徐汇"
    assert "原因：下雨" in GREETING.render("zh", context(reason="下雨"))[1]


def test_missing_and_null_values_are_named() -> None:
    lacking = context(reason=None)
    del lacking["name"]
    assert GREETING.missing("zh", lacking) == ["name", "reason"]
    assert GREETING.missing("zh", context()) == []


def test_a_value_is_never_read_as_a_template() -> None:
    subject, _ = GREETING.render("en", context(name="$at ${reason} {0.__class__} %s"))
    assert subject == "Hello $at ${reason} {0.__class__} %s"


def test_a_line_break_in_a_value_cannot_start_another_mail_header() -> None:
    subject, _ = GREETING.render("en", context(name="A\r\nBcc: all@example.com"))
    assert subject == "Hello A Bcc: all@example.com"


def test_what_a_template_can_do_without_is_not_missed_and_says_nothing() -> None:
    greeting = replace(GREETING, optional=("reason",))
    lacking = context()
    del lacking["reason"]
    assert greeting.missing("zh", lacking) == []
    assert greeting.render("zh", lacking)[1] == "时间：周三\n地址：徐汇"
    assert "原因：下雨" in greeting.render("zh", context(reason="下雨"))[1]


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_the_lookup_code_stands_beside_the_link_for_who_knows_it(name: str) -> None:
    template = TEMPLATES[name]
    for language in LANGUAGES:
        said = "lookup_code" in template.names(language)
        assert said == ("manage_url" in template.names(language))
        assert not said or "lookup_code" not in template.missing(language, {})

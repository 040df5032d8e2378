"""Secret addresses of scheduling."""

from uuid import UUID, uuid4

import pytest

from services.scheduling.links import CALENDAR, WAITLIST, Links

LINKS = Links(secret="one", public_url="https://studio.test")
ID = UUID("01990000-0000-7000-8000-000000000001")


def test_a_token_names_whom_it_was_made_for():
    assert LINKS.read(CALENDAR, LINKS.token(CALENDAR, ID)) == ID


def test_a_token_is_64_characters_that_an_address_can_hold():
    token = LINKS.token(CALENDAR, ID)
    assert len(token) == 64
    assert all(c.isalnum() or c in "-_" for c in token)


def test_a_token_serves_its_purpose_only():
    assert LINKS.read(WAITLIST, LINKS.token(CALENDAR, ID)) is None


def test_a_purpose_cannot_borrow_bytes_of_another():
    assert LINKS.token("a", ID) != LINKS.token("a:", ID)


def test_another_secret_makes_a_token_worthless():
    assert Links(secret="two", public_url="").read(CALENDAR, LINKS.token(CALENDAR, ID)) is None


def test_a_signature_does_not_fit_another_id():
    mine, other = LINKS.token(CALENDAR, ID), LINKS.token(CALENDAR, uuid4())
    assert LINKS.read(CALENDAR, other[:21] + mine[21:]) is None


@pytest.mark.parametrize("place", range(64))
def test_no_character_of_a_token_can_be_changed(place):
    token = LINKS.token(CALENDAR, ID)
    changed = "A" if token[place] != "A" else "B"
    assert LINKS.read(CALENDAR, token[:place] + changed + token[place + 1 :]) is None


@pytest.mark.parametrize(
    "token",
    ["", "A", "A" * 64, "é" * 64, "====", "A" * 63, "-" * 128, "\x00" * 64],
)
def test_what_is_not_a_token_names_nobody(token):
    assert LINKS.read(CALENDAR, token) is None


@pytest.mark.parametrize("change", [" {}", "{} ", "{}=", "{}AAAA", "{}\n"])
def test_a_token_has_one_spelling(change):
    assert LINKS.read(CALENDAR, change.format(LINKS.token(CALENDAR, ID))) is None

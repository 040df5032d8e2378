"""Addresses of forms, and tokens that open the survey of one booking and no other."""

from dataclasses import replace
from uuid import UUID

import pytest

from services.booking.form_links import ALPHABET, FormLinks, new_code

LINKS = FormLinks(secret="a secret", public_url="https://studio.example")
FORM, BOOKING, OTHER = (UUID(int=number) for number in (1, 2, 3))
TOKEN = LINKS.survey_token(FORM, BOOKING)


def test_codes_can_be_read_aloud_and_do_not_repeat() -> None:
    codes = [new_code() for _ in range(1_000)]
    assert len(set(codes)) == 1_000
    assert set("".join(codes)) == set(ALPHABET)
    assert not set(ALPHABET) & set("01ilo")
    assert {len(code) for code in codes} == {8}


def test_a_token_names_its_booking_for_its_form_only() -> None:
    assert LINKS.booking_of(FORM, TOKEN) == BOOKING
    assert LINKS.booking_of(OTHER, TOKEN) is None
    assert replace(LINKS, secret="another").booking_of(FORM, TOKEN) is None
    assert LINKS.survey_token(FORM, OTHER) != TOKEN


@pytest.mark.parametrize("token", ["", "a", "ü", "====", "A" * 64, TOKEN[:-2], "B" + TOKEN[1:]])
def test_what_nobody_signed_is_no_token(token: str) -> None:
    assert LINKS.booking_of(FORM, token) is None


def test_addresses_carry_code_and_token() -> None:
    assert LINKS.url("k7m2pqrs").endswith("/portal/#/pages/form/form?code=k7m2pqrs")
    assert LINKS.url("k7m2pqrs", TOKEN).endswith(f"?code=k7m2pqrs&token={TOKEN}")
    assert set(TOKEN) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

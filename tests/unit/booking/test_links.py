"""Private links: only the one token that was made for a booking opens it."""

from uuid import UUID

import pytest

from services.booking.links import Links

ONE, OTHER = UUID(int=1), UUID(int=2)
LINKS = Links(secret="s3cret", public_url="https://studio.test")


def test_a_token_opens_its_booking() -> None:
    assert LINKS.accepts(LINKS.token(ONE), ONE, 1)


@pytest.mark.parametrize("cut", range(1, 70, 7))
def test_a_truncated_token_opens_nothing(cut: int) -> None:
    assert not LINKS.accepts(LINKS.token(ONE)[:-cut], ONE, 1)


def test_a_token_of_another_booking_version_or_secret_opens_nothing() -> None:
    assert not LINKS.accepts(LINKS.token(OTHER), ONE, 1)
    assert not LINKS.accepts(LINKS.token(ONE), ONE, 2)
    assert not LINKS.accepts(Links("other", LINKS.public_url).token(ONE), ONE, 1)


@pytest.mark.parametrize("forged", ["", "=", "é", "\x00", "A" * 70])
def test_what_is_no_token_opens_nothing(forged: str) -> None:
    assert not LINKS.accepts(forged, ONE, 1)


def test_every_changed_character_spoils_a_token() -> None:
    token = LINKS.token(ONE)
    for at, character in enumerate(token):
        changed = token[:at] + ("A" if character != "A" else "B") + token[at + 1 :]
        assert not LINKS.accepts(changed, ONE, 1)


def test_the_address_carries_booking_and_token_without_need_of_escapes() -> None:
    url = LINKS.url(ONE)
    assert url == (
        f"https://studio.test/portal/#/pages/booking/booking?id={ONE}&token={LINKS.token(ONE)}"
    )
    assert "=" not in LINKS.token(ONE)

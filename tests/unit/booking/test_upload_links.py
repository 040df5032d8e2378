"""Tokens about files: what they open, for how long, and that nobody can make one."""

import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.booking.upload_links import READ_WINDOW, Permit, UploadLinks

NOW = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
UPLOAD = UUID("00000000-0000-7000-8000-000000000001")
LINKS = UploadLinks(secret="test-secret")
PERMIT = Permit(
    id=UUID(int=5),
    form_id=UUID(int=6),
    purpose="form_image",
    max_files=3,
    expires_at=NOW + timedelta(hours=1),
)


def file_token(now: datetime = NOW, variant: str = "small") -> str:
    return LINKS.file_url(UPLOAD, variant, now).removeprefix("/files/")


def test_a_permit_is_read_again_until_it_ends() -> None:
    token = LINKS.permit_token(PERMIT)
    assert LINKS.permit_of(token, NOW) == PERMIT
    assert LINKS.permit_of(token, PERMIT.expires_at) is None


def test_an_uploads_token_leads_back_to_it() -> None:
    assert LINKS.upload_of(LINKS.upload_token(UPLOAD)) == UPLOAD


def test_a_files_address_says_what_is_read() -> None:
    assert LINKS.file_of(file_token(), NOW)[:2] == (UPLOAD, "small")
    assert LINKS.file_of(file_token(variant="original"), NOW)[:2] == (UPLOAD, "original")


def test_a_files_address_is_good_for_one_window_at_least_and_two_at_most() -> None:
    for minutes in range(0, 24 * 60, 97):
        now = NOW + timedelta(minutes=minutes)
        token = file_token(now)
        assert LINKS.file_of(token, now + READ_WINDOW) is not None
        assert LINKS.file_of(token, now + 2 * READ_WINDOW) is None


def test_a_files_address_stays_the_same_within_a_window() -> None:
    window = int(READ_WINDOW.total_seconds())
    begin = datetime.fromtimestamp(int(NOW.timestamp()) // window * window, UTC)
    addresses = {file_token(begin + timedelta(seconds=s)) for s in (0, 1, window - 1)}
    assert len(addresses) == 1
    assert file_token(begin + READ_WINDOW) not in addresses


def readers():
    return {
        "permit": (LINKS.permit_token(PERMIT), lambda t: LINKS.permit_of(t, NOW)),
        "upload": (LINKS.upload_token(UPLOAD), LINKS.upload_of),
        "file": (file_token(), lambda t: LINKS.file_of(t, NOW)),
    }


@pytest.mark.parametrize("kind", ["permit", "upload", "file"])
def test_a_token_with_any_bit_changed_opens_nothing(kind: str) -> None:
    token, read = readers()[kind]
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    assert read(token) is not None
    for at in range(len(raw)):
        forged = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        assert read(base64.urlsafe_b64encode(forged).decode().rstrip("=")) is None


@pytest.mark.parametrize("kind", ["permit", "upload", "file"])
@pytest.mark.parametrize("text", ["", "x", "=", "ab" * 40, "图" * 40, "%00" * 20, "a b" * 20])
def test_what_is_no_token_opens_nothing(kind: str, text: str) -> None:
    assert readers()[kind][1](text) is None


@pytest.mark.parametrize("kind", ["permit", "upload", "file"])
def test_a_token_of_another_secret_opens_nothing(kind: str) -> None:
    other = UploadLinks(secret="another")
    made = {
        "permit": other.permit_token(PERMIT),
        "upload": other.upload_token(UPLOAD),
        "file": other.file_url(UPLOAD, "small", NOW).removeprefix("/files/"),
    }
    assert readers()[kind][1](made[kind]) is None


def test_a_token_of_one_kind_opens_nothing_of_another() -> None:
    for kind, (token, _) in readers().items():
        for other, (_, read) in readers().items():
            assert (read(token) is not None) == (kind == other), (kind, other)

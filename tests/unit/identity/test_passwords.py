import time

import eventlet
import pytest

from services.identity import passwords
from services.identity.passwords import hash_password, verify_password


def test_a_password_fits_its_own_hash_only() -> None:
    hashed = hash_password("correct horse")
    assert verify_password("correct horse", hashed)
    assert not verify_password("wrong horse", hashed)


def test_equal_passwords_have_different_hashes_that_do_not_tell_them() -> None:
    first, second = hash_password("correct horse"), hash_password("correct horse")
    assert first != second
    assert first.startswith("$argon2id$")
    assert "horse" not in first


def test_an_account_that_does_not_exist_is_computed_for_and_refused() -> None:
    assert not verify_password("whatever", None)


def test_a_hash_that_is_none_is_refused() -> None:
    assert not verify_password("whatever", "not a hash")


@pytest.mark.parametrize("known", [True, False])
def test_others_go_on_while_four_passwords_are_verified(known: bool) -> None:
    hashed = hash_password("correct horse") if known else None
    passwords._decoy.cache_clear()  # its first computation must not stop the others either
    ticks = [0]

    def tick() -> None:
        while True:
            eventlet.sleep(0.001)
            ticks[0] += 1

    def verify(_: int) -> tuple[bool, int]:
        before = ticks[0]
        return verify_password("correct horse", hashed), ticks[0] - before

    ticking = eventlet.spawn(tick)
    answers = list(eventlet.GreenPool().imap(verify, range(4)))
    ticking.kill()
    assert [fits for fits, _ in answers] == [known] * 4
    # Computed on the hub, not one tick would fall into any of them.
    assert all(ticked for _, ticked in answers)


def test_no_more_than_four_hashes_are_computed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most = [0], [0]

    def slow(*_: str) -> str:
        running[0] += 1
        most[0] = max(most[0], running[0])
        time.sleep(0.01)
        running[0] -= 1
        return ""

    monkeypatch.setattr(eventlet.tpool, "execute", lambda compute, *values: slow(*values))
    list(eventlet.GreenPool().imap(hash_password, ["secret"] * 12))
    assert most == [4]

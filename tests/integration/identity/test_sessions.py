from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from services.chassis.db import OUTBOX, UnitOfWork
from services.contracts.identity import (
    ROLES,
    BadCredentials,
    LoginLocked,
    SessionInvalid,
)
from services.identity import domain, usecases
from services.identity.models import LoginFailure, StaffSession

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
PASSWORD = "correct horse"
BRANCH = uuid4()
RESOURCE = uuid4()


@pytest.fixture
def uow(service_uow: Callable[[str], UnitOfWork]) -> UnitOfWork:
    return service_uow("identity")


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing has tests of its own; here it would only take time."""
    monkeypatch.setattr(usecases, "hash_password", lambda password: f"hash of {password}")
    monkeypatch.setattr(usecases, "verify_password", lambda p, hashed: hashed == f"hash of {p}")


def define(uow: UnitOfWork, **changes: Any) -> dict[str, Any]:
    account = {
        "id": uuid4(),
        "login": "anna",
        "name": "安娜",
        "role": "receptionist",
        "password": PASSWORD,
        "branch_ids": [BRANCH],
        "resource_id": RESOURCE,
    }
    return usecases.define_staff(uow=uow, **{**account, **changes})


def sign_in(uow: UnitOfWork, password: str = PASSWORD, now: datetime = NOON) -> dict[str, Any]:
    return usecases.open_session(uow=uow, now=now, login="anna", password=password)


def fail(uow: UnitOfWork, times: int, now: datetime = NOON) -> None:
    for n in range(times):
        with pytest.raises(BadCredentials):
            sign_in(uow, "wrong", now + timedelta(seconds=n))


def check(uow: UnitOfWork, token: str, now: datetime = NOON) -> dict[str, Any]:
    return usecases.check_session(uow=uow, now=now, token=token)


def count(uow: UnitOfWork, table: type) -> int:
    with uow.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_whoever_signs_in_is_known_by_the_token_with_role_and_branches(uow: UnitOfWork) -> None:
    define(uow)
    opened = usecases.open_session(uow=uow, now=NOON, login=" ANNA ", password=PASSWORD)
    known = check(uow, opened["token"])
    assert known["staff"] == opened["staff"]
    assert known["staff"]["permissions"] == list(ROLES["receptionist"])
    assert known["staff"]["branch_ids"] == [BRANCH]
    assert known["staff"]["resource_id"] == RESOURCE
    with uow.read() as session:
        envelope = session.scalars(sa.select(OUTBOX.c.envelope)).one()
    assert envelope["type"] == "session.opened"


def test_only_the_digest_of_a_token_is_kept(uow: UnitOfWork) -> None:
    define(uow)
    token = sign_in(uow)["token"]
    with uow.read() as session:
        everything = session.execute(
            sa.text(
                "SELECT (SELECT json_agg(s) FROM staff_session s)::text"
                " || (SELECT json_agg(o) FROM outbox o)::text"
                " || (SELECT json_agg(a) FROM staff a)::text"
            )
        ).scalar_one()
    assert usecases._digest(token) in everything
    assert token not in everything


def test_each_session_has_a_token_of_its_own(uow: UnitOfWork) -> None:
    define(uow)
    assert sign_in(uow)["token"] != sign_in(uow)["token"]


def test_a_session_ends_after_a_working_day(uow: UnitOfWork) -> None:
    define(uow)
    opened = sign_in(uow)
    ends_at = NOON + domain.SESSION_LIFETIME
    assert opened["expires_at"] == ends_at
    assert check(uow, opened["token"], ends_at - timedelta(microseconds=1))
    with pytest.raises(SessionInvalid):
        check(uow, opened["token"], ends_at)


def test_a_closed_session_is_closed_and_a_token_of_nobody_opens_nothing(uow: UnitOfWork) -> None:
    define(uow)
    mine, other = sign_in(uow)["token"], sign_in(uow)["token"]
    assert usecases.close_session(uow=uow, token=mine) == {"closed": True}
    assert usecases.close_session(uow=uow, token=mine) == {"closed": False}
    for token in (mine, "made up"):
        with pytest.raises(SessionInvalid):
            check(uow, token)
    assert check(uow, other)


def test_a_wrong_password_and_an_unknown_login_are_told_alike(uow: UnitOfWork) -> None:
    with pytest.raises(BadCredentials) as unknown:
        sign_in(uow)
    define(uow)
    with pytest.raises(BadCredentials) as wrong:
        sign_in(uow, "wrong")
    assert unknown.value.args == wrong.value.args


def test_a_login_is_locked_after_eight_failures_even_for_the_right_password(
    uow: UnitOfWork,
) -> None:
    define(uow)
    fail(uow, domain.LOCK_AFTER_FAILURES)
    with pytest.raises(LoginLocked) as locked:
        sign_in(uow, now=NOON + timedelta(minutes=1))
    assert locked.value.details == {"retry_after_seconds": 9 * 60 + 1}


def test_a_lock_ends_by_itself(uow: UnitOfWork) -> None:
    define(uow)
    fail(uow, domain.LOCK_AFTER_FAILURES)
    assert sign_in(uow, now=NOON + domain.LOCK_WINDOW)


def test_attempts_on_a_locked_login_do_not_prolong_the_lock(uow: UnitOfWork) -> None:
    define(uow)
    fail(uow, domain.LOCK_AFTER_FAILURES)
    for minute in range(1, 10):
        with pytest.raises(LoginLocked):
            sign_in(uow, "wrong", NOON + timedelta(minutes=minute))
    assert sign_in(uow, now=NOON + domain.LOCK_WINDOW)


def test_the_lock_of_one_login_does_not_lock_another(uow: UnitOfWork) -> None:
    define(uow)
    define(uow, login="ben")
    fail(uow, domain.LOCK_AFTER_FAILURES)
    assert usecases.open_session(uow=uow, now=NOON, login="ben", password=PASSWORD)


def test_a_changed_role_counts_at_once_in_open_sessions(uow: UnitOfWork) -> None:
    staff_id: UUID = define(uow)["id"]
    token = sign_in(uow)["token"]
    define(uow, id=staff_id, role="photographer", password=None)
    assert check(uow, token)["staff"]["permissions"] == list(ROLES["photographer"])


def test_a_new_password_signs_everybody_out_and_an_absent_one_nobody(uow: UnitOfWork) -> None:
    staff_id: UUID = define(uow)["id"]
    token = sign_in(uow)["token"]
    define(uow, id=staff_id, password=None)
    assert check(uow, token)
    define(uow, id=staff_id, password="another horse")
    with pytest.raises(SessionInvalid):
        check(uow, token)
    assert sign_in(uow, "another horse")


def test_what_has_ended_is_forgotten_and_what_lasts_is_kept(uow: UnitOfWork) -> None:
    define(uow)
    sign_in(uow)
    fail(uow, 1)
    usecases.forget_the_past(uow=uow, now=NOON + domain.LOCK_WINDOW - timedelta(seconds=1))
    assert (count(uow, StaffSession), count(uow, LoginFailure)) == (1, 1)
    usecases.forget_the_past(uow=uow, now=NOON + domain.SESSION_LIFETIME)
    assert (count(uow, StaffSession), count(uow, LoginFailure)) == (0, 0)

"""What identity does, one business verb and one transaction each."""

import hashlib
import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.chassis.db import Transaction, UnitOfWork
from services.contracts.identity import (
    ROLES,
    BadCredentials,
    LoginLocked,
    LoginTaken,
    SessionInvalid,
)
from services.identity import domain, queries
from services.identity.models import LoginFailure, Staff, StaffSession
from services.identity.passwords import hash_password, verify_password


def define_staff(
    *,
    uow: UnitOfWork,
    id: UUID,
    login: str,
    name: str,
    role: str,
    password: str | None,
    branch_ids: list[UUID] | None,
    resource_id: UUID | None,
) -> dict[str, Any]:
    """Create an account or change it; an absent password keeps the present one.

    A given password ends the account's sessions: whoever knew the old one is signed out.

    Errors:  LoginTaken when another account has this login.
    """
    values: dict[str, Any] = {
        "id": id,
        "login": domain.normalise_login(login),
        "name": name,
        "role": role,
        "branch_ids": branch_ids,
        "resource_id": resource_id,
    }
    hashed = hash_password(password or secrets.token_urlsafe(24))
    changed = values | ({"password_hash": hashed} if password else {})
    with uow.begin() as tx:
        # Any conflict, not that of `id` alone: of two equal definitions at once the second
        # would else break on the login.
        created = tx.session.execute(
            insert(Staff).values(**values, password_hash=hashed).on_conflict_do_nothing()
        )
        if not created.rowcount:  # type: ignore[attr-defined]
            _change(tx, id, changed)
        if password:
            tx.session.execute(sa.delete(StaffSession).where(StaffSession.staff_id == id))
        return _describe(tx.session.get_one(Staff, id))


def open_session(*, uow: UnitOfWork, now: datetime, login: str, password: str) -> dict[str, Any]:
    """Sign somebody in.

    Errors:  BadCredentials for an unknown login and a wrong password alike; LoginLocked.
    """
    login = domain.normalise_login(login)
    with uow.read() as session:
        staff = queries.staff_by_login(session, login)
        failures = queries.failures_since(session, login, now - domain.LOCK_WINDOW)
    locked_until = domain.LoginAttempts(failures).locked_until()
    if locked_until is not None:
        raise LoginLocked(retry_after_seconds=int((locked_until - now).total_seconds()) + 1)
    if not verify_password(password, staff.password_hash if staff else None) or staff is None:
        _note_failure(uow, login, now)
        raise BadCredentials()
    return _open(uow, staff, now)


def check_session(*, uow: UnitOfWork, now: datetime, token: str) -> dict[str, Any]:
    """Return whose session a token opens.

    Errors:  SessionInvalid when there is none or it has ended.
    """
    with uow.read() as session:
        found = queries.live_session(session, _digest(token), now)
        if found is None:
            raise SessionInvalid()
        return {"expires_at": found[0].expires_at, "staff": _describe(found[1])}


def close_session(*, uow: UnitOfWork, token: str) -> dict[str, Any]:
    """Sign out; `closed` is false when there was nothing to close."""
    with uow.begin() as tx:
        ended = tx.session.execute(
            sa.delete(StaffSession).where(StaffSession.token_digest == _digest(token))
        )
        return {"closed": bool(ended.rowcount)}  # type: ignore[attr-defined]


def forget_the_past(*, uow: UnitOfWork, now: datetime) -> None:
    """Delete sessions that have ended and failures that no longer count."""
    with uow.begin() as tx:
        tx.session.execute(sa.delete(StaffSession).where(StaffSession.expires_at <= now))
        tx.session.execute(
            sa.delete(LoginFailure).where(LoginFailure.failed_at <= now - domain.LOCK_WINDOW)
        )


def _change(tx: Transaction, id: UUID, values: dict[str, Any]) -> None:
    changed = tx.session.execute(sa.update(Staff).where(Staff.id == id).values(**values))
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise LoginTaken()


def _open(uow: UnitOfWork, staff: Staff, now: datetime) -> dict[str, Any]:
    token = secrets.token_urlsafe(32)
    expires_at = now + domain.SESSION_LIFETIME
    with uow.begin() as tx:
        tx.session.add(
            StaffSession(
                token_digest=_digest(token),
                staff_id=staff.id,
                opened_at=now,
                expires_at=expires_at,
            )
        )
        tx.emit("session.opened", {"staff_id": staff.id, "login": staff.login})
    return {"token": token, "expires_at": expires_at, "staff": _describe(staff)}


def _note_failure(uow: UnitOfWork, login: str, now: datetime) -> None:
    with uow.begin() as tx:
        tx.session.add(LoginFailure(login=login, failed_at=now))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _describe(staff: Staff) -> dict[str, Any]:
    return {
        "id": staff.id,
        "login": staff.login,
        "name": staff.name,
        "role": staff.role,
        "permissions": list(ROLES[staff.role]),
        "branch_ids": staff.branch_ids,
        "resource_id": staff.resource_id,
    }

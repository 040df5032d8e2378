"""Every SELECT and lock of identity, one named function each."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.identity.models import LoginFailure, Staff, StaffSession


def staff_by_login(session: Session, login: str) -> Staff | None:
    """Return the account with this normalised login."""
    return session.scalars(sa.select(Staff).where(Staff.login == login)).one_or_none()


def live_session(
    session: Session, token_digest: str, now: datetime
) -> tuple[StaffSession, Staff] | None:
    """Return a session that has not ended, with its account."""
    found = session.execute(
        sa.select(StaffSession, Staff)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(StaffSession.token_digest == token_digest, StaffSession.expires_at > now)
    ).one_or_none()
    return None if found is None else (found[0], found[1])


def failures_since(session: Session, login: str, since: datetime) -> list[datetime]:
    """Return when this login failed after an instant, oldest first."""
    return list(
        session.scalars(
            sa.select(LoginFailure.failed_at)
            .where(LoginFailure.login == login, LoginFailure.failed_at > since)
            .order_by(LoginFailure.failed_at)
        )
    )

"""Who may do what: roles, permissions, the locking of logins; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SESSION_LIFETIME = timedelta(hours=12)
"""A working day: staff sign in each morning; a lost phone is harmless the day after."""

LOCK_AFTER_FAILURES = 8
LOCK_WINDOW = timedelta(minutes=10)
"""Eight wrong passwords in ten minutes: a person has long asked a colleague, a script has not."""


@dataclass(frozen=True)
class LoginAttempts:
    """Failures of one login within the window, newest last."""

    failures: Sequence[datetime]

    def locked_until(self) -> datetime | None:
        """Return when the next attempt is allowed, or None when it is allowed now."""
        if len(self.failures) < LOCK_AFTER_FAILURES:
            return None
        return self.failures[-LOCK_AFTER_FAILURES] + LOCK_WINDOW


def normalise_login(login: str) -> str:
    """Return the form in which logins are compared: case and outer spaces do not matter."""
    return login.strip().casefold()

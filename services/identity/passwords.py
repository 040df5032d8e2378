"""Password hashing off the hub: argon2 computes for tens of milliseconds and would stop all."""

import secrets
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import eventlet.tpool
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from eventlet.semaphore import Semaphore

_hasher = PasswordHasher()

AT_ONCE = Semaphore(4)
"""Each computation takes 64 MB: sixteen logins at once would fill a small machine's memory."""


def hash_password(password: str) -> str:
    """Return an argon2id hash with its parameters and salt."""
    return str(_off_hub(_hasher.hash, password))


def verify_password(password: str, hashed: str | None) -> bool:
    """Tell whether a password fits; an unknown account takes the same time as a known one."""
    try:
        _off_hub(_hasher.verify, hashed or _decoy(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return hashed is not None


def _off_hub(compute: Callable[..., Any], *values: str) -> Any:
    with AT_ONCE:
        return eventlet.tpool.execute(compute, *values)


@lru_cache(maxsize=1)
def _decoy() -> str:
    """Return the hash of a password that nobody has."""
    return hash_password(secrets.token_urlsafe())

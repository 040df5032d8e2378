"""Password hashing off the hub: argon2 computes for tens of milliseconds and would stop everyone."""

from functools import lru_cache

import eventlet.tpool
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """Return an argon2id hash with its parameters and salt."""
    return str(eventlet.tpool.execute(_hasher.hash, password))


def verify_password(password: str, hashed: str | None) -> bool:
    """Tell whether a password fits; an unknown account takes the same time as a known one."""
    try:
        eventlet.tpool.execute(_hasher.verify, hashed or _decoy(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return hashed is not None


@lru_cache(maxsize=1)
def _decoy() -> str:
    return _hasher.hash("no account has this password")

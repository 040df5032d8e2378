"""Idempotent commands: the same key gives the same answer, other parameters are refused.

The key is claimed, the effect made and the answer stored in one transaction. A second request
that arrives meanwhile waits on the unique key and then reads the first one's answer.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.chassis.db import TABLES, Transaction, UnitOfWork
from services.contracts.errors import KeyReused

KEYS = TABLES["idempotency_key"]


def fingerprint(parameters: Any) -> str:
    """Return a digest of the parameters that is the same for equal parameters."""
    data = orjson.dumps(parameters, option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.sha256(data).hexdigest()


def recall(uow: UnitOfWork, *, key: str, fingerprint: str) -> Any | None:
    """Return the stored answer of a key, or None when the key is new.

    Errors:  KeyReused when the key was used with other parameters.
    """
    with uow.read() as session:
        row = session.execute(sa.select(KEYS).where(KEYS.c.key == key)).one_or_none()
    return None if row is None else _answer(row, fingerprint)


def once(
    uow: UnitOfWork, *, key: str, fingerprint: str, effect: Callable[[Transaction], Any]
) -> Any:
    """Run an effect under a key, or return what it answered the first time.

    Shapes:  the effect returns JSON-able data.
    Errors:  KeyReused; whatever the effect raises, and then the key stays free.
    """
    with uow.begin() as tx:
        claim = insert(KEYS).values(key=key, fingerprint=fingerprint).on_conflict_do_nothing()
        if not tx.session.execute(claim).rowcount:  # type: ignore[attr-defined]
            row = tx.session.execute(sa.select(KEYS).where(KEYS.c.key == key)).one()
            return _answer(row, fingerprint)
        answer = effect(tx)
        tx.session.execute(KEYS.update().where(KEYS.c.key == key).values(answer=answer))
        return answer


def _answer(row: Any, fingerprint: str) -> Any:
    if row.fingerprint != fingerprint:
        raise KeyReused()
    return row.answer

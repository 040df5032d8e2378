"""How a definition is written: it replaces the one before it, whole."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.contracts.errors import Conflict
from services.scheduling.models import Base


def upsert(
    session: Session, model: type[Base], key: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """Create the row of a key, or change it."""
    session.execute(
        insert(model)
        .values(**key, **values)
        .on_conflict_do_update(index_elements=list(key), set_=values)
    )


def replace(
    session: Session,
    model: type[Base],
    key: Mapping[str, Any],
    rows: Iterable[Mapping[str, Any]],
) -> None:
    """Put rows in place of those that belong to a key; a row given twice is kept once."""
    session.execute(sa.delete(model).filter_by(**key))
    wanted = [{**key, **row} for row in rows]
    if wanted:
        session.execute(insert(model).values(wanted).on_conflict_do_nothing())


def remove(session: Session, model: type[Base], id: Any, *, in_use: type[Conflict]) -> bool:
    """Delete the row of an id; false when there is none.

    Errors:  `in_use` when other rows refer to it.
    """
    try:
        gone = session.execute(sa.delete(model).filter_by(id=id))
    except sa.exc.IntegrityError as error:
        raise in_use(id=str(id)) from error
    return bool(gone.rowcount)  # type: ignore[attr-defined]

"""Pages of a list that goes from the newest row to the oldest, and the cursors between them.

A cursor says where a page ended, not how many rows came before it: rows that come meanwhile
neither repeat nor hide another.
"""

import base64
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.contracts.errors import Invalid

Row = TypeVar("Row")

# In UTC: the database refuses some of the offsets that Python reads.
READERS: dict[type, Callable[[str], Any]] = {
    datetime: lambda text: datetime.fromisoformat(text).astimezone(UTC),
    UUID: UUID,
}


def newest_first(
    session: Session,
    rows: sa.Select[tuple[Row]],
    *,
    key: Sequence[InstrumentedAttribute[Any]],
    cursor: str | None,
    limit: int,
) -> tuple[list[Row], str | None]:
    """Return one page of rows, and the cursor of the next page if there is one.

    Shapes:  `key` is columns of the row whose values together are unique and never change.
    Errors:  Invalid for a cursor that no list with such a key has given.
    """
    if cursor is not None:
        place = decode(cursor, [column.type.python_type for column in key])
        rows = rows.where(sa.tuple_(*key) < sa.tuple_(*(sa.literal(value) for value in place)))
    # One more than asked for tells whether there is another page.
    ordered = rows.order_by(*(column.desc() for column in key)).limit(limit + 1)
    found = list(session.scalars(ordered))
    page = found[:limit]
    if len(found) == len(page):
        return page, None
    return page, encode([getattr(page[-1], column.key) for column in key])


def encode(place: Sequence[datetime | UUID]) -> str:
    """Return the opaque cursor of a place."""
    texts = (v.isoformat() if isinstance(v, datetime) else str(v) for v in place)
    return base64.urlsafe_b64encode(" ".join(texts).encode()).decode()


def decode(cursor: str, kinds: Sequence[type]) -> list[Any]:
    """Return the place that a cursor names.

    Shapes:  `kinds` are the types of the values that were encoded, as in READERS.
    Errors:  Invalid for anything that `encode` did not return for values of these types.
    """
    try:
        texts = base64.urlsafe_b64decode(cursor).decode().split(" ")
        return [READERS[kind](text) for kind, text in zip(kinds, texts, strict=True)]
    except (ValueError, OverflowError) as error:
        message = {"zh": "翻页标记无效", "en": "This is not a cursor of this list"}
        fault = {"pointer": "/cursor", "code": "field.invalid", "message": message}
        raise Invalid(errors=[fault]) from error

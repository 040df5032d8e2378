"""Large statements that PostgreSQL plans once per connection instead of once per question.

Planning the statements of availability takes as long as running them. A prepared statement lives
as long as its connection, so this needs connections of one's own: a pooler that hands them out
per transaction must know prepared statements. A statement must name the columns that it returns:
with a `*`, PostgreSQL refuses to run it any more once a migration has added a column.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

PARAMETER = re.compile(r"(?<!:):([a-z_]+)")


class Prepared:
    """A statement with named parameters, each of which it casts to its type."""

    def __init__(self, name: str, statement: str) -> None:
        self.name = name
        self.names = tuple(dict.fromkeys(PARAMETER.findall(statement)))
        places = {each: f"${number}" for number, each in enumerate(self.names, 1)}
        body = PARAMETER.sub(lambda match: places[match[1]], statement)
        self._prepare = f"PREPARE {name} AS {body}".replace("%", "%%")
        self._execute = f"EXECUTE {name} ({', '.join(f'%({each})s' for each in self.names)})"

    def run(
        self, session: Session, parameters: Mapping[str, Any], *, after: str = ""
    ) -> sa.CursorResult[Any]:
        """Return the rows; parameters that the statement does not name are left out.

        Shapes:  `after` a statement that goes before this one on the same way to the server; it
                 may name further parameters.
        """
        connection = session.connection()
        if self.name not in connection.info:
            connection.exec_driver_sql(self._prepare, {})
            connection.info[self.name] = True
        text = f"{after}; {self._execute}" if after else self._execute
        return connection.exec_driver_sql(text, dict(parameters))


def as_json(value: Any) -> str:
    """Return a value as a parameter that the statement casts to jsonb."""
    return orjson.dumps(value).decode()


def as_uuids(ids: Iterable[UUID]) -> str:
    """Return ids as a parameter that the statement casts to uuid[]."""
    return "{" + ",".join(str(each) for each in ids) + "}"


def as_numbers(numbers: Iterable[int] | None) -> str | None:
    """Return numbers as a parameter that the statement casts to an array; None stays null."""
    return None if numbers is None else "{" + ",".join(str(each) for each in numbers) + "}"

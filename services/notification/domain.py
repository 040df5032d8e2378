"""What a message says and when its delivery is tried again; pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from string import Template as Line
from typing import Any

LEASE = timedelta(minutes=5)
"""Longer than the slowest delivery: SMTP may wait for its time limit at each of its steps.

A shorter lease would let a second process send what the first is still sending.
"""

RETRY_DELAYS = tuple(timedelta(minutes=minutes) for minutes in (0.25, 1, 5, 30, 120, 360, 720))
"""A mail server that was down for the night still gets its mail; after a day nobody wants it."""

MAX_ATTEMPTS = len(RETRY_DELAYS) + 1


@dataclass(frozen=True)
class Template:
    """One message in every language; `$name` stands for a value, nothing is evaluated.

    Shapes:  subject, body = {"zh": …, "en": …}; `optional` names what a context may lack: it is
             then as if it were empty.
    """

    subject: Mapping[str, str]
    body: Mapping[str, str]
    optional: Collection[str] = ()

    def names(self, language: str) -> set[str]:
        """Return the names of the values that the message needs."""
        return {
            name
            for text in (self.subject[language], self.body[language])
            for name in Line(text).get_identifiers()
        }

    def missing(self, language: str, context: Mapping[str, Any]) -> list[str]:
        """Return the names that a context lacks, sorted."""
        needed = self.names(language) - {*self.optional}
        return sorted(n for n in needed if context.get(n) is None)

    def render(self, language: str, context: Mapping[str, Any]) -> tuple[str, str]:
        """Return subject and body.

        Shapes:  a value in both languages, {"zh": …, "en": …}, is said in the message's own. A
                 line of the body all of whose values are empty is left out.
        """
        said = {**dict.fromkeys(self.optional, ""), **context}
        values = {name: spoken(said[name], language) for name in self.names(language)}
        # A subject is one line: a line break in a name must not start another mail header.
        subject = " ".join(Line(self.subject[language]).substitute(values).split())
        lines = (Line(text) for text in self.body[language].strip().splitlines())
        return subject, "\n".join(
            line.substitute(values) for line in lines if not _says_nothing(line, values)
        )


def spoken(value: Any, language: str) -> str:
    """Return a value as a message says it; a sentence without English is said in Chinese."""
    if isinstance(value, Mapping):
        return str(value.get(language) or value.get("zh", ""))
    return str(value)


def _says_nothing(line: Line, values: Mapping[str, str]) -> bool:
    names = line.get_identifiers()
    return bool(names) and not any(values[name] for name in names)


def next_try_at(attempts: int, now: datetime) -> datetime | None:
    """Return when to try again after so many attempts, or None when enough is enough."""
    return None if attempts >= MAX_ATTEMPTS else now + RETRY_DELAYS[attempts - 1]

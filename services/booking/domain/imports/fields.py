"""A column's meaning: what a field of an import is, and how it is guessed from a title."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.booking.domain.imports import cells

Words = Mapping[str, str]


@dataclass(frozen=True)
class Field:
    """What a column may hold; `headers` are the words by which it is known, the likeliest first."""

    name: str
    label: Words
    kind: str
    headers: tuple[str, ...]
    example: Words
    required: bool = False


def field(
    name: str,
    kind: str,
    zh: str,
    en: str,
    headers: str,
    example: str,
    example_en: str = "",
    **more: Any,
) -> Field:
    """Return a field; its example is the same in English unless there is another."""
    return Field(
        name=name,
        label={"zh": zh, "en": en},
        kind=kind,
        headers=tuple(headers.split()),
        example={"zh": example, "en": example_en or example},
        **more,
    )


def squeezed(text: str) -> str:
    """Return a text as headers and names are compared: no blanks, marks or brackets with hints."""
    told = re.sub(r"[(\[【].*?[)\]】]", "", cells.plain(text))
    return re.sub(r"[\s_:*\-/.]+", "", told)


def guess_columns(titles: Sequence[str], fields: Mapping[str, Field]) -> dict[str, int]:
    """Return which column is likely to hold which field.

    A whole title is surer than a part of it, and its end than its beginning: 客户手机 is a phone.
    """
    told = [squeezed(title) for title in titles]
    likely = sorted(
        (title != word, not title.endswith(word), -len(word), at, name)
        for at, title in enumerate(told)
        for name, each in fields.items()
        for word in each.headers
        if title == word or (len(word) > 1 and word in title)
    )
    found: dict[str, int] = {}
    for *_, at, name in likely:
        if name not in found and at not in found.values():
            found[name] = at
    return found


def names_of(options: Mapping[str, tuple[Words, str]]) -> dict[str, str]:
    """Return what each known word stands for."""
    return {
        squeezed(word): code
        for code, (label, words) in options.items()
        for word in (code, label["zh"], label["en"], *words.split())
    }

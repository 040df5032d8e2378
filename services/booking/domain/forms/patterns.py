"""Patterns of text fields: the part of regular expressions that is alike in every language.

Characters, `.`, `\\d`, `\\w`, classes, counts and alternatives; always the whole text. No groups,
and few counts that vary, because a pattern that a studio writes meets texts that anybody sends.
"""

import re

MAX_LENGTH = 200
"""Characters of a pattern, and of a text that is compared with one."""

MAX_VARIABLE = 3
"""Counts that vary: each multiplies the time of the worst text by its length, up to a second."""

_LITERAL = r"[^\\.\[\](){}*+?|^$\x00-\x1f]"
_MEMBER = r"[^\\\[\]^\-&~|\x00-\x1f]"
_CLASS = rf"\[\^?(?:{_MEMBER}-{_MEMBER}|{_MEMBER}|\\[dw\\\]\[^\-])+\]"
_ATOM = rf"(?:{_LITERAL}|\\[dw.\[\](){{}}*+?|^$\\/]|\.|{_CLASS})"
_COUNT = r"(?:[*+?]|\{[0-9]{1,3}(?:,[0-9]{0,3})?\})"
_BRANCH = rf"(?:{_ATOM}{_COUNT}?)+"
_WHOLE = re.compile(rf"\^?({_BRANCH}(?:\|{_BRANCH})*)\$?")
_TOKEN = re.compile(rf"(?P<atom>{_ATOM})(?P<count>{_COUNT}?)|\|")
_ESCAPED = re.compile(r"\\(.)")
_SETS = {"d": "0-9", "w": "A-Za-z0-9_"}
_FIXED = re.compile(r"(?:\{[0-9]+\})?")


def compile_pattern(pattern: str) -> re.Pattern[str] | None:
    """Return a pattern as a regular expression, or None when it is not one of these."""
    whole = _WHOLE.fullmatch(pattern) if len(pattern) <= MAX_LENGTH else None
    if whole is None:
        return None
    tokens = list(_TOKEN.finditer(whole[1]))
    variable = sum(not _FIXED.fullmatch(token["count"] or "") for token in tokens)
    if variable > MAX_VARIABLE:
        return None
    try:
        return re.compile("".join(_spelled(token) for token in tokens))
    except (re.error, OverflowError):
        return None


def _spelled(token: re.Match[str]) -> str:
    atom = token["atom"]
    if atom is None:
        return "|"
    if atom == ".":
        atom = r"[^\n]"
    elif atom.startswith("["):
        atom = _ESCAPED.sub(lambda found: _SETS.get(found[1], found[0]), atom)
    elif atom[1:] in _SETS:
        atom = f"[{_SETS[atom[1:]]}]"
    return atom + token["count"]

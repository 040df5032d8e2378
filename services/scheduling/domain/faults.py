"""How a rule points at the field that breaks it."""

import functools
import zoneinfo
from typing import TypeVar

from services.contracts.errors import Invalid

Refusal = TypeVar("Refusal", bound=Invalid)


def invalid(pointer: str, *, zh: str, en: str) -> Invalid:
    """Return the error of one faulty field."""
    message = {"zh": zh, "en": en}
    return Invalid(errors=[{"pointer": pointer, "code": "field.invalid", "message": message}])


def pointed(error: type[Refusal], pointer: str) -> Refusal:
    """Return an error that points at one field of the request."""
    message = dict(error.sentence)
    return error(errors=[{"pointer": pointer, "code": error.code, "message": message}])


@functools.cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def check_zone(name: str) -> None:
    """Refuse a time zone that IANA does not know.

    Errors:  Invalid at /timezone.
    """
    if name not in _zones():
        raise invalid("/timezone", zh="没有这个时区", en=f"There is no time zone {name!r}")

"""How a rule points at the field that breaks it."""

from typing import Any

Fault = dict[str, Any]
"""One of the `errors` of contracts.errors.Invalid."""


def fault(pointer: str, *, zh: str, en: str, code: str = "field.invalid") -> Fault:
    """Return what is wrong with one field."""
    return {"pointer": pointer, "code": code, "message": {"zh": zh, "en": en}}

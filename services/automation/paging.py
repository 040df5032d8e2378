"""The opaque cursor of lists in the order of their UUIDv7 ids."""

import base64
from uuid import UUID

from services.contracts.errors import Invalid


def to_cursor(last: UUID) -> str:
    """Return the cursor of what comes after one row."""
    return base64.urlsafe_b64encode(last.bytes).decode().rstrip("=")


def from_cursor(cursor: str) -> UUID:
    """Return the id in a cursor.

    Errors:  Invalid for anything that `to_cursor` did not return.
    """
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor + "=="))
    except ValueError as error:
        message = {"zh": "翻页标记无效", "en": "This cursor is not valid"}
        fault = {"pointer": "/cursor", "code": "field.invalid", "message": message}
        raise Invalid(errors=[fault]) from error

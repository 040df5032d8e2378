"""Phone numbers: what people type becomes E.164, mobile and landline alike."""

import phonenumbers

from services.contracts.booking import PhoneInvalid

DEFAULT_REGION = "CN"


def normalise(text: str, *, pointer: str = "/contact/phone") -> str:
    """Return a number as E.164.

    Shapes:  `pointer` says where it was written.
    Errors:  PhoneInvalid when no such number can exist.
    """
    try:
        number = phonenumbers.parse(text, DEFAULT_REGION)
    except phonenumbers.NumberParseException as error:
        raise _invalid(pointer) from error
    if not phonenumbers.is_valid_number(number):
        raise _invalid(pointer)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def known(text: str) -> str | None:
    """Return a number as E.164, or None for what is none."""
    try:
        return normalise(text)
    except PhoneInvalid:
        return None


def national(e164: str) -> str:
    """Return a number as it is dialled at home, a landline with its leading zero."""
    number = phonenumbers.parse(e164, None)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL))


def _invalid(pointer: str) -> PhoneInvalid:
    fault = {
        "pointer": pointer,
        "code": PhoneInvalid.code,
        "message": dict(PhoneInvalid.sentence),
    }
    return PhoneInvalid(errors=[fault])

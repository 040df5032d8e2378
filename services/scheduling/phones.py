"""Phone numbers of those who wait: what people type becomes E.164, mobile and landline alike."""

import phonenumbers

from services.contracts.scheduling import PhoneInvalid
from services.scheduling.domain.faults import pointed

DEFAULT_REGION = "CN"


def normalise(text: str) -> str:
    """Return a number as E.164.

    Errors:  PhoneInvalid at /contact/phone when no such number can exist.
    """
    try:
        number = phonenumbers.parse(text, DEFAULT_REGION)
    except phonenumbers.NumberParseException as error:
        raise pointed(PhoneInvalid, "/contact/phone") from error
    if not phonenumbers.is_valid_number(number):
        raise pointed(PhoneInvalid, "/contact/phone")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

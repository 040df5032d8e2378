"""Booking's words on the wire for finding a booking by phone and lookup code."""

from marshmallow import fields, validate

from services.contracts.booking import OWNER, PhoneInvalid
from services.contracts.errors import Invalid, NotFound, TooMany
from services.contracts.fields import Contract
from services.contracts.registry import Rpc


class LookupCodeInvalid(Invalid):
    code = "booking.lookup_code_invalid"
    sentence = {
        "zh": "查询码是 8 位字母和数字，例如 7K3M-9QXD",
        "en": "A lookup code has 8 letters and digits, such as 7K3M-9QXD",
    }


class NotFoundByCode(NotFound):
    """Says the same whether or not the phone is known."""

    code = "booking.not_found_by_code"
    sentence = {
        "zh": "没有找到符合的预约，请核对手机号码和查询码",
        "en": "No booking has this phone number and code, please check both",
    }


class TooManyLookups(TooMany):
    """Shapes:  details["retry_after_seconds"]."""

    code = "booking.too_many_lookups"
    sentence = {
        "zh": "查询失败次数过多，请稍后再试",
        "en": "Too many wrong codes, please try again later",
    }


class FindBooking(Contract):
    """The phone that the booking was made with, and the code that its customer was told."""

    phone = fields.String(required=True, validate=validate.Length(min=1, max=40))
    code = fields.String(required=True, validate=validate.Length(min=1, max=40))


class FoundBooking(Contract):
    """Both halves of the booking's private link."""

    id = fields.UUID(required=True)
    manage_token = fields.String(required=True)


FIND_BOOKING = Rpc(
    OWNER,
    "find_booking",
    FindBooking(),
    FoundBooking(),
    (PhoneInvalid, LookupCodeInvalid, NotFoundByCode, TooManyLookups),
)

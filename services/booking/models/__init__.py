"""The tables of booking, by noun, and what their constraints mean to a caller."""

from services.booking.models.base import Base
from services.booking.models.bookings import BOOKING_NUMBER, Booking
from services.booking.models.catalogue import Service
from services.booking.models.money import LedgerEntry, Payment
from services.contracts.errors import YingqiError
from services.contracts.payments import NotificationInvalid
from services.contracts.scheduling import OfferExpired

__all__ = [
    "BOOKING_NUMBER",
    "CONSTRAINT_ERRORS",
    "Base",
    "Booking",
    "LedgerEntry",
    "Payment",
    "Service",
]

CONSTRAINT_ERRORS: dict[str, type[YingqiError]] = {
    # Only an offer of the waitlist has its booking's id before; it was booked already.
    "booking_pkey": OfferExpired,
    # A reference that belongs to another payment: the notification tells an untruth.
    "payment_provider_provider_reference_key": NotificationInvalid,
}

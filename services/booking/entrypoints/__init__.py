"""What booking hears and answers, by noun."""

from services.booking.entrypoints.bookings import Bookings
from services.booking.entrypoints.catalogue import Catalogue
from services.booking.entrypoints.money import Money
from services.contracts.booking import OWNER


class Service(Catalogue, Bookings, Money):
    name = OWNER

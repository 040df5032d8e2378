"""What booking hears and answers, by noun."""

from services.booking.entrypoints.agreements import Agreements
from services.booking.entrypoints.bookings import Bookings
from services.booking.entrypoints.catalogue import Catalogue
from services.booking.entrypoints.drafts import Drafts
from services.booking.entrypoints.forms import Forms
from services.booking.entrypoints.imports import Imports
from services.booking.entrypoints.money import Money
from services.booking.entrypoints.page_views import PageViews
from services.booking.entrypoints.theme import Theme
from services.booking.entrypoints.uploads import Uploads
from services.contracts.booking import OWNER


class Service(
    Catalogue, Bookings, Drafts, Money, Forms, Uploads, Agreements, Imports, Theme, PageViews
):
    name = OWNER

"""The tables of booking, by noun, and what their constraints mean to a caller."""

from services.booking.models.agreements import (
    Agreement,
    AgreementPaper,
    AgreementTemplate,
    AgreementTemplateVersion,
)
from services.booking.models.base import Base
from services.booking.models.bookings import BOOKING_NUMBER, Booking
from services.booking.models.catalogue import AddOn, CatalogueVersion, Package, PriceRule, Service
from services.booking.models.drafts import Draft
from services.booking.models.dunning import Reminder
from services.booking.models.forms import (
    Form,
    FormCount,
    FormLink,
    FormVersion,
    FormVisit,
    Submission,
    TableRow,
)
from services.booking.models.imports import PRUNED as PRUNED_IMPORTS
from services.booking.models.imports import Import, ImportRow
from services.booking.models.lookups import PRUNED as PRUNED_LOOKUPS
from services.booking.models.lookups import LookupFailure
from services.booking.models.money import (
    CashClose,
    CashMovement,
    LedgerEntry,
    Payment,
    Payout,
    Refund,
)
from services.booking.models.orders import ORDER_NUMBER, Order, OrderLine, OrderSession
from services.booking.models.page_views import PRUNED as PRUNED_VISITORS
from services.booking.models.page_views import PageCount, PageVisitor
from services.booking.models.reconciliations import Reconciliation
from services.booking.models.theme import Theme, ThemeVersion
from services.booking.models.top_ups import TopUp
from services.booking.models.uploads import PRUNED as PRUNED_UPLOADS
from services.booking.models.uploads import Upload, UploadPiece, UploadSender
from services.contracts.cash import CashClosed
from services.contracts.catalogue import AddOnSoldOut, SessionTaken
from services.contracts.errors import YingqiError
from services.contracts.forms import FormUnknown, SurveyAnswered
from services.contracts.payments import NotificationInvalid
from services.contracts.scheduling import OfferExpired
from services.contracts.themes import ThemeChanged

__all__ = [
    "BOOKING_NUMBER",
    "CONSTRAINT_ERRORS",
    "ORDER_NUMBER",
    "PRUNED",
    "AddOn",
    "Agreement",
    "AgreementPaper",
    "AgreementTemplate",
    "AgreementTemplateVersion",
    "Base",
    "Booking",
    "CashClose",
    "CashMovement",
    "CatalogueVersion",
    "Draft",
    "Form",
    "FormCount",
    "FormLink",
    "FormVersion",
    "FormVisit",
    "Import",
    "ImportRow",
    "LedgerEntry",
    "LookupFailure",
    "Order",
    "OrderLine",
    "OrderSession",
    "Package",
    "PageCount",
    "PageVisitor",
    "Payment",
    "Payout",
    "PriceRule",
    "Reconciliation",
    "Refund",
    "Reminder",
    "Service",
    "Submission",
    "TableRow",
    "Theme",
    "ThemeVersion",
    "TopUp",
    "Upload",
    "UploadPiece",
    "UploadSender",
]

PRUNED = (*PRUNED_LOOKUPS, *PRUNED_IMPORTS, *PRUNED_UPLOADS, *PRUNED_VISITORS)

CONSTRAINT_ERRORS: dict[str, type[YingqiError]] = {
    # More is taken than there is to be: somebody was quicker, or the stock was set too low.
    "add_on_stock_check": AddOnSoldOut,
    # Closes follow one another: somebody was quicker, or counted by another desk's last close.
    "cash_close_branch_id_currency_previous_id_key": CashClosed,
    "cash_close_previous_id_branch_id_currency_fkey": CashClosed,
    # Only an offer of the waitlist has its booking's id before; it was booked already.
    "booking_pkey": OfferExpired,
    # Of an order's first booking there is one; a further one was quicker.
    "order_session_booking_id_key": SessionTaken,
    "service_form_id_fkey": FormUnknown,
    # A reference that belongs to another payment: the notification tells an untruth.
    "payment_provider_provider_reference_key": NotificationInvalid,
    "submission_booking_id_form_id_key": SurveyAnswered,
    # Two drafts that follow the same one, or two publications at once.
    "theme_pkey": ThemeChanged,
    "theme_version_revision_key": ThemeChanged,
    "theme_version_version_key": ThemeChanged,
    "upload_form_id_fkey": FormUnknown,
}

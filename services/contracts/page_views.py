"""Booking's words on the wire: how often the pages of the portal were seen, and begun."""

from marshmallow import fields, validate

from services.contracts.booking import OWNER
from services.contracts.errors import Invalid
from services.contracts.fields import Contract
from services.contracts.forms import STEPS
from services.contracts.registry import Rpc

PAGES = ("home", "service", "package", "book", "form")
MAX_BATCH = 1000

# --- shapes


class PageVisit(Contract):
    """Somebody saw a page, or began what it is for.

    Shapes:  `channel` is the studio's own word for the way they came, as of a form's link.
             `visitor` is anything that a browser says every time it comes; only its digest is kept.
    """

    page = fields.String(required=True, validate=validate.OneOf(PAGES))
    step = fields.String(load_default="view", validate=validate.OneOf(STEPS))
    channel = fields.String(
        load_default="web",
        validate=validate.Regexp(r"^[a-z][a-z0-9_]{0,31}$", error="Not a channel."),
    )
    visitor = fields.String(required=True, validate=validate.Length(min=8, max=128))


class PageVisits(Contract):
    visits = fields.List(
        fields.Nested(PageVisit), required=True, validate=validate.Length(max=MAX_BATCH)
    )


class Counted(Contract):
    """How many of them were not counted before on this day."""

    counted = fields.Integer(required=True)


class ListPageCounts(Contract):
    """Days of the studio, both included."""

    from_ = fields.Date(required=True, data_key="from")
    to = fields.Date(required=True)


class PageDay(Contract):
    """`views` and `starts` count each visitor once a day."""

    day = fields.Date(required=True)
    page = fields.String(required=True)
    channel = fields.String(required=True)
    views = fields.Integer(required=True)
    starts = fields.Integer(required=True)


class PageDays(Contract):
    items = fields.List(fields.Nested(PageDay), required=True)


# --- RPCs

COUNT_PAGE_VISITS = Rpc(OWNER, "count_page_visits", PageVisits(), Counted())
LIST_PAGE_COUNTS = Rpc(OWNER, "list_page_counts", ListPageCounts(), PageDays(), (Invalid,))

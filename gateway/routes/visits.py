"""Views of the portal's pages: noted at once, and counted together a little later."""

import logging
import re
from collections.abc import Iterable
from typing import Any

from marshmallow import fields, validate
from nameko.extensions import DependencyProvider
from nameko.timer import timer
from werkzeug.wrappers import Request

from gateway.auth import PUBLIC, staff_with
from gateway.http import Area, Call, route
from services.contracts import page_views
from services.contracts.errors import Unavailable
from services.contracts.fields import Contract

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 2.0
"""How long a visit waits to be counted, and what a gateway that dies forgets."""

REMEMBERED = 5_000
"""Visits that wait at most, a few hundred a second; while booking is away further ones are lost."""

ROBOT = re.compile(r"bot\b|crawl|spider|slurp|preview|monitor|lighthouse", re.I)
"""Programs that run a page's script and are no visitors, by what they call themselves."""

Visit = tuple[str, str, str, str]


class PageVisitBody(page_views.PageVisit):
    """`pages` are what the page is, of which each is counted: a service, and where it is booked."""

    class Meta(Contract.Meta):
        exclude = ("page",)

    pages = fields.List(
        fields.String(validate=validate.OneOf(page_views.PAGES)),
        required=True,
        validate=validate.Length(1, len(page_views.PAGES)),
    )


class Noted(Contract):
    """`noted` is false for robots, and when too many wait to be counted."""

    noted = fields.Boolean(required=True)


class WaitingVisits(DependencyProvider):
    """The visits that this process has noted and that are not counted yet, each once."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self.most = most
        self._waiting: dict[Visit, None] = {}

    def get_dependency(self, worker_ctx: Any) -> "WaitingVisits":
        return self

    def note(self, visits: Iterable[Visit]) -> bool:
        """Remember visits; false when there is no room for them all."""
        for visit in visits:
            if len(self._waiting) >= self.most and visit not in self._waiting:
                return False
            self._waiting[visit] = None
        return True

    def take(self) -> list[Visit]:
        """Return some of them, the oldest first, and forget them."""
        taken = list(self._waiting)[: page_views.MAX_BATCH]
        for visit in taken:
            del self._waiting[visit]
        return taken


class Visits(Area):
    waiting_visits: WaitingVisits

    @route(
        "POST",
        "/api/v1/visits",
        zh="记录页面浏览",
        en="Note that somebody saw a page, or began what it is for",
        tag="visits",
        body=PageVisitBody(),
        answer=Noted(),
        status=202,
        admission=PUBLIC,
        limit="visit",
    )
    def note_visit(self, call: Call) -> Any:
        if is_robot(call.request):
            return {"noted": False}
        about = (call.body["channel"], call.body["step"], call.body["visitor"])
        return {"noted": self.waiting_visits.note((page, *about) for page in call.body["pages"])}

    @route(
        "GET",
        "/api/v1/visits",
        zh="页面浏览统计",
        en="List how often each kind of page was seen, by day and channel",
        tag="visits",
        query=page_views.ListPageCounts(),
        calls=(page_views.LIST_PAGE_COUNTS,),
        admission=staff_with("metric.read"),
    )
    def list_page_counts(self, call: Call) -> Any:
        return self.booking.list_page_counts(**call.query)

    @timer(interval=FLUSH_SECONDS)
    def count_visits(self) -> None:
        """Count what has waited; while booking is away it goes on waiting."""
        while taken := self.waiting_visits.take():
            names = ("page", "channel", "step", "visitor")
            visits = [dict(zip(names, visit, strict=True)) for visit in taken]
            try:
                self.booking.count_page_visits(visits=visits)
            except Unavailable as error:
                logger.warning("visits wait to be counted", extra={"code": error.code})
                self.waiting_visits.note(taken)
                return


def is_robot(request: Request) -> bool:
    """Tell whether a request says that no person made it."""
    return ROBOT.search(request.headers.get("User-Agent", "")) is not None

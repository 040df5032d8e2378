"""Calendars elsewhere: those that a resource brings along, and the addresses of ours."""

from typing import Any

from marshmallow import fields

from gateway.auth import staff_with
from gateway.guard import Guard
from gateway.http import Call, route
from services.contracts import scheduling
from services.contracts.fields import Contract
from services.contracts.scheduling import rosters

WRITE = "resource.write"


class BusyFeedBody(rosters.DefineBusyFeed):
    """The iCal address."""

    class Meta(Contract.Meta):
        exclude = ("id", "resource_id")


class SecretLink(rosters.CalendarLink):
    """`url` is what a calendar program subscribes to."""

    url = fields.String(required=True)


class SecretLinks(rosters.CalendarLinkList):
    items = fields.List(fields.Nested(SecretLink), required=True)


class Subscriptions(Guard):
    @route(
        "GET",
        "/api/v1/resources/<uuid:resource_id>/busy-feeds",
        zh="外部日历列表",
        en="List the calendars whose busy times a resource brings along",
        tag="calendars",
        calls=(scheduling.LIST_BUSY_FEEDS, scheduling.LOCATE),
        admission=staff_with(WRITE),
    )
    def list_busy_feeds(self, call: Call, resource_id: str) -> Any:
        self.require_at(call, "resource", resource_id)
        return self.scheduling.list_busy_feeds(resource_id=resource_id)

    @route(
        "PUT",
        "/api/v1/resources/<uuid:resource_id>/busy-feeds/<uuid:feed_id>",
        zh="订阅外部日历",
        en="Bring the busy times of a calendar along",
        tag="calendars",
        body=BusyFeedBody(),
        calls=(scheduling.DEFINE_BUSY_FEED, scheduling.LOCATE),
        admission=staff_with(WRITE),
    )
    def define_busy_feed(self, call: Call, resource_id: str, feed_id: str) -> Any:
        self.require_at(call, "resource", resource_id)
        self.require_at(call, "busy_feed", feed_id)
        return self.scheduling.define_busy_feed(id=feed_id, resource_id=resource_id, **call.body)

    @route(
        "DELETE",
        "/api/v1/resources/<uuid:resource_id>/busy-feeds/<uuid:feed_id>",
        zh="停止订阅外部日历",
        en="Leave a calendar's busy times out again",
        tag="calendars",
        calls=(scheduling.REMOVE_BUSY_FEED, scheduling.LOCATE),
        admission=staff_with(WRITE),
    )
    def remove_busy_feed(self, call: Call, resource_id: str, feed_id: str) -> Any:
        self.require_at(call, "busy_feed", feed_id)
        return self.scheduling.remove_busy_feed(id=feed_id)

    @route(
        "GET",
        "/api/v1/calendar-links",
        zh="日历链接列表",
        en="List the secret addresses of calendars",
        tag="calendars",
        query=rosters.DefineCalendarLink(),
        calls=(scheduling.LIST_CALENDAR_LINKS, scheduling.LOCATE),
        answer=SecretLinks(),
        admission=staff_with(WRITE),
    )
    def list_calendar_links(self, call: Call) -> Any:
        self._require_target(call, call.query)
        links = self.scheduling.list_calendar_links(**call.query)
        return {"items": [self._addressed(link) for link in links["items"]]}

    @route(
        "POST",
        "/api/v1/calendar-links",
        zh="新建日历链接",
        en="Make a secret address for the calendar of a branch or a resource",
        tag="calendars",
        body=rosters.DefineCalendarLink(),
        calls=(scheduling.DEFINE_CALENDAR_LINK, scheduling.LOCATE),
        answer=SecretLink(),
        status=201,
        admission=staff_with(WRITE),
    )
    def define_calendar_link(self, call: Call) -> Any:
        self._require_target(call, call.body)
        return self._addressed(self.scheduling.define_calendar_link(**call.body))

    @route(
        "DELETE",
        "/api/v1/calendar-links/<uuid:link_id>",
        zh="停用日历链接",
        en="Revoke a secret address",
        tag="calendars",
        calls=(scheduling.REVOKE_CALENDAR_LINK, scheduling.LOCATE),
        admission=staff_with(WRITE),
    )
    def revoke_calendar_link(self, call: Call, link_id: str) -> Any:
        self.require_at(call, "calendar_link", link_id)
        return self.scheduling.revoke_calendar_link(id=link_id)

    def _require_target(self, call: Call, named: dict[str, Any]) -> None:
        branch_id, resource_id = named["branch_id"], named["resource_id"]
        if branch_id:
            call.staff.require(WRITE, branch_id)
        if resource_id:
            self.require_at(call, "resource", resource_id)
        if not (branch_id or resource_id):
            call.staff.require_everywhere()

    def _addressed(self, link: dict[str, Any]) -> dict[str, Any]:
        origin = self.settings.public_url.rstrip("/")
        return {**link, "url": f"{origin}/calendars/{link['token']}.ics"}

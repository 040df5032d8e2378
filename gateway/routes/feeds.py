"""The calendars that other programs subscribe to, each under its secret address."""

from werkzeug.wrappers import Response

from gateway.http import NO_STORE, Area, Call, route

HEADERS = {**NO_STORE, "Content-Disposition": 'inline; filename="calendar.ics"'}


class Feeds(Area):
    # Every token is 64 characters long; what is not has never been one of ours.
    @route("GET", "/calendars/<string(length=64):token>.ics", listed=False)
    def read_feed(self, call: Call, token: str) -> Response:
        feed = self.scheduling.calendar_feed(token=token)
        return Response(feed["text"], content_type="text/calendar; charset=utf-8", headers=HEADERS)

"""The live stream of staff pages: server-sent events that say what to fetch again."""

import time
from collections.abc import Iterator

import orjson
from eventlet.queue import Empty
from werkzeug.wrappers import Response

from gateway.auth import STAFF, Staff
from gateway.changes import Change, Hub
from gateway.http import Area, Call, route

PING_SECONDS = 15
"""Pause after which a comment is sent: proxies drop silent connections after 30 to 60 s."""

STREAM_SECONDS = 600
"""After this a stream ends and the page returns with its session checked anew."""

RETRY_MS = 2000
"""How soon a page returns when the stream ends."""

PERMISSIONS = {
    "booking": "booking.read",
    "branch": "calendar.read",
    "calendar": "calendar.read",
    "customer": "customer.read",
    "form": "form.read",
    "leave": "calendar.read",
    "resource": "calendar.read",
    "roster": "calendar.read",
    "task": "task.read",
    "theme": "theme.write",
    "waitlist": "booking.write",
}


class Stream(Area):
    @route(
        "GET",
        "/api/v1/stream",
        zh="实时变更（SSE）",
        en="Hear of changes (server-sent events)",
        tag="stream",
        media_type="text/event-stream",
        admission=STAFF,
    )
    def stream_changes(self, call: Call) -> Response:
        # eventlet holds what is shorter than 4096 bytes back, and no event is that long.
        call.request.environ["eventlet.minimum_write_chunk_size"] = 1
        last_id = call.request.headers.get("Last-Event-ID")
        return Response(
            frames(self.changes, call.staff, last_id),
            content_type="text/event-stream; charset=utf-8",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )


def frames(hub: Hub, staff: Staff, last_id: str | None) -> Iterator[bytes]:
    """Yield the bytes of one stream, asked for by the connection: no worker waits meanwhile."""

    def wants(change: Change) -> bool:
        seen = staff.may(PERMISSIONS[change["resource"]])
        return seen and staff.works_at(change["branch_id"])

    until = time.monotonic() + STREAM_SECONDS
    with hub.subscribe(wants) as subscriber:
        missed = hub.since(last_id)
        yield b"retry: %d\n\n" % RETRY_MS
        yield from (_frame(change) for change in missed if wants(change))
        while not subscriber.is_cut and time.monotonic() < until:
            try:
                change = subscriber.waiting.get(timeout=PING_SECONDS)
            except Empty:
                yield b": ping\n\n"
                continue
            if change is not None:
                yield _frame(change)


def _frame(change: Change) -> bytes:
    data = orjson.dumps(change)
    return b"id: %s\nevent: change\ndata: %s\n\n" % (change["id"].encode(), data)

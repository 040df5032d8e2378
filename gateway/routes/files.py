"""Files on their way out, each under a signed address that expires."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from gateway.http import NO_STORE, Area, Call, route
from services.chassis import clock
from services.chassis.storage import Store

REDIRECT_SECONDS = 300
"""How long the address at the store is good that a download is sent on to."""

# Whatever a file turns out to be, it runs nothing and loads nothing when it is opened by itself.
SAFE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class Files(Area):
    @route("GET", "/files/<string(maxlength=200):token>", listed=False)
    def send_file(self, call: Call, token: str) -> Response:
        return send(self.booking.locate_file(token=token), call.request, self.store)


def send(file: dict[str, Any], request: Request, store: Store) -> Response:
    """Return a file, a range of it, 304, 416, or the way to where the store gives it out itself.

    What pages show comes from here even then: their policy lets them load nothing from elsewhere.

    Shapes:  `file` is contracts.uploads.FilePlace on the wire.
    """
    disposition = _disposition(file)
    if not file["inline"]:
        url = store.signed_url(
            "GET",
            file["key"],
            seconds=REDIRECT_SECONDS,
            content_type=file["content_type"],
            disposition=disposition,
        )
        if url is not None:
            answer = redirect(url)
            answer.headers.update(NO_STORE)
            return answer
    until = datetime.fromisoformat(file["expires_at"])
    seconds = int((until - clock.now()).total_seconds())
    headers = {
        **SAFE,
        "Cache-Control": f"private, max-age={seconds}, immutable",
        "ETag": f'"{file["etag"]}"',
        "Accept-Ranges": "bytes",
    }
    if request.if_none_match.contains(file["etag"]):
        return Response(status=304, headers=headers)
    size = file["size"]
    start, stop, status = 0, size, 200
    if (asked := _range(request, file)) is not None:
        found = asked.range_for_length(size)
        if found is None:
            headers["Content-Range"] = f"bytes */{size}"
            return Response(status=416, headers=headers)
        start, stop, status = found[0] or 0, found[1], 206
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    headers["Content-Length"] = str(stop - start)
    headers["Content-Disposition"] = disposition
    content: Iterable[bytes] = ()
    if request.method != "HEAD":
        content = store.chunks(file["key"], start, stop)
    return Response(content, status=status, headers=headers, content_type=file["content_type"])


def _range(request: Request, file: dict[str, Any]) -> Any:
    """Return the one range that is asked for; several at once are answered with the whole."""
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    wanted = request.if_range
    if wanted is not None and (wanted.date or wanted.etag not in (None, file["etag"])):
        return None
    return asked


def _disposition(file: dict[str, Any]) -> str:
    kind = "inline" if file["inline"] else "attachment"
    return f"{kind}; filename*=UTF-8''{quote(file['name'], safe='')}"

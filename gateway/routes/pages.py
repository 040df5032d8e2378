"""The built pages of portal and console, and the public signs of life."""

from pathlib import Path
from typing import Any

from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from gateway import pages
from gateway.http import Area, Call, route
from services.contracts.errors import NotFound, Unavailable

DIST = Path(__file__).parent.parent / "web" / "dist"


class Pages(Area):
    @route("GET", "/", listed=False)
    def show_front(self, call: Call) -> Response:
        return redirect("/portal/", 302)

    @route("GET", "/portal/", listed=False)
    def show_portal(self, call: Call) -> Response:
        return _file(call, "portal", "index.html")

    @route("GET", "/portal/<path:name>", listed=False)
    def send_portal_file(self, call: Call, name: str) -> Response:
        return _file(call, "portal", name)

    @route("GET", "/console/", listed=False)
    def show_console(self, call: Call) -> Response:
        return _file(call, "console", "index.html")

    @route("GET", "/console/<path:name>", listed=False)
    def send_console_file(self, call: Call, name: str) -> Response:
        """The console routes by path: what names no file is one of its pages."""
        is_page = not name.startswith("assets/") and "." not in name
        return _file(call, "console", "index.html" if is_page else name)

    @route("GET", "/healthz", listed=False)
    def tell_alive(self, call: Call) -> Any:
        return {"status": "ok"}

    @route("GET", "/readyz", listed=False)
    def tell_ready(self, call: Call) -> Any:
        """Ready while events arrive, which needs the broker that everything else needs too."""
        if not self.changes.is_fed:
            raise Unavailable()
        return {"status": "ok"}


def _file(call: Call, face: str, name: str) -> Response:
    file = pages.find(DIST / face, name)
    if file is None:
        raise NotFound()
    return pages.send(file, call.request, is_hashed=pages.is_hashed(name))

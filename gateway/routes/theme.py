"""How the public pages look: read by everybody, changed by those who speak for the whole studio."""

from typing import Any

import orjson
from werkzeug.wrappers import Response

from gateway import pages
from gateway.auth import staff_with
from gateway.http import JSON, Area, Call, route
from gateway.routes import pages as built
from services.contracts import themes
from services.contracts.errors import Forbidden, NotFound
from services.contracts.fields import Contract

WRITE = staff_with("theme.write")

FRAMED_BY_US = pages.POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
"""The preview shows what the page around it says, which only the console may be."""


class ThemeBody(themes.SaveTheme):
    class Meta(Contract.Meta):
        exclude = ("staff_id",)


class ThemeSeenBody(themes.ThemeSeen):
    class Meta(Contract.Meta):
        exclude = ("staff_id",)


class Theme(Area):
    @route(
        "GET",
        "/api/v1/theme",
        zh="公开的外观",
        en="Read how the public pages look",
        tag="theme",
        calls=(themes.GET_PUBLIC_THEME,),
    )
    def show_theme(self, call: Call) -> Response:
        """Kept by browsers, but asked for each time: what is published shows at once."""
        response = Response(orjson.dumps(self.booking.get_public_theme()), content_type=JSON)
        response.headers["Cache-Control"] = pages.REVALIDATE
        response.add_etag()
        return response.make_conditional(call.request)

    @route(
        "GET",
        "/api/v1/theme/draft",
        zh="外观草稿",
        en="Read the draft of the theme",
        tag="theme",
        calls=(themes.GET_THEME,),
        admission=WRITE,
    )
    def read_theme(self, call: Call) -> Any:
        return self.booking.get_theme()

    @route(
        "PUT",
        "/api/v1/theme/draft",
        zh="保存外观草稿",
        en="Save the draft of the theme",
        tag="theme",
        body=ThemeBody(),
        calls=(themes.SAVE_THEME,),
        extra_errors=(Forbidden,),
        admission=WRITE,
    )
    def save_theme(self, call: Call) -> Any:
        call.staff.require_everywhere()
        return self.booking.save_theme(staff_id=call.staff.id, **call.body)

    @route(
        "POST",
        "/api/v1/theme/publish",
        zh="发布外观",
        en="Publish the draft of the theme",
        tag="theme",
        body=ThemeSeenBody(),
        calls=(themes.PUBLISH_THEME,),
        extra_errors=(Forbidden,),
        admission=WRITE,
    )
    def publish_theme(self, call: Call) -> Any:
        call.staff.require_everywhere()
        return self.booking.publish_theme(staff_id=call.staff.id, **call.body)

    @route(
        "GET",
        "/api/v1/theme/versions",
        zh="外观的历史版本",
        en="List the versions of the theme that were published",
        tag="theme",
        query=themes.ListThemeVersions(),
        calls=(themes.LIST_THEME_VERSIONS,),
        admission=WRITE,
    )
    def list_theme_versions(self, call: Call) -> Any:
        return self.booking.list_theme_versions(**call.query)

    @route(
        "POST",
        "/api/v1/theme/versions/<int(max=2147483647):version>/restore",
        zh="恢复历史版本",
        en="Bring back an earlier version of the theme",
        tag="theme",
        body=ThemeSeenBody(),
        calls=(themes.RESTORE_THEME,),
        extra_errors=(Forbidden,),
        admission=WRITE,
    )
    def restore_theme(self, call: Call, version: str) -> Any:
        call.staff.require_everywhere()
        return self.booking.restore_theme(staff_id=call.staff.id, version=int(version), **call.body)

    @route("GET", "/portal/preview", listed=False)
    def show_preview(self, call: Call) -> Response:
        """The portal as the console frames it, to try a draft on."""
        file = pages.find(built.DIST / "portal", "index.html")
        if file is None:
            raise NotFound()
        response = pages.send(file, call.request)
        response.headers["Content-Security-Policy"] = FRAMED_BY_US
        return response

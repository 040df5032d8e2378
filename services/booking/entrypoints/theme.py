"""RPCs of how the public pages look."""

from typing import Any

from services.booking.entrypoints.base import Parts
from services.booking.usecases import theming
from services.chassis.rpc import rpc


class Theme(Parts):
    @property
    def theming(self) -> dict[str, Any]:
        """What a verb needs that answers with a theme."""
        return {"uow": self.uow, "now": self.now(), "upload_links": self.upload_links}

    @rpc
    def get_public_theme(self) -> dict[str, Any]:
        return theming.get_public_theme(**self.theming)

    @rpc
    def get_theme(self) -> dict[str, Any]:
        return theming.get_theme(**self.theming)

    @rpc
    def save_theme(self, **draft: Any) -> dict[str, Any]:
        return theming.save_theme(**self.theming, **draft)

    @rpc
    def publish_theme(self, **command: Any) -> dict[str, Any]:
        return theming.publish_theme(**self.theming, **command)

    @rpc
    def restore_theme(self, **command: Any) -> dict[str, Any]:
        return theming.restore_theme(**self.theming, **command)

    @rpc
    def list_theme_versions(self, **question: Any) -> dict[str, Any]:
        return theming.list_theme_versions(**self.theming, **question)

"""The theme as booking tells of it."""

import copy
from typing import Any

from services.booking.domain.themes import DEFAULT

CONTENT: dict[str, Any] = copy.deepcopy(DEFAULT)
LOOK = CONTENT | {"logo_url": None, "hero_url": None}
PUBLISHED_AT = "2026-11-02T02:00:00+00:00"

PUBLIC = LOOK | {"version": 2}
THEME = {
    "revision": 3,
    "saved_at": PUBLISHED_AT,
    "version": 2,
    "published_revision": 3,
    "published_at": PUBLISHED_AT,
    "draft": LOOK,
}
VERSION = {
    "version": 2,
    "revision": 3,
    "restored": 1,
    "published_at": PUBLISHED_AT,
    "look": LOOK,
}

ANSWERS: dict[str, Any] = {
    "booking.get_public_theme": PUBLIC,
    "booking.get_theme": THEME,
    "booking.save_theme": THEME,
    "booking.publish_theme": THEME,
    "booking.restore_theme": THEME,
    "booking.list_theme_versions": {"items": [VERSION], "next_cursor": None},
}

"""Themes: what the pages look like before anybody chose, and whether colours can be read.

The browser's half is gateway/web/kit/theme.ts; tests/vectors/themes keeps the two equal.
Source:  https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
"""

import math
from typing import Any

from services.booking.domain.faults import Fault, fault

Json = dict[str, Any]

LEGIBLE = 4.5
"""The least contrast of text, WCAG 1.4.3."""

VISIBLE = 3.0
"""The least contrast of controls and large text, WCAG 1.4.11; the brand's colour is in both."""

DEFAULT: Json = {
    "name": {"zh": "影期", "en": "Yingqi"},
    "slogan": {"zh": "", "en": ""},
    "logo": None,
    "hero": {"style": "light", "picture": None},
    "colours": {
        "brand": "#2c5f53",
        "background": "#f7f5f1",
        "surface": "#ffffff",
        "text": "#26231f",
    },
    "corners": "large",
    "typeface": "serif",
    "catalogue": "cards",
    "sections": [
        {"name": "notice", "shown": True},
        {"name": "hero", "shown": True},
        {"name": "branches", "shown": True},
        {"name": "categories", "shown": True},
        {"name": "catalogue", "shown": True},
    ],
    "notice": {"zh": "", "en": ""},
    "footer": {"phone": "", "address": {"zh": "", "en": ""}, "icp": ""},
}
"""What a studio has that never touched its theme."""

GROUNDS = {
    "background": {"zh": "背景色", "en": "the background"},
    "surface": {"zh": "卡片色", "en": "the cards"},
}
NEEDED = {
    "brand": (VISIBLE, {"zh": "品牌色", "en": "The brand's colour"}),
    "text": (LEGIBLE, {"zh": "文字颜色", "en": "The text"}),
}


def luminance(colour: str) -> float:
    """Return how bright #rrggbb is, relative to white."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21, in whichever order they are given."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def ink_on(colour: str) -> str:
    """Return which is easier to read on a colour, black or white."""
    return max("#ffffff", "#000000", key=lambda ink: contrast(ink, colour))


def check(content: Json) -> list[Fault]:
    """Return which colours cannot be told from what they stand on.

    Shapes:  faults with `ratio`, cut off after two digits so that it never reads as enough, and
             the least `required`.
    """
    colours = content["colours"]
    found = []
    for name, (required, called) in NEEDED.items():
        for ground, standing_on in GROUNDS.items():
            ratio = contrast(colours[name], colours[ground])
            if ratio < required:
                found.append(_fault(name, called, standing_on, ratio, required))
    return found


def pictures(content: Json) -> list[str]:
    """Return the uploads that a theme shows or keeps."""
    named = (content["logo"], content["hero"]["picture"])
    return [upload_id for upload_id in named if upload_id is not None]


def _linear(value: int) -> float:
    part = value / 255
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _fault(name: str, called: Json, ground: Json, ratio: float, required: float) -> Fault:
    shown = math.floor(ratio * 100) / 100
    return fault(
        f"/content/colours/{name}",
        zh=f"{called['zh']}与{ground['zh']}的对比度为 {shown}:1，至少需要 {required}:1",
        en=f"{called['en']} has a contrast of {shown}:1 to {ground['en']}; {required}:1 is needed",
    ) | {"code": "theme.contrast", "ratio": shown, "required": required}

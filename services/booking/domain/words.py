"""Names and numbers that people read, and how a booking is found by them."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

ROLE_NAMES = {
    "photographer": {"zh": "摄影师", "en": "Photographer"},
    "makeup_artist": {"zh": "化妆师", "en": "Make-up artist"},
    "assistant": {"zh": "助理", "en": "Assistant"},
    "retoucher": {"zh": "修片师", "en": "Retoucher"},
    "studio_room": {"zh": "影棚", "en": "Studio room"},
    "location": {"zh": "外景地", "en": "Location"},
    "garment": {"zh": "礼服", "en": "Garment"},
    "prop": {"zh": "道具", "en": "Prop"},
    "vehicle": {"zh": "车辆", "en": "Vehicle"},
}


def role_name(resource_type: str) -> dict[str, str]:
    """Return what customers read for a type of resource; one that the studio added has its id."""
    return ROLE_NAMES.get(resource_type) or {"zh": resource_type, "en": resource_type}


def booking_number(sequence: int, at: datetime, timezone: str) -> str:
    """Return the number people read to each other: year and month are the branch's own."""
    return f"YQ{at.astimezone(ZoneInfo(timezone)):%y%m}-{sequence:06d}"


def order_number(sequence: int, at: datetime, timezone: str) -> str:
    """Return the number under which the studio keeps a deal."""
    return f"OD{at.astimezone(ZoneInfo(timezone)):%y%m}-{sequence:06d}"


def squeeze(text: str) -> str:
    """Return the form in which texts are searched: no case, no spaces, no dashes of a phone."""
    return re.sub(r"[\s\-+()]", "", text.casefold())


def haystack(*texts: str) -> str:
    """Return all that a booking is found by."""
    return " ".join(squeeze(text) for text in texts)


def grams(text: str) -> list[str]:
    """Return the index terms of a squeezed text: its pairs of characters, and single Chinese ones.

    Most Chinese names have two characters or three: a trigram index cannot help to find them.
    """
    pairs = {text[i : i + 2] for i in range(len(text) - 1)}
    return sorted(
        {pair for pair in pairs if " " not in pair} | {c for c in text if not c.isascii()}
    )

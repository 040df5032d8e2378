"""Uploads: what may be sent for which purpose, how long it waits, and what a file's head tells."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Literal

MEBIBYTE = 1024 * 1024

UNFINISHED_KEPT = timedelta(hours=24)
"""How long an upload that does not go on, or belongs to nothing yet, is waited for: a night's
sleep and the way home to a better network."""

CHECK_LEASE = timedelta(minutes=5)
"""How long a check may take before its process counts as dead; half a gigabyte from a slow store
takes one."""

MAX_CHECKS = 3
"""How often a file is looked at; one that ended the process so often is taken for damaged."""

MAX_FILES_PER_BOOKING = 100
"""Files that one booking has at most; a studio's thickest bookings have thirty."""

HEAD_BYTES = 512
"""How much of a file its kind is told from."""


class State(StrEnum):
    RECEIVING = "receiving"
    CHECKING = "checking"
    READY = "ready"
    REFUSED = "refused"
    EXPIRED = "expired"


class Kind(StrEnum):
    """What becomes of a file: images are made anew, documents opened, videos kept but for
    what is written beside picture and sound."""

    IMAGE = "image"
    DOCUMENT = "document"
    VIDEO = "video"


MAX_BYTES = {
    # Images and documents are held in memory while they are checked, a video is not.
    Kind.IMAGE: 30 * MEBIBYTE,
    Kind.DOCUMENT: 50 * MEBIBYTE,
    Kind.VIDEO: 500 * MEBIBYTE,
}


@dataclass(frozen=True)
class Purpose:
    """What is sent, to what, and by whom.

    Shapes:  `to` is what the file belongs to. `by` is who may send it: the holder of a booking's
             link, staff, or a visitor with a permit. `told` says that the holder sees it.
    """

    to: Literal["booking", "form", "theme"]
    kinds: frozenset[Kind]
    by: frozenset[str]
    told: bool = True

    @property
    def max_bytes(self) -> int:
        return max(MAX_BYTES[kind] for kind in self.kinds)


IMAGES = frozenset({Kind.IMAGE})
PURPOSES = {
    "reference": Purpose("booking", IMAGES, frozenset({"holder", "staff"})),
    "attachment": Purpose("booking", frozenset(Kind), frozenset({"staff"}), told=False),
    "form_image": Purpose("form", IMAGES, frozenset({"visitor", "staff"})),
    "form_file": Purpose("form", frozenset(Kind), frozenset({"visitor", "staff"})),
    "theme_image": Purpose("theme", IMAGES, frozenset({"staff"})),
}


@dataclass(frozen=True, kw_only=True)
class VisitorLimits:
    """What visitors may send, who have no more than the address of a form.

    Units:   bytes: of one file, and of one client address on one UTC day, of which 0 is no limit.
    """

    file_bytes: int
    day_bytes: int

    def max_bytes(self, purpose: str, *, is_visitor: bool) -> int:
        """Return how large a file may be at most."""
        most = PURPOSES[purpose].max_bytes
        return min(most, self.file_bytes) if is_visitor else most

    def allow(self, day_bytes: int) -> bool:
        """Tell whether so much may come from one client on a day."""
        return not self.day_bytes or day_bytes <= self.day_bytes


class Refused(Exception):
    """A file is not accepted; `reason` is one of contracts.uploads.REFUSALS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


# What a file begins with, by its type. ZIP and text say more only when they are read.
BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)
# The brand in the `ftyp` box with which ISO media files begin.
BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"), "image/heic"),
    **dict.fromkeys(
        (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V "),
        "video/mp4",
    ),
    b"qt  ": "video/quicktime",
}
# The office formats are ZIP files with these folders in them.
OFFICE_TYPES = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    OFFICE_TYPES["word/"]: ".docx",
    OFFICE_TYPES["xl/"]: ".xlsx",
    OFFICE_TYPES["ppt/"]: ".pptx",
    "text/plain": ".txt",
    "text/csv": ".csv",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
}
# Markup runs scripts when a browser is made to show it, whatever it is called.
MARKUP = (b"<!doctype", b"<html", b"<head", b"<body", b"<script", b"<svg", b"<?xml", b"<math")


def sniff(head: bytes) -> str | None:
    """Return the type that a file's first HEAD_BYTES show, or None for what is none of ours.

    Shapes:  "application/zip" and "text/plain" are only a first guess.
    """
    for beginning, content_type in BEGINNINGS:
        if head.startswith(beginning):
            return content_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return BRANDS.get(head[8:12])
    return "text/plain" if _is_text(head) else None


def kind_of(content_type: str) -> Kind:
    """Return what becomes of files of a type."""
    return {"image": Kind.IMAGE, "video": Kind.VIDEO}.get(
        content_type.partition("/")[0], Kind.DOCUMENT
    )


def has_markup(text: bytes) -> bool:
    """Tell whether a text holds what a browser would run."""
    lowered = text.lower()
    return any(word in lowered for word in MARKUP)


def name_for(name: str, content_type: str) -> str:
    """Return a file's name with the suffix of what it really is."""
    stem = name.rpartition(".")[0] or name
    return stem + SUFFIXES[content_type]


def _is_text(head: bytes) -> bool:
    control = set(range(32)) - {9, 10, 12, 13}
    return not any(byte in control or byte == 127 for byte in head)

"""What a file really is: told from its content, whatever it is called, and made safe to hand out.

The work blocks: callers run it outside the hub.
"""

import io
import zipfile
from dataclasses import dataclass

from services.booking import images
from services.booking.domain import uploads
from services.booking.domain.uploads import Kind, Refused
from services.booking.images import Rendition

PDF_END = b"%%EOF"
PDF_TAIL_BYTES = 2048  # writers append a little after the end


@dataclass(frozen=True)
class Finding:
    """What a file is, and the variants in which it is kept.

    Units:   `width`, `height` pixels; None for what is no image.
    """

    content_type: str
    renditions: tuple[Rendition, ...]
    width: int | None = None
    height: int | None = None


def examine(data: bytes, content_type: str, name: str) -> Finding:
    """Look into an image or document whose beginning promised a type.

    Errors:  Refused.
    """
    if uploads.kind_of(content_type) is Kind.IMAGE:
        picture = images.remake(data)
        kept = picture.renditions
        return Finding(kept[0].content_type, kept, picture.width, picture.height)
    found = EXAMINERS[content_type](data, name)
    return Finding(found, (Rendition("original", found, data),))


def _pdf(data: bytes, name: str) -> str:
    if PDF_END not in data[-PDF_TAIL_BYTES:]:
        raise Refused("damaged")
    return "application/pdf"


def _office(data: bytes, name: str) -> str:
    """An office document without macros; no other ZIP file can be looked into."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Refused("damaged") from error
    if "[Content_Types].xml" in names and not any("vbaproject" in n.lower() for n in names):
        for folder, content_type in uploads.OFFICE_TYPES.items():
            if any(n.startswith(folder) for n in names):
                return content_type
    raise Refused("type_refused")


def _text(data: bytes, name: str) -> str:
    if b"\0" in data or uploads.has_markup(data):
        raise Refused("type_refused")
    for encoding in ("utf-8", "gb18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "text/csv" if name.lower().endswith(".csv") else "text/plain"
    raise Refused("type_refused")


EXAMINERS = {"application/pdf": _pdf, "application/zip": _office, "text/plain": _text}

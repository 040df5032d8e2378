"""Pictures for tests: small files of every kind, with what cameras write into them."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

from tests.unit.booking.movies import movie

SHANGHAI = {1: "N", 2: (31.0, 14.0, 22.0), 3: "E", 4: (121.0, 29.0, 12.0)}
"""GPS: 31°14'22" N, 121°29'12" E."""

GPS_IFD, ORIENTATION, MAKE = 0x8825, 0x0112, 0x010F


def picture(
    format_: str = "JPEG",
    *,
    size: tuple[int, int] = (64, 48),
    mode: str = "RGB",
    colour: Any = (200, 40, 40),
    orientation: int = 1,
    gps: bool = False,
    **how: Any,
) -> bytes:
    """Return a file; its left half has the colour, its right half is dark."""
    image = Image.new(mode, size, colour)
    dark = tuple(value // 8 for value in colour[:3]) + tuple(colour[3:])
    image.paste(Image.new(mode, (size[0] // 2, size[1]), dark), (size[0] // 2, 0))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[MAKE] = "Canon"
    if gps:
        exif[GPS_IFD] = SHANGHAI
    output = io.BytesIO()
    image.save(output, format_, **({} if format_ == "GIF" else {"exif": exif}), **how)
    return output.getvalue()


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """Return a PNG of some hundred bytes that claims to be 3.6 billion pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


EXECUTABLE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + bytes(500)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
MP4 = movie()
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

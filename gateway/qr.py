"""QR codes of addresses, as drawings that print at any size and as pictures."""

import io

import eventlet.tpool
import segno

QUIET_ZONE = 4
"""Modules of white around it, as ISO/IEC 18004 wants; with fewer some cameras do not find it."""

PIXELS_A_MODULE = 20
"""The code of a short address is then 740 pixels wide: 6 cm on paper at 300 dpi."""

ERROR_CORRECTION = "M"
"""15 % may be dirty or torn. More makes a denser code, which is read from less far away."""


def draw(text: str, kind: str) -> bytes:
    """Return the QR code of a text.

    Shapes:  `kind` is svg or png.
    """
    made: bytes = eventlet.tpool.execute(_draw, text, kind)
    return made


def _draw(text: str, kind: str) -> bytes:
    code = segno.make(text, error=ERROR_CORRECTION, micro=False)
    made = io.BytesIO()
    scale = {"scale": PIXELS_A_MODULE} if kind == "png" else {"omitsize": True}
    code.save(made, kind=kind, border=QUIET_ZONE, light="white", **scale)
    return made.getvalue()

"""Images made anew: upright, in sRGB, without what the camera wrote, and in three sizes.

Whatever a file hides beside its pixels, the place where it was taken above all, is left behind.
The work blocks for up to some seconds: callers run it outside the hub.
"""

import io
from dataclasses import dataclass

import pi_heif
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from services.booking.domain.uploads import Refused

pi_heif.register_heif_opener(thumbnails=False)

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF")
CONTENT_TYPES = {"JPEG": "image/jpeg", "WEBP": "image/webp"}

MAX_PIXELS = 64_000_000
"""Decoded, such an image takes 256 MB; a small file can claim to be a thousand times as large.
Cameras of studios have up to 61 million."""

EDGES = {"original": 4096, "large": 1600, "small": 400}
"""The longest edge of each variant in pixels: to keep and print, to fill a screen, for a list."""

QUALITY = {"original": 90, "large": 82, "small": 78}
"""On the encoders' scale to 100; above 90 files grow and nobody sees why."""

SRGB = ImageCms.createProfile("sRGB")


@dataclass(frozen=True)
class Rendition:
    """One variant of an image."""

    variant: str
    content_type: str
    data: bytes


@dataclass(frozen=True)
class Picture:
    """An image that was made anew; `width` and `height` are those of the variant `original`."""

    width: int
    height: int
    renditions: tuple[Rendition, ...]


def remake(data: bytes) -> Picture:
    """Make an image anew from its pixels.

    Errors:  Refused: type_refused, damaged (also when its end is missing), too_many_pixels.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as source:
            upright = _upright(source)
    except UnidentifiedImageError as error:
        raise Refused("type_refused") from error
    except Image.DecompressionBombError as error:
        raise Refused("too_many_pixels") from error
    # The decoders raise all of these for files that are cut off or were made to break them.
    except (OSError, ValueError, SyntaxError, EOFError, RuntimeError, MemoryError) as error:
        raise Refused("damaged") from error
    made = []
    size = upright.size
    for variant, edge in EDGES.items():
        upright.thumbnail((edge, edge), Image.Resampling.LANCZOS)
        size = upright.size if variant == "original" else size
        made.append(_encoded(upright, variant))
    return Picture(size[0], size[1], tuple(made))


def _upright(source: Image.Image) -> Image.Image:
    """Return the pixels as they are to be seen, no larger than the largest variant."""
    if source.width * source.height > MAX_PIXELS:
        raise Refused("too_many_pixels")
    edge = EDGES["original"]
    source.draft("RGB", (edge, edge))  # lets JPEG decode at half the size or less
    source.load()
    # Made smaller first: turned at full size it would be in memory twice.
    source.thumbnail((edge, edge), Image.Resampling.LANCZOS)
    image = _in_srgb(ImageOps.exif_transpose(source), source.info.get("icc_profile"))
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if profile and image.mode in {"RGB", "RGBA", "CMYK"}:
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, own, SRGB, outputMode=mode)
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None  # a broken profile: the colours are taken for what they most often are
        if converted is not None:
            return converted
    return image.convert(mode)


def _encoded(image: Image.Image, variant: str) -> Rendition:
    # What is kept for good is JPEG, which everything opens, unless it has to be transparent.
    format_ = "JPEG" if variant == "original" and image.mode == "RGB" else "WEBP"
    output = io.BytesIO()
    # Not `progressive` or `optimize`: those hold the interpreter's lock, and with it the whole
    # process, for seconds, to spare a tenth of the size.
    image.save(output, format_, quality=QUALITY[variant])
    return Rendition(variant, CONTENT_TYPES[format_], output.getvalue())

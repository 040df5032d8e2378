"""Images made anew: upright, small enough, without what was written into them."""

import base64
import io
import struct

import pytest
from PIL import Image

from services.booking import images
from services.booking.domain.uploads import Refused
from services.booking.images import remake
from tests.unit.booking.pictures import GPS_IFD, MAKE, bomb, picture

# As telephones write them: 64 by 48 pixels, its EXIF holds a maker and a place in Shanghai.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAb5tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAA"
    "AAAAAAAAAAAAADRpbG9jAAAAAERAAAIAAQAAAAAB4gABAAAAAAAAAEQAAgAAAAACJgABAAAAAAAAAKgAAAA4aWlu"
    "ZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA"
    "/WlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMA"
    "AAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkA"
    "AAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAA"
    "AAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAABppcmVmAAAAAAAA"
    "AA5jZHNjAAIAAQABAAAA9G1kYXQAAABAKAGvWOb06r//4nz/+jaSHx4/9f/7qvVetkT/gV1aV9tGt5s+79z5nlWC"
    "JkUrfv7cQAU11/BIJ8LaO/r7021PKwAAAAZFeGlmAABNTQAqAAAACAADAQ8AAgAAAAYAAAAyARIAAwAAAAEABgAA"
    "iCUABAAAAAEAAAA4AAAAAEFwcGxlAAAEAAEAAgAAAAJOAAAAAAIABQAAAAMAAABuAAMAAgAAAAJFAAAAAAQABQAA"
    "AAMAAACGAAAAAAAAAB8AAAABAAAADgAAAAEAAAAWAAAAAQAAAHkAAAABAAAAHQAAAAEAAAAMAAAAAQ=="
)


def wide_profile() -> bytes:
    """Return the colour profile of a space wider than sRGB (Display P3, gamma 2.2)."""

    def xyz(*values: float) -> bytes:
        return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(v * 65536) for v in values))

    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, 0x0233) + bytes(2)
    tags = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", 5) + b"wide\0" + bytes(79),
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.5151, 0.2412, -0.0011),
        b"gXYZ": xyz(0.2920, 0.6922, 0.0419),
        b"bXYZ": xyz(0.1571, 0.0666, 0.7841),
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    at = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = bytearray(128)
    head[0:4] = struct.pack(">I", at + len(body))
    head[8:12] = b"\x02\x10\x00\x00"
    head[12:24] = b"mntrRGB XYZ "
    head[36:40] = b"acsp"
    head[68:80] = struct.pack(">3i", 63190, 65536, 54061)
    return bytes(head) + table + body


def opened(picture_: images.Picture, variant: str) -> Image.Image:
    made = next(one for one in picture_.renditions if one.variant == variant)
    return Image.open(io.BytesIO(made.data))


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "GIF"])
def test_every_kind_of_picture_becomes_three_files(format_: str) -> None:
    made = remake(picture(format_, size=(2000, 1000)))
    assert [one.variant for one in made.renditions] == ["original", "large", "small"]
    assert [one.content_type for one in made.renditions] == [
        "image/jpeg",
        "image/webp",
        "image/webp",
    ]
    assert [opened(made, one.variant).size for one in made.renditions] == [
        (2000, 1000),
        (1600, 800),
        (400, 200),
    ]
    assert (made.width, made.height) == (2000, 1000)
    for one in made.renditions:
        assert Image.open(io.BytesIO(one.data)).get_format_mimetype() == one.content_type


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_where_it_was_taken_is_really_gone(format_: str) -> None:
    data = picture(format_, gps=True)
    before = Image.open(io.BytesIO(data)).getexif()
    assert before.get_ifd(GPS_IFD)[1] == "N"
    assert before[MAKE] == "Canon"
    for one in remake(data).renditions:
        after = Image.open(io.BytesIO(one.data))
        assert dict(after.getexif()) == {}
        assert after.getexif().get_ifd(GPS_IFD) == {}
        assert not {"exif", "xmp", "icc_profile", "comment"} & after.info.keys()
        assert b"Canon" not in one.data
        assert b"Exif" not in one.data


def test_a_telephones_own_format_is_read_and_bared() -> None:
    assert b"Apple" in HEIC
    made = remake(HEIC)
    assert (made.width, made.height) == (64, 48)
    red, green, _ = opened(made, "original").getpixel((5, 5))
    assert red > 150 > 80 > green
    for one in made.renditions:
        assert dict(Image.open(io.BytesIO(one.data)).getexif()) == {}
        assert b"Apple" not in one.data


@pytest.mark.parametrize("part", [0.5, 0.8, 0.95])
def test_a_telephones_picture_whose_end_is_missing_is_refused(part: float) -> None:
    with pytest.raises(Refused):
        remake(HEIC[: int(len(HEIC) * part)])


def test_comments_and_texts_are_gone() -> None:
    jpeg = picture(comment=b"taken at home")
    assert b"taken at home" in jpeg
    assert all(b"taken at home" not in one.data for one in remake(jpeg).renditions)


def test_what_is_appended_behind_the_picture_is_gone() -> None:
    data = picture() + b"<script>alert(1)</script>"
    assert all(b"script" not in one.data for one in remake(data).renditions)


@pytest.mark.parametrize(
    ("orientation", "size", "bright"),
    [
        (1, (64, 48), "left"),
        (2, (64, 48), "right"),
        (3, (64, 48), "right"),
        (6, (48, 64), "top"),
        (8, (48, 64), "bottom"),
    ],
)
def test_a_picture_stands_as_the_camera_was_held(
    orientation: int, size: tuple[int, int], bright: str
) -> None:
    image = opened(remake(picture(orientation=orientation)), "original").convert("RGB")
    assert image.size == size
    width, height = size
    places = {
        "left": (5, height // 2),
        "right": (width - 5, height // 2),
        "top": (width // 2, 5),
        "bottom": (width // 2, height - 5),
    }
    reds = {name: image.getpixel(place)[0] for name, place in places.items()}
    assert max(reds, key=lambda name: reds[name]) == bright


def test_a_large_picture_is_made_as_large_as_it_is_needed() -> None:
    made = remake(picture(size=(9000, 3000), quality=30))
    assert (made.width, made.height) == (4096, 1365)
    assert opened(made, "original").size == (4096, 1365)


def test_what_is_transparent_stays_so() -> None:
    made = remake(picture("PNG", mode="RGBA", colour=(200, 40, 40, 0)))
    assert {one.content_type for one in made.renditions} == {"image/webp"}
    assert opened(made, "original").getpixel((5, 5))[3] == 0


@pytest.mark.parametrize(
    ("mode", "colour"), [("L", (200,)), ("CMYK", (10, 200, 200, 10)), ("LA", (200, 255))]
)
def test_other_ways_to_write_colours_are_read(mode: str, colour: tuple[int, ...]) -> None:
    format_ = "PNG" if mode == "LA" else "JPEG"
    image = Image.new(mode, (64, 48), colour[0] if len(colour) == 1 else colour)
    output = io.BytesIO()
    image.save(output, format_)
    assert opened(remake(output.getvalue()), "original").mode in {"RGB", "RGBA"}


def test_colours_look_the_same_without_their_profile() -> None:
    """The same numbers mean a stronger red in the space of telephones than in sRGB."""
    plain = opened(remake(picture("PNG", colour=(120, 60, 60))), "large")
    wide = picture("PNG", colour=(120, 60, 60), icc_profile=wide_profile())
    made = opened(remake(wide), "large")
    assert "icc_profile" not in made.info
    red, green, _ = made.getpixel((5, 24))
    plain_red, plain_green, _ = plain.getpixel((5, 24))
    assert red > plain_red + 3
    assert green < plain_green


def test_a_broken_profile_does_not_spoil_the_picture() -> None:
    data = picture("PNG", icc_profile=b"no profile at all")
    assert opened(remake(data), "original").size == (64, 48)


def test_only_the_first_picture_of_a_film_is_kept() -> None:
    frames = [Image.new("RGB", (64, 48), (value, 0, 0)) for value in (250, 0, 0)]
    output = io.BytesIO()
    frames[0].save(output, "GIF", save_all=True, append_images=frames[1:])
    made = opened(remake(output.getvalue()), "small")
    assert getattr(made, "n_frames", 1) == 1
    assert made.convert("RGB").getpixel((5, 5))[0] > 200


def test_a_bomb_is_refused_before_it_is_opened() -> None:
    data = bomb()
    assert len(data) < 200
    with pytest.raises(Refused) as refused:
        remake(data)
    assert refused.value.reason == "too_many_pixels"


def test_more_pixels_than_are_taken_are_refused_before_they_are_decoded() -> None:
    with pytest.raises(Refused) as refused:
        remake(bomb(8001, 8000))
    assert refused.value.reason == "too_many_pixels"


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_picture_whose_end_is_missing_is_refused(format_: str, part: float) -> None:
    data = picture(format_, size=(400, 300))
    with pytest.raises(Refused) as refused:
        remake(data[: int(len(data) * part)])
    assert refused.value.reason == "damaged"


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", b"no picture", b"BM" + bytes(500)])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        remake(data)


def test_a_kind_of_picture_that_is_not_taken_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        remake(picture("TIFF"))
    assert refused.value.reason == "type_refused"


def test_damage_anywhere_is_refused_or_survived() -> None:
    """No byte of a picture can raise anything but a refusal."""
    data = bytearray(picture("PNG", size=(40, 30)))
    for at in range(len(data)):
        broken = bytes(data[:at]) + bytes([data[at] ^ 0xFF]) + bytes(data[at + 1 :])
        try:
            remake(broken)
        except Refused:
            continue

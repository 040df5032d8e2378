"""Videos lose where they were taken, wherever that is written, and play as before."""

import struct
from collections.abc import Iterator

import pytest

from services.booking import videos
from services.booking.domain.uploads import Refused
from tests.unit.booking.movies import FTYP, MVHD, XYZ, box, full, movie, numbers, track

PLACE = b"+31.2304+121.4737+004.000/"
KEY = b"com.apple.quicktime.location.ISO6709"


def cleaned(data: bytes, piece: int = 7) -> bytes:
    def pieces() -> Iterator[bytes]:
        yield from (data[at : at + piece] for at in range(0, len(data), piece))

    return b"".join(videos.overwrite(pieces(), videos.find_locations(pieces())))


def apple() -> bytes:
    """What iPhones write: a table of keys, and the values in its order."""
    keys = full(b"keys", numbers(1), struct.pack(">I4s", len(KEY) + 8, b"mdta"), KEY)
    value = box(b"data", numbers(1, 0), PLACE)
    return box(b"meta", full(b"hdlr", bytes(20)), keys, box(b"ilst", box(numbers(1), value)))


LOCATIONS = {
    "android": box(b"udta", XYZ),
    "apple": apple(),
    "itunes": box(b"udta", full(b"meta", box(b"ilst", box(b"\xa9xyz", PLACE)))),
    "3gpp": box(b"udta", full(b"loci", b"\x55\xc4\0\0", PLACE)),
    "xmp": box(b"uuid", bytes(16), b"exif:GPSLatitude=", PLACE),
    "camera": box(b"gps ", PLACE),
    "large": box(b"udta", XYZ, PLACE, large=True),
    "track": track(b"vide", (), (), box(b"udta", XYZ), apple()),
}


@pytest.mark.parametrize("place", LOCATIONS.values(), ids=LOCATIONS)
@pytest.mark.parametrize("piece", [1, 5, 10_000])
def test_where_it_was_taken_is_overwritten_in_place(place: bytes, piece: int) -> None:
    data = movie(place)
    found = cleaned(data, piece)
    assert len(found) == len(data)
    assert b"+31.23" in data
    assert b"+31.23" not in found
    assert b"GPS" not in found
    plain = len(FTYP) + 8 + len(b"picture and sound")
    assert found[:plain] == data[:plain]
    assert cleaned(found) == found, "it can be looked through again"


def test_a_film_without_anything_beside_it_stays_as_it_is() -> None:
    index = box(b"moov", MVHD, track(b"vide", (900,), (17,)), track(b"soun"), track(b"tmcd"))
    for data in (movie(), FTYP + index + box(b"mdat", bytes(40)), movie() + box(b"wide")):
        assert cleaned(data) == data


def test_boxes_at_the_top_that_play_nothing_are_emptied() -> None:
    data = movie() + box(b"uuid", PLACE) + box(b"free", PLACE) + box(b"meta", PLACE) + b"tail"
    found = cleaned(data)
    assert found.startswith(movie())
    assert found.count(b"free") == 3
    assert set(found[len(movie()) :]) <= set(b"free") | set(range(48))
    assert PLACE not in found
    assert found.endswith(bytes(4))


def test_garbage_after_the_film_is_emptied_to_the_end() -> None:
    found = cleaned(movie() + b"\0\0\xff\xffSEFD" + PLACE * 3)
    assert PLACE not in found
    assert found.startswith(movie())


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("same", [0, 5])
def test_a_track_of_positions_goes_with_its_samples(wide: bool, same: int) -> None:
    """Two chunks of two samples each, between picture and sound."""
    sound, first, second = b"picture and sound", b"POS01POS02", b"POS03POS04"
    begin = len(FTYP) + 8
    chunks = (begin + len(sound), begin + 2 * len(sound) + len(first))
    positions = track(b"meta", chunks, (5, 5, 5, 5), each=2, same=same, wide=wide)
    data = movie(positions, data=sound + first + sound + second + sound)
    found = cleaned(data)
    assert b"POS" not in found
    assert found.count(sound) == 3
    assert found.count(b"trak") == 1
    assert len(found) == len(data)


@pytest.mark.parametrize("handler", [b"text", b"sbtl", b"camm", b"\0\0\0\0"])
def test_only_tracks_of_picture_and_sound_stay(handler: bytes) -> None:
    assert cleaned(movie(track(handler))).count(b"trak") == 1


def moov(*content: bytes) -> bytes:
    return FTYP + box(b"moov", MVHD, *content)


MANY = full(b"stco", numbers(videos.MOST_CHUNKS + 1))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (FTYP + box(b"mdat", bytes(40)), "damaged"),
        (FTYP, "damaged"),
        (movie()[:-1], "damaged"),
        (moov(numbers(500) + b"udta"), "damaged"),
        (moov(numbers(3) + b"udta"), "damaged"),
        (FTYP + numbers(1) + b"mdat" + bytes(8), "damaged"),
        (moov(box(b"cmov", bytes(8))), "type_refused"),
        (
            moov(track(b"meta", (1,), (5,))[:-4] + numbers(9)) + box(b"moof", box(b"traf")),
            "type_refused",
        ),
        (moov(track(b"meta").replace(b"stsz", b"stz2")), "type_refused"),
        (moov(track(b"meta").replace(full(b"stco", numbers(0)), MANY)), "type_refused"),
        (FTYP + struct.pack(">I4s", videos.INDEX_BYTES + 9, b"moov"), "too_large"),
    ],
)
def test_what_cannot_be_looked_through_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        cleaned(data)
    assert refused.value.reason == reason


def test_a_table_longer_than_its_box_is_no_table() -> None:
    wrong = track(b"meta", (1,), (5,)).replace(numbers(0, 1, 5), numbers(0, 10_000_000, 5))
    with pytest.raises(Refused) as refused:
        cleaned(moov(wrong))
    assert refused.value.reason == "damaged"


def test_a_fragmented_film_of_picture_and_sound_is_taken() -> None:
    fragment = box(b"moof", full(b"mfhd", numbers(1)), box(b"traf", bytes(0)), box(b"udta", XYZ))
    data = moov(track(b"vide"), box(b"mvex")) + fragment + box(b"mdat", b"sound")
    assert PLACE[:8] not in cleaned(data)
    assert cleaned(data).endswith(b"sound")

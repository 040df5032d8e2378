"""Videos for tests: boxes within boxes, as small as a player would still take them for a film."""

import struct


def box(kind: bytes, *content: bytes, large: bool = False) -> bytes:
    """Return a box; a large one tells its length in eight bytes."""
    inside = b"".join(content)
    if large:
        return struct.pack(">I4sQ", 1, kind, len(inside) + 16) + inside
    return struct.pack(">I4s", len(inside) + 8, kind) + inside


def full(kind: bytes, *content: bytes) -> bytes:
    """Return a box with a version and flags."""
    return box(kind, bytes(4), *content)


def numbers(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


def track(
    handler: bytes,
    chunks: tuple[int, ...] = (),
    sizes: tuple[int, ...] = (),
    *more: bytes,
    each: int = 1,
    same: int = 0,
    wide: bool = False,
) -> bytes:
    """Return a track; `chunks` are the offsets of its chunks, each of so many samples."""
    offsets = (
        full(b"co64", numbers(len(chunks)), *(struct.pack(">Q", at) for at in chunks))
        if wide
        else full(b"stco", numbers(len(chunks), *chunks))
    )
    table = box(
        b"stbl",
        full(b"stsd", numbers(0)),
        full(b"stsz", numbers(same, len(sizes), *(() if same else sizes))),
        full(b"stsc", numbers(1, 1, each, 1)),
        offsets,
    )
    handling = full(b"hdlr", bytes(4), handler, bytes(12), b"\0")
    media = box(b"mdia", full(b"mdhd", bytes(20)), handling, box(b"minf", table))
    return box(b"trak", full(b"tkhd", bytes(80)), *more, media)


FTYP = box(b"ftyp", b"isom", numbers(512), b"isomiso2")
MVHD = full(b"mvhd", bytes(96))
XYZ = box(b"\xa9xyz", b"\x00\x16\x15\xc7+31.2304+121.4737/")


def movie(*in_moov: bytes, data: bytes = b"picture and sound", brand: bytes = FTYP) -> bytes:
    """Return a film whose index stands at its end."""
    moov = box(b"moov", MVHD, track(b"vide", (len(brand) + 8,), (len(data),)), *in_moov)
    return brand + box(b"mdat", data) + moov

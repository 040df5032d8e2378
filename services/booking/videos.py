"""Videos are kept as they were sent, but for what is written beside picture and sound: where it was
taken, with what, by whom.

ISO media files (MP4, QuickTime) are boxes within boxes, and picture and sound are found by their
distance from the file's beginning. So nothing is cut out: boxes that are not needed to play the
file are overwritten in place by free space of the same length, and tracks of anything but picture,
sound and timecode (positions, sensors, but also subtitles, into which drones write where they are)
with the samples that they own.

Locations hidden within picture or sound themselves stay: to find them a video would have to be
decoded.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise

from services.booking.domain.uploads import MEBIBYTE, Refused

INDEX_BYTES = 16 * MEBIBYTE
"""The largest index that is read; five hundred mebibytes of video have one of two or three. What is
worked through of it holds up the process: half a second of the largest."""

MOST_CHUNKS = 200_000
"""Of a track that is overwritten: a day of positions, one a second, takes half of them."""

TO_THE_END = 2**63

WHOLE = "file"

# What plays a video, by where it stands; any other box is overwritten.
NEEDED = {
    WHOLE: {b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"mfra", b"sidx", b"ssix", b"wide"},
    "moov": {b"mvhd", b"trak", b"mvex", b"iods", b"pssh"},
    "moof": {b"mfhd", b"traf", b"pssh"},
    "trak": {b"tkhd", b"tref", b"trgr", b"edts", b"mdia", b"tapt", b"load"},
    "mdia": {b"mdhd", b"hdlr", b"elng", b"minf"},
    "minf": {b"vmhd", b"smhd", b"gmhd", b"nmhd", b"hdlr", b"dinf", b"stbl"},
}
INDEXES = {b"moov", b"moof"}
TRACKS = {b"vide", b"soun", b"tmcd", b"auxv"}

FREE = b"free"


@dataclass(frozen=True)
class Box:
    """Where a box begins, where its content does, and where it ends, in bytes of the file."""

    kind: bytes
    start: int
    inside: int
    end: int


@dataclass
class Patches:
    """What is overwritten: names of boxes by free space, ranges of the file by nought."""

    ranges: list[tuple[int, int, bytes]] = field(default_factory=list)

    def free(self, box: Box) -> None:
        """Turn a box into free space."""
        self.ranges.append((box.start + 4, box.start + 8, FREE))
        self.empty(box.inside, box.end)

    def empty(self, start: int, end: int) -> None:
        """Overwrite a range by nought."""
        if start < end:
            self.ranges.append((start, end, b""))


def find_locations(content: Iterator[bytes]) -> Patches:
    """Read a video to its end and return what is to be overwritten in it.

    Units:   memory: one piece of the content and the largest index.
    Errors:  Refused for what no player could play, or nobody could look through.
    """
    stream, patches, indexes = _Stream(content), Patches(), []
    has_index = False
    while len(head := stream.read(8)) == 8:
        box = _top_box(head, stream)
        if box.kind in INDEXES:
            has_index = has_index or box.kind == b"moov"
            if box.end - box.inside > INDEX_BYTES:
                raise Refused("too_large")
            index = _Index(stream.read(box.end - box.inside), box, patches)
            indexes.append(index.look())
        else:
            if box.kind not in NEEDED[WHOLE]:
                patches.free(box)
            stream.skip(box.end - box.inside)
    patches.empty(stream.at - len(head), stream.at)
    # Samples of a fragment are found through its index alone, and nobody looks for them there.
    if not has_index or (len(indexes) > 1 and any(indexes)):
        raise Refused("damaged" if not has_index else "type_refused")
    return patches


def overwrite(content: Iterator[bytes], patches: Patches) -> Iterator[bytes]:
    """Return a content of the same length, with the patches laid over it."""
    waiting = sorted(patches.ranges, reverse=True)
    at = 0
    for chunk in content:
        end = at + len(chunk)
        made = bytearray(chunk)
        while waiting and waiting[-1][0] < end:
            start, stop, by = waiting.pop()
            first, last = max(start, at), min(stop, end)
            made[first - at : last - at] = by[first - start : last - start] or bytes(last - first)
            if stop > end:
                waiting.append((end, stop, by[end - start :]))
                break
        yield bytes(made)
        at = end


class _Stream:
    """A content that is read from its beginning to its end."""

    def __init__(self, content: Iterator[bytes]) -> None:
        self._content = content
        self._held = b""
        self.at = 0

    def read(self, size: int) -> bytes:
        """Return the next bytes, fewer at the end."""
        parts = []
        while size and self._fill():
            part, self._held = self._held[:size], self._held[size:]
            parts.append(part)
            size -= len(part)
            self.at += len(part)
        return b"".join(parts)

    def skip(self, size: int) -> None:
        """Pass over the next bytes, or over all there are."""
        while size and self._fill():
            passed = min(size, len(self._held))
            self._held = self._held[passed:]
            size -= passed
            self.at += passed

    def _fill(self) -> bool:
        while not self._held:
            chunk = next(self._content, None)
            if chunk is None:
                return False
            self._held = chunk
        return True


def _top_box(head: bytes, stream: _Stream) -> Box:
    """Return the box that begins with a head; the last one may go on to the end of the file."""
    start = stream.at - len(head)
    size, kind = int.from_bytes(head[:4]), head[4:]
    inside = start + 8
    if size == 1:
        size, inside = int.from_bytes(stream.read(8)), start + 16
    end = start + size if size else TO_THE_END
    if end < inside:
        raise Refused("damaged")
    return Box(kind, start, inside, end)


class _Index:
    """The boxes that say where picture and sound are; they fit into memory."""

    def __init__(self, data: bytes, box: Box, patches: Patches) -> None:
        if box.inside + len(data) != box.end:
            raise Refused("damaged")
        self.data = data
        self.box = box
        self.patches = patches

    def look(self) -> bool:
        """Note what is to be overwritten; say whether a whole track is."""
        gone = False
        for box in self._within(self.box):
            if box.kind == b"trak" and self._handler(box) not in TRACKS:
                self._remove_track(box)
                gone = True
            elif box.kind in {b"trak", b"traf"}:
                self._keep_needed(box)
        return gone

    def _within(self, parent: Box) -> list[Box]:
        """Return the needed boxes within another, and let the others be overwritten."""
        needed = NEEDED[parent.kind.decode()]
        boxes = self._boxes(parent)
        if any(box.kind == b"cmov" for box in boxes):  # compressed: nothing in it can be seen
            raise Refused("type_refused")
        for box in boxes:
            if box.kind not in needed:
                self.patches.free(box)
        return [box for box in boxes if box.kind in needed]

    def _keep_needed(self, box: Box) -> None:
        for inner in self._within(box) if box.kind.decode() in NEEDED else ():
            if inner.kind in {b"mdia", b"minf"}:
                self._keep_needed(inner)

    def _boxes(self, parent: Box) -> list[Box]:
        """Errors:  Refused for boxes that do not fit into one another."""
        found, at = [], parent.inside
        while parent.end - at >= 8:
            size, kind, inside = self._number(at, 4), self._bytes(at + 4, 4), at + 8
            if size == 1 and parent.end - at >= 16:
                size, inside = self._number(at + 8, 8), at + 16
            end = at + size if size else parent.end
            if end < inside or end > parent.end:
                raise Refused("damaged")
            found.append(Box(kind, at, inside, end))
            at = end
        self.patches.empty(at, parent.end)
        return found

    def _child(self, parent: Box | None, *path: bytes) -> Box | None:
        for kind in path:
            boxes = self._boxes(parent) if parent else []
            parent = next((box for box in boxes if box.kind == kind), None)
        return parent

    def _handler(self, track: Box) -> bytes:
        box = self._child(track, b"mdia", b"hdlr")
        return b"" if box is None else self._bytes(box.inside + 8, 4)

    def _remove_track(self, track: Box) -> None:
        tables = self._child(track, b"mdia", b"minf", b"stbl")
        if tables is not None:
            for start, end in self._samples(tables):
                self.patches.empty(start, end)
        self.patches.free(track)

    def _samples(self, tables: Box) -> Iterator[tuple[int, int]]:
        """Yield where the samples of a track are, chunk by chunk."""
        same, sizes = self._sizes(tables)
        offsets = self._offsets(tables)
        runs = self._runs(tables)
        bounds = [*(first for first, _ in runs), len(offsets) + 1]
        for (first, after), (_, count) in zip(pairwise(bounds), runs, strict=True):
            for offset in offsets[max(first - 1, 0) : max(after - 1, 0)]:
                yield offset, offset + (same * count or sum(islice(sizes, count)))

    def _sizes(self, tables: Box) -> tuple[int, Iterator[int]]:
        """Return the size of every sample, or nought and the size of each."""
        box = self._child(tables, b"stsz")
        if box is None:  # compact sizes, which nobody writes for such tracks
            raise Refused("type_refused")
        same, count = self._number(box.inside + 4, 4), self._number(box.inside + 8, 4)
        return same, iter(()) if same else self._table(box, 12, count, ">I")

    def _offsets(self, tables: Box) -> list[int]:
        for kind, shape in ((b"stco", ">I"), (b"co64", ">Q")):
            if (box := self._child(tables, kind)) is not None:
                count = self._number(box.inside + 4, 4)
                if count > MOST_CHUNKS:
                    raise Refused("type_refused")
                return list(self._table(box, 8, count, shape))
        return []

    def _runs(self, tables: Box) -> list[tuple[int, int]]:
        """Return (first chunk, samples of each chunk from there on)."""
        box = self._child(tables, b"stsc")
        if box is None:
            return []
        numbers = list(self._table(box, 8, 3 * self._number(box.inside + 4, 4), ">I"))
        return list(zip(numbers[::3], numbers[1::3], strict=True))

    def _table(self, box: Box, skipped: int, count: int, shape: str) -> Iterator[int]:
        """Errors:  Refused for a table that is longer than its box."""
        start = box.inside + skipped
        end = start + count * struct.calcsize(shape)
        if end > box.end:
            raise Refused("damaged")
        for (number,) in struct.iter_unpack(shape, self._bytes(start, end - start)):
            yield number

    def _number(self, at: int, size: int) -> int:
        return int.from_bytes(self._bytes(at, size))

    def _bytes(self, at: int, size: int) -> bytes:
        begin = at - self.box.inside
        found = self.data[begin : begin + size]
        if len(found) != size:
            raise Refused("damaged")
        return found

"""The first directory of a TIFF or of an EXIF block, read without believing it."""

import struct
from dataclasses import dataclass

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER = 256, 257, 258, 259, 262, 266
STRIP_OFFSETS, SAMPLES, ROWS_PER_STRIP, STRIP_BYTES, T4_OPTIONS, T6_OPTIONS = 273, 277, 278, 279, 292, 293
TILE_OFFSETS, TILE_BYTES = 324, 325

MAX_SAMPLES = 16
"""Samples a pixel; what claims more is taken for broken."""

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of a value by its type (TIFF 6.0 and BigTIFF)."""

FORMS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q"}
"""Whole numbers without a sign; other types are not read here."""


@dataclass(frozen=True)
class Tag:
    """Where a tag's values are: ``count`` values of ``kind`` at byte ``at``, in byte ``order`` ("<" or ">")."""

    kind: int
    count: int
    at: int
    order: str

    def values(self, data: bytes) -> tuple[int, ...]:
        """Return whole numbers, as many as the file holds; none where the type is no whole number."""
        form = FORMS.get(self.kind)
        count = min(self.count, max(0, len(data) - self.at) // SIZES[self.kind]) if form else 0
        if not count:
            return ()
        return struct.unpack_from(f"{self.order}{count}{form}", data, self.at)

    def first(self, data: bytes) -> int:
        """Return the first number, 0 where there is none."""
        values = self.values(data)[:1]
        return values[0] if values else 0


def read_tags(data: bytes) -> dict[int, Tag] | None:
    """Return the first directory's tags by number; None where there is no whole directory."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None:
        return None
    try:
        magic = struct.unpack_from(order + "H", data, 2)[0]
        big = magic == 43
        at = struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)[0]
        count = struct.unpack_from(order + ("Q" if big else "H"), data, at)[0]
        entry = struct.Struct(order + ("HHQ" if big else "HHI"))
        at += 8 if big else 2
        step, inline = (20, 8) if big else (12, 4)
        if count * step > len(data):
            return None
        tags = {}
        for _ in range(count):
            number, kind, values = entry.unpack_from(data, at)
            start = at + entry.size
            if values * SIZES.get(kind, 1) > inline:
                start = struct.unpack_from(order + ("Q" if big else "I"), data, start)[0]
            tags[number] = Tag(kind, values, start, order)
            at += step
    except (struct.error, OverflowError):
        return None
    return tags


def tag_bytes(tags: dict[int, Tag], size: int) -> int:
    """Return how many bytes of a file of ``size`` bytes are read for the tags' values, all together."""
    return sum(min(tag.count * SIZES.get(tag.kind, 1), max(0, size - tag.at)) for tag in tags.values())


def is_whole_tiff(data: bytes) -> bool:
    """Whether the first directory describes a picture whose strips or tiles lie in the file."""
    tags = read_tags(data) or {}
    numbers = {number: tag.first(data) for number, tag in tags.items()}
    if not numbers.get(WIDTH) or not numbers.get(HEIGHT) or numbers.get(SAMPLES, 1) > MAX_SAMPLES:
        return False
    return 0 < last_pixel_byte(tags, data) <= len(data)


def last_pixel_byte(tags: dict[int, Tag], data: bytes) -> int:
    """Return where the last strip or tile ends, 0 where none are told."""
    for offsets, lengths in ((STRIP_OFFSETS, STRIP_BYTES), (TILE_OFFSETS, TILE_BYTES)):
        if offsets in tags and lengths in tags:
            pairs = zip(tags[offsets].values(data), tags[lengths].values(data), strict=False)
            return max((start + size for start, size in pairs), default=0)
    return 0

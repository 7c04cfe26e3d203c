"""Fax coding in TIFF: libtiff calls a strip whole whose code breaks off, and Pillow then shows what lay in memory.

So the same broken file would give other pixels each time. The rows that a decoder never writes are found by decoding
twice, each strip behind a good one of the same height, once white and once black: the buffer is the same for all
strips, so a row that is not written still shows the strip before it.
"""

import io
import struct
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image

from intent.image_errors import ImageError
from intent.image_tags import (
    COMPRESSION,
    FILL_ORDER,
    HEIGHT,
    PHOTOMETRIC,
    ROWS_PER_STRIP,
    SAMPLES,
    STRIP_BYTES,
    STRIP_OFFSETS,
    T4_OPTIONS,
    T6_OPTIONS,
    WIDTH,
    Tag,
    read_tags,
)

FAX = {2: "tiff_ccitt", 3: "group3", 4: "group4", 32771: "tiff_ccitt"}
"""Compression numbers of TIFF and Pillow's names."""

MAX_ROWS = 2**20
"""Rows of the decoded pair; more are left unchecked."""


def check_fax(tags: dict[int, Tag], data: bytes) -> None:
    """Refuse a fax-coded TIFF whose strips leave rows unwritten; nothing for other TIFFs.

    Raises:
        ImageError: truncated.
    """
    numbers = {number: tag.first(data) for number, tag in tags.items()}
    if numbers.get(COMPRESSION) not in FAX or STRIP_OFFSETS not in tags or numbers.get(SAMPLES, 1) != 1:
        return
    height = numbers.get(HEIGHT, 0)
    rows = min(numbers.get(ROWS_PER_STRIP, height) or height, height)
    if not rows or 2 * height > MAX_ROWS:
        return
    offsets = tags[STRIP_OFFSETS].values(data)[: -(-height // rows)]
    lengths = tags[STRIP_BYTES].values(data) if STRIP_BYTES in tags else ()
    if len(lengths) < len(offsets):
        lengths = tuple(len(data) - offset for offset in offsets)
    strips = [data[offset : offset + length] for offset, length in zip(offsets, lengths, strict=False)]
    if len(strips) * rows < height:
        raise ImageError("truncated", f"{len(strips)} strips of {rows} rows are there for {height} rows")
    white, black = (_decoded(numbers, strips, rows, ground=ground)[:height] for ground in (1, 0))
    unwritten = int((white != black).any(axis=1).sum())
    if unwritten:
        raise ImageError("truncated", f"the fax code breaks off: {unwritten} of {height} rows have no pixels")


def _decoded(numbers: dict[int, int], strips: list[bytes], rows: int, *, ground: int) -> npt.NDArray[np.bool_]:
    """Return bool [rows × strips, w]: the strips decoded, each after one that is all ``ground``."""
    width = numbers.get(WIDTH, 0)
    before = _plain_strip(numbers[COMPRESSION], width, rows, ground, numbers.get(FILL_ORDER, 1))
    parts = [part for strip in strips for part in (before, strip)]
    kept = (WIDTH, COMPRESSION, PHOTOMETRIC, FILL_ORDER, T4_OPTIONS, T6_OPTIONS)
    values = {number: [numbers[number]] for number in kept if number in numbers}
    ends = np.cumsum([0, *map(len, parts)]) + 8
    values |= {HEIGHT: [2 * rows * len(strips)], ROWS_PER_STRIP: [rows], SAMPLES: [1]}
    values |= {STRIP_OFFSETS: ends[:-1].tolist(), STRIP_BYTES: [len(part) for part in parts]}
    image = Image.open(io.BytesIO(_tiff(values, b"".join(parts))), formats=("TIFF",))
    pixels = np.asarray(image.convert("1"))
    return pixels.reshape(len(strips), 2, rows, width)[:, 1].reshape(-1, width)


def _tiff(values: dict[int, list[int]], pixels: bytes) -> bytes:
    """Return a little-endian TIFF of numbers (LONG) and what its strips point to, which starts at byte 8."""
    pixels += bytes(len(pixels) % 2)
    start = 8 + len(pixels)
    extra = start + 2 + 12 * len(values) + 4
    entries, arrays = [], b""
    for number, content in sorted(values.items()):
        field = struct.pack(f"<{len(content)}I", *content)
        if len(content) > 1:
            field, arrays = struct.pack("<I", extra + len(arrays)), arrays + field
        entries.append(struct.pack("<HHI", number, 4, len(content)) + field)
    directory = struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4)
    return b"II*\0" + struct.pack("<I", start) + pixels + directory + arrays


@lru_cache(maxsize=8)
def _plain_strip(compression: int, width: int, rows: int, ground: int, fill_order: int) -> bytes:
    """Return a strip of one colour in the same coding; its bits reversed for fill order 2."""
    buffer = io.BytesIO()
    Image.new("1", (width, rows), ground).save(buffer, "TIFF", compression=FAX[compression], strip_size=2**30)
    data = buffer.getvalue()
    tags = read_tags(data) or {}
    start, size = tags[STRIP_OFFSETS].first(data), tags[STRIP_BYTES].first(data)
    strip = data[start : start + size]
    return strip.translate(_REVERSED) if fill_order == 2 else strip


_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))

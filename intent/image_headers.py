"""What a picture's header claims, held against the bytes that are there, before any pixel is decoded.

Pillow refuses most of what is wrong while it reads; these are the claims that it believes at first: memory for pixels
that the file cannot hold, tags that share one block of bytes, passes over a huge progressive JPEG, a big picture in an
icon, and fax strips that end early.
"""

import re
import struct
from collections.abc import Callable, Iterator
from typing import Any

from PIL import Image

from intent.image_errors import ImageError
from intent.image_fax import check_fax
from intent.image_kinds import not_a_tga
from intent.image_tags import COMPRESSION, read_tags, tag_bytes

MAX_TAG_SHARE = 4
"""Tags may claim this many times the bytes that are there (some repeat a block); a bomb claims thousands."""

MAX_SCAN_PIXELS = 2_000_000_000
"""Pixels × scans of a progressive JPEG: 12 scans of 64 MP are 0.8 billion and real files have no more scans. A
decoder passes over all pixels once a scan, and a scan may be 10 bytes."""

SMALL_PIXELS = 4_000_000
"""Pixels that may be claimed without a thing to show for them: their memory and time are small."""

MAX_QOI_BYTES = 8 * 1024 * 1024
"""Bytes of a QOI. Pillow 12 decodes these in Python: 4 MB in 1 to 2 s."""

MAX_COMMENT = 128 * 1024
"""Bytes of comments before a GIF's first frame. Pillow 12 joins them piece by piece, in time that grows with their
square: in pieces of 1 byte 128 KB take up to 1 s, 512 KB 24 s, 30 MB hours."""

MAX_DEFLATE = 1032
"""Bytes that one byte of deflate can hold at most (RFC 1951)."""

RAW_BITS = {
    **{"1": 1, "L": 8, "P": 8, "LA": 16, "RGB": 24, "BGR": 24, "RGBA": 32, "BGRA": 32, "RGBX": 32, "BGRX": 32},
    **{"XBGR": 32, "ABGR": 32, "CMYK": 32, "I;16": 16, "I;16B": 16, "I;16N": 16, "F;32F": 32, "BGR;15": 16},
    **{"BGR;16": 16, "BGRA;15": 16, "BGRA;15Z": 16, "P;4": 4, "L;4": 4, "P;2": 2, "L;2": 2, "P;1": 1, "L;16B": 16},
    **{"RGB;16L": 48, "RGB;16B": 48, "RGB;16N": 48, "I;32": 32, "I;32B": 32, "I;16L": 16},
}
"""Bits a pixel of Pillow's raw modes; a mode that is not here counts as 1 bit, which refuses less."""

RAW_FORMATS = frozenset({"BMP", "DIB", "PPM", "TGA", "TIFF", "SGI", "PCX"})
"""Formats whose raw tiles are the file's own bytes; AVIF's are of a buffer already decoded."""

UNBUILT = {50001: "WebP", 34887: "LERC", 34712: "JPEG 2000"}
"""TIFF compressions that Pillow's libtiff is built without."""


def check_bytes(data: bytes, *, max_pixels: int) -> None:
    """Refuse what would cost memory or time when the file is only opened: TIFF tags that share their bytes many
    times, icons, which Pillow decodes at once, and long comments of GIFs.

    Raises:
        ImageError: decode_error, too_many_pixels.
    """
    if data[:2] in (b"II", b"MM") and _is_tag_bomb(data):
        raise ImageError("decode_error", f"the tags claim the file's {len(data):,} bytes many times over")
    if data.startswith(b"\0\0\1\0"):
        for width, height in _icon_sizes(data):
            if width * height > max_pixels:
                raise ImageError("too_many_pixels", f"{width}x{height} inside an icon")

    if data.startswith(b"GIF8") and _has_long_comments(data):
        raise ImageError("decode_error", f"comments of more than {MAX_COMMENT:,} bytes")


def _has_long_comments(data: bytes) -> bool:
    """Whether a GIF has too many bytes of comments before its first frame; what is neither is skipped, as Pillow
    does."""
    flags = data[10] if len(data) > 10 else 0
    at = 13 + (3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0)
    size = 0
    while at < len(data) and data[at] not in b",;":
        if data[at] != 0x21:
            at += 1
            continue
        is_comment = data[at + 1 : at + 2] == b"\xfe"
        at += 2
        while at < len(data) and (piece := data[at]):
            at += 1 + piece
            size += piece * is_comment
            if size > MAX_COMMENT:
                return True
        at += 1
        size += is_comment  # an empty one is joined too
    return False


def _icon_sizes(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield the true sizes of an icon's biggest pictures, one of which is decoded: each has its own header."""
    count = min(struct.unpack_from("<H", data + b"\0\0", 4)[0], (len(data) - 6) // 16)
    entries = [struct.unpack_from("<BB10xI", data, 6 + 16 * entry) for entry in range(count)]
    sides = [(width or 256) * (height or 256) for width, height, _ in entries]
    for (_, _, at), side in zip(entries, sides, strict=True):
        part = data[at : at + 24]
        if side < max(sides) or len(part) < 24:
            continue
        if part.startswith(b"\x89PNG"):
            yield struct.unpack_from(">II", part, 16)
        elif part.startswith(b"\x28\0\0\0"):
            width, height = struct.unpack_from("<II", part, 4)
            yield width, height // 2  # the mask counts as rows


def _is_tag_bomb(block: bytes) -> bool:
    tags = read_tags(block)
    return tags is not None and tag_bytes(tags, len(block)) > MAX_TAG_SHARE * len(block) + 65536


def check_header(image: Image.Image, data: bytes, *, max_pixels: int) -> None:
    """Refuse an opened and not yet decoded picture whose header claims what its bytes cannot hold.

    An EXIF block with such claims is dropped from ``image`` instead: the pixels are good without it.

    Raises:
        ImageError: truncated (fewer bytes than the pixels need), too_many_pixels (icons, scans), decode_error,
            unsupported.
    """
    exif = image.info.get("exif")
    if isinstance(exif, bytes) and _is_tag_bomb(exif.removeprefix(b"Exif\x00\x00")):
        del image.info["exif"]
    _check_raw(image, len(data))
    check = _CHECKS.get(image.format or "")
    if check:
        check(image, data, max_pixels)


def _check_raw(image: Image.Image, size: int) -> None:
    """Uncompressed pixels must be there: whole, or the file is cut."""
    for tile in getattr(image, "tile", ()) if image.format in RAW_FORMATS else ():
        codec, box, offset, args = tile
        if codec != "raw" or box is None:
            continue
        mode, stride = (args[0], args[1]) if isinstance(args, tuple) and len(args) > 1 else (args, 0)
        bits = RAW_BITS.get(str(mode[0] if isinstance(mode, tuple) else mode), 1)
        row = max(-(-(box[2] - box[0]) * bits // 8), 1)
        height = box[3] - box[1]
        needed = offset + (max(abs(int(stride)), row) * (height - 1) + row if height > 0 else 0)
        if needed > size:
            raise ImageError("truncated", f"{needed:,} bytes of pixels are claimed, the file has {size:,}")


def _check_png(image: Image.Image, data: bytes, max_pixels: int) -> None:
    depth, colour = data[24], data[25]
    bits = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 1)
    needed = image.height * -(-image.width * bits // 8) // MAX_DEFLATE
    if needed > len(data):
        raise ImageError("truncated", f"{image.width}x{image.height} needs {needed:,} bytes, there are {len(data):,}")


def _check_jpeg(image: Image.Image, data: bytes, max_pixels: int) -> None:
    if not image.info.get("progressive"):
        return
    scans = data.count(b"\xff\xda")
    if scans * image.width * image.height > MAX_SCAN_PIXELS:
        raise ImageError("too_many_pixels", f"{scans} scans of {image.width}x{image.height}")


def _check_tiff(image: Image.Image, data: bytes, max_pixels: int) -> None:
    tags = read_tags(data) or {}
    if COMPRESSION in tags and (name := UNBUILT.get(tags[COMPRESSION].first(data))):
        raise ImageError("unsupported", f"TIFF compressed by {name} is not decoded")
    check_fax(tags, data)


def _check_bmp(image: Image.Image, data: bytes, max_pixels: int) -> None:
    """Run lengths: two bytes hold 255 pixels; beyond that a picture is only skipped over, slowly."""
    coded = any(tile[0] == "bmp_rle" for tile in getattr(image, "tile", ()))
    if coded and image.width * image.height > max(128 * len(data), SMALL_PIXELS):
        raise ImageError("truncated", f"{image.width}x{image.height} in {len(data):,} bytes of run lengths")


def _check_qoi(image: Image.Image, data: bytes, max_pixels: int) -> None:
    if len(data) > MAX_QOI_BYTES:
        raise ImageError("too_large", f"a QOI of {len(data):,} bytes; more than {MAX_QOI_BYTES:,} decode too slowly")


def _check_tga(image: Image.Image, data: bytes, max_pixels: int) -> None:
    """A TGA has no signature: anything may look like one."""
    if other := not_a_tga(data):
        raise ImageError(*other)


def _check_ppm(image: Image.Image, data: bytes, max_pixels: int) -> None:
    """Numbers in plain text: a digit and a space each, but for bits."""
    if re.match(rb"P[23]", data) and image.width * image.height * (3 if data[1:2] == b"3" else 1) * 2 - 1 > len(data):
        raise ImageError("truncated", f"{image.width}x{image.height} in {len(data):,} bytes of text")


_CHECKS: dict[str, Callable[[Any, bytes, int], None]] = {
    **{"PNG": _check_png, "JPEG": _check_jpeg, "MPO": _check_jpeg, "TIFF": _check_tiff},
    **{"TGA": _check_tga, "BMP": _check_bmp, "QOI": _check_qoi, "PPM": _check_ppm},
}

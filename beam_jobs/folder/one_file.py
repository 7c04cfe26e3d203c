"""What one file is: its format, size, digests and hashes, or why it is broken. A row, never an error.

The functions here take and return plain values and can run in another process.
"""

import errno
import hashlib
import io
import os
import stat
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, BinaryIO

from PIL import Image

from dedup.block_mean import hash_columns
from intent.image_warnings import quiet_pillow
from intent.images import DEFAULT_LIMITS, FORMATS, DecodedImage, ImageError, check_image, decode_image

HASH_COLUMNS = (
    *("block_means", "block_hash", "trimmed_hash", "chroma", "hash_version", "sha256", "pixel_sha256"),
    *("width", "height", "jpeg_quality", "effective_pixels", "has_border", "quality"),
)
FRAMED = frozenset({"GIF", "PNG", "WEBP", "AVIF", "TIFF"})
"""Formats that may hold several frames or pages. Of a camera's JPEG with a second one (MPO) the first is the
picture."""
IDENTITY = ("sha256", "width", "height", "has_border", "effective_pixels", "jpeg_quality", "quality")
"""Columns that an animation keeps."""
READ_PIECE = 1 << 20

Row = dict[str, Any]
Task = tuple[str, bool]
"""Path of a file, and whether to hash it though it is too large to be decoded."""


def look_closely(batch: Sequence[Task]) -> list[Row]:
    """Return rows with all that finds copies: one decode per picture."""
    rows: list[Row] = []
    images: list[DecodedImage] = []
    places: list[int] = []
    for place, task in enumerate(batch):
        row, data = _read(task)
        rows.append(row)
        if data is None:
            continue
        try:
            image = decode_image(data)
        except (ImageError, MemoryError) as error:
            row.update(_failed(error))
            continue
        row["format"] = image.format
        row["animated"] = image.format in FRAMED and is_animated(data)
        images.append(image)
        places.append(place)
    columns = hash_columns(images) if images else {}
    for index, place in enumerate(places):
        kept = IDENTITY if rows[place]["animated"] else HASH_COLUMNS
        rows[place].update({name: columns[name][index] for name in kept})
    return rows


def look_quickly(batch: Sequence[Task]) -> list[Row]:
    """Return rows with format, size and digest of the bytes; what is broken has the reason that a decode gives."""
    rows = []
    for task in batch:
        row, data = _read(task)
        rows.append(row)
        if data is not None:
            try:
                row["format"], row["width"], row["height"] = check_image(data)
            except (ImageError, MemoryError) as error:
                row.update(_failed(error))
    return rows


def is_animated(data: bytes) -> bool:
    """Return whether a picture that was decoded has more than one frame or page."""
    with quiet_pillow():
        try:
            return bool(getattr(Image.open(io.BytesIO(data), formats=_formats()), "is_animated", False))
        except Exception:
            return True  # a second frame that is broken is one, too


def read_file(path: str) -> bytes:
    """Return the bytes of a regular file that is small enough to be decoded.

    Raises:
        ImageError: not_found, unreadable, empty, too_large.
    """
    row, data = _read((path, False))
    if data is None:
        raise ImageError(row["failure"], row["failure_detail"])
    return data


def _read(task: Task) -> tuple[Row, bytes | None]:
    """Return the row of a file, and its bytes where they may be decoded."""
    path, hash_large = task
    try:
        with _open(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size == 0:
                return {"failure": "empty", "failure_detail": "the file has no bytes"}, None
            if size > DEFAULT_LIMITS.max_bytes:
                told = f"{size:,} bytes, more than the limit of {DEFAULT_LIMITS.max_bytes:,}"
                digest = _digest(file) if hash_large else None
                return {"failure": "too_large", "failure_detail": told, "sha256": digest}, None
            data = file.read(DEFAULT_LIMITS.max_bytes + 1)
    except (OSError, ValueError) as error:
        reason = "not_found" if getattr(error, "errno", None) == errno.ENOENT else "unreadable"
        return {"failure": reason, "failure_detail": getattr(error, "strerror", None) or str(error)}, None
    return {"sha256": hashlib.sha256(data).digest()}, data


def _open(path: str) -> BinaryIO:
    """Open a regular file; one that became a pipe or a device since it was listed is refused, not waited for."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "no regular file")
    return os.fdopen(descriptor, "rb")


def _digest(file: BinaryIO) -> bytes:
    digest = hashlib.sha256()
    while piece := file.read(READ_PIECE):
        digest.update(piece)
    return digest.digest()


def _failed(error: ImageError | MemoryError) -> Mapping[str, str]:
    if isinstance(error, MemoryError):
        return {"failure": "memory", "failure_detail": "not enough memory to decode it"}
    return {"failure": error.reason, "failure_detail": error.detail}


@cache
def _formats() -> tuple[str, ...]:
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)

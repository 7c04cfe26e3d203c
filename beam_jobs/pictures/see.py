"""What a helper process does with picture files that a model is asked about: squares, and small copies to look at."""

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from intent.images import DecodedImage, ImageError, ImageLimits, decode_image, square

THUMBNAIL_SIDE, THUMBNAIL_QUALITY = 128, 62
"""Pixels of the longer side, WebP quality: 2-4 KB each, as in the run's report."""


class Asked(NamedTuple):
    """A local file, the side in pixels of the square that is wanted, and whether a thumbnail is."""

    path: str
    side: int
    thumbnail: bool


class Seen(NamedTuple):
    """uint8[side, side, 3] as bytes and a WebP, None where not wanted or not there; why it failed, else empty."""

    square: bytes | None
    thumbnail: bytes | None
    problem: str


def see(asked: Sequence[Asked]) -> list[Seen]:
    """Return what is seen of each file; one that fails spoils no other."""
    found = []
    for each in asked:
        try:
            image = read_picture(Path(each.path), ImageLimits())
        except ImageError as error:
            found.append(Seen(None, None, str(error)))
            continue
        small = thumbnail(image) if each.thumbnail else None
        found.append(Seen(square(image.rgb, each.side).tobytes(), small, ""))
    return found


def read_picture(path: Path, limits: ImageLimits) -> DecodedImage:
    """Decode a local file.

    Raises:
        ImageError: it is no regular file, too large, or cannot be decoded.
    """
    try:
        if not path.is_file():
            raise ImageError("not_found", "no regular file")
        if path.stat().st_size > limits.max_bytes:
            raise ImageError("too_large", f"{path.stat().st_size:,} bytes, allowed {limits.max_bytes:,}")
        return decode_image(path.read_bytes(), limits=limits)
    except OSError as error:
        raise ImageError("not_found", error.strerror or os.strerror(error.errno or 5)) from error


def thumbnail(image: DecodedImage) -> bytes:
    """Return a small WebP of a picture."""
    small = Image.fromarray(image.rgb)
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    small.save(stream, "WEBP", quality=THUMBNAIL_QUALITY, method=2)
    return stream.getvalue()

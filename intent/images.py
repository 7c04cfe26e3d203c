"""Safe decoding of pictures nobody vouches for: one decode gives the CNN's pixels and the hashes' grey.

Bytes go in, a bounded `DecodedImage` or an `ImageError` with a short stable reason comes out; nothing else is
raised for bad data and no warning leaks. Sizes are read from the header and refused before any pixel is decoded.
"""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from intent.colour_profiles import foreign_profile, to_srgb
from intent.image_errors import ImageError, decoder_failed, unidentified
from intent.image_files import NOT_PICTURES, list_image_files, resolve_image_path
from intent.image_headers import check_bytes, check_header
from intent.image_measures import effective_share, jpeg_quality, trim_box
from intent.image_warnings import quiet_pillow

__all__ = [
    "DEFAULT_LIMITS",
    "LOSSLESS_FORMATS",
    "MAX_WORKING_SIDE",
    "NOT_PICTURES",
    "WORKING_SIDE",
    "DecodedImage",
    "ImageError",
    "ImageLimits",
    "check_image",
    "decode_image",
    "list_image_files",
    "resolve_image_path",
    "square",
    "trim_box",
]

Pixels = npt.NDArray[np.uint8]

FORMATS = (
    *("JPEG", "PNG", "WEBP", "GIF", "BMP", "DIB", "AVIF", "MPO", "TIFF", "ICO"),
    *("PPM", "JPEG2000", "QOI", "SGI", "PCX", "TGA"),
)
"""Pillow's names of what is decoded. Left out on purpose: EPS and WMF (they start other programs), MPEG, and
scientific containers. TGA is last because it has no signature."""

LOSSLESS_FORMATS = frozenset({"PNG", "GIF", "BMP", "DIB", "TIFF", "ICO", "PPM", "QOI", "SGI", "PCX", "TGA"})
"""Formats that usually keep every pixel; WebP, AVIF and JPEG 2000 may or may not, and count as lossy."""

WORKING_SIDE = 256
"""Pixels. Pictures are decoded or reduced so that the short side stays at or above this: the CNN reads 224, and
block hashes drift by less than 3 of 256 bits at 128 and above (field/dedup.md 4.4)."""

MAX_WORKING_SIDE = 1024
"""Pixels. A side longer than this (panorama, strip) is averaged down on its own axis, which bounds memory."""

CHECKED_SIDE = 32
"""Pixels. A check decodes JPEGs at the scale of this."""

FLAT_CONTRAST = 4.0
"""Grey levels (standard deviation). Below this a picture on white shows nothing, and black is tried instead."""


@dataclass(frozen=True)
class ImageLimits:
    """What is refused unseen. ``max_pixels``: width × height of the header (Pillow's own limit of 89 M holds
    too); ``max_bytes``: size of the file; ``min_side``: pixels of the shorter side."""

    max_pixels: int = 64_000_000
    max_bytes: int = 64 * 1024 * 1024
    min_side: int = 1

    def __post_init__(self) -> None:
        if min(self.max_pixels, self.max_bytes, self.min_side) < 1:
            raise ValueError(f"image limits must be 1 or more, got {self}")


DEFAULT_LIMITS = ImageLimits()


@dataclass(frozen=True, eq=False)
class DecodedImage:
    """A picture upright, opaque, in sRGB, 8 bits a channel, of bounded size.

    ``rgb`` uint8[h, w, 3] and ``grey`` uint8[h, w] (ITU-R 601 luma) are reduced: `WORKING_SIDE` ≤ short side
    where the picture has that many pixels, no side above `MAX_WORKING_SIDE`. ``width`` and ``height`` are the
    true ones, after orientation. ``ground`` is what transparency was laid on: white, or black where the picture
    would vanish on white; None if opaque. ``jpeg_quality`` 1-100 is None where the format is not JPEG.
    ``effective_pixels`` ≤ width × height is smaller for blown-up copies: seen in lossless formats at full
    resolution, in JPEGs only down to the reduced size they are decoded at. ``border_box``: (top, left, bottom,
    right) of ``grey`` inside uniform bars or margins, None without any. ``sha256`` is of the file; ``pixel_sha256``
    of true size, alpha and decoded pixels: at full resolution except JPEG, whose scaled decode is hashed. So twins
    in lossless formats agree, and JPEGs with the same coefficients (another header) agree with each other.
    """

    rgb: Pixels
    grey: Pixels
    width: int
    height: int
    format: str
    jpeg_quality: int | None
    effective_pixels: int
    border_box: tuple[int, int, int, int] | None
    ground: str | None
    sha256: bytes
    pixel_sha256: bytes

    @property
    def has_border(self) -> bool:
        """Whether uniform bars or margins surround the picture."""
        return self.border_box is not None


def decode_image(data: bytes, *, limits: ImageLimits = DEFAULT_LIMITS) -> DecodedImage:
    """Decode a file's bytes once; of an animation the first frame.

    JPEGs are decoded at a DCT scale that keeps the short side at `WORKING_SIDE` or more, everything else in full
    and then averaged down. 16-bit channels are scaled, not clipped.

    Raises:
        ImageError: for anything that cannot be decoded in full within the limits; see its reasons.
    """
    with _reasons(data, limits):
        return _decode(_opened(data, limits), data, limits)


def check_image(data: bytes, *, limits: ImageLimits = DEFAULT_LIMITS) -> tuple[str, int, int]:
    """Return format, width and height (upright) of a picture that decodes to its end, where pixels are not wanted:
    of JPEGs all of the file is read and little of it computed.

    Raises:
        ImageError: as `decode_image`.
    """
    with _reasons(data, limits):
        image = _opened(data, limits)
        kind = image.format or "unknown"
        width, height = image.size
        if kind in ("JPEG", "MPO"):
            image.draft("L", (CHECKED_SIDE, CHECKED_SIDE))
            image.load()
        else:
            image.load()
            _check_size(image.size, limits)
            width, height = image.size
        if _orientation(image) >= 5:
            width, height = height, width
    return "JPEG" if kind == "MPO" else kind, width, height


@contextmanager
def _reasons(data: bytes, limits: ImageLimits) -> Iterator[None]:
    """Refuse files by their size; turn whatever a decoder raises into `ImageError`, and hush its warnings."""
    if not data:
        raise ImageError("empty", "the file has no bytes")
    if len(data) > limits.max_bytes:
        raise ImageError("too_large", f"{len(data):,} bytes, more than the limit of {limits.max_bytes:,}")
    with quiet_pillow():
        try:
            yield
        except (ImageError, MemoryError):
            raise
        except UnidentifiedImageError as error:
            raise unidentified(data) from error
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise ImageError("too_many_pixels", str(error)) from error
        except Exception as error:
            # Decoders raise anything on hostile bytes (struct.error, SyntaxError, IndexError, ...).
            raise decoder_failed(error, data) from error


def _opened(data: bytes, limits: ImageLimits) -> Image.Image:
    """Open a picture whose header claims nothing that is refused; nothing is decoded yet."""
    check_bytes(data, max_pixels=limits.max_pixels)
    image = Image.open(io.BytesIO(data), formats=_formats())
    _check_size(image.size, limits)
    check_header(image, data, max_pixels=limits.max_pixels)
    return image


def _decode(image: Image.Image, data: bytes, limits: ImageLimits) -> DecodedImage:
    kind = image.format or "unknown"
    true_size = image.size
    quality = jpeg_quality(getattr(image, "quantization", None)) if kind in ("JPEG", "MPO") else None
    if kind in ("JPEG", "MPO"):
        image.draft(image.mode, (WORKING_SIDE, WORKING_SIDE))
        image.load()
    else:
        image.load()
        true_size = image.size  # TIFF turns itself upright, ICO may hold another size than it says
        _check_size(true_size, limits)
    orientation = _orientation(image)
    if orientation in _TRANSPOSE:
        image = image.transpose(_TRANSPOSE[orientation])
        if orientation >= 5:
            true_size = (true_size[1], true_size[0])
    width, height = true_size
    profile = foreign_profile(image)
    image, ground, alpha_digest = _opaque_rgb(image)
    digest = hashlib.sha256(f"{width}x{height}:{image.size}:{ground}:".encode() + alpha_digest)
    small = _reduced(image)
    whole = small is image
    if profile is not None:
        digest.update(profile)
        small = to_srgb(small, profile)
    rgb, grey = np.asarray(small), np.asarray(small.convert("L"))
    digest.update(rgb.data if small is image else image.tobytes())
    share = effective_share(grey if whole else _centre(image))
    return DecodedImage(
        rgb=rgb,
        grey=grey,
        width=width,
        height=height,
        format="JPEG" if kind == "MPO" else kind,
        jpeg_quality=quality,
        effective_pixels=max(1, round(share * width * height)),
        border_box=trim_box(grey),
        ground=ground,
        sha256=hashlib.sha256(data).digest(),
        pixel_sha256=digest.digest(),
    )


def square(rgb: Pixels, size: int) -> Pixels:
    """Return the whole picture stretched to uint8[size, size, 3] (bilinear, antialiased): what the CNN reads in
    training and in inference alike."""
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
        raise ValueError(f"expected uint8[h, w, 3], got {rgb.dtype}{list(rgb.shape)}")
    return np.asarray(Image.fromarray(rgb).resize((size, size), Image.Resampling.BILINEAR))


def _check_size(size: tuple[int, int], limits: ImageLimits) -> None:
    width, height = size
    if width * height > limits.max_pixels:
        raise ImageError("too_many_pixels", f"{width}x{height}, more than the limit of {limits.max_pixels:,} pixels")
    if min(size) < limits.min_side:
        raise ImageError("too_small", f"{width}x{height}, the shorter side must be {limits.min_side} or more")


_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation 1-8, 1 where there is none or the EXIF block is broken."""
    try:
        value = image.getexif().get(0x0112, 1)
    except Exception:
        return 1  # a broken EXIF block does not spoil good pixels
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _opaque_rgb(image: Image.Image) -> tuple[Image.Image, str | None, bytes]:
    """Return the picture as opaque RGB, its ground, and a digest of its alpha (empty where opaque)."""
    if image.mode.startswith(("I", "F")):
        image = _deep_to_8_bits(image)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        rgba = image if image.mode == "RGBA" else image.convert("RGBA")  # a copy of 64 million pixels is 256 MB
        alpha = rgba.getchannel("A")
        if alpha.getextrema()[0] == 255:
            return rgba.convert("RGB"), None, b""
        digest = hashlib.sha256(alpha.tobytes()).digest()
        on_white = _on(rgba, alpha, "white")
        if _contrast(on_white) >= FLAT_CONTRAST:
            return on_white, "white", digest
        on_black = _on(rgba, alpha, "black")
        if _contrast(on_black) > _contrast(on_white):
            return on_black, "black", digest
        return on_white, "white", digest
    if image.mode == "RGB":
        return image, None, b""
    if image.mode == "LAB":
        return (
            image.getchannel(0).convert("RGB"),
            None,
            b"",
        )  # Pillow cannot convert it; its lightness can be seen
    return image.convert("RGB"), None, b""


def _on(rgba: Image.Image, alpha: Image.Image, ground: str) -> Image.Image:
    canvas = Image.new("RGB", rgba.size, ground)
    canvas.paste(rgba.convert("RGB"), mask=alpha)
    return canvas


def _contrast(image: Image.Image) -> float:
    grey = image.convert("L")
    histogram = np.asarray(grey.histogram(), dtype=np.float64)
    levels = np.arange(256)
    mean = (histogram * levels).sum() / histogram.sum()
    return float(np.sqrt((histogram * (levels - mean) ** 2).sum() / histogram.sum()))


def _deep_to_8_bits(image: Image.Image) -> Image.Image:
    """Return a picture of 16 bits and more as L, or as LA where one of its values means transparent."""
    values = np.asarray(image)
    if image.format == "PPM" and image.mode == "I":
        values = values.astype(np.uint16)  # Pillow scales any depth to 16 bits
    grey = Image.fromarray(_to_8_bits(values))
    clear = image.info.get("transparency")
    if not isinstance(clear, int):
        return grey
    alpha = Image.fromarray(np.where(values == clear, 0, 255).astype(np.uint8))
    return Image.merge("LA", (grey, alpha))


def _to_8_bits(values: npt.NDArray[np.generic]) -> Pixels:
    """Scale 16-bit and wider channels to 0-255: 16-bit by its high byte, anything else by its own range."""
    if values.dtype.kind == "u" and values.dtype.itemsize == 2:  # of either byte order
        return (values.astype(np.uint16) >> 8).astype(np.uint8)
    numbers = np.nan_to_num(values.astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = min(0.0, float(numbers.min())), float(numbers.max())
    if low == 0 and high <= 1 and values.dtype.kind == "f":
        scale = 255.0
    elif low == 0 and high <= 255:
        scale = 1.0
    elif low == 0 and high <= 65535 and values.dtype.kind != "f":
        scale = 1 / 257
    else:
        scale = 255 / ((high - low) or 1)
    return np.clip(np.rint((numbers - low) * scale), 0, 255).astype(np.uint8)


def _centre(image: Image.Image) -> Pixels:
    left, top = max(0, image.width // 2 - 512), max(0, image.height // 2 - 512)
    box = (left, top, min(image.width, left + 1024), min(image.height, top + 1024))
    return np.asarray(image.crop(box).convert("L"))


def _reduced(image: Image.Image) -> Image.Image:
    factor = min(image.size) // WORKING_SIDE
    if factor > 1:
        image = image.reduce(factor)
    bounded = (min(image.width, MAX_WORKING_SIDE), min(image.height, MAX_WORKING_SIDE))
    return image if bounded == image.size else image.resize(bounded, Image.Resampling.BOX)


@cache
def _formats() -> tuple[str, ...]:
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)

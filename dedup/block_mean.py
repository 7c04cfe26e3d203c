"""The grey mean-block hash and what verifies it: block means, fine detail and colour, from one decoded picture.

A picture is averaged to 32x32 blocks of luma (area mean). Pairs of those give the classic 16x16 block means
(Yang, Gu, Niu 2006); what is lost on the way down, the three Haar differences inside each block, is kept as signs
with a dead band. Bits are set where a block is lighter than its own 5x5 neighbourhood, not the whole picture's
mean: at a false-positive rate of 1e-5 that raises recall from 74.9 to 79.9 % (field/dedup.md, finding 5).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import imagehash
import numpy as np
import numpy.typing as npt
import PIL
from PIL import Image

from dedup.area_means import Grid, area_means
from intent.images import LOSSLESS_FORMATS, DecodedImage, trim_box

HASH_VERSION = f"blockmean-16x16-local5-v3+pillow-{PIL.__version__}"
"""Names grid and threshold rule (v2: exact area means; v3: 16-bit pictures as they look) and the decoder with its
scales; rows of another version are not carried on, since another decoder may read a file otherwise or at all."""

GRID = 16
"""Blocks per side."""
HASH_BYTES = GRID * GRID // 8
MEANS_BYTES = GRID * GRID
DETAIL_BYTES = 2 * 3 * GRID * GRID // 8
"""Two bit planes (positive, negative) of three Haar differences per block."""
VIEW_BYTES = MEANS_BYTES + DETAIL_BYTES
"""One view of a picture in the column ``block_means``: 256 bytes of means, 192 of fine detail. The whole picture
first; a second view without its borders follows where there are borders."""
CHROMA_BYTES = 32
"""4x4 blocks of Cb, then of Cr, per view."""

BIT_MARGIN = 1
"""Grey levels that a block must be lighter than its neighbourhood's mean; keeps JPEG noise in plain areas at 0."""
MIN_CONTRAST = 4.0
"""Grey levels (standard deviation of the means). Flatter pictures get no hash."""
MIN_STRUCTURE = 2.0
"""Grey levels (root mean square) left after each row's, or each column's, mean is taken out. Gradients and stripes
have rows or columns all equal: their hashes say nothing about what is on the picture."""
MIN_BLOCKS = 6
"""Blocks that must stand out from the median block: a dot on a plain ground looks like every other dot."""
STANDS_OUT = 8
"""Grey levels from the median block."""
DETAIL_FLOOR = 1.0
"""Grey levels. Differences below it are rounding and JPEG noise."""
DETAIL_SHARE = 0.5
"""Share of the picture's own root-mean-square difference from which a difference counts as detail."""


def block_means(grey: npt.NDArray[np.uint8]) -> Grid:
    """Return the area means uint8[16, 16] of luma uint8[h, w] (any size)."""
    means: Grid = _halved(_fine_grid(grey)[None])[0]
    return means


def trimmed_block_means(grey: npt.NDArray[np.uint8]) -> Grid | None:
    """Return the block means of what is left without uniform borders; None where there is nothing to trim, or
    nearly everything is."""
    box = trim_box(grey)
    return None if box is None else block_means(grey[box[0] : box[2], box[1] : box[3]])


def block_hash(means: Grid) -> bytes | None:
    """Return the 256 bits of uint8[16, 16] block means in reading order, None for a picture too plain to hash."""
    return block_hashes(means[None])[0]


def block_hashes(means: Grid) -> list[bytes | None]:
    """`block_hash` of uint8[n, 16, 16] at once. Integer arithmetic: the same on every machine."""
    if means.ndim != 3 or means.shape[1:] != (GRID, GRID) or means.dtype != np.uint8:
        raise ValueError(f"expected uint8[n, {GRID}, {GRID}] block means, got {means.dtype}{list(means.shape)}")
    values = means.astype(np.int32)
    sums, counts = _window_sums(values)
    bits = values * counts - sums > BIT_MARGIN * counts
    packed = np.packbits(bits.reshape(len(means), -1), axis=1)
    usable = has_structure(means)
    return [row.tobytes() if good else None for row, good in zip(packed, usable, strict=True)]


def has_structure(means: Grid) -> npt.NDArray[np.bool_]:
    """Return for uint8[n, 16, 16] whether a picture is more than flat, a gradient, stripes or a dot."""
    values = means.astype(np.float64)
    flat = values.std(axis=(1, 2)) < MIN_CONTRAST
    rows_equal = np.sqrt(((values - values.mean(axis=1, keepdims=True)) ** 2).mean(axis=(1, 2))) < MIN_STRUCTURE
    columns_equal = np.sqrt(((values - values.mean(axis=2, keepdims=True)) ** 2).mean(axis=(1, 2))) < MIN_STRUCTURE
    apart = np.abs(values - np.median(values, axis=(1, 2), keepdims=True)) >= STANDS_OUT
    return np.asarray(~(flat | rows_equal | columns_equal) & (apart.sum(axis=(1, 2)) >= MIN_BLOCKS))


def chroma(rgb: npt.NDArray[np.uint8]) -> bytes:
    """Return the mean Cb and Cr (0-255, 128 is grey) of 4x4 blocks of uint8[h, w, 3]: 32 bytes."""
    small = Image.fromarray(rgb).resize((4, 4), Image.Resampling.BOX).convert("YCbCr")
    return np.asarray(small)[..., 1:].transpose(2, 0, 1).tobytes()


def detail(grey: npt.NDArray[np.uint8]) -> float:
    """Return the fine detail of luma uint8[h, w] in grey levels: the root mean square of 32x32 block means about
    the 16x16 ones. Photos have 5-15, sheets of text less than half of it, flat pictures 0."""
    return float(_detail_levels(_haar(_fine_grid(grey)[None]))[0])


def hash_columns(images: Sequence[DecodedImage]) -> dict[str, list[Any]]:
    """Return the hash columns of FEATURES, one value per image, in plain Python types.

    Pictures are averaged one by one and everything after that is done for all of them at once: give some dozens.
    """
    boxed = [image for image in images if image.border_box is not None]
    whole = _views([image.grey for image in images])
    inner = _views([image.grey[_inside(image)] for image in boxed])
    chromas = [chroma(image.rgb) for image in images]
    inner_chromas = [chroma(np.ascontiguousarray(image.rgb[_inside(image)])) for image in boxed]
    second = {id(image): i for i, image in enumerate(boxed)}
    places = [second.get(id(image)) for image in images]
    return {
        "block_means": [
            first + (b"" if at is None else inner.stored[at]) for first, at in zip(whole.stored, places, strict=True)
        ],
        "block_hash": whole.hashes,
        "trimmed_hash": [None if at is None else inner.hashes[at] for at in places],
        "chroma": [
            first + (b"" if at is None else inner_chromas[at]) for first, at in zip(chromas, places, strict=True)
        ],
        "detail": whole.detail,
        "hash_version": [HASH_VERSION] * len(images),
        "sha256": [image.sha256 for image in images],
        "pixel_sha256": [image.pixel_sha256 for image in images],
        "width": [image.width for image in images],
        "height": [image.height for image in images],
        "jpeg_quality": [image.jpeg_quality for image in images],
        "effective_pixels": [image.effective_pixels for image in images],
        "has_border": [image.has_border for image in images],
        "quality": [quality(image) for image in images],
    }


def quality(image: DecodedImage) -> float:
    """Return how good a copy looks, 0-1: half its true resolution (32x32 is 0, 1024x1024 is 1, logarithmic), 0.3
    its compression (lossless 1, JPEG by its quantisation, other lossy 0.85), 0.2 its contrast (64 grey levels is
    1)."""
    resolution = np.clip(np.log2(image.effective_pixels / 32**2) / 10, 0, 1)
    if image.jpeg_quality is not None:
        compression = image.jpeg_quality / 100
    else:
        compression = 1.0 if image.format in LOSSLESS_FORMATS else 0.85
    contrast = min(1.0, _deviation(image.grey) / 64)
    return round(float(0.5 * resolution + 0.3 * compression + 0.2 * contrast), 4)


def to_imagehash(code: bytes) -> imagehash.ImageHash:
    """Return a stored block hash as an `imagehash.ImageHash` of 16x16 bits, for tools that speak it.

    >>> str(to_imagehash(bytes(31) + b"\\x01"))[-2:]
    '01'
    """
    if len(code) != HASH_BYTES:
        raise ValueError(f"a block hash has {HASH_BYTES} bytes, got {len(code)}")
    return imagehash.ImageHash(np.unpackbits(np.frombuffer(code, np.uint8)).reshape(GRID, GRID).astype(bool))


def from_imagehash(value: imagehash.ImageHash) -> bytes:
    """Return the 32 bytes of an `imagehash.ImageHash` of 16x16 bits."""
    bits = np.asarray(value.hash, dtype=bool)
    if bits.size != GRID * GRID:
        raise ValueError(f"expected {GRID}x{GRID} bits, got {bits.shape}: hash with hash_size={GRID}")
    return np.packbits(bits.ravel()).tobytes()


def _deviation(grey: npt.NDArray[np.uint8]) -> float:
    """Return the standard deviation of uint8[h, w], from its histogram: exact sums, and faster than floats."""
    counts = np.array(Image.fromarray(grey).histogram(), np.int64)
    levels = np.arange(256, dtype=np.int64)
    total, first, second = int(counts.sum()), int(counts @ levels), int(counts @ levels**2)
    return math.sqrt(max(0, second * total - first * first)) / total


@dataclass(frozen=True, eq=False)
class _Views:
    """What n pictures give in one view: what ``block_means`` stores, hashes, and the level of fine detail."""

    stored: list[bytes]
    hashes: list[bytes | None]
    detail: list[float]


def _views(greys: Sequence[npt.NDArray[np.uint8]]) -> _Views:
    if not greys:
        return _Views([], [], [])
    fine = np.stack([_fine_grid(grey) for grey in greys])
    means, differences = _halved(fine), _haar(fine)
    levels = _detail_levels(differences)
    least = np.maximum(DETAIL_FLOOR, DETAIL_SHARE * levels)[:, None, None, None]
    planes = np.stack([differences >= least, differences <= -least], axis=1).reshape(len(greys), -1)
    stored = np.concatenate([means.reshape(len(greys), -1), np.packbits(planes, axis=1)], axis=1)
    return _Views([row.tobytes() for row in stored], block_hashes(means), levels.tolist())


def _inside(image: DecodedImage) -> tuple[slice, slice]:
    top, left, bottom, right = image.border_box or (0, 0, *image.grey.shape)
    return slice(top, bottom), slice(left, right)


def _fine_grid(grey: npt.NDArray[np.uint8]) -> Grid:
    return area_means(grey, 2 * GRID)


def _quads(fine: Grid) -> npt.NDArray[np.int32]:
    """Return int32[4, n, 16, 16] of uint8[n, 32, 32]: top left, top right, bottom left, bottom right of each block."""
    blocks = fine.reshape(-1, GRID, 2, GRID, 2).astype(np.int32)
    return blocks.transpose(2, 4, 0, 1, 3).reshape(4, -1, GRID, GRID)


def _halved(fine: Grid) -> Grid:
    return np.asarray((_quads(fine).sum(axis=0) + 2) >> 2, dtype=np.uint8)


def _haar(fine: Grid) -> npt.NDArray[np.float64]:
    """Return float64[n, 3, 16, 16]: horizontal, vertical and diagonal difference inside each block, grey levels."""
    a, b, c, d = _quads(fine).astype(np.float64)
    return np.stack([a - b + c - d, a + b - c - d, a - b - c + d], axis=1) / 4


def _detail_levels(differences: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return float64[n], the root mean square over blocks of float64[n, 3, 16, 16]."""
    return np.asarray(np.sqrt(np.square(differences).sum(axis=1).mean(axis=(1, 2))))


def _window_sums(values: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return the sums of int32[n, 16, 16] over 5x5 windows clipped at the edges, and the windows' sizes."""
    padded = np.pad(values, ((0, 0), (2, 2), (2, 2)))
    ones = np.pad(np.ones((1, GRID, GRID), np.int32), ((0, 0), (2, 2), (2, 2)))

    def windows(array: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        rows = np.sum([array[:, i : i + GRID] for i in range(5)], axis=0)
        return np.asarray(np.sum([rows[:, :, i : i + GRID] for i in range(5)], axis=0), dtype=np.int32)

    return windows(padded), windows(ones)

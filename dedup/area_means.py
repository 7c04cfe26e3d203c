"""Exact area means of a picture over a grid, the same to the last bit on every machine.

A block's borders fall inside pixels, and those count by the part that lies in the block. In units of 1/n of a pixel
all these parts are whole numbers, so that the sums, taken by two matrix products, are exact in floating point whatever
the order in which a BLAS adds them.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Grid = npt.NDArray[np.uint8]

EXACT_SINGLE = 2**24
"""Whole numbers up to here are exact in float32."""


def area_means(grey: npt.NDArray[np.uint8], blocks: int) -> Grid:
    """Return the area means uint8[blocks, blocks] of luma uint8[h, w] of any size, halves rounded up.

    >>> int(area_means(np.array([[0, 255]], np.uint8), 1)[0, 0])
    128
    """
    if grey.ndim != 2 or grey.dtype != np.uint8 or grey.size == 0:
        raise ValueError(f"expected luma uint8[h, w], got {grey.dtype}{list(grey.shape)}")
    height, width = grey.shape
    single = 255 * height < EXACT_SINGLE
    kind = np.float32 if single else np.float64
    columns = _shares(height, blocks).astype(kind, copy=False) @ grey.astype(kind)
    sums = np.rint(columns.astype(np.float64) @ _shares(width, blocks).T.astype(np.float64)).astype(np.int64)
    area = height * width
    return np.asarray((2 * sums + area) // (2 * area), dtype=np.uint8)


@lru_cache(maxsize=512)
def _shares(length: int, blocks: int) -> npt.NDArray[np.float32]:
    """Return float32[blocks, length]: how much of each pixel lies in each block, in units of 1/blocks of a pixel."""
    ends = np.arange(1, blocks + 1, dtype=np.int64)[:, None] * length
    pixels = np.arange(length, dtype=np.int64)[None] * blocks
    overlap = np.minimum(ends, pixels + blocks) - np.maximum(ends - length, pixels)
    shares: npt.NDArray[np.float32] = np.clip(overlap, 0, None).astype(np.float32)
    shares.setflags(write=False)
    return shares
